// Accounts and contracts (or trades) of a `market settle` file: strict reading, and the sums that a
// period needs. Which side an account is on follows from its contracts, else from its role.
import { MAX_AMOUNT, type Money, type Price, type WattHour } from '../../../core/src/amount.js';
import type { Side } from '../../../core/src/tx.js';
import type { ContractAccount } from '../call/settle.js';
import {
  at,
  countOf,
  type Fields,
  fieldsOf,
  flagOf,
  has,
  listOf,
  optionalText,
  refuse,
  textOf,
  wordOf,
} from './document.js';
import { energyOf, type MarketParams, priceOf, type Scale } from './params.js';

const ACCOUNT: ReadonlySet<string> = new Set(
  'id role green metered meteredExport meteredImport declared tradedOverride credit n'.split(' '),
);
const CREDIT: ReadonlySet<string> = new Set(['C', 'D', 'i', 'n']);
const CONTRACT: ReadonlySet<string> = new Set(
  'id seller buyer energy price replacement'.split(' '),
);
/** A trade as `market clear` prints it. */
const TRADE: ReadonlySet<string> = new Set(
  'seller buyer sellOrder buyOrder energy price round queue'.split(' '),
);

/** Credit of an account (market-bilateral 1); carried along where the module is off. */
export interface CreditState {
  readonly C: number;
  readonly D: number;
  readonly i: number;
  readonly n: number;
}

export const FULL_CREDIT: CreditState = { C: 100, D: 0, i: 0, n: 0 };

export interface FileAccount extends ContractAccount {
  readonly id: string;
  /** Absent: the state after the period before, else full credit. */
  readonly credit?: CreditState | undefined;
  /** Replaces the carried n. */
  readonly n?: number | undefined;
}

const ROLES = ['supplier', 'consumer', 'prosumer'] as const;
const COUNTER = { from: 0, to: 1_000_000_000 };

function creditOf(fields: Fields): CreditState | undefined {
  if (!has(fields, 'credit')) return undefined;
  const credit = fieldsOf(fields.values.credit, at(fields, 'credit'), CREDIT);
  const count = (name: 'D' | 'i' | 'n'): number =>
    has(credit, name) ? countOf(credit, name, COUNTER) : 0;
  const full = has(credit, 'C') ? countOf(credit, 'C', { from: 0, to: 100 }) : FULL_CREDIT.C;
  return { C: full, D: count('D'), i: count('i'), n: count('n') };
}

/** Import and export: `metered` is the register of the role, the other one is then 0. */
function registersOf(fields: Fields, side: Side | undefined) {
  if (!has(fields, 'metered'))
    return {
      importWh: energyOf(fields, 'meteredImport'),
      exportWh: energyOf(fields, 'meteredExport'),
    };
  for (const name of ['meteredImport', 'meteredExport'])
    if (has(fields, name)) refuse('FILE_FORMAT', at(fields, name), 'stands beside metered');
  if (side === undefined)
    return refuse('FILE_FORMAT', at(fields, 'metered'), 'wants the role supplier or consumer');
  const metered = energyOf(fields, 'metered');
  const none = 0n as WattHour;
  return side === 'sell'
    ? { importWh: none, exportWh: metered }
    : { importWh: metered, exportWh: none };
}

/** What the contracts of one account sum to. */
interface Position {
  side?: Side | undefined;
  energyWh: bigint;
  money: bigint;
}

function readAccount(value: unknown, path: string, positions: ReadonlyMap<string, Position>) {
  const fields = fieldsOf(value, path, ACCOUNT);
  const id = textOf(fields, 'id');
  const role = has(fields, 'role') ? wordOf(fields, 'role', ROLES) : 'prosumer';
  const ofRole = role === 'supplier' ? 'sell' : role === 'consumer' ? 'buy' : undefined;
  const position = positions.get(id);
  if (ofRole !== undefined && position?.side !== undefined && position.side !== ofRole)
    refuse('WRONG_SIDE', at(fields, 'role'), `${id} has contracts on the other side`);
  const energy = (name: string): WattHour | undefined =>
    has(fields, name) ? energyOf(fields, name) : undefined;
  return {
    id,
    side: position?.side ?? ofRole,
    green: flagOf(fields, 'green', false),
    declaredWh: energy('declared'),
    ...registersOf(fields, ofRole),
    contractWh: (position?.energyWh ?? 0n) as WattHour,
    contractMoney: (position?.money ?? 0n) as Money,
    tradedOverrideWh: energy('tradedOverride'),
    credit: creditOf(fields),
    n: has(fields, 'n') ? countOf(fields, 'n', COUNTER) : undefined,
  };
}

interface Contract {
  readonly path: string;
  readonly seller: string;
  readonly buyer: string;
  readonly energyWh: WattHour;
  readonly price: Price;
}

function readContract(fields: Fields, scale: Scale): Contract {
  const [seller, buyer] = [textOf(fields, 'seller'), textOf(fields, 'buyer')];
  if (seller === buyer) refuse('FILE_FORMAT', at(fields, 'buyer'), `${buyer} is the seller too`);
  optionalText(fields, 'id');
  flagOf(fields, 'replacement', false);
  const price = priceOf(fields, 'price', scale);
  return { path: fields.path, seller, buyer, energyWh: energyOf(fields, 'energy'), price };
}

/** Contracts, or the trades of a clearing in their place. */
function readContracts(document: Fields, scale: Scale): readonly Contract[] {
  const name = has(document, 'trades') ? 'trades' : 'contracts';
  if (name === 'trades' && has(document, 'contracts'))
    refuse('FILE_FORMAT', at(document, 'contracts'), 'stand beside trades');
  const known = name === 'trades' ? TRADE : CONTRACT;
  return listOf(document, name).map((value, i) =>
    readContract(fieldsOf(value, `${at(document, name)}[${i}]`, known), scale),
  );
}

function positionsOf(contracts: readonly Contract[]): Map<string, Position> {
  const positions = new Map<string, Position>();
  const book = (id: string, side: Side, { path, energyWh, price }: Contract): void => {
    const position = positions.get(id) ?? { side, energyWh: 0n, money: 0n };
    if (position.side !== side) refuse('WRONG_SIDE', path, `${id} sells and buys in one period`);
    position.energyWh += energyWh;
    position.money += energyWh * price;
    positions.set(id, position);
  };
  for (const contract of contracts) {
    book(contract.seller, 'sell', contract);
    book(contract.buyer, 'buy', contract);
  }
  return positions;
}

/** The accounts of one period, in file order, with what their contracts sum to. */
export function readAccounts(document: Fields, params: MarketParams): readonly FileAccount[] {
  const contracts = readContracts(document, params.scale);
  const positions = positionsOf(contracts);
  const list = at(document, 'accounts');
  const accounts = listOf(document, 'accounts').map((value, i) =>
    readAccount(value, `${list}[${i}]`, positions),
  );
  const ids = new Set<string>();
  accounts.forEach(({ id }, i) => {
    if (ids.has(id)) refuse('FILE_FORMAT', `${list}[${i}].id`, `${id} stands twice`);
    ids.add(id);
  });
  for (const { path, seller, buyer } of contracts)
    for (const id of [seller, buyer])
      if (!ids.has(id)) refuse('FILE_FORMAT', path, `${id} is not among the accounts`);
  checkRange(accounts, params, list);
  return accounts;
}

/** Whatever the period can cost stays an amount. */
function checkRange(
  accounts: readonly FileAccount[],
  { retail, scale }: MarketParams,
  list: string,
): void {
  let exposure = 0n;
  accounts.forEach((account, i) => {
    const { contractWh, importWh, exportWh, tradedOverrideWh = 0n, contractMoney } = account;
    const energy = contractWh + importWh + exportWh + tradedOverrideWh;
    const average = contractWh === 0n ? 0n : contractMoney / contractWh + scale.tick;
    exposure += contractMoney + energy * (retail + average);
    if (exposure > MAX_AMOUNT)
      refuse('AMOUNT_RANGE', `${list}[${i}]`, 'more money than an amount can hold');
  });
}
