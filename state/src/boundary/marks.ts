// closeOrders, and the two steps that only mark time: they find that the chain stood still across a
// reveal or reading window (consensus 5a.6).
import type { ChainMs, PeriodIndex } from '../../../core/src/amount.js';
import { PERIODS } from '../schema.js';
import { openPeriod } from '../tx/orders.js';
import { done, type MarketStep, type StepResult } from './step.js';
import { periodTimes, revealLateOf } from './timing.js';

const keyOf = ({ due }: MarketStep): { market: string; period: PeriodIndex } => ({
  market: due.market,
  period: due.period,
});

export function closeOrders(step: MarketStep): StepResult {
  const period = step.world.get(PERIODS, keyOf(step));
  if (period !== undefined) step.world.set(PERIODS, keyOf(step), { ...period, status: 'reveal' });
  return done(1);
}

/** Executed in the last quarter of the reveal window or later: the period is void. */
export function markReveal(step: MarketStep): StepResult {
  const period = step.world.get(PERIODS, keyOf(step));
  const late = step.timeMs >= revealLateOf(step.market, step.due.period);
  if (period !== undefined && late) step.world.set(PERIODS, keyOf(step), { ...period, void: true });
  return done(1);
}

/** Executed in the last quarter of the reading window or later: the deadline moves. */
export function markReading(step: MarketStep): StepResult {
  const { world, market, timeMs } = step;
  if (timeMs < periodTimes(market, step.due.period).readingLate) return done(1);
  const period = openPeriod(world, market, keyOf(step));
  const settleAtMs = (timeMs + market.params.readingDeadlineMs) as ChainMs;
  world.set(PERIODS, keyOf(step), { ...period, settleAtMs });
  return done(1);
}
