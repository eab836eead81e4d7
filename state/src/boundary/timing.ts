// When the phases of a market begin and end (parameters 4), in chain ms, by delivery
// period m. Orders for m are taken in the period before it.
import type { ChainMs, PeriodIndex } from '../../../core/src/amount.js';
import type { MarketConfig } from '../../../core/src/params.js';

/** Numbers of the steps (consensus 5a.1a). */
export const STEPS = {
  settle: 1,
  pay: 2,
  markReading: 3,
  closeOrders: 4,
  markReveal: 5,
  clear: 6,
  expire: 8,
} as const;
export type StepName = keyof typeof STEPS;
const NAMES = new Map<number, StepName>(
  Object.entries(STEPS).map(([name, n]) => [n, name as StepName]),
);
export const stepName = (step: number): StepName | undefined => NAMES.get(step);

export interface CallTimes {
  readonly opens: bigint;
  readonly close: bigint;
  readonly markReveal: bigint;
  /** From here on markReveal is late: the last quarter of the reveal window. */
  readonly revealLate: bigint;
  readonly clear: bigint;
  readonly pay: bigint;
  readonly deliveryStart: bigint;
  readonly deliveryEnd: bigint;
  readonly markReading: bigint;
  readonly readingLate: bigint;
  readonly settle: bigint;
}

export function callTimes(market: MarketConfig, period: PeriodIndex): CallTimes {
  const opens = (period - 1n) * market.periodMs;
  const deliveryStart = period * market.periodMs;
  const deliveryEnd = deliveryStart + market.periodMs;
  const reveal = market.clearMs - market.closeMs;
  const reading = market.params.readingDeadlineMs;
  return {
    opens,
    close: opens + market.closeMs,
    markReveal: opens + market.closeMs + reveal / 4n,
    revealLate: opens + market.closeMs + (reveal * 3n) / 4n,
    clear: opens + market.clearMs,
    pay: opens + market.payMs,
    deliveryStart,
    deliveryEnd,
    markReading: deliveryEnd + reading / 2n,
    readingLate: deliveryEnd + (reading * 3n) / 4n,
    settle: deliveryEnd + reading,
  };
}

/** Delivery period for which orders are taken at a time. */
export const tradingPeriod = (market: MarketConfig, time: ChainMs): PeriodIndex =>
  (time / market.periodMs + 1n) as PeriodIndex;

/** First period that starts at or after a time. */
export const firstPeriodFrom = (market: MarketConfig, time: bigint): PeriodIndex =>
  ((time + market.periodMs - 1n) / market.periodMs) as PeriodIndex;

/** Whole Wh that a connection of so many W can carry in a period (settlement 2.1). */
export const mostWh = (watts: bigint, ms: bigint): bigint => (watts * ms) / 3_600_000n;
