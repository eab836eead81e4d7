// A process starts again inside a height (consensus 3.6e, 3.7d): in the round and step of its
// sign-state, with its lock, and with what it had signed sent once more, because nobody may have
// got it and a lost vote that cannot be repeated can stop the height. Timers are never restored.
import { assert } from '../../core/src/assert.js';
import type { Hash } from '../../core/src/hash.js';
import { PRECOMMIT, PREVOTE } from '../../core/src/vote.js';
import type { LockRecord, Resume, SignMark } from './input.js';
import { open } from './opening.js';
import { nameBlock } from './round/blocks.js';
import { resend } from './round/repeat.js';
import { type Context, type HeightState, ownIndex } from './round/state.js';
import { keyOf } from './votes/tally.js';

export function takeResume(c: Context, s: HeightState, resume: Resume): void {
  assert(s.step === 'idle', 'resume follows the first startHeight');
  const [newest] = resume.signed;
  if (newest !== undefined) c.mark = newest;
  c.resume = resume;
  continueHeight(c, s, resume);
}

/**
 * A node whose chain was behind its sign-state (its database was lost, say) comes to the height of
 * its lock by sync only: the lock holds there as if it had just restarted.
 */
export function resumeLater(c: Context, s: HeightState): void {
  const { resume } = c;
  const { height } = s.start;
  if (resume === undefined) return;
  if (resume.lock?.height === height || resume.signed.some((mark) => mark.height === height))
    continueHeight(c, s, resume);
}

function continueHeight(c: Context, s: HeightState, resume: Resume): void {
  const { height } = s.start;
  const [newest] = resume.signed;
  if (resume.lock?.height === height) restoreLock(c, s, resume.lock);
  const here = newest?.height === height ? newest : undefined;
  open(c, s, here?.round ?? 0);
  if (here !== undefined && here.step !== 'proposal') s.step = here.step;
  for (const mark of [...resume.signed].reverse())
    if (mark.height === height) signAgain(c, s, mark);
  resend(c, s);
}

/** The locked block was executed before it was locked; it is executed again to be at hand. */
function restoreLock(c: Context, s: HeightState, lock: LockRecord): void {
  const { blockHash, round, proof } = lock;
  assert(proof.round === round, 'the proof of lock is of its round');
  s.lock = lock;
  s.valid = { round, key: keyOf(blockHash), hash: blockHash as Hash, proof };
  nameBlock(c, s, blockHash);
}

/** Equal bytes may be sent again (consensus 6.1). A proposal is not: its bytes are gone. */
function signAgain(c: Context, s: HeightState, mark: SignMark): void {
  if (mark.step === 'proposal' || ownIndex(s) === undefined) return;
  const { height, round, blockHash } = mark;
  const step = mark.step === 'prevote' ? PREVOTE : PRECOMMIT;
  c.out.push({ kind: 'signVote', step, height, round, blockHash });
}
