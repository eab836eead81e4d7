// What the leaves of the state hold: one record per kind of leaf. The kinds themselves, with their
// numbers and keys: schema.ts.
import {
  bin,
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
} from '../../core/src/codec/codec.js';
import {
  account,
  chainMs,
  energyWh,
  hash,
  market,
  money,
  period,
  price,
  publicKey,
} from '../../core/src/fields.js';
import { HASH_BYTES } from '../../core/src/hash.js';
import { MAX_ORDERS_OF_ACCOUNT, MAX_TXS_PER_BLOCK } from '../../core/src/limits.js';
import { role, side } from '../../core/src/tx.js';

export const accountField = record('account', {
  publicKey,
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

export const balanceField = record('balance', { available: i64, locked: u64, arrears: u64 });
export type Balance = ValueOf<typeof balanceField>;

export const supplyField = record('supply', { issued: u64, redeemed: u64, nextArrear: u64 });
export type Supply = ValueOf<typeof supplyField>;

export const cursorField = record('cursor', {
  timeMs: chainMs,
  market,
  period,
  step: u32,
  part: u32,
  /** The step has more parts to come. */
  unfinished: bool,
});
export type CursorRecord = ValueOf<typeof cursorField>;

export const historyField = record('history', { count: u64, peaks: list(hash, 64) });

const validatorField = record('validator', {
  id: account,
  publicKey,
  beaconKey: bin({ maxLength: 48 }),
  name: str(64),
  organisation: str(64),
  creditOf: account,
});
export type ValidatorRecord = ValueOf<typeof validatorField>;
const centreField = record('centre', { publicKey, name: str(64) });
export const networkField = record('network', {
  centres: list(centreField, 64),
  validators: list(validatorField, 1000),
});
export type Network = ValueOf<typeof networkField>;

export const meterField = record('meter', {
  participant: account,
  number: str(12),
  /** Market it is enrolled in from `fromPeriod` on; "" for none. */
  market,
  fromPeriod: period,
  previousMarket: str(32),
  sequence: u64,
  /** End of the newest accepted period, and the registers there. */
  endMs: chainMs,
  importWh: energyWh,
  exportWh: energyWh,
});
export type Meter = ValueOf<typeof meterField>;

export const registersField = record('registers', {
  importWh: energyWh,
  exportWh: energyWh,
  sequence: u64,
  /** Not read, but spread over a gap when its end was. */
  spread: bool,
});
export type Registers = ValueOf<typeof registersField>;

export const recentField = record('recent imports', { importsWh: list(energyWh, 96) });

export const txIdsField = record('ids of a block', {
  /** End of the last of their windows. */
  lastMs: chainMs,
  /** In the order of the block, one after the other. */
  ids: bin({ maxLength: HASH_BYTES * MAX_TXS_PER_BLOCK }),
});
export type BlockTxIds = ValueOf<typeof txIdsField>;

export const periodField = record('period', {
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

export const orderField = record('order', {
  id: hash,
  hash,
  side,
  energyWh,
  /** Declared place in the chain: height x 2^32 + index. */
  place: u64,
  bond: money,
  revealed: bool,
  price,
  lock: money,
});
export type Order = ValueOf<typeof orderField>;

const openOrderField = record('open order', {
  id: hash,
  side,
  /** What still stands of it. */
  energyWh,
  declaredWh: energyWh,
  price,
  /** Generation type; orders of different types are cleared in separate books. */
  type: str(32),
  /** Commitment to the reservation price, which never comes on the chain (two-round 4.12). */
  reserve: optional(hash),
  /** Contract whose energy it sells on (settlement 7.4). */
  right: optional(hash),
  /** Place in the chain of its last valid version: its time. */
  place: u64,
  lock: money,
  /** Quotes for the steps of round 2, 10^-6 currency per kWh; empty: the price stays. */
  quotes: list(u64, 64),
});
export type OpenOrder = ValueOf<typeof openOrderField>;
export const bookField = record('open orders', {
  orders: list(openOrderField, MAX_ORDERS_OF_ACCOUNT),
});

export const referencesField = record('references', {
  askMax: optional(u64),
  bidMin: optional(u64),
});

export const creditsField = record('credit counters', {
  D: u32,
  i: u32,
  n: u32,
  /** Chain ms from which it may be readmitted, after it fell below `suspendBelow`; else 0. */
  readmitMs: chainMs,
});
export type Credits = ValueOf<typeof creditsField>;

export const deliveryField = record('delivery', {
  deliveredWh: energyWh,
  shortSellerWh: energyWh,
  shortBuyerWh: energyWh,
  /** To the seller. */
  energyMoney: money,
  /** Of two prices: what the buyer pays above it, to the reserve. */
  surplus: money,
  penaltySeller: money,
  penaltyBuyer: money,
  wheeling: money,
});
export type Delivery = ValueOf<typeof deliveryField>;

export const tradeField = record('trade', {
  seller: account,
  buyer: account,
  energyWh,
  price,
  biddingRound: u32,
  green: bool,
});
export type Trade = ValueOf<typeof tradeField>;

export const positionField = record('position', {
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

export const settlementField = record('settlement', {
  side: optional(side),
  declaredWh: energyWh,
  tradedWh: energyWh,
  importWh: energyWh,
  exportWh: energyWh,
  /** metered; substitute for a missing register; corrected, with registers that came later. */
  quality: oneOf('metered', 'substitute', 'corrected'),
  gridCharge: money,
  gridCredit: money,
  /** Of its contracts, signed with income positive; payment "contract": 0, it moved at `pay`. */
  energyMoney: i64,
  shortfallWh: energyWh,
  penalty: money,
  penaltyShare: money,
  fees: money,
  credit: u32,
  /** 1 as it was settled first; each correction makes a new one (settlement 3.5). */
  version: u32,
  /** Before scaling; negative is a fine. */
  rewardDue: i64,
  reward: i64,
});
export type Settlement = ValueOf<typeof settlementField>;

export const settlingField = record('settling', {
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

export const arrearField = record('arrear', {
  debtor: account,
  creditor: account,
  amount: money,
  market,
  period,
});
export type Arrear = ValueOf<typeof arrearField>;
