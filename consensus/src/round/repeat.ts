// What is sent again (consensus 3.6c): on every timeout and connect the own last messages and the
// proof of lock; to a node that is behind, the votes of the round in which it is stuck.
import type { Resend } from '../effect.js';
import type { PeerRef, SignedVote, StatusMessage, Step } from '../input.js';
import {
  type Context,
  type HeightState,
  ownIndex,
  type Polka,
  type PeerProgress,
  type RoundState,
} from './state.js';

/** Neighbours whose progress is remembered. */
const MAX_TRACKED_PEERS = 1024;
/** After so many equal statuses a neighbour gets all votes of its round, not only the own ones. */
const STUCK_AFTER = 3;

const ORDER: Readonly<Record<Step, number>> = {
  idle: 0,
  propose: 1,
  prevote: 2,
  precommit: 3,
  decided: 4,
};

/** The highest prevote quorum known, whether its block was executed here or not. */
function highestPolka(s: HeightState): Polka | undefined {
  let best = s.valid;
  for (const polka of s.polkas.values())
    if (best === undefined || polka.round > best.round) best = polka;
  return best;
}

function certificatesOf(s: HeightState): Resend['certificates'] {
  const out: Resend['certificates'][number][] = [];
  const add = (
    certificateKind: 'commit' | 'committee' | 'proofOfLock',
    certificate: unknown,
  ): void => void out.push({ certificateKind, certificate } as Resend['certificates'][number]);
  if (s.commit !== undefined) add('commit', s.commit);
  for (const polka of new Set([s.valid, highestPolka(s)]))
    if (polka !== undefined) add('proofOfLock', polka.proof);
  const rs = s.rounds.get(s.round);
  if (rs !== undefined && rs.committee.members.size < s.setSize)
    for (const certificate of rs.confirmed.values()) add('committee', certificate);
  return out;
}

/** Own last messages, proofs and status; to everybody unless `to` is given. */
export function resend(
  c: Context,
  s: HeightState,
  to?: { readonly peer: PeerRef; readonly votes: readonly SignedVote[] },
): void {
  const votes = new Set<SignedVote>(to?.votes);
  for (const own of [s.ownPrevote, s.ownPrecommit]) if (own !== undefined) votes.add(own);
  c.out.push({
    kind: 'resend',
    height: s.start.height,
    ...(to === undefined ? {} : { to: to.peer }),
    open: s.sentOpen && s.round === 0,
    ...(s.ownProposal === undefined ? {} : { proposal: s.ownProposal }),
    votes: [...votes],
    certificates: certificatesOf(s),
  });
}

/** Votes of a round that help a node at `step` of it: the own ones, or all if it is stuck. */
function helpfulVotes(s: HeightState, rs: RoundState, at: PeerProgress): readonly SignedVote[] {
  const own = ownIndex(s);
  const stuck = at.repeated >= STUCK_AFTER;
  const wanted = (v: SignedVote | undefined): v is SignedVote =>
    v !== undefined && (stuck || v.validatorIndex === own);
  return [...rs.prevotes.votes, ...rs.precommits.votes].filter(wanted);
}

/** Status of a neighbour at this height: if it is behind, it gets what it lacks. */
export function answerLaggard(c: Context, s: HeightState, status: StatusMessage): void {
  const { peer, round, step } = status;
  const last = s.peers.get(peer);
  const same = last !== undefined && last.round === round && last.step === step;
  const progress = { round, step, repeated: same ? last.repeated + 1 : 1 };
  if (last !== undefined || s.peers.size < MAX_TRACKED_PEERS) s.peers.set(peer, progress);
  const behind = round < s.round || (round === s.round && ORDER[step] < ORDER[s.step]);
  if (!behind || s.step === 'idle') return;
  const rs = s.rounds.get(round);
  resend(c, s, { peer, votes: rs === undefined ? [] : helpfulVotes(s, rs, progress) });
}
