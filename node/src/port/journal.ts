// account_journal over a NodeView: walks the receipts of final blocks backwards. One call reads a
// bounded number of blocks; the cursor goes on from there. (An index by account would make it one
// look-up: it belongs to the store.)
import { present } from '../../../core/src/assert.js';
import { RPC_PAGE } from '../../../core/src/limits.js';
import type { NodePort } from '../../../rpc/src/ports.js';
import type { JournalEntryView, JournalView, ScanQuery } from '../../../rpc/src/results/account.js';
import type { NodeView } from '../view.js';
import { atTip, headerOf } from './read.js';
import { isLineOf, showLine } from './show.js';

/** Blocks that one call reads. */
const MAX_BLOCKS = 500n;

interface Place {
  readonly height: bigint;
  /** Receipts and lines from here on were given already. */
  readonly receipt: number;
  readonly line: number;
}

const END = Number.MAX_SAFE_INTEGER;

function placeOf(cursor: string): Place {
  const [height = '0', receipt, line] = cursor.split(':');
  return { height: BigInt(height), receipt: Number(receipt ?? END), line: Number(line ?? END) };
}

export function journalPart(view: NodeView): Pick<NodePort, 'journal'> {
  return { journal: (query) => journalView(view, query) };
}

function journalView(view: NodeView, query: ScanQuery): JournalView {
  const at = atTip(view);
  const start =
    query.cursor === undefined
      ? { height: at.height, receipt: END, line: END }
      : placeOf(query.cursor);
  const entries: JournalEntryView[] = [];
  let height = start.height > at.height ? at.height : start.height;
  const stop = height > MAX_BLOCKS ? height - MAX_BLOCKS : 0n;
  for (; height > stop; height--) {
    const receipts = view.receiptsOf(height);
    if (receipts === undefined) return { entries, at };
    const { time } = headerOf(view, height).head;
    if (query.from !== undefined && time < query.from) return { entries, at };
    if (query.to !== undefined && time >= query.to) continue;
    const before = height === start.height ? start : { height, receipt: END, line: END };
    const more = takeBlock({ receipts, time, before, account: query.account }, entries);
    if (more) return { entries, cursor: entries.at(-1)?.place, at };
  }
  return stop > 0n ? { entries, cursor: stop.toString(), at } : { entries, at };
}

interface BlockScan {
  readonly receipts: NonNullable<ReturnType<NodeView['receiptsOf']>>;
  readonly time: bigint;
  readonly before: Place;
  readonly account: Uint8Array;
}

/** Adds the entries of a block, last first; true where the page is full. */
function takeBlock(
  { receipts, time, before, account }: BlockScan,
  out: JournalEntryView[],
): boolean {
  for (let r = Math.min(before.receipt, receipts.length - 1); r >= 0; r--) {
    const { lines } = present(receipts[r], 'in range');
    const last = r === before.receipt ? Math.min(before.line, lines.length) : lines.length;
    for (let i = last - 1; i >= 0; i--) {
      const bytes = present(lines[i], 'in range');
      if (!isLineOf(bytes, 'entry', account)) continue;
      if (out.length >= RPC_PAGE) return true;
      out.push(
        entryView(bytes, { place: `${before.height}:${r}:${i}`, time, height: before.height }),
      );
    }
  }
  return false;
}

function entryView(
  bytes: Uint8Array,
  at: { readonly place: string; readonly time: bigint; readonly height: bigint },
): JournalEntryView {
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
