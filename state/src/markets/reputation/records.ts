// What the leaves of the reputation market hold (market-reputation 1.3-1.13). Their kinds and keys:
// tables.ts.
import {
  bool,
  i32,
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
import { MAX_FEEDER_LINES, MAX_PARTNERS } from '../../../../core/src/limits.js';
import { side } from '../../../../core/src/tx.js';

/** Most periods that a window holds, and most deals that CEP looks at. */
const MAX_WINDOW = 128;

export const sealField = record('sealed quote', {
  /** Of the transaction. */
  id: hash,
  hash,
  place: u64,
  revealed: bool,
});
export type SealedQuote = ValueOf<typeof sealField>;

export const quoteField = record('quote', {
  /** Of the transaction that sealed what stands; before that, of the first bid. */
  id: hash,
  /** Where it stands in the grid; as it was with the first bid. */
  node: str(32),
  /** Money at stake until the bid of `bondRound` is opened. */
  bond: money,
  bondRound: u32,
  /** The first bid was opened or forfeited: later ones need no bond (settlement 2.2). */
  bonded: bool,
  /** Sealed and not yet opened. */
  seals: u32,
  /** nil: nothing was opened yet. */
  side: optional(side),
  /** What was first opened of it. */
  declaredWh: energyWh,
  /** What still stands. */
  restWh: energyWh,
  price,
  lock: money,
  /** Last bidding round in which a quote was opened. */
  revealedIn: u32,
  /** Last bidding round whose choice declined. */
  declinedIn: u32,
  hasDeclined: bool,
  /** Left the period, or is out for not signing. */
  out: bool,
  /** Percent, frozen at the first board; 0 before. */
  grade: u32,
  /** Partners it may have in this bidding round. */
  range: u32,
  /** Of the bidding round under way. */
  choice: optional(
    record('choice', { energyWh: optional(energyWh), partners: list(account, MAX_PARTNERS) }),
  ),
  /** Bidding rounds in which it stood. */
  stood: u32,
  /** Contracts not signed, or not confirmed. */
  unsigned: u32,
  notConfirmed: bool,
});
export type Quote = ValueOf<typeof quoteField>;

const CONTRACT_STATES = [
  'PROPOSED',
  'ACTIVE',
  'CANCELLED',
  'DELIVERED',
  'SETTLED',
  'REFUNDED',
  'DISPUTED',
] as const;

export const contractField = record('contract of reputation', {
  market,
  period,
  /** Place in the order of matching, over all bidding rounds. */
  number: u64,
  biddingRound: u32,
  seller: account,
  buyer: account,
  sellNode: str(32),
  buyNode: str(32),
  /** As curtailment lowered it. */
  energyWh,
  curtailedWh: energyWh,
  /** Bid + ask. */
  priceSum: u64,
  /** The buyer's own quote. */
  bid: price,
  /** P_T and the congestion fee, per kWh. */
  wheeling: price,
  congestion: price,
  /** Of the buyer, and of the seller. */
  lock: money,
  sellerLock: money,
  state: oneOf(...CONTRACT_STATES),
  signedBuyer: bool,
  signedSeller: bool,
  signedGrid: bool,
  deliveredWh: energyWh,
  /** Of the grid company to the seller, with the receipt. */
  subsidy: money,
  disputed: bool,
  /** By the other side; nil: silent. */
  sellerIsGood: optional(bool),
  buyerIsGood: optional(bool),
});
export type Contract = ValueOf<typeof contractField>;

export const biddingField = record('bidding round', {
  void: bool,
  /** By line of the feeder, with tentative trades. */
  flowsWh: list(i64, MAX_FEEDER_LINES),
  /** Money per Wh pushed, which is a price per kWh. */
  fees: list(u64, MAX_FEEDER_LINES),
  /** Indices of lines. */
  flagged: list(u32, MAX_FEEDER_LINES),
});
export type Bidding = ValueOf<typeof biddingField>;

export const deliveryPeriodField = record('period of contracts', {
  /** Contracts so far. */
  contracts: u64,
  /** Delivered and not confirmed; disputed. */
  waiting: u32,
  disputed: u32,
  /** 0 until it is settled. */
  receiptMs: chainMs,
  ratingsEndMs: chainMs,
  /** Of the grid company, per clean kWh; what is left of its budget. */
  subsidy: price,
  budget: money,
  /** It is in the window; it stays while something is disputed. */
  isCounted: bool,
});
export type DeliveryPeriod = ValueOf<typeof deliveryPeriodField>;

export const standingField = record('standing', {
  /** Ppm. */
  reputation: u64,
  penalties: u64,
  window: list(
    record('counters', {
      period,
      good: u32,
      deals: u32,
      bids: u32,
      unsigned: u32,
      activity: i32,
    }),
    MAX_WINDOW,
  ),
});
export type Standing = ValueOf<typeof standingField>;

export const pricesField = record('prices of reputation', {
  /** Lowest deal of the last closed period, as a sum of two quotes. */
  floor: optional(u64),
  /** Sums of the last deals, oldest first. */
  deals: list(u64, MAX_WINDOW),
  cep: optional(price),
  isAlarm: bool,
  /** Periods in the window, oldest first. */
  entered: list(period, MAX_WINDOW),
});
export type Prices = ValueOf<typeof pricesField>;

export const gridDataField = record('grid data', {
  baseWh: list(i64, MAX_FEEDER_LINES),
  c1: price,
  c2: price,
  c3: price,
  cUp: price,
  cDown: price,
  /** Per clean kWh delivered, and in all of a period. */
  subsidy: price,
  budget: money,
});
export type GridData = ValueOf<typeof gridDataField>;

export const feederLineField = record('line of the feeder', {
  id: str(32),
  /** The node nearer to the grid. */
  from: str(32),
  to: str(32),
  capacityW: u64,
});
export type FeederLine = ValueOf<typeof feederLineField>;
