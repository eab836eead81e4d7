// Leaves of the bilateral market and of rights sold on (market-bilateral L, V; settlement 7): kinds
// 50-55 of the key space. The other kinds, and the one list of all of them: schema.ts.
import type { PeriodIndex } from '../../../../core/src/amount.js';
import { keyText, utf8ToBytes } from '../../../../core/src/bytes.js';
import {
  bool,
  list,
  oneOf,
  optional,
  record,
  u32,
  u64,
  type ValueOf,
} from '../../../../core/src/codec/codec.js';
import {
  account,
  chainMs,
  energyWh,
  hash,
  market,
  money,
  period,
  price,
} from '../../../../core/src/fields.js';
import type { Hash } from '../../../../core/src/hash.js';
import type { AccountId } from '../../../../core/src/ids.js';
import { MAX_LISTING_PERIODS, MAX_VALIDATORS } from '../../../../core/src/limits.js';
import { listingFields } from '../../../../core/src/listing.js';
import { side } from '../../../../core/src/tx.js';
import type { TradeKey } from '../../schema.js';
import { joinKey, KeyReader, type Table } from '../../world.js';

const table = <K, V>(t: Table<K, V>): Table<K, V> => t;

const offerField = record('offer', {
  market,
  side,
  energyWh,
  price: optional(price),
  firstPeriod: period,
  lastPeriod: period,
  until: chainMs,
});
export type Offer = ValueOf<typeof offerField>;
export interface OfferKey {
  readonly account: AccountId;
  readonly id: Hash;
}
export const offerGroup = (owner: AccountId): string => keyText(owner);
export const OFFERS = table<OfferKey, Offer>({
  kind: 50,
  name: 'offer',
  keyBytes: (k) => joinKey(k.account, k.id),
  readKey: (bytes) => {
    const reader = new KeyReader(bytes);
    return { account: reader.bytesOf(20), id: reader.bytesOf(32) };
  },
  value: offerField,
  group: (k) => offerGroup(k.account),
  about: 'key: account, id. A published offer or request; binds nobody.',
});

const ballotField = record('ballot', {
  validator: account,
  bits: u32,
  /** It sent a second, different one. */
  equivocated: bool,
});
const listingField = record('listing', {
  ...listingFields,
  /** Start of its first delivery period. */
  startMs: chainMs,
  /** Place in the chain: height x 2^32 + index. */
  place: u64,
  state: oneOf('LISTED', 'APPROVED', 'REJECTED', 'EXPIRED', 'CONTRACT'),
  /** Validators that review it; empty until the order of its period is drawn. */
  committee: list(account, MAX_VALIDATORS),
  ballots: list(ballotField, MAX_VALIDATORS),
  sellerConfirmed: bool,
  buyerConfirmed: bool,
  /** Locked by the confirmation of a side; 0 once there is a contract. */
  sellerLock: money,
  buyerLock: money,
  /** One per period, once both have confirmed. */
  contracts: list(hash, MAX_LISTING_PERIODS),
});
export type Listing = ValueOf<typeof listingField>;
export interface ListingKey {
  readonly id: Hash;
  readonly startMs: bigint;
}
export const LISTINGS = table<ListingKey, Listing>({
  kind: 51,
  name: 'listing',
  keyBytes: (k) => k.id,
  readKey: (id, value) => ({ id: id as Hash, startMs: value.startMs }),
  value: listingField,
  group: (k) => k.startMs.toString(),
  about: 'key: transaction id. A negotiated contract from its listing on: review, confirmations.',
});

const contractField = record('contract', {
  /** Which contracts are served before which (settlement 5.2). */
  kind: oneOf('bilateral', 'trade', 'replacement'),
  /** Index of the contract that its right was sold on from: served directly after it. */
  after: optional(u64),
  /** Listing that it was made from. */
  listing: optional(hash),
  /** Place in the chain of what made it. */
  place: u64,
});
export type Contract = ValueOf<typeof contractField>;
const contractGroup = (k: TradeKey): string => `${k.market}/${k.period}`;
export const CONTRACTS = table<TradeKey, Contract>({
  kind: 52,
  name: 'contract',
  keyBytes: (k) => joinKey(k.market, k.period, k.index),
  readKey: (bytes) => {
    const reader = new KeyReader(bytes);
    return { market: reader.text(), period: reader.u64() as PeriodIndex, index: reader.u64() };
  },
  value: contractField,
  group: contractGroup,
  about: 'key: market, period, index of the trade. What it is beside a trade of its market.',
});

export const LISTED = table<AccountId, { readonly listings: number }>({
  kind: 53,
  name: 'open listings',
  keyBytes: (k) => k,
  readKey: (bytes) => bytes as AccountId,
  value: record('open listings', { listings: u32 }),
  about: 'key: account id. How many listings of it are neither contract nor at their end.',
});

const rightField = record('right on offer', {
  market,
  period,
  index: u64,
  by: account,
  energyWh,
  price,
  until: chainMs,
});
export type Right = ValueOf<typeof rightField>;
export interface RightKey {
  readonly id: Hash;
  readonly contract: TradeKey;
}
export const rightGroup = (k: TradeKey): string => `${k.market}/${k.period}/${k.index}`;
export const RIGHTS = table<RightKey, Right>({
  kind: 54,
  name: 'right on offer',
  keyBytes: (k) => k.id,
  readKey: (id, { market, period: of, index }) => ({
    id: id as Hash,
    contract: { market, period: of, index },
  }),
  value: rightField,
  group: (k) => rightGroup(k.contract),
  about: 'key: transaction id. Energy of a contract that its buyer offers to sell on.',
});

const dutyField = record('order of validators', {
  period,
  /** All of them, in the order of the draw for the period (consensus 7.2). */
  order: list(account, MAX_VALIDATORS),
  /** Listings of the block before the draw, which wait for it. */
  waiting: list(hash, 20_000),
});
export type Duty = ValueOf<typeof dutyField>;
export const DUTIES = table<string, Duty>({
  kind: 55,
  name: 'order of validators',
  keyBytes: utf8ToBytes,
  readKey: keyText,
  value: dutyField,
  about: 'key: market id. Who verifies in the running period of a bilateral market.',
});

export const BILATERAL_TABLES = [OFFERS, LISTINGS, CONTRACTS, LISTED, RIGHTS, DUTIES] as const;
