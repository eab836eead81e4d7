// Kinds 80-85 of the state: grants from pool:grants and points on offer (market-reputation 1.11).
import type { ChainMs, PeriodIndex } from '../../../core/src/amount.js';
import { keyText } from '../../../core/src/bytes.js';
import { optional, record, u64, type ValueOf } from '../../../core/src/codec/codec.js';
import { account, chainMs, hash, money } from '../../../core/src/fields.js';
import type { Hash } from '../../../core/src/hash.js';
import type { AccountId } from '../../../core/src/ids.js';
import { joinKey, KeyReader, type Table } from '../world.js';

const table = <K, V>(t: Table<K, V>): Table<K, V> => t;

const sumsField = record('grants of a cause', { paid: money, unpaid: money });
const grantedField = record('grants', {
  registration: sumsField,
  cleanKwh: sumsField,
  verification: sumsField,
  block: sumsField,
});
export type Granted = ValueOf<typeof grantedField>;
export type GrantCause = keyof Granted;
export const GRANTED = table<'', Granted>({
  kind: 80,
  name: 'grants',
  keyBytes: () => new Uint8Array(0),
  readKey: () => '',
  value: grantedField,
  about: 'By cause: what pool:grants has paid, and what was due and the pool did not cover.',
});
export const PACKED = table<AccountId, { readonly blocks: bigint }>({
  kind: 81,
  name: 'blocks packed',
  keyBytes: (k) => k,
  readKey: (bytes) => bytes as AccountId,
  value: record('blocks packed', { blocks: u64 }),
  about: 'key: proposer. Final blocks of it whose grant waits for the next settlement.',
});
export interface TaskKey {
  readonly market: string;
  readonly period: PeriodIndex;
  readonly biddingRound: bigint;
  readonly node: string;
}
export const VERIFIED = table<TaskKey, { readonly by: AccountId }>({
  kind: 82,
  name: 'verified auction',
  keyBytes: (k) => joinKey(k.market, k.period, k.biddingRound, k.node),
  readKey: (bytes) => {
    const reader = new KeyReader(bytes);
    const [market, period] = [reader.text(), reader.u64() as PeriodIndex];
    return { market, period, biddingRound: reader.u64(), node: reader.text() };
  },
  value: record('verified auction', { by: account }),
  group: (k) => `${k.market}/${k.period}`,
  about: 'key: market, period, bidding round, node. Who gave the first right result of an auction.',
});

const offerField = record('points on offer', {
  seller: account,
  amount: money,
  /** SHA-256 of the text that says what legal money is asked for. */
  terms: hash,
  until: chainMs,
  /** Whoever took it last; its reservation may have ended. */
  taker: optional(account),
  /** Chain ms; 0: never taken. */
  reservedUntil: chainMs,
});
export type PointOffer = ValueOf<typeof offerField>;
export interface OfferKey {
  readonly id: Hash;
  readonly seller: AccountId;
}
export const POINT_OFFERS = table<OfferKey, PointOffer>({
  kind: 83,
  name: 'points on offer',
  keyBytes: (k) => k.id,
  readKey: (id, { seller }) => ({ id: id as Hash, seller }),
  value: offerField,
  group: (k) => keyText(k.seller),
  about: 'key: transaction id. Locked points that another account may take for legal money.',
});
/** Ends of offers are grouped by the 15 minutes in which they lie. */
const ENDS_EVERY_MS = 900_000n;
export interface EndKey {
  readonly endMs: ChainMs;
  readonly id: Hash;
}
export const OFFER_ENDS = table<EndKey, { readonly seller: AccountId }>({
  kind: 84,
  name: 'end of an offer of points',
  keyBytes: (k) => joinKey(k.endMs, k.id),
  readKey: (bytes) => {
    const reader = new KeyReader(bytes);
    return { endMs: reader.u64() as ChainMs, id: reader.rest() };
  },
  value: record('end of an offer', { seller: account }),
  group: (k) => (k.endMs / ENDS_EVERY_MS).toString(),
  about: 'key: chain ms, transaction id. When an offer, and any reservation of it, is over.',
});

export const POINT_TABLES = [GRANTED, PACKED, VERIFIED, POINT_OFFERS, OFFER_ENDS] as const;
