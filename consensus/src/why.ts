// What the machine waits for, in terms an operator can act on (`why`): which votes are missing, of
// whom, and what this node last refused.
import type { Snapshot, WaitsFor, Why } from './port.js';
import type { HeightState, RoundState } from './round/state.js';
import type { Tally } from './votes/tally.js';

export const snapshotOf = (s: HeightState): Snapshot => ({
  height: s.start.height,
  round: s.round,
  step: s.step,
  lockRound: s.lock === undefined ? 0 : s.lock.round + 1,
  ...(s.lock === undefined ? {} : { lockedHash: s.lock.blockHash }),
  validRound: s.valid === undefined ? 0 : s.valid.round + 1,
  roundsEntered: s.roundsEntered,
});

function waitsInPropose(s: HeightState, rs: RoundState | undefined): WaitsFor {
  if (s.building === s.round && s.ownProposal?.round !== s.round) return 'build';
  const key = rs?.proposal?.key;
  if (key === undefined) return 'proposal';
  return s.blocks.get(key)?.verdict === undefined ? 'execution' : 'committeeCertificate';
}

function waitsFor(s: HeightState, rs: RoundState | undefined): WaitsFor {
  if (s.step === 'decided') return 'apply';
  if (s.commit !== undefined) return 'block';
  if (s.step === 'idle') return s.hasReason && !s.minBlockPassed ? 'minBlock' : 'work';
  if (s.step === 'propose') return waitsInPropose(s, rs);
  return s.step === 'prevote' ? 'prevotes' : 'precommits';
}

const missingOf = (tally: Tally | undefined): number[] =>
  (tally?.votes ?? []).flatMap((vote, i) => (vote === undefined ? [i] : []));

export function whyOf(s: HeightState): Why {
  const rs = s.rounds.get(s.round);
  const tally = s.step === 'precommit' ? rs?.precommits : rs?.prevotes;
  return {
    ...snapshotOf(s),
    waitsFor: waitsFor(s, rs),
    votes: tally?.total ?? 0,
    quorum: s.quorum,
    missing: s.step === 'idle' || s.step === 'decided' ? [] : missingOf(tally),
    committee: rs?.committee.order ?? [],
    ...(s.lastRefusal === undefined ? {} : { lastRefusal: s.lastRefusal }),
    alarmed: s.alarmed,
  };
}
