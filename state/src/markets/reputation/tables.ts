// Kinds 40-49 of the state: what the reputation market keeps (market-reputation 1.3-1.13).
import type { PeriodIndex } from '../../../../core/src/amount.js';
import { list, record, u64 } from '../../../../core/src/codec/codec.js';
import { keyText, utf8ToBytes } from '../../../../core/src/bytes.js';
import type { Hash } from '../../../../core/src/hash.js';
import type { AccountId } from '../../../../core/src/ids.js';
import { MAX_FEEDER_LINES } from '../../../../core/src/limits.js';
import type { OrderKey, PeriodKey } from '../../schema.js';
import { joinKey, KeyReader, type Table } from '../../world.js';
import {
  type Bidding,
  biddingField,
  type Contract,
  contractField,
  type DeliveryPeriod,
  deliveryPeriodField,
  type FeederLine,
  feederLineField,
  type GridData,
  gridDataField,
  type Prices,
  pricesField,
  type Quote,
  quoteField,
  type SealedQuote,
  sealField,
  type Standing,
  standingField,
} from './records.js';

const table = <K, V>(t: Table<K, V>): Table<K, V> => t;
const groupOf = (k: PeriodKey): string => `${k.market}/${k.period}`;
const readPeriod = (reader: KeyReader): PeriodKey => ({
  market: reader.text(),
  period: reader.u64() as PeriodIndex,
});

export interface RoundKey extends PeriodKey {
  readonly biddingRound: number;
}
export interface SealKey extends RoundKey {
  readonly account: AccountId;
}
/** Seals are walked by bidding round. */
export const sealGroup = (k: RoundKey): string => `${groupOf(k)}/${k.biddingRound}`;
const roundNumber = (bytes: Uint8Array): number => bytes[7] as number;

export const SEALS = table<SealKey, SealedQuote>({
  kind: 40,
  name: 'sealed quote',
  keyBytes: (k) => joinKey(k.market, k.period, BigInt(k.biddingRound), k.account),
  readKey: (bytes) => {
    const reader = new KeyReader(bytes);
    const key = readPeriod(reader);
    return { ...key, biddingRound: roundNumber(reader.bytesOf(8)), account: reader.rest() };
  },
  value: sealField,
  group: sealGroup,
  about: 'key: market, period, bidding round, account. A sealed quote of reputation.',
});
export const QUOTES = table<OrderKey, Quote>({
  kind: 41,
  name: 'quote',
  keyBytes: (k) => joinKey(k.market, k.period, k.account),
  readKey: (bytes) => {
    const reader = new KeyReader(bytes);
    return { ...readPeriod(reader), account: reader.rest() };
  },
  value: quoteField,
  group: groupOf,
  about: 'key: market, period, account. The standing quote of reputation, and how it behaved.',
});
export interface ContractKey extends PeriodKey {
  readonly id: Hash;
}
export const CONTRACTS = table<ContractKey, Contract>({
  kind: 42,
  name: 'contract of reputation',
  keyBytes: (k) => k.id,
  readKey: (id, { market, period }) => ({ id: id as Hash, market, period }),
  value: contractField,
  group: groupOf,
  about: 'key: contract id. A matched pair, from its proposal to the end.',
});
export const BIDDINGS = table<RoundKey, Bidding>({
  kind: 43,
  name: 'bidding round',
  keyBytes: (k) => joinKey(k.market, k.period, BigInt(k.biddingRound)),
  readKey: (bytes) => {
    const reader = new KeyReader(bytes);
    return { ...readPeriod(reader), biddingRound: roundNumber(reader.bytesOf(8)) };
  },
  value: biddingField,
  group: groupOf,
  about: 'key: market, period, bidding round. Flows, flags and fees of its board.',
});
export const DELIVERY_PERIODS = table<PeriodKey, DeliveryPeriod>({
  kind: 44,
  name: 'period of contracts',
  keyBytes: (k) => joinKey(k.market, k.period),
  readKey: (bytes) => readPeriod(new KeyReader(bytes)),
  value: deliveryPeriodField,
  group: (k) => k.market,
  about: 'key: market, period. From the first quote until its ratings are in the window.',
});
export interface StandingKey {
  readonly market: string;
  readonly account: AccountId;
}
export const STANDINGS = table<StandingKey, Standing>({
  kind: 45,
  name: 'standing',
  keyBytes: (k) => joinKey(k.market, k.account),
  readKey: (bytes) => {
    const reader = new KeyReader(bytes);
    return { market: reader.text(), account: reader.rest() };
  },
  value: standingField,
  group: (k) => k.market,
  about: 'key: market, account. Reputation, and the counters it comes from.',
});
export const PRICES = table<string, Prices>({
  kind: 46,
  name: 'prices of reputation',
  keyBytes: utf8ToBytes,
  readKey: keyText,
  value: pricesField,
  about: 'key: market. Floor price, last deals, equilibrium price.',
});
export const GRID_DATA = table<PeriodKey, GridData>({
  kind: 47,
  name: 'grid data',
  keyBytes: (k) => joinKey(k.market, k.period),
  readKey: (bytes) => readPeriod(new KeyReader(bytes)),
  value: gridDataField,
  group: (k) => k.market,
  about: 'key: market, first delivery period. Base flows and prices of the grid company.',
});
export const FEEDER = table<'', { readonly lines: readonly FeederLine[] }>({
  kind: 48,
  name: 'feeder',
  keyBytes: utf8ToBytes,
  readKey: () => '',
  value: record('feeder', { lines: list(feederLineField, MAX_FEEDER_LINES) }),
  about: 'Lines of the grid, as genesis gives them.',
});
export const REGISTERED = table<AccountId, { readonly place: bigint }>({
  kind: 49,
  name: 'registration',
  keyBytes: (k) => k,
  readKey: (bytes) => bytes as AccountId,
  value: record('registration', { place: u64 }),
  about: 'key: account id. When it was registered, where a market of reputation ranks by it.',
});

export const REPUTATION_TABLES = [
  SEALS,
  QUOTES,
  CONTRACTS,
  BIDDINGS,
  DELIVERY_PERIODS,
  STANDINGS,
  PRICES,
  GRID_DATA,
  FEEDER,
  REGISTERED,
] as const;
