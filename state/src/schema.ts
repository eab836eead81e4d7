// The key space: every kind of leaf in one table (light-clients 2.1). A number once used keeps its
// meaning; docs/reference/state.md is printed from TABLES.
import type { ChainMs, Money, PeriodIndex, Price, WattHour } from '../../core/src/amount.js';
import { keyText, utf8ToBytes } from '../../core/src/bytes.js';
import {
  amount,
  bin,
  bool,
  type Field,
  i64,
  list,
  oneOf,
  optional,
  record,
  str,
  u32,
  u64,
  type ValueOf,
} from '../../core/src/codec/codec.js';
import type { Hash } from '../../core/src/hash.js';
import type { AccountId, PublicKey } from '../../core/src/ids.js';
import { MAX_ORDERS_OF_ACCOUNT } from '../../core/src/limits.js';
import { marketField } from '../../core/src/markets.js';
import { role, side } from '../../core/src/tx.js';
import { joinKey, KeyReader, type Table } from './world.js';

const account = bin<AccountId>({ length: 20 });
const key = bin<PublicKey>({ length: 32 });
const hash = bin<Hash>({ length: 32 });
const energyWh = amount<WattHour>();
const money = amount<Money>();
const chainMs = amount<ChainMs>();
const period = amount<PeriodIndex>();

const table = <K, V>(t: Table<K, V>): Table<K, V> => t;

const accountField = record('account', {
  publicKey: key,
  role,
  status: oneOf('active', 'suspended'),
  organisation: str(64),
  pMaxImportW: u64,
  pMaxExportW: u64,
  green: bool,
  node: str(32),
  expiresMs: chainMs,
  commitment: optional(hash),
  /** Account of its meter; a meter names its participant here. */
  partner: optional(account),
  credit: u32,
  correct: u32,
  wrong: u32,
});
export type Account = ValueOf<typeof accountField>;

const balanceField = record('balance', { available: i64, locked: u64, arrears: u64 });
export type Balance = ValueOf<typeof balanceField>;

const supplyField = record('supply', { issued: u64, redeemed: u64, nextArrear: u64 });
export type Supply = ValueOf<typeof supplyField>;

const cursorField = record('cursor', {
  timeMs: chainMs,
  market: str(32),
  period,
  step: u32,
  part: u32,
  /** The step has more parts to come. */
  unfinished: bool,
});
export type CursorRecord = ValueOf<typeof cursorField>;

const historyField = record('history', { count: u64, peaks: list(hash, 64) });

const validatorField = record('validator', {
  id: account,
  publicKey: key,
  beaconKey: bin({ maxLength: 48 }),
  name: str(64),
  organisation: str(64),
  creditOf: account,
});
export type ValidatorRecord = ValueOf<typeof validatorField>;
const centreField = record('centre', { publicKey: key, name: str(64) });
const networkField = record('network', {
  centres: list(centreField, 64),
  validators: list(validatorField, 1000),
});
export type Network = ValueOf<typeof networkField>;

const meterField = record('meter', {
  participant: account,
  number: str(12),
  /** Market it is enrolled in from `fromPeriod` on; "" for none. */
  market: str(32),
  fromPeriod: period,
  previousMarket: str(32),
  sequence: u64,
  /** End of the newest accepted period, and the registers there. */
  endMs: chainMs,
  importWh: energyWh,
  exportWh: energyWh,
});
export type Meter = ValueOf<typeof meterField>;

const registersField = record('registers', {
  importWh: energyWh,
  exportWh: energyWh,
  sequence: u64,
});
export type Registers = ValueOf<typeof registersField>;

const recentField = record('recent imports', { importsWh: list(energyWh, 96) });

const periodField = record('period', {
  sealed: u32,
  revealed: u32,
  /** Live orders: sealed or revealed, not cancelled. */
  live: u32,
  readings: u32,
  trades: u32,
  /** declare: orders are taken, sealed or open. adjust: between the rounds of two-round. */
  status: oneOf('declare', 'reveal', 'adjust', 'cleared', 'paid', 'settled'),
  void: bool,
  settleAtMs: chainMs,
});
export type PeriodRecord = ValueOf<typeof periodField>;

const orderField = record('order', {
  id: hash,
  hash,
  side,
  energyWh,
  /** Declared place in the chain: height x 2^32 + index. */
  place: u64,
  bond: money,
  revealed: bool,
  price: amount<Price>(),
  lock: money,
});
export type Order = ValueOf<typeof orderField>;

const openOrderField = record('open order', {
  id: hash,
  side,
  /** What still stands of it. */
  energyWh,
  declaredWh: energyWh,
  price: amount<Price>(),
  /** Generation type; orders of different types are cleared in separate books. */
  type: str(32),
  /** Commitment to the reservation price, which never comes on the chain (two-round 4.12). */
  reserve: optional(hash),
  /** Place in the chain of its last valid version: its time. */
  place: u64,
  lock: money,
  /** Quotes for the steps of round 2, 10^-6 currency per kWh; empty: the price stays. */
  quotes: list(u64, 64),
});
export type OpenOrder = ValueOf<typeof openOrderField>;
const bookField = record('open orders', { orders: list(openOrderField, MAX_ORDERS_OF_ACCOUNT) });

const referencesField = record('references', { askMax: optional(u64), bidMin: optional(u64) });

const creditsField = record('credit counters', { D: u32, i: u32, n: u32 });
export type Credits = ValueOf<typeof creditsField>;

const deliveryField = record('delivery', {
  deliveredWh: energyWh,
  shortSellerWh: energyWh,
  shortBuyerWh: energyWh,
  energyMoney: money,
  penaltySeller: money,
  penaltyBuyer: money,
  wheeling: money,
});
export type Delivery = ValueOf<typeof deliveryField>;

const tradeField = record('trade', {
  seller: account,
  buyer: account,
  energyWh,
  price: amount<Price>(),
  biddingRound: u32,
  green: bool,
});
export type Trade = ValueOf<typeof tradeField>;

const positionField = record('position', {
  side,
  order: hash,
  declaredWh: energyWh,
  tradedWh: energyWh,
  /** Sum of q x price of its trades. */
  amount: money,
  /** Money still locked for this period. */
  lock: money,
  outcome: str(32),
});
export type Position = ValueOf<typeof positionField>;

const settlementField = record('settlement', {
  side: optional(side),
  declaredWh: energyWh,
  tradedWh: energyWh,
  importWh: energyWh,
  exportWh: energyWh,
  /** metered, or substitute for a missing register. */
  quality: oneOf('metered', 'substitute'),
  gridCharge: money,
  gridCredit: money,
  /** Of its contracts, signed with income positive; payment "contract": 0, it moved at `pay`. */
  energyMoney: i64,
  shortfallWh: energyWh,
  penalty: money,
  penaltyShare: money,
  fees: money,
  credit: u32,
  /** Before scaling; negative is a fine. */
  rewardDue: i64,
  reward: i64,
});
export type Settlement = ValueOf<typeof settlementField>;

const settlingField = record('settling', {
  barrier: u32,
  /** Last account done in this barrier. */
  after: optional(account),
  poolAtBarrier: money,
  rewardsTotal: money,
  rewardsSoFar: money,
  paidSoFar: money,
  /** First trade that is not done in this barrier. */
  trade: u64,
});
export type Settling = ValueOf<typeof settlingField>;

const arrearField = record('arrear', {
  debtor: account,
  creditor: account,
  amount: money,
  market: str(32),
  period,
});
export type Arrear = ValueOf<typeof arrearField>;

export interface PeriodKey {
  readonly market: string;
  readonly period: PeriodIndex;
}
export interface OrderKey extends PeriodKey {
  readonly account: AccountId;
}

export const periodGroup = (k: PeriodKey): string => `${k.market}/${k.period}`;
const periodBytes = (k: PeriodKey): Uint8Array => joinKey(k.market, k.period);
const readPeriodKey = (bytes: Uint8Array): PeriodKey => {
  const reader = new KeyReader(bytes);
  return { market: reader.text(), period: reader.u64() as PeriodIndex };
};
const readOrderKey = (bytes: Uint8Array): OrderKey => {
  const reader = new KeyReader(bytes);
  const [market, period] = [reader.text(), reader.u64() as PeriodIndex];
  return { market, period, account: reader.rest() };
};
const orderBytes = (k: OrderKey): Uint8Array => joinKey(k.market, k.period, k.account);
const asIs = <T extends Uint8Array>(bytes: Uint8Array): T => bytes as T;
const textBytes = (text: string): Uint8Array => utf8ToBytes(text);

/** Replay ids are grouped by the 15 minutes in which their window ends. */
export const EXPIRE_EVERY_MS = 900_000n;
const replayGroup = (validUntil: bigint): string => (validUntil / EXPIRE_EVERY_MS).toString();

const single = <V>(kind: number, name: string, value: Field<V>, about: string): Table<'', V> =>
  table<'', V>({ kind, name, keyBytes: textBytes, readKey: () => '', value, about });

export const ACCOUNTS = table<AccountId, Account>({
  kind: 1,
  name: 'account',
  keyBytes: (k) => k,
  readKey: asIs,
  value: accountField,
  about: 'key: account id. Who it is and what it may do.',
});
export const BALANCES = table<AccountId, Balance>({
  kind: 2,
  name: 'balance',
  keyBytes: (k) => k,
  readKey: asIs,
  value: balanceField,
  about: 'key: account id. Available, locked, sum of arrears (money units).',
});
export const SUPPLY = single(3, 'supply', supplyField, 'Points issued and redeemed.');
export const CURSOR = single(4, 'cursor', cursorField, 'The last boundary step taken.');
export const HISTORY = single(5, 'history', historyField, 'Peaks over the header hashes 1..h-1.');
export const NETWORK = single(6, 'network', networkField, 'Centres in order; validators by id.');
export const KEYS = table<PublicKey, { readonly account: AccountId }>({
  kind: 7,
  name: 'key',
  keyBytes: (k) => k,
  readKey: asIs,
  value: record('key owner', { account }),
  about: 'key: public key. The account it signs for.',
});
export const MARKETS = table<string, ValueOf<typeof marketField>>({
  kind: 8,
  name: 'market',
  keyBytes: textBytes,
  readKey: keyText,
  value: marketField,
  about: 'key: market id. Mechanism, period, offsets, parameters.',
});
export const METERS = table<AccountId, Meter>({
  kind: 10,
  name: 'meter',
  keyBytes: (k) => k,
  readKey: asIs,
  value: meterField,
  about: 'key: account of the meter. Binding, enrolment, newest registers.',
});
export const METER_NUMBERS = table<string, { readonly account: AccountId }>({
  kind: 11,
  name: 'meter number',
  keyBytes: textBytes,
  readKey: keyText,
  value: record('meter of number', { account }),
  about: 'key: meter number. The account of the meter.',
});
export interface RegisterKey {
  readonly meter: AccountId;
  readonly endMs: ChainMs;
}
export const REGISTERS = table<RegisterKey, Registers>({
  kind: 12,
  name: 'registers',
  keyBytes: (k) => joinKey(k.meter, k.endMs),
  readKey: (bytes) => {
    const reader = new KeyReader(bytes);
    return { meter: reader.bytesOf(20), endMs: reader.u64() as ChainMs };
  },
  value: registersField,
  group: (k) => k.endMs.toString(),
  about: 'key: meter, end of period. Cumulative registers as the meter signed them.',
});
export const RECENT = table<AccountId, ValueOf<typeof recentField>>({
  kind: 13,
  name: 'recent imports',
  keyBytes: (k) => k,
  readKey: asIs,
  value: recentField,
  about: 'key: meter. Imports of its last 96 valid periods, for substitutes.',
});
export interface ReplayKey {
  readonly id: Hash;
  readonly validUntil: ChainMs;
}
export const REPLAY = table<ReplayKey, { readonly validUntil: ChainMs }>({
  kind: 14,
  name: 'transaction id',
  keyBytes: (k) => k.id,
  readKey: (id, value) => ({ id: id as Hash, validUntil: value.validUntil }),
  value: record('replay', { validUntil: chainMs }),
  group: (k) => replayGroup(k.validUntil),
  about: 'key: transaction id. Kept until its window has ended.',
});
export const PERIODS = table<PeriodKey, PeriodRecord>({
  kind: 15,
  name: 'period',
  keyBytes: periodBytes,
  readKey: readPeriodKey,
  value: periodField,
  group: (k) => k.market,
  about: 'key: market, delivery period. Counts, status, whether it is void.',
});
export const ORDERS = table<OrderKey, Order>({
  kind: 16,
  name: 'order',
  keyBytes: orderBytes,
  readKey: readOrderKey,
  value: orderField,
  group: periodGroup,
  about: 'key: market, period, account. The live sealed or revealed order.',
});
export interface TradeKey extends PeriodKey {
  readonly index: bigint;
}
export const TRADES = table<TradeKey, Trade>({
  kind: 17,
  name: 'trade',
  keyBytes: (k) => joinKey(k.market, k.period, k.index),
  readKey: (bytes) => {
    const reader = new KeyReader(bytes);
    return { market: reader.text(), period: reader.u64() as PeriodIndex, index: reader.u64() };
  },
  value: tradeField,
  group: periodGroup,
  about: 'key: market, period, index in the order of matching.',
});
export const POSITIONS = table<OrderKey, Position>({
  kind: 18,
  name: 'position',
  keyBytes: orderBytes,
  readKey: readOrderKey,
  value: positionField,
  group: periodGroup,
  about: 'key: market, period, account. What an order came to, and its lock.',
});
export const SETTLEMENTS = table<OrderKey, Settlement>({
  kind: 19,
  name: 'settlement',
  keyBytes: orderBytes,
  readKey: readOrderKey,
  value: settlementField,
  group: periodGroup,
  about: 'key: market, period, account. The settled period of a meter.',
});
export const SETTLING = table<PeriodKey, Settling>({
  kind: 20,
  name: 'settling',
  keyBytes: periodBytes,
  readKey: readPeriodKey,
  value: settlingField,
  about: 'key: market, period. How far a long step has come.',
});
export const arrearGroup = (debtor: AccountId): string => keyText(debtor);
export interface ArrearKey {
  readonly debtor: AccountId;
  readonly number: bigint;
}
export const ARREARS = table<ArrearKey, Arrear>({
  kind: 21,
  name: 'arrear',
  keyBytes: (k) => joinKey(k.debtor, k.number),
  readKey: (bytes) => {
    const reader = new KeyReader(bytes);
    return { debtor: reader.bytesOf(20), number: reader.u64() };
  },
  value: arrearField,
  group: (k) => arrearGroup(k.debtor),
  about: 'key: debtor, number. What is owed to whom, oldest first.',
});

export const CLOSED = table<PeriodKey, PeriodRecord>({
  kind: 22,
  name: 'closed period',
  keyBytes: periodBytes,
  readKey: readPeriodKey,
  value: periodField,
  group: (k) => k.market,
  about: 'key: market, delivery period. A settled period, kept for corrections.',
});
export const ENROLLED = table<string, { readonly meters: number }>({
  kind: 23,
  name: 'enrolled meters',
  keyBytes: textBytes,
  readKey: keyText,
  value: record('enrolled', { meters: u32 }),
  about: 'key: market id. How many meters it has.',
});

export const BOOK = table<OrderKey, ValueOf<typeof bookField>>({
  kind: 24,
  name: 'open orders',
  keyBytes: orderBytes,
  readKey: readOrderKey,
  value: bookField,
  group: periodGroup,
  about: 'key: market, period, account. Its open orders (two-round, uniform, continuous).',
});
export interface ReferenceKey extends PeriodKey {
  readonly type: string;
}
export const REFERENCES = table<ReferenceKey, ValueOf<typeof referencesField>>({
  kind: 25,
  name: 'references',
  keyBytes: (k) => joinKey(k.market, k.period, k.type),
  readKey: (bytes) => {
    const reader = new KeyReader(bytes);
    return { market: reader.text(), period: reader.u64() as PeriodIndex, type: reader.text() };
  },
  value: referencesField,
  group: periodGroup,
  about: 'key: market, period, generation type. Reference prices of round 2 (two-round 6).',
});
export const CREDITS = table<AccountId, Credits>({
  kind: 26,
  name: 'credit counters',
  keyBytes: (k) => k,
  readKey: asIs,
  value: creditsField,
  about: 'key: account id. D, i and n of market-bilateral; absent: zeros.',
});
export const DELIVERIES = table<TradeKey, Delivery>({
  kind: 27,
  name: 'delivery',
  keyBytes: (k) => joinKey(k.market, k.period, k.index),
  readKey: (bytes) => {
    const reader = new KeyReader(bytes);
    return { market: reader.text(), period: reader.u64() as PeriodIndex, index: reader.u64() };
  },
  value: deliveryField,
  group: periodGroup,
  about: 'key: market, period, index of the trade. What was delivered of it, and its penalties.',
});

export const TABLES = [
  ACCOUNTS,
  BALANCES,
  SUPPLY,
  CURSOR,
  HISTORY,
  NETWORK,
  KEYS,
  MARKETS,
  METERS,
  METER_NUMBERS,
  REGISTERS,
  RECENT,
  REPLAY,
  PERIODS,
  ORDERS,
  TRADES,
  POSITIONS,
  SETTLEMENTS,
  SETTLING,
  ARREARS,
  CLOSED,
  ENROLLED,
  BOOK,
  REFERENCES,
  CREDITS,
  DELIVERIES,
] as const;
