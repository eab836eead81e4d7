// Reputation (market-reputation 1.5, formula 4), penalties, ranking and grades. From counters of
// closed periods; how they come about (ratings, contracts, rounds) is told by the caller.
import type { WattHour } from '../../../core/src/amount.js';
import { assert } from '../../../core/src/assert.js';

const PPM = 1_000_000n;
const NEUTRAL_PPM = 500_000n;

/** Counters of one node in one delivery period that has entered the window. */
export interface PeriodCounters {
  /** Good ratings received. */
  readonly good: number;
  /** Contracts that became ACTIVE. */
  readonly deals: number;
  /** Deals bid for. */
  readonly bids: number;
  /** Matched contracts not signed, or not confirmed. */
  readonly unsigned: number;
}

export interface PeriodFacts {
  readonly good: number;
  readonly deals: number;
  readonly unsigned: number;
  /** Bidding rounds in which its quote stood; 0: no valid reveal. */
  readonly standingRounds: number;
}

/** The entry of a closed period; undefined without a valid reveal. */
export function countersOf(facts: PeriodFacts): PeriodCounters | undefined {
  const { good, deals, unsigned, standingRounds } = facts;
  if (standingRounds === 0) return undefined;
  return { good, deals, unsigned, bids: Math.max(deals, standingRounds) };
}

export interface PenaltyRules {
  /** Per period with bids and without a deal, ppm. */
  readonly graceUnmatched: bigint;
  /** Per contract not signed or not confirmed, ppm. */
  readonly graceUnsigned: bigint;
}

/** Deductions of the periods in the window, ppm. */
export function penaltiesOf(window: readonly PeriodCounters[], rules: PenaltyRules): bigint {
  return window.reduce((sum, { deals, bids, unsigned }) => {
    const unmatched = bids > 0 && deals === 0 ? rules.graceUnmatched : 0n;
    return sum + unmatched + BigInt(unsigned) * rules.graceUnsigned;
  }, 0n);
}

/** R in ppm, 0..1000000. `window`: the last closed periods, at most as many as `window` says. */
export function reputationOf(window: readonly PeriodCounters[], penaltiesPpm: bigint): bigint {
  let [good, deals, bids] = [0n, 0n, 0n];
  for (const entry of window) {
    assert(
      entry.good >= 0 && entry.good <= entry.deals && entry.deals <= entry.bids,
      '0 <= good <= deals <= bids',
    );
    good += BigInt(entry.good);
    deals += BigInt(entry.deals);
    bids += BigInt(entry.bids);
  }
  const ratio = (part: bigint, whole: bigint): bigint =>
    whole === 0n ? NEUTRAL_PPM : (part * PPM) / whole;
  const earned = bids === 0n ? NEUTRAL_PPM : (ratio(good, deals) + ratio(deals, bids)) / 2n;
  const rest = earned - penaltiesPpm;
  return rest < 0n ? 0n : rest > PPM ? PPM : rest;
}

const GOOD_FROM_PERCENT = 95n;

/** Whether a deal counts as good: the rating, and where the other side was silent its delivery. */
export function isGood(
  rating: boolean | undefined,
  { deliveredWh, contractWh }: { readonly deliveredWh: WattHour; readonly contractWh: WattHour },
): boolean {
  return rating ?? deliveredWh * 100n >= contractWh * GOOD_FROM_PERCENT;
}

/** Percent of the ranking, from the top. */
export const GRADES = [10, 30, 60, 100] as const;
export type Grade = (typeof GRADES)[number];

export interface Ranked {
  /** Ppm. */
  readonly reputation: bigint;
  /** Place of registration; the earlier one ranks first on equal reputation. */
  readonly registered: number;
}

/** Indices in order of rank. Nodes come in the order of their ids, the last tie-break. */
export function rankingOf(nodes: readonly Ranked[]): readonly number[] {
  const at = (index: number): Ranked => nodes[index] as Ranked;
  return nodes
    .map((_, index) => index)
    .sort((i, j) => {
      const [a, b] = [at(i), at(j)];
      if (a.reputation !== b.reputation) return a.reputation > b.reputation ? -1 : 1;
      return a.registered - b.registered || i - j;
    });
}

/** By node: the smallest g in 10, 30, 60, 100 percent with position <= ceil(g n / 100). */
export function gradesOf(nodes: readonly Ranked[]): readonly Grade[] {
  const grades = Array<Grade>(nodes.length).fill(100);
  for (const [place, index] of rankingOf(nodes).entries())
    grades[index] = GRADES.find((g) => place + 1 <= Math.ceil((g * nodes.length) / 100)) ?? 100;
  return grades;
}
