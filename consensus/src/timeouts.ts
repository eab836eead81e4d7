// How long to wait in a round (consensus 3.6b). Growth counts the rounds of the height that this
// process has entered, not the round number: a node that jumps far is not punished with long waits.
import { assert } from '../../core/src/assert.js';
import type { Timing } from './input.js';

/** Rounds for which timeoutCapMs holds; then the cap doubles every CAP_DOUBLING rounds. */
const CAP_ROUNDS = 20;
const CAP_DOUBLING = 10;
const CAP_LIMIT_MS = 300_000;

/** Longest timeout after `entered` earlier rounds, wall ms. */
export function timeoutCap(timing: Timing, entered: number): number {
  if (entered < CAP_ROUNDS) return timing.timeoutCapMs;
  const doublings = 1 + Math.floor((entered - CAP_ROUNDS) / CAP_DOUBLING);
  return Math.min(CAP_LIMIT_MS, timing.timeoutCapMs * 2 ** Math.min(doublings, 16));
}

/** Timeout of a round, `entered` rounds after the first of this height; wall ms. */
export function timeoutMs(
  timing: Timing,
  timer: 'propose' | 'prevote' | 'precommit' | 'repeat',
  entered: number,
): number {
  assert(entered >= 0, 'rounds entered');
  const base = timer === 'propose' ? timing.proposeTimeoutMs : timing.voteTimeoutMs;
  return Math.min(base + timing.timeoutGrowthMs * entered, timeoutCap(timing, entered));
}
