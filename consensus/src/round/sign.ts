// The only file that asks for signatures. What was signed only ever moves forward in (height,
// round, step), here as in the sign-state file (consensus 6.1); a lock is durable before the
// precommit it protects (consensus 3.5a).
import { assert } from '../../../core/src/assert.js';
import type { Hash } from '../../../core/src/hash.js';
import { NIL, PRECOMMIT, PREVOTE } from '../../../core/src/vote.js';
import type { NilReason } from '../effect.js';
import type { SignMark, SignStep } from '../input.js';
import { keyOf } from '../votes/tally.js';
import { type Context, type HeightState, ownIndex, type Polka } from './state.js';

const RANK: Readonly<Record<SignStep, number>> = { proposal: 0, prevote: 1, precommit: 2 };

type Place = Pick<SignMark, 'height' | 'round' | 'step'>;

/** True where `next` comes after everything signed so far. */
function isLater(mark: SignMark | undefined, next: Place): boolean {
  if (mark === undefined || next.height > mark.height) return true;
  if (next.height < mark.height) return false;
  if (next.round !== mark.round) return next.round > mark.round;
  return RANK[next.step] > RANK[mark.step];
}

export function maySign(c: Context, s: HeightState, step: SignStep): boolean {
  if (s.alarmed || s.start.own === undefined) return false;
  if (step !== 'proposal' && ownIndex(s) === undefined) return false;
  return isLater(c.mark, { height: s.start.height, round: s.round, step });
}

function advanceMark(c: Context, s: HeightState, step: SignStep, blockHash: Uint8Array): void {
  const next = { height: s.start.height, round: s.round, step, blockHash };
  assert(isLater(c.mark, next), 'signatures only move forward');
  c.mark = next;
}

function noteRefusal(c: Context, s: HeightState, code: NilReason): void {
  const step = s.step === 'precommit' ? PRECOMMIT : PREVOTE;
  const proposed = s.rounds.get(s.round)?.proposal?.message.header.hash;
  s.lastRefusal = { round: s.round, code };
  c.out.push({
    kind: 'noteRefusal',
    height: s.start.height,
    round: s.round,
    step,
    code,
    ...(proposed === undefined ? {} : { blockHash: proposed }),
  });
}

/** Ends the propose step: for the block, or nil with the reason. */
export function castPrevote(c: Context, s: HeightState, choice: Hash | NilReason): void {
  assert(s.step === 'propose', 'one prevote a round');
  s.step = 'prevote';
  if (typeof choice === 'string') noteRefusal(c, s, choice);
  if (!maySign(c, s, 'prevote')) return;
  const blockHash = typeof choice === 'string' ? NIL : choice;
  advanceMark(c, s, 'prevote', blockHash);
  const { height } = s.start;
  c.out.push({ kind: 'signVote', step: PREVOTE, height, round: s.round, blockHash });
}

export function castNilPrecommit(c: Context, s: HeightState, why: NilReason): void {
  assert(s.step === 'prevote', 'one precommit a round');
  s.step = 'precommit';
  noteRefusal(c, s, why);
  if (!maySign(c, s, 'precommit')) return;
  advanceMark(c, s, 'precommit', NIL);
  const { height } = s.start;
  c.out.push({ kind: 'signVote', step: PRECOMMIT, height, round: s.round, blockHash: NIL });
}

/** Locks the block of a prevote quorum of this round and precommits it. */
export function lockAndPrecommit(c: Context, s: HeightState, polka: Polka): void {
  assert(s.step === 'prevote' && polka.round === s.round, 'a quorum of this round');
  assert(s.blocks.get(polka.key)?.verdict?.valid, 'nobody locks what it has not executed (3.4a)');
  s.step = 'precommit';
  if (!maySign(c, s, 'precommit')) return;
  const { height } = s.start;
  const blockHash = polka.hash;
  s.lock = { height, round: s.round, blockHash, proof: polka.proof };
  c.out.push({ kind: 'persistLock', lock: s.lock });
  advanceMark(c, s, 'precommit', blockHash);
  c.out.push({ kind: 'signVote', step: PRECOMMIT, height, round: s.round, blockHash });
}

/** Proposes a block: fresh, or the valid value with its proof of lock. */
export function signProposal(c: Context, s: HeightState, block: Hash | Polka): void {
  if (!maySign(c, s, 'proposal')) return;
  const { height } = s.start;
  const fresh = block instanceof Uint8Array;
  const blockHash = fresh ? block : block.hash;
  advanceMark(c, s, 'proposal', blockHash);
  const validRound = fresh ? 0 : block.round + 1;
  assert(validRound <= s.round, 'a valid value is of an earlier round');
  s.ownProposal = { round: s.round, validRound, blockHash };
  c.out.push({
    kind: 'signProposal',
    height,
    round: s.round,
    validRound,
    blockHash,
    ...(fresh ? {} : { proofOfLock: block.proof }),
  });
}

/** True where the lock forbids a prevote for the block, proven at `validRound` (-1: fresh). */
export const lockForbids = (s: HeightState, key: string, validRound: number): boolean =>
  s.lock !== undefined && keyOf(s.lock.blockHash) !== key && s.lock.round > validRound;
