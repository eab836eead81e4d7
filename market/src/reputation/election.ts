// Two pure functions that no transaction calls yet: who would get the bookkeeping right
// (market-reputation 1.14), and the advice on the length of a period (1.3 ESTIMATE).
import type { WattHour } from '../../../core/src/amount.js';

/** Least metered energy of a quarter, so that an idle node does not win by emitting nothing. */
const MIN_ENERGY_WH = 1_000_000n;

export interface Candidate {
  /** g CO2 of the quarter. */
  readonly emissionG: bigint;
  readonly meteredWh: WattHour;
  readonly votes: number;
  /** Ppm. */
  readonly reputation: bigint;
  /** Status normal. */
  readonly normal: boolean;
}

/** Indices of the elected, best first. Candidates come in the order of their ids. */
export function electionOf(candidates: readonly Candidate[], seats: number): readonly number[] {
  const at = (index: number): Candidate => candidates[index] as Candidate;
  return candidates
    .map((_, index) => index)
    .filter((index) => at(index).normal && at(index).meteredWh >= MIN_ENERGY_WH)
    .sort((i, j) => {
      const [a, b] = [at(i), at(j)];
      if (a.emissionG !== b.emissionG) return a.emissionG < b.emissionG ? -1 : 1;
      if (a.votes !== b.votes) return b.votes - a.votes;
      if (a.reputation !== b.reputation) return a.reputation > b.reputation ? -1 : 1;
      return i - j;
    })
    .slice(0, seats);
}

const LAST_DURATIONS = 5;
const MINUTE_S = 60;
const SHORTEST_S = 300;
const LONGEST_S = 3600;

/**
 * Median of the last five durations (s, oldest first) x 5/4, up to a minute, 300..3600 s; of an
 * even number the mean of the middle two.
 */
export function periodLength(durations: readonly number[]): number {
  const last = durations.slice(-LAST_DURATIONS).sort((a, b) => a - b);
  if (last.length === 0) return LONGEST_S;
  const [low, high] = [Math.floor((last.length - 1) / 2), Math.floor(last.length / 2)];
  const twice = (last[low] as number) + (last[high] as number);
  const seconds = Math.ceil((twice * 5) / (8 * MINUTE_S)) * MINUTE_S;
  return Math.min(LONGEST_S, Math.max(SHORTEST_S, seconds));
}
