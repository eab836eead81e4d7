// Accounts and contracts (or trades) of a `market settle` file: strict reading, up to the input of
// settlePeriod. Which side an account is on follows from its contracts, else from its role.
import { MAX_AMOUNT, type WattHour } from '../../../core/src/amount.js';
import { present } from '../../../core/src/assert.js';
import { parseDecimal } from '../../../core/src/decimal.js';
import type { Side } from '../../../core/src/tx.js';
import { type CreditState, FULL_CREDIT } from '../settle/credit.js';
import type { PeriodAccount, PeriodContract } from '../settle/period.js';
import { type ContractPrice, meanPrice, onePrice, twoPrices } from '../settle/rules.js';
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
import { energyOf, priceOf, type Scale } from './params.js';
import type { SettleParams } from './settleParams.js';

const ACCOUNT: ReadonlySet<string> = new Set(
  `id role green metered meteredExport meteredImport declared tradedOverride credit n
  suspended`.split(/\s+/),
);
const CREDIT: ReadonlySet<string> = new Set(['C', 'D', 'i', 'n']);
const CONTRACT: ReadonlySet<string> = new Set(
  'id seller buyer energy price replacement congestion'.split(' '),
);
/** A trade as `market clear` prints it. */
const TRADE: ReadonlySet<string> = new Set(
  `seller buyer sellOrder buyOrder energy price sellPrice buyPrice round queue auctioneer
  congestion`.split(/\s+/),
);

export interface FileAccount extends Omit<PeriodAccount, 'credit' | 'suspended'> {
  readonly id: string;
  /** Absent: the state after the period before, else full credit. */
  readonly credit?: CreditState | undefined;
  /** Replaces the carried n. */
  readonly n?: number | undefined;
  /** Replaces what the credit before says. */
  readonly suspended?: boolean | undefined;
}

export interface FileContract extends PeriodContract {
  readonly id: string;
}

export interface FilePeriod {
  readonly accounts: readonly FileAccount[];
  readonly contracts: readonly FileContract[];
}

const ROLES = ['supplier', 'consumer', 'prosumer'] as const;
const COUNTER = { from: 0, to: 1_000_000_000 };

function creditOf(fields: Fields): CreditState | undefined {
  if (!has(fields, 'credit')) return undefined;
  const credit = fieldsOf(fields.values.credit, at(fields, 'credit'), CREDIT);
  const count = (name: 'D' | 'i' | 'n'): number =>
    has(credit, name) ? countOf(credit, name, COUNTER) : 0;
  const full = has(credit, 'C') ? countOf(credit, 'C', { from: 0, to: FULL_CREDIT }) : FULL_CREDIT;
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

function readAccount(value: unknown, path: string, sides: ReadonlyMap<string, Side>): FileAccount {
  const fields = fieldsOf(value, path, ACCOUNT);
  const id = textOf(fields, 'id');
  const role = has(fields, 'role') ? wordOf(fields, 'role', ROLES) : 'prosumer';
  const ofRole = role === 'supplier' ? 'sell' : role === 'consumer' ? 'buy' : undefined;
  const side = sides.get(id);
  if (ofRole !== undefined && side !== undefined && side !== ofRole)
    refuse('WRONG_SIDE', at(fields, 'role'), `${id} has contracts on the other side`);
  const energy = (name: string): WattHour | undefined =>
    has(fields, name) ? energyOf(fields, name) : undefined;
  return {
    id,
    side: side ?? ofRole,
    green: flagOf(fields, 'green', false),
    declaredWh: energy('declared'),
    ...registersOf(fields, ofRole),
    tradedOverrideWh: energy('tradedOverride'),
    credit: creditOf(fields),
    n: has(fields, 'n') ? countOf(fields, 'n', COUNTER) : undefined,
    suspended: has(fields, 'suspended') ? flagOf(fields, 'suspended', false) : undefined,
  };
}

/** A contract as it stands in the file: parties by their names. */
interface Named extends Omit<FileContract, 'seller' | 'buyer'> {
  readonly path: string;
  readonly seller: string;
  readonly buyer: string;
}

/** A price of a trade: to the tick, or half of one where a mean needs it (interfaces "print"). */
function halfPriceOf(fields: Fields, name: string, { tickDecimals, tick }: Scale): bigint {
  if (!has(fields, name)) refuse('FILE_FORMAT', at(fields, name), 'is missing');
  const grammar = { field: at(fields, name), decimals: tickDecimals + 1 };
  const tenths = parseDecimal(fields.values[name], grammar);
  if (tenths % 5n !== 0n) refuse('AMOUNT_GRAMMAR', at(fields, name), 'finer than half a tick');
  if (tenths > MAX_AMOUNT) refuse('AMOUNT_RANGE', at(fields, name), 'larger than any price can be');
  return (tenths / 5n) * tick;
}

function priceOfTrade(fields: Fields, scale: Scale): ContractPrice {
  if (!has(fields, 'sellPrice') && !has(fields, 'buyPrice'))
    return meanPrice(halfPriceOf(fields, 'price', scale));
  if (has(fields, 'price')) refuse('FILE_FORMAT', at(fields, 'price'), 'stands beside two prices');
  const [sell, buy] = [
    halfPriceOf(fields, 'sellPrice', scale),
    halfPriceOf(fields, 'buyPrice', scale),
  ];
  if (sell > buy) refuse('FILE_FORMAT', at(fields, 'buyPrice'), 'below the price of the seller');
  return twoPrices(sell, buy);
}

interface ContractForm extends SettleParams {
  readonly isTrade: boolean;
  readonly place: number;
}

function readContract(fields: Fields, form: ContractForm): Named {
  const { scale } = form.market;
  const [seller, buyer] = [textOf(fields, 'seller'), textOf(fields, 'buyer')];
  if (seller === buyer) refuse('FILE_FORMAT', at(fields, 'buyer'), `${buyer} is the seller too`);
  const id = optionalText(fields, 'id') ?? String(form.place + 1);
  const isReplacement = flagOf(fields, 'replacement', false);
  const congestion = has(fields, 'congestion') ? priceOf(fields, 'congestion', scale) : 0n;
  return {
    path: fields.path,
    id,
    seller,
    buyer,
    energyWh: energyOf(fields, 'energy'),
    price: form.isTrade ? priceOfTrade(fields, scale) : onePrice(priceOf(fields, 'price', scale)),
    kind: isReplacement ? 'replacement' : 'trade',
    congestion: form.congestion ? congestion : 0n,
    bothWheel: form.bothWheel,
  };
}

/** Contracts, or the trades of a clearing in their place. */
function readContracts(document: Fields, params: SettleParams): readonly Named[] {
  const isTrade = has(document, 'trades');
  const name = isTrade ? 'trades' : 'contracts';
  if (isTrade && has(document, 'contracts'))
    refuse('FILE_FORMAT', at(document, 'contracts'), 'stand beside trades');
  const known = isTrade ? TRADE : CONTRACT;
  return listOf(document, name).map((value, place) =>
    readContract(fieldsOf(value, `${at(document, name)}[${place}]`, known), {
      ...params,
      isTrade,
      place,
    }),
  );
}

/** An account is on one side of a period (settlement 7.4). */
function sidesOf(contracts: readonly Named[]): ReadonlyMap<string, Side> {
  const sides = new Map<string, Side>();
  const book = (id: string, side: Side, path: string): void => {
    if ((sides.get(id) ?? side) !== side)
      refuse('WRONG_SIDE', path, `${id} sells and buys in one period`);
    sides.set(id, side);
  };
  for (const { seller, buyer, path } of contracts) {
    book(seller, 'sell', path);
    book(buyer, 'buy', path);
  }
  return sides;
}

/** One period: its accounts in file order, and its contracts in the order in which they stand. */
export function readPeriod(document: Fields, params: SettleParams): FilePeriod {
  const named = readContracts(document, params);
  const sides = sidesOf(named);
  const list = at(document, 'accounts');
  const places = new Map<string, number>();
  const accounts = listOf(document, 'accounts').map((value, i) => {
    const account = readAccount(value, `${list}[${i}]`, sides);
    if (places.has(account.id))
      refuse('FILE_FORMAT', `${list}[${i}].id`, `${account.id} stands twice`);
    places.set(account.id, i);
    return account;
  });
  const placeOf = (id: string, path: string): number =>
    places.get(id) ?? refuse('FILE_FORMAT', path, `${id} is not among the accounts`);
  const contracts = named.map(({ path, ...contract }) => ({
    ...contract,
    seller: placeOf(contract.seller, path),
    buyer: placeOf(contract.buyer, path),
  }));
  checkRange({ accounts, contracts }, params, list);
  return { accounts, contracts };
}

/** Whatever the period can cost stays an amount. */
function checkRange(
  { accounts, contracts }: FilePeriod,
  { market, rules }: SettleParams,
  list: string,
): void {
  const traded = accounts.map(() => ({ energyWh: 0n, money: 0n, fees: 0n }));
  for (const { seller, buyer, energyWh, price, congestion = 0n } of contracts)
    for (const account of [seller, buyer]) {
      const sums = present(traded[account], 'a party of the list');
      sums.energyWh += energyWh;
      sums.money += energyWh * price.buyTwice;
      sums.fees += energyWh * (rules.wheeling + congestion) + rules.handling;
    }
  let exposure = 0n;
  accounts.forEach(({ importWh, exportWh, tradedOverrideWh = 0n }, i) => {
    const { energyWh, money, fees } = present(traded[i], 'sums each');
    const average = energyWh === 0n ? 0n : money / energyWh + market.scale.tick;
    const wh = energyWh + importWh + exportWh + tradedOverrideWh;
    exposure += money + fees + wh * (market.retail + average);
    if (exposure > MAX_AMOUNT)
      refuse('AMOUNT_RANGE', `${list}[${i}]`, 'more money than an amount can hold');
  });
}
