// `market settle`: one delivery period, or a list of them in which states are carried from one to
// the next (interfaces "market settle"). Reads, settles, checks what must hold, prints.
import { assert, present } from '../../../core/src/assert.js';
import { periodFault } from '../settle/check.js';
import { type CreditState, NEW_CREDIT } from '../settle/credit.js';
import { type PeriodAccount, settlePeriod } from '../settle/period.js';
import { fieldsOf } from './document.js';
import { paramFields } from './params.js';
import { type FileAccount, readPeriod } from './settleAccounts.js';
import { type SettleParams, settleParams } from './settleParams.js';
import {
  type RoundMode,
  type SettledFile,
  settleReport,
  type SettleReport,
} from './settlePrint.js';

const NAMES: ReadonlySet<string> = new Set(['params', 'accounts', 'contracts', 'trades']);

interface State {
  readonly credit: CreditState;
  readonly suspended: boolean;
}

/** States of accounts by id, after the periods so far. */
type States = Map<string, State>;

/** A period as it was read, and after it. */
export type FileSettlement = Omit<SettledFile, 'mode'>;

/** Settles a document, or each of a list of documents. Throws ProtocolError where it is refused. */
export function settleDocument(
  document: unknown,
  mode: RoundMode = 'exact',
): SettleReport | readonly SettleReport[] {
  const reports = settleFile(document).map((settled) => settleReport({ ...settled, mode }));
  return Array.isArray(document) ? reports : present(reports[0], 'a document is one period');
}

/** The periods of a file in base units, states carried from one to the next. */
export function settleFile(document: unknown): readonly FileSettlement[] {
  const states: States = new Map();
  return Array.isArray(document)
    ? document.map((period, i) => settleOne({ document: period, path: `[${i}]` }, states))
    : [settleOne({ document, path: '' }, states)];
}

function settleOne(
  { document, path }: { readonly document: unknown; readonly path: string },
  states: States,
): FileSettlement {
  const fields = fieldsOf(document, path, NAMES);
  const params = settleParams(paramFields(fields));
  const file = readPeriod(fields, params);
  const accounts = file.accounts.map(
    (account): PeriodAccount => ({ ...account, ...stateOf(account, states, params) }),
  );
  const input = { accounts, contracts: file.contracts, rules: params.rules };
  const period = settlePeriod(input);
  const fault = periodFault(input, period);
  assert(fault === undefined, fault ?? '');
  const suspended = accounts.map(
    (account, i) => account.suspended || period.accounts[i]?.step?.suspend === true,
  );
  file.accounts.forEach(({ id }, i) => {
    const { credit } = present(period.accounts[i], 'a line each');
    states.set(id, { credit, suspended: suspended[i] === true });
  });
  return { file, period, suspended, params };
}

/** State before the period: carried, else given, else full credit; n and suspension as told. */
function stateOf(account: FileAccount, states: States, { rules }: SettleParams): State {
  const { id, n } = account;
  const carried = states.get(id);
  const before = carried?.credit ?? account.credit ?? NEW_CREDIT;
  const credit = n === undefined ? before : { ...before, n };
  const isLow = rules.credit !== undefined && credit.C < rules.credit.suspendBelow;
  return { credit, suspended: account.suspended ?? carried?.suspended ?? isLow };
}
