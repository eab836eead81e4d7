// Which time a proposer stamps (consensus 5.2): its clock, but not before parent + 1; and, holding
// a reveal for a window that closed a moment ago, the last millisecond of that window, so that no
// reveal is lost between two blocks.
import type { ChainMs, PeriodIndex } from '../../../core/src/amount.js';
import type { Tx } from '../../../core/src/tx.js';
import { type Chain, marketOf } from '../chain.js';
import { periodTimes, scheduleOf, windowOf } from './timing.js';

export interface StampData {
  readonly chain: Chain;
  readonly parentMs: bigint;
  /** The proposer's chain clock. */
  readonly nowMs: bigint;
  /** Chain ms of the propose timeout. */
  readonly graceMs: bigint;
  readonly pending: Iterable<Tx>;
}

export function stampOf(data: StampData): ChainMs {
  const { parentMs, nowMs } = data;
  let stamp = nowMs > parentMs ? nowMs : parentMs + 1n;
  for (const tx of data.pending) {
    if (tx.kind !== 'revealBid') continue;
    const market = marketOf(data.chain, tx.body.market);
    if (market === undefined) continue;
    const { period, biddingRound } = tx.body;
    const window = windowOf(market, period, 'reveal', biddingRound);
    if (window === undefined) continue;
    const last = window.endMs - 1n;
    const missed = parentMs < last && last < nowMs && nowMs - last <= data.graceMs;
    const valid = tx.validFrom <= last && last <= tx.validUntil;
    if (missed && valid && last < stamp) stamp = last;
  }
  return stamp as ChainMs;
}

/**
 * Time of the next boundary of any market after `afterMs`, or undefined where there is no market.
 */
export function nextBoundaryMs(chain: Chain, afterMs: bigint): bigint | undefined {
  let next: bigint | undefined;
  for (const market of chain.markets) {
    const around = afterMs / market.periodMs;
    for (let period = around - 1n; period <= around + 2n; period++) {
      const { markReading, settle } = periodTimes(market, period as PeriodIndex);
      const times = scheduleOf(market, period as PeriodIndex).steps.map(({ timeMs }) => timeMs);
      for (const time of [...times, markReading, settle])
        if (time > afterMs && (next === undefined || time < next)) next = time;
    }
  }
  return next;
}
