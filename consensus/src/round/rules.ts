// The rules of Tendermint (arXiv 1807.04938) over the whole set, behind the gate of the committee
// (consensus 3.2 to 3.5). `advance` applies them until none fires; line numbers are the paper's.
import type { Hash } from '../../../core/src/hash.js';
import type { NilReason } from '../effect.js';
import type { TimeoutElapsed } from '../input.js';
import { countFor, keyOf, NIL_KEY } from '../votes/tally.js';
import { adoptValidValue, provenRound } from './blocks.js';
import { resend } from './repeat.js';
import { enterRound, jumpIfLeftBehind, scheduleRound } from './rounds.js';
import { castNilPrecommit, castPrevote, lockAndPrecommit, lockForbids } from './sign.js';
import {
  type Context,
  currentRound,
  type HeightState,
  isInvalid,
  isValid,
  ownIndex,
  type Proposal,
  type RoundState,
} from './state.js';

/** Applies every rule that holds, until none does. */
export function advance(c: Context, s: HeightState): void {
  for (;;) {
    adoptValidValue(s);
    if (decide(c, s) || s.step === 'idle') return;
    if (jumpIfLeftBehind(c, s)) continue;
    if (prevote(c, s) || precommit(c, s) || nextRound(c, s)) continue;
    return armQuorumTimers(c, s);
  }
}

/**
 * Line 49: a precommit quorum of any round and an own execution. True when nothing is left to do.
 */
function decide(c: Context, s: HeightState): boolean {
  if (s.step === 'decided') return true;
  const { commit } = s;
  if (commit === undefined || s.alarmed) return false;
  const key = keyOf(commit.blockHash);
  const { height } = s.start;
  if (isInvalid(s, key)) {
    s.alarmed = true;
    c.out.push({ kind: 'alarm', what: 'certifiedInvalid', height, certificates: [commit] });
    return false;
  }
  if (!isValid(s, key)) return false;
  s.step = 'decided';
  if (isCompletedHere(s, commit.round))
    c.out.push({ kind: 'publishCertificate', certificateKind: 'commit', certificate: commit });
  const blockHash = commit.blockHash as Hash;
  c.out.push({ kind: 'decide', height, round: commit.round, blockHash, certificate: commit });
  return true;
}

/**
 * The proposer of the deciding round hands its certificate to those who only follow; everybody else
 * counted the same precommits, and who missed some asks by its status.
 */
const isCompletedHere = (s: HeightState, round: number): boolean =>
  s.ownProposal !== undefined && s.ownProposal.round === round;

/** Lines 22 and 28: ends the propose step once the proposal can be judged. */
function prevote(c: Context, s: HeightState): boolean {
  if (s.step !== 'propose') return false;
  const rs = currentRound(s);
  const choice = prevoteChoice(s, rs);
  if (choice instanceof Uint8Array) castPrevote(c, s, choice);
  else if (choice.final || quorumSpoke(s, rs)) castPrevote(c, s, choice.why);
  else return false;
  return true;
}

interface NotYet {
  /** Nothing that may still come changes it: nil at once. */
  readonly final: boolean;
  readonly why: NilReason;
}
const no = (why: NilReason): NotYet => ({ final: true, why });
const wait = (why: NilReason): NotYet => ({ final: false, why });

/** The block to prevote, or why not (yet). */
function prevoteChoice(s: HeightState, rs: RoundState): Hash | NotYet {
  const { proposal } = rs;
  if (proposal === undefined) return wait('NO_PROPOSAL');
  if (proposal.refusal !== undefined) return no(proposal.refusal);
  const { key, message } = proposal;
  if (isInvalid(s, key)) return no(s.blocks.get(key)?.verdict?.code ?? 'BAD_BLOCK');
  const proven = provenRound(s, key, s.round);
  if (message.validRound > 0 && proven < 0) return wait('NO_PROPOSAL');
  if (lockForbids(s, key, proven)) return no('LOCKED');
  return gateChoice(s, rs, { proposal, proven });
}

/** Members vote after full execution; others once the committee, or an earlier quorum, vouches. */
function gateChoice(
  s: HeightState,
  rs: RoundState,
  on: { readonly proposal: Proposal; readonly proven: number },
): Hash | NotYet {
  const { key, message } = on.proposal;
  const own = ownIndex(s);
  const isMember = own !== undefined && rs.committee.members.has(own);
  if (isMember) return isValid(s, key) ? message.header.hash : wait('EXECUTING');
  const vouched = rs.confirmed.has(key) || on.proven >= 0;
  return vouched ? message.header.hash : wait('NO_CERTIFICATE');
}

/**
 * The round has spoken: a nil quorum, or a prevote quorum whose block was executed here. Waiting
 * longer for a proposal could change nothing, and the precommit waits for this prevote.
 */
const quorumSpoke = (s: HeightState, rs: RoundState): boolean =>
  countFor(rs.prevotes, NIL_KEY) >= s.quorum ||
  (rs.polka !== undefined && isValid(s, rs.polka.key));

/** Lines 36 and 44. */
function precommit(c: Context, s: HeightState): boolean {
  if (s.step !== 'prevote') return false;
  const rs = currentRound(s);
  if (rs.polka !== undefined && isValid(s, rs.polka.key)) lockAndPrecommit(c, s, rs.polka);
  else if (countFor(rs.prevotes, NIL_KEY) >= s.quorum) castNilPrecommit(c, s, 'NO_QUORUM_SEEN');
  else return false;
  return true;
}

/** A nil precommit quorum: nothing can be decided in this round any more. */
function nextRound(c: Context, s: HeightState): boolean {
  if (countFor(currentRound(s).precommits, NIL_KEY) < s.quorum) return false;
  enterRound(c, s, s.round + 1);
  return true;
}

/** Lines 34 and 47: a quorum of any votes starts the timeout of the step, once a round. */
function armQuorumTimers(c: Context, s: HeightState): void {
  const rs = currentRound(s);
  const prevoted = rs.prevotes.total >= s.quorum || rs.polka !== undefined;
  if (s.step === 'prevote' && prevoted && !rs.prevoteTimer) {
    rs.prevoteTimer = true;
    scheduleRound(c, s, 'prevote');
  }
  if (rs.precommits.total >= s.quorum && !rs.precommitTimer) {
    rs.precommitTimer = true;
    scheduleRound(c, s, 'precommit');
  }
}

/** Lines 57 to 65: the timeout of a step, if the machine is still in it. */
export function onRoundTimeout(c: Context, s: HeightState, timeout: TimeoutElapsed): void {
  if (timeout.round !== s.round || s.step === 'idle' || s.step === 'decided') return;
  const rs = currentRound(s);
  if (timeout.timer === 'propose' && s.step === 'propose') {
    resend(c, s);
    const choice = prevoteChoice(s, rs);
    castPrevote(c, s, choice instanceof Uint8Array ? choice : choice.why);
  } else if (timeout.timer === 'prevote' && s.step === 'prevote') {
    resend(c, s);
    castNilPrecommit(c, s, rs.polka === undefined ? 'NO_QUORUM_SEEN' : 'EXECUTING');
  } else if (timeout.timer === 'precommit' && rs.precommitTimer) {
    resend(c, s);
    enterRound(c, s, s.round + 1);
  }
}
