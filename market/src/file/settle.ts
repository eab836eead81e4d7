// `market settle`: one delivery period, or a list of them in which states are carried from one to
// the next (interfaces "market settle"). This version settles payment "contract" (papers/000).
import { assert } from '../../../core/src/assert.js';
import { settleContracts } from '../call/settle.js';
import { settlementFault } from '../invariants.js';
import { fieldsOf } from './document.js';
import { paramFields } from './params.js';
import { type CreditState, type FileAccount, FULL_CREDIT, readAccounts } from './settleAccounts.js';
import { settleParams } from './settleParams.js';
import {
  counterEntries,
  type RoundMode,
  type SettledLine,
  settleReport,
  type SettleReport,
} from './settlePrint.js';

const NAMES: ReadonlySet<string> = new Set(['params', 'accounts', 'contracts', 'trades']);

/** Credit of accounts by id, after the periods so far. */
type States = Map<string, CreditState>;

/** Settles a document, or each of a list of documents. Throws ProtocolError where it is refused. */
export function settleDocument(
  document: unknown,
  mode: RoundMode = 'exact',
): SettleReport | readonly SettleReport[] {
  const states: States = new Map();
  return Array.isArray(document)
    ? document.map((period, i) => settlePeriod({ document: period, path: `[${i}]` }, mode, states))
    : settlePeriod({ document, path: '' }, mode, states);
}

function settlePeriod(
  { document, path }: { document: unknown; path: string },
  mode: RoundMode,
  states: States,
): SettleReport {
  const fields = fieldsOf(document, path, NAMES);
  const { market, rules } = settleParams(paramFields(fields));
  const lines = readAccounts(fields, market).map((account): SettledLine => {
    const credit = creditOf(account, states);
    states.set(account.id, credit);
    return { account, credit, line: settleContracts(account, rules) };
  });
  const settled = lines.map(({ line }) => line);
  const fault = settlementFault(settled, counterEntries(settled));
  assert(fault === undefined, fault ?? '');
  return settleReport(lines, market.scale, mode);
}

/** State before the period: carried, else given, else full. The module is off: it stays. */
function creditOf({ id, credit, n }: FileAccount, states: States): CreditState {
  const before = states.get(id) ?? credit ?? FULL_CREDIT;
  return n === undefined ? before : { ...before, n };
}
