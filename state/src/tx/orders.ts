// Periods and orders as the order transactions share them: which phase a time is in, what a bond
// is.
import {
  type ChainMs,
  MAX_AMOUNT,
  type Money,
  type PeriodIndex,
  type WattHour,
} from '../../../core/src/amount.js';
import type { ErrorCode } from '../../../core/src/errors.js';
import type { Hash } from '../../../core/src/hash.js';
import { type MarketConfig, wheelingOf } from '../../../core/src/markets.js';
import type { Side } from '../../../core/src/tx.js';
import { mostWh, periodTimes, type PhaseName, windowOf } from '../boundary/timing.js';
import { type Account, type PeriodKey, type PeriodRecord, PERIODS } from '../schema.js';
import type { World } from '../world.js';

/** Most energy that the connection of an account carries in a period on a side, Wh. */
export const limitOf = (account: Account, market: MarketConfig, side: Side): WattHour =>
  mostWh(side === 'buy' ? account.pMaxImportW : account.pMaxExportW, market.periodMs) as WattHour;

/** Power above which a connection is not one of a household or a plant of this grid: 1 GW. */
const MAX_WATTS = 1_000_000_000n;

/**
 * Whether a connection is of this grid's size, and a period of it at the retail price of every
 * market far within the range of money: then no bond and no bill can leave it (settlement 3.4).
 */
export const connectionFits = (markets: readonly MarketConfig[], watts: bigint): boolean =>
  watts <= MAX_WATTS &&
  markets.every((m) => mostWh(watts, m.periodMs) * m.params.retail <= MAX_AMOUNT / 4n);

/** Bond of a sealed bid: pMaxWh x (retail - feedIn) (settlement 2). */
export const bondOf = (account: Account, market: MarketConfig, side: Side): Money =>
  (limitOf(account, market, side) * (market.params.retail - market.params.feedIn)) as Money;

/** A seller's collateral for energy: energy x (retail - feedIn). */
export const collateralOf = (market: MarketConfig, energyWh: bigint): Money =>
  (energyWh * (market.params.retail - market.params.feedIn)) as Money;

/** Why the time is not in that phase of the period, or undefined where it is. */
export function refusePhase(
  market: MarketConfig,
  at: { readonly period: PeriodIndex; readonly timeMs: ChainMs; readonly biddingRound?: number },
  wanted: PhaseName,
): ErrorCode | undefined {
  const { period, timeMs, biddingRound = 1 } = at;
  const { opens, deliveryStart } = periodTimes(market, period);
  if (timeMs < opens || timeMs >= deliveryStart) return 'WRONG_PERIOD';
  const window = windowOf(market, period, wanted, biddingRound);
  if (window === undefined) return 'WRONG_MECHANISM';
  return timeMs >= window.startMs && timeMs < window.endMs ? undefined : 'WRONG_PHASE';
}

/**
 * Lock of an open order (settlement 2): the buyer's shows no price while prices are within bounds;
 * the seller's covers a penalty where the module is on. Fees on for the full energy (2.4).
 */
export function openLockOf(
  market: MarketConfig,
  order: {
    readonly side: Side;
    readonly energyWh: bigint;
    readonly price: bigint;
    readonly right?: Hash | undefined;
  },
): Money {
  // A right is covered by the lock of its contract (settlement 7.2).
  if (order.right !== undefined) return 0n as Money;
  const { retail, penalty } = market.params;
  const dearest = order.price > retail ? order.price : retail;
  if (order.side === 'sell') return (penalty ? order.energyWh * dearest : 0n) as Money;
  return (order.energyWh * (dearest + wheelingOf(market))) as Money;
}

/** The record of a period, made where there is none yet. */
export function openPeriod(world: World, market: MarketConfig, key: PeriodKey): PeriodRecord {
  const fresh: PeriodRecord = {
    sealed: 0,
    revealed: 0,
    live: 0,
    readings: 0,
    trades: 0,
    status: 'declare',
    void: false,
    settleAtMs: periodTimes(market, key.period).settle as ChainMs,
  };
  return world.get(PERIODS, key) ?? fresh;
}
