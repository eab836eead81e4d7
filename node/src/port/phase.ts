// Phase of a delivery period of `call`, by the final state and not by the clock: bids are opened
// only once `closeOrders` is in a final block (settlement 2.2).
import type { PeriodIndex } from '../../../core/src/amount.js';
import type { MarketConfig } from '../../../core/src/params.js';
import type { Phase, PhaseView } from '../../../rpc/src/results/market.js';
import { callTimes } from '../../../state/src/boundary/timing.js';
import type { PeriodRecord } from '../../../state/src/schema.js';

export interface PeriodState {
  readonly market: MarketConfig;
  readonly period: PeriodIndex;
  /** Time of the final state, chain ms. */
  readonly timeMs: bigint;
  readonly record: PeriodRecord | undefined;
}

export function phaseOf({ market, period, timeMs, record }: PeriodState): Phase {
  const times = callTimes(market, period);
  if (record?.status === 'settled') return 'settled';
  if (timeMs < times.opens) return 'before';
  const live = record?.live ?? 0;
  const isOpen = record?.status === 'declare' && live > 0;
  if (timeMs < times.close) return 'declare';
  if (isOpen) return 'closing';
  if (timeMs < times.clear) return 'reveal';
  if (record?.status === 'reveal' && live > 0) return 'clearing';
  if (timeMs < times.deliveryStart) return 'matched';
  if (timeMs < times.deliveryEnd) return 'delivery';
  const settleMs = record?.settleAtMs ?? times.settle;
  const awaited = record !== undefined && record.sealed + record.trades + record.readings > 0;
  return timeMs < settleMs || awaited ? 'readings' : 'over';
}

/** Half-open, chain ms (parameters 4); an outage may move the end of `readings`. */
export function phasesOf({ market, period, record }: PeriodState): readonly PhaseView[] {
  const t = callTimes(market, period);
  return [
    { name: 'declare', start: t.opens, end: t.close },
    { name: 'reveal', start: t.close, end: t.clear },
    { name: 'matched', start: t.clear, end: t.deliveryStart },
    { name: 'delivery', start: t.deliveryStart, end: t.deliveryEnd },
    { name: 'readings', start: t.deliveryEnd, end: record?.settleAtMs ?? t.settle },
  ];
}

export function stepsOf({ market, period, record }: PeriodState): Record<string, bigint> {
  const { close, markReveal, clear, pay, markReading, settle } = callTimes(market, period);
  return {
    closeOrders: close,
    markReveal,
    clear,
    pay,
    markReading,
    settle: record?.settleAtMs ?? settle,
  };
}
