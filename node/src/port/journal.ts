// account_journal over a NodeView: walks the receipts of final blocks backwards (lines.ts). An
// index by account would make it one look-up: it belongs to the store.
import type { NodePort } from '../../../rpc/src/ports.js';
import type { JournalEntryView, JournalView, ScanQuery } from '../../../rpc/src/results/account.js';
import type { NodeView } from '../view.js';
import { type LineAt, scanLines } from './lines.js';
import { isLineOf, showLine } from './show.js';

export function journalPart(view: NodeView): Pick<NodePort, 'journal'> {
  return { journal: (query) => journalView(view, query) };
}

const journalView = (view: NodeView, query: ScanQuery): JournalView =>
  scanLines(view, query, (bytes, at) =>
    isLineOf(bytes, 'entry', query.account) ? entryView(bytes, at) : undefined,
  );

function entryView(bytes: Uint8Array, at: LineAt): JournalEntryView {
  const { fields, after } = showLine(bytes);
  const { type, market, period, counterparty, available, locked, cause } = fields;
  return {
    ...at,
    type: String(type),
    market: String(market),
    period: period as bigint,
    counterparty: counterparty === '' ? null : String(counterparty),
    available: available as bigint,
    locked: locked as bigint,
    cause: cause as Uint8Array,
    after,
  };
}
