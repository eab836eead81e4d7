// The key space: every kind of leaf in one table (light-clients 2.1). A number once used keeps its
// meaning; docs/reference/state.md is printed from TABLES. What a leaf holds: records.ts.
import type { ChainMs, PeriodIndex } from '../../core/src/amount.js';
import { keyText, u64be, utf8ToBytes } from '../../core/src/bytes.js';
import { type Field, record, str, u32, type ValueOf } from '../../core/src/codec/codec.js';
import { account } from '../../core/src/fields.js';
import { HASH_BYTES } from '../../core/src/hash.js';
import type { AccountId, PublicKey } from '../../core/src/ids.js';
import { marketField } from '../../core/src/markets.js';
import {
  accountField,
  arrearField,
  balanceField,
  bookField,
  creditsField,
  cursorField,
  deliveryField,
  historyField,
  meterField,
  networkField,
  orderField,
  periodField,
  positionField,
  recentField,
  referencesField,
  registersField,
  settlementField,
  settlingField,
  supplyField,
  tradeField,
  txIdsField,
  type Account,
  type Arrear,
  type Balance,
  type BlockTxIds,
  type Credits,
  type Delivery,
  type Meter,
  type Order,
  type PeriodRecord,
  type Position,
  type Registers,
  type Settlement,
  type Settling,
  type Trade,
} from './records.js';
import { CERTIFICATE_TABLES } from './certificates/tables.js';
import { POINT_TABLES } from './points/tables.js';
import { NEIGHBOURHOOD_TABLES } from './markets/neighbourhood/tables.js';
import { REPUTATION_TABLES } from './markets/reputation/tables.js';
import { BILATERAL_TABLES } from './markets/bilateral/tables.js';
import { joinKey, KeyReader, type Table } from './world.js';

export type {
  Account,
  Arrear,
  Balance,
  Credits,
  CursorRecord,
  Delivery,
  Meter,
  Network,
  OpenOrder,
  Order,
  PeriodRecord,
  Position,
  Registers,
  Settlement,
  Settling,
  Supply,
  Trade,
  ValidatorRecord,
} from './records.js';

const table = <K, V>(t: Table<K, V>): Table<K, V> => t;

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

/** What runs out is grouped by the 15 minutes in which it ends. */
export const EXPIRE_EVERY_MS = 900_000n;

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
  readonly height: bigint;
  /** End of the last window of its transactions, chain ms. */
  readonly lastMs: ChainMs;
}
/** 14 was one leaf for each id. */
export const REPLAY = table<ReplayKey, BlockTxIds>({
  kind: 85,
  name: 'transaction ids',
  keyBytes: (k) => u64be(k.height),
  readKey: (bytes, { lastMs }) => ({ height: new KeyReader(bytes).u64(), lastMs }),
  value: txIdsField,
  group: (k) => (k.lastMs / EXPIRE_EVERY_MS).toString(),
  members: ({ ids }) => idTexts(ids),
  about: 'key: height. Ids of the transactions of a block, until the last window has ended.',
});
function* idTexts(ids: Uint8Array): Iterable<string> {
  for (let at = 0; at < ids.length; at += HASH_BYTES)
    yield keyText(ids.subarray(at, at + HASH_BYTES));
}
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

export interface CorrectionKey extends PeriodKey {
  readonly meter: AccountId;
}
export const CORRECTIONS = table<CorrectionKey, { readonly reason: string }>({
  kind: 28,
  name: 'correction',
  keyBytes: (k) => joinKey(k.market, k.period, k.meter),
  readKey: (bytes) => {
    const { account, ...at } = readOrderKey(bytes);
    return { ...at, meter: account };
  },
  value: record('correction', { reason: str(64) }),
  about: 'key: market, period, meter. A settled period that waits to be settled again.',
});
export interface VersionKey extends PeriodKey {
  readonly version: bigint;
  readonly account: AccountId;
}
export const OLD_SETTLEMENTS = table<VersionKey, Settlement>({
  kind: 29,
  name: 'settlement before a correction',
  keyBytes: (k) => joinKey(k.market, k.period, k.version, k.account),
  readKey: (bytes) => {
    const reader = new KeyReader(bytes);
    const [market, period] = [reader.text(), reader.u64() as PeriodIndex];
    return { market, period, version: reader.u64(), account: reader.rest() };
  },
  value: settlementField,
  group: periodGroup,
  about: 'key: market, period, version, account. What a correction replaced.',
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
  CORRECTIONS,
  OLD_SETTLEMENTS,
  ...NEIGHBOURHOOD_TABLES,
  ...REPUTATION_TABLES,
  ...BILATERAL_TABLES,
  ...CERTIFICATE_TABLES,
  ...POINT_TABLES,
] as const;
