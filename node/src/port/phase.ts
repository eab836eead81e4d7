// Phase of a delivery period, by the final state and not by the clock: bids are opened only once
// `closeOrders` is in a final block (settlement 2.2).
import type { PeriodIndex } from '../../../core/src/amount.js';
import type { MarketConfig } from '../../../core/src/markets.js';
import type { Phase, PhaseView } from '../../../rpc/src/results/market.js';
import {
  periodTimes,
  scheduleOf,
  type StepName,
  type StepTime,
} from '../../../state/src/boundary/timing.js';
import { CHAIN } from '../../../state/src/markets/registry.js';
import type { PeriodRecord } from '../../../state/src/schema.js';

export interface PeriodState {
  readonly market: MarketConfig;
  readonly period: PeriodIndex;
  /** Time of the final state, chain ms. */
  readonly timeMs: bigint;
  readonly record: PeriodRecord | undefined;
  /** Whether the chain has taken a step, or passed it over. */
  readonly isPast?: (step: StepTime) => boolean;
}

/** What a period waits for while a step is due and not done. */
const LATE: { readonly [name in StepName]?: Phase } = {
  closeOrders: 'closing',
  board: 'closing',
  clear: 'clearing',
  signed: 'clearing',
  adjust: 'clearing',
};

export function phaseOf(state: PeriodState): Phase {
  const { market, period, timeMs, record, isPast } = state;
  const times = periodTimes(market, period);
  if (record?.status === 'settled') return 'settled';
  if (timeMs < times.opens) return 'before';
  const { windows, steps } = scheduleOf(market, period);
  const late = steps.find(
    (at) =>
      record !== undefined &&
      at.timeMs <= timeMs &&
      isPast?.(at) !== true &&
      isLate(at.step, record),
  );
  const waits = late && LATE[late.step];
  if (waits !== undefined) return waits;
  const window = windows.find(({ startMs, endMs }) => timeMs >= startMs && timeMs < endMs);
  if (window !== undefined) return window.name;
  if (timeMs < times.deliveryStart) return 'matched';
  if (timeMs < times.deliveryEnd) return 'delivery';
  const settleMs = record?.settleAtMs ?? times.settle;
  const awaited = record !== undefined && record.sealed + record.trades + record.readings > 0;
  return timeMs < settleMs || awaited ? 'readings' : 'over';

  function isLate(step: StepName, at: PeriodRecord): boolean {
    return LATE[step] !== undefined && CHAIN[market.mechanism].isAtStake(step, at);
  }
}

/** Half-open, chain ms (parameters 4); an outage may move the end of `readings`. */
export function phasesOf({ market, period, record }: PeriodState): readonly PhaseView[] {
  const t = periodTimes(market, period);
  const { windows } = scheduleOf(market, period);
  const last = windows.at(-1)?.endMs ?? t.opens;
  const isRepeated = windows.some(({ biddingRound }) => biddingRound > 1);
  return [
    ...windows.map(({ name, startMs, endMs, biddingRound }) => ({
      name,
      ...(isRepeated && { biddingRound }),
      start: startMs,
      end: endMs,
    })),
    { name: 'matched', start: last, end: t.deliveryStart },
    { name: 'delivery', start: t.deliveryStart, end: t.deliveryEnd },
    { name: 'readings', start: t.deliveryEnd, end: record?.settleAtMs ?? t.settle },
  ];
}

export function stepsOf({ market, period, record }: PeriodState): Record<string, bigint> {
  const { markReading, settle } = periodTimes(market, period);
  const steps = scheduleOf(market, period).steps.map(({ step, timeMs, biddingRound }) => {
    const name = biddingRound > 1 ? `${step}.${biddingRound}` : step;
    return [name, timeMs] as const;
  });
  return { ...Object.fromEntries(steps), markReading, settle: record?.settleAtMs ?? settle };
}
