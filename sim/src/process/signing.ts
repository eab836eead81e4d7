// Effects that sign or lock: sign-state and lock are durable before anything leaves (consensus
// 3.5a, 6.1). Every step is a point at which the process may die.
import { present } from '../../../core/src/assert.js';
import { PREVOTE } from '../../../core/src/vote.js';
import type { SignOpen, SignProposal, SignVote } from '../../../consensus/src/effect.js';
import type { LockRecord, SignedVote, SignMark } from '../../../consensus/src/input.js';
import type { ProposalWire } from '../messages.js';
import { mayLeave } from '../signer.js';
import type { LockSlots } from '../watch.js';
import { blockOf, broadcast, clockOf, type Life } from './life.js';

function isAllowed(life: Life, mark: SignMark): boolean {
  const { disk, crashPoint, quirks, coverage } = life.needs;
  if (mayLeave({ disk, point: crashPoint, syncs: quirks.syncs ?? true }, mark)) return true;
  coverage.count('refusedBySignState');
  return false;
}

export function signVote(life: Life, e: SignVote): void {
  const { ring, index, watch, disk, crashPoint } = life.needs;
  const { step, height, round, blockHash } = e;
  const name = step === PREVOTE ? 'prevote' : 'precommit';
  if (!isAllowed(life, { height, round, step: name, blockHash })) return;
  const validatorIndex = present(life.own.index, 'voters have a place');
  const subject = { height, round, hash: blockHash, validRound: 0 };
  const signature = ring.sign({ kind: name, signer: life.key, ...subject });
  const vote: SignedVote = { step, height, round, blockHash, validatorIndex, signature };
  watch.signedVote(index, vote);
  watch.publishesVote(index, vote, disk);
  broadcast(life, { type: 'vote', vote });
  crashPoint(name === 'prevote' ? 'afterPrevoteSent' : 'afterPrecommitSent');
  life.feed({ kind: 'vote', vote });
}

export function signProposal(life: Life, e: SignProposal): void {
  const { ring, index, watch, coverage, crashPoint } = life.needs;
  const { height, round, validRound, blockHash } = e;
  if (!isAllowed(life, { height, round, step: 'proposal', blockHash })) return;
  const block = present(blockOf(life, blockHash), 'a proposer holds its block');
  watch.signedProposal(index, { height, round, validRound, blockHash });
  const wire: ProposalWire = {
    type: 'proposal',
    height,
    round,
    validRound,
    header: block.header,
    signer: life.key,
    signature: ring.sign({
      kind: 'proposal',
      signer: life.key,
      height,
      round,
      hash: blockHash,
      validRound,
    }),
    ...(e.proofOfLock === undefined ? {} : { proofOfLock: e.proofOfLock }),
  };
  if (validRound > 0) coverage.count('reproposed');
  life.ownProposals.set(round, wire);
  broadcast(life, wire);
  broadcast(life, { type: 'block', block });
  crashPoint('afterProposalSent');
  takeProposal(life, wire);
}

/** A proposal from outside, or the own one. */
export function takeProposal(life: Life, m: ProposalWire): void {
  const { ring } = life.needs;
  const { height, round, validRound, header, proofOfLock } = m;
  const signer = life.machine.proposer(height, round) ?? header.proposer;
  if (!ring.isProposal(m, signer)) return;
  if (proofOfLock !== undefined && !ring.isCertificate(proofOfLock)) return;
  const proof = proofOfLock === undefined ? {} : { proofOfLock };
  const message = { kind: 'proposal', height, round, validRound, header, ...proof } as const;
  life.feed({ ...message, signer, chainNowMs: clockOf(life) });
}

export function signOpen(life: Life, e: SignOpen): void {
  const { height, ids } = e;
  const validatorIndex = present(life.own.index, 'voters open');
  life.openIds = ids;
  life.needs.coverage.count('opens');
  broadcast(life, { type: 'open', height, validatorIndex, ids });
  life.feed({ kind: 'open', height, validatorIndex, ids });
}

export function persistLock(life: Life, lock: LockRecord): void {
  const { disk, crashPoint, coverage } = life.needs;
  const slots = disk.read<LockSlots>('lock')?.slots ?? [];
  crashPoint('beforeLock');
  disk.write('lock', { slots: [lock, ...slots].slice(0, 2) } satisfies LockSlots);
  disk.write('lockBlock', present(blockOf(life, lock.blockHash), 'executed blocks are at hand'));
  crashPoint('beforeLockSync');
  disk.sync('lock');
  disk.sync('lockBlock');
  crashPoint('afterLockSync');
  coverage.count('locks');
}
