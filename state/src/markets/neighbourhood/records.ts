// What the leaves of a neighbourhood market hold (market-neighbourhood 1.1-1.7). Kinds and keys:
// tables.ts.
import {
  bool,
  i64,
  list,
  oneOf,
  optional,
  record,
  str,
  u32,
  u64,
  type ValueOf,
} from '../../../../core/src/codec/codec.js';
import { account, energyWh, hash, money, period, price } from '../../../../core/src/fields.js';
import { side } from '../../../../core/src/tx.js';

/** Forecasts of an account that wait for their delivery to be settled. */
export const MAX_FORECASTS = 8;

export const requestField = record('request', {
  /** Of the transaction that sealed it. */
  id: hash,
  hash,
  /** Place in the chain of its last version. */
  place: u64,
  bond: money,
  revealed: bool,
  /** nil, and zeros below, until it is opened. */
  side: optional(side),
  energyWh,
  price,
  lock: money,
  /** All contracts of the interval are activated with the reveal. */
  activate: bool,
});
export type SealedRequest = ValueOf<typeof requestField>;

export const flexField = record('flexible energy', {
  id: hash,
  place: u64,
  side,
  /** Seller: for use or sale; weight of own use; its limits. */
  g: energyWh,
  k: money,
  emin: energyWh,
  emax: energyWh,
  /** Buyer. */
  demand: energyWh,
  lock: money,
});
export type Flex = ValueOf<typeof flexField>;

export const termsField = record('interval contract', {
  /** Place in the order of matching: the index of its trade. */
  number: u64,
  seller: account,
  buyer: account,
  energyWh,
  buyPrice: price,
  sellPrice: price,
  biddingRound: u32,
  /** Node whose auction made it; "" without a graph. */
  auctioneer: str(32),
  /** ACTIVE contracts are settled with the interval. */
  state: oneOf('CREATED', 'ACTIVE', 'CANCELLED'),
  sellerActivated: bool,
  buyerActivated: bool,
});
export type Terms = ValueOf<typeof termsField>;

export const conductField = record('conduct', {
  /** UTC day of the information tokens that were spent. */
  tokenDay: u64,
  tokensSpent: u32,
  /** Newest flagged interval, and a bit for each before it. */
  newestFlag: u64,
  flagBits: u64,
  /** Published auctions that were not the chain's. */
  wrongAuctions: u32,
  forecasts: list(record('forecast', { period, netWh: i64 }), MAX_FORECASTS),
});
export type Conduct = ValueOf<typeof conductField>;
