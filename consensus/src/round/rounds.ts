// Entering rounds: the first at the opening, the next after a nil quorum or a timeout, a far one
// when f+1 validators are there or beyond (consensus 3.6d). The proposer of the round acts here.
import { assert, present } from '../../../core/src/assert.js';
import { timeoutMs } from '../timeouts.js';
import type { TimerName } from '../input.js';
import { resend } from './repeat.js';
import { maySign, signProposal } from './sign.js';
import {
  type Context,
  growth,
  type HeightState,
  inWindow,
  isOwnKey,
  proposerAt,
  ROUNDS_BEHIND,
} from './state.js';
import { countVote } from './votes.js';

export function schedule(c: Context, s: HeightState, timer: TimerName, afterMs: number): void {
  const { height } = s.start;
  c.out.push({ kind: 'schedule', timer, height, round: s.round, afterMs });
}

/** Timer of the current round, grown by the rounds entered (consensus 3.6b). */
export const scheduleRound = (
  c: Context,
  s: HeightState,
  timer: 'propose' | 'prevote' | 'precommit' | 'repeat',
): void => schedule(c, s, timer, timeoutMs(s.start.timing, timer, growth(s)));

/** The timer that repeats what was sent (consensus 3.6c); one at a time. */
export function armRepeat(c: Context, s: HeightState): void {
  if (s.repeatTimer) return;
  s.repeatTimer = true;
  schedule(c, s, 'repeat', timeoutMs(s.start.timing, 'repeat', growth(s)));
}

/** Proposes if it is this node's turn: the valid value if there is one, else a new block. */
function proposeIfDue(c: Context, s: HeightState): void {
  // A commit certificate whose block is not here yet: the height is as good as decided.
  if (s.commit !== undefined) return;
  if (!isOwnKey(s, proposerAt(s, s.round)) || !maySign(c, s, 'proposal')) return;
  if (s.valid !== undefined)
    return s.valid.round < s.round ? signProposal(c, s, s.valid) : undefined;
  s.building = s.round;
  c.out.push({
    kind: 'build',
    height: s.start.height,
    round: s.round,
    ids: [...s.waitingIds.values()],
  });
}

export function enterRound(c: Context, s: HeightState, round: number): void {
  assert(s.step !== 'decided' && (round > s.round || s.step === 'idle'), 'rounds go forward');
  s.round = round;
  s.step = 'propose';
  s.roundsEntered += 1;
  for (const known of s.rounds.keys()) if (known < round - ROUNDS_BEHIND) s.rounds.delete(known);
  scheduleRound(c, s, 'propose');
  armRepeat(c, s);
  takeFurthest(c, s);
  proposeIfDue(c, s);
}

/** Votes that waited in the slots of far rounds count now, if their round came into the window. */
function takeFurthest(c: Context, s: HeightState): void {
  for (const slot of s.furthest) {
    for (const vote of [slot.prevote, slot.precommit])
      if (vote !== undefined && vote.round >= s.round && inWindow(s, vote.round))
        countVote(c, s, vote);
  }
}

/** The highest round that f+1 validators have reached, by the votes seen of them. */
function reachedByOneHonest(s: HeightState): number {
  const rounds = s.furthest.map((slot) => slot.round).sort((a, b) => b - a);
  return present(rounds[s.oneHonest - 1], 'f + 1 is at most the size of the set');
}

/** Jumps to a round where f+1 validators are or beyond, and asks for what was said there. */
export function jumpIfLeftBehind(c: Context, s: HeightState): boolean {
  if (!s.jumpCheck) return false;
  s.jumpCheck = false;
  const round = reachedByOneHonest(s);
  if (round <= s.round) return false;
  enterRound(c, s, round);
  // Its status tells the others that it is behind; they answer with their votes and proofs.
  resend(c, s);
  return true;
}
