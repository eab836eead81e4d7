// Intake of single votes: counting, the slots of far rounds, prevote and commit quorums, and the
// committee certificate that the last of a committee's votes completes (consensus 3.3, 3.6d, 3a.3).
import { assert, present } from '../../../core/src/assert.js';
import type { Hash } from '../../../core/src/hash.js';
import { PREVOTE } from '../../../core/src/vote.js';
import type { SignedVote } from '../input.js';
import { addVote, type Group, NIL_KEY, packGroup } from '../votes/tally.js';
import { nameBlock } from './blocks.js';
import { noteCommit, noteConfirmed, noteProof } from './quorums.js';
import { type Context, type HeightState, inWindow, ownIndex, roundOf } from './state.js';

/** A verified vote of this height. */
export function takeVote(c: Context, s: HeightState, vote: SignedVote): void {
  assert(vote.validatorIndex < s.setSize, 'a place of the set');
  s.heard.add(vote.validatorIndex);
  noteFurthest(s, vote);
  if (vote.validatorIndex === ownIndex(s)) noteOwn(s, vote);
  if (inWindow(s, vote.round)) countVote(c, s, vote);
}

/** Keeps the highest round seen of the validator, and the votes it cast there. */
function noteFurthest(s: HeightState, vote: SignedVote): void {
  const slot = present(s.furthest[vote.validatorIndex], 'one slot per validator');
  if (vote.round < slot.round) return;
  if (vote.round > slot.round) {
    slot.round = vote.round;
    delete slot.prevote;
    delete slot.precommit;
    if (vote.round > s.round) s.jumpCheck = true;
  }
  if (vote.step === PREVOTE) slot.prevote ??= vote;
  else slot.precommit ??= vote;
}

function noteOwn(s: HeightState, vote: SignedVote): void {
  const last = vote.step === PREVOTE ? s.ownPrevote : s.ownPrecommit;
  if (last !== undefined && last.round > vote.round) return;
  if (vote.step === PREVOTE) s.ownPrevote = vote;
  else s.ownPrecommit = vote;
}

/** Counts a vote of a round in the window, and acts on what it completes. */
export function countVote(c: Context, s: HeightState, vote: SignedVote): void {
  const rs = roundOf(s, vote.round);
  const tally = vote.step === PREVOTE ? rs.prevotes : rs.precommits;
  const isMember = vote.step === PREVOTE && rs.committee.members.has(vote.validatorIndex);
  const added = addVote(tally, vote, isMember);
  if (added.outcome === 'conflict') accuse(c, s, added.first, vote);
  if (added.outcome !== 'counted') return;
  const { group } = added;
  if (group.key === NIL_KEY) return;
  if (group.count >= s.oneHonest) nameBlock(c, s, group.hash as Hash);
  if (vote.step === PREVOTE) onPrevotes(c, s, { round: vote.round, group });
  else if (group.count === s.quorum) noteCommit(c, s, packGroup(tally, group));
}

function onPrevotes(
  c: Context,
  s: HeightState,
  at: { readonly round: number; readonly group: Group },
): void {
  const { group, round } = at;
  const rs = roundOf(s, round);
  const { committee } = rs;
  if (group.committeeCount === committee.quorum && !rs.confirmed.has(group.key))
    noteConfirmed(c, s, packGroup(rs.prevotes, group, committee.members));
  if (group.count === s.quorum) noteProof(c, s, packGroup(rs.prevotes, group));
}

/** Two different votes for one round and step; reported once per validator and height. */
function accuse(c: Context, s: HeightState, first: SignedVote, second: SignedVote): void {
  if (s.accused.has(first.validatorIndex)) return;
  s.accused.add(first.validatorIndex);
  c.out.push({ kind: 'equivocation', first, second });
}
