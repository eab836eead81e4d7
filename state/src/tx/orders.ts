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
import type { MarketConfig } from '../../../core/src/params.js';
import type { Side } from '../../../core/src/tx.js';
import { callTimes, mostWh, tradingPeriod } from '../boundary/timing.js';
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

export type OrderPhase = 'declare' | 'reveal' | 'other';

/** Phase of the orders for a delivery period, or why the period takes none at all. */
export function orderPhase(
  market: MarketConfig,
  period: PeriodIndex,
  timeMs: ChainMs,
): OrderPhase | ErrorCode {
  if (period !== tradingPeriod(market, timeMs)) return 'WRONG_PERIOD';
  const times = callTimes(market, period);
  if (timeMs < times.close) return 'declare';
  return timeMs < times.clear ? 'reveal' : 'other';
}

const isPhase = (value: string): value is OrderPhase =>
  value === 'declare' || value === 'reveal' || value === 'other';

/** undefined where `wanted` is the phase now. */
export function refusePhase(
  market: MarketConfig,
  at: { readonly period: PeriodIndex; readonly timeMs: ChainMs },
  wanted: OrderPhase,
): ErrorCode | undefined {
  const phase = orderPhase(market, at.period, at.timeMs);
  if (!isPhase(phase)) return phase;
  return phase === wanted ? undefined : 'WRONG_PHASE';
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
    settleAtMs: callTimes(market, key.period).settle as ChainMs,
  };
  return world.get(PERIODS, key) ?? fresh;
}
