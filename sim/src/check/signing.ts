// Invariant I21 (reliability 4.2) and the order of effects: over all lives of a node no two values
// for one (height, round, step), and what protects a signature is durable before it leaves.
import { equalBytes } from '../../../core/src/bytes.js';
import { PREVOTE, signersOf } from '../../../core/src/vote.js';
import type { SignedVote } from '../../../consensus/src/input.js';
import type { ToyBlock } from '../application.js';
import type { Disk } from '../disk.js';
import { isSameMark } from '../signer.js';
import { type LockSlots, type SignedProposal, type SignStateRecord, Violation } from '../watch.js';
import type { World } from '../world.js';
import { hashName } from './ledger.js';

export interface SigningCheck {
  vote(node: number, vote: SignedVote): void;
  proposal(node: number, proposal: SignedProposal): void;
  publishes(node: number, vote: SignedVote, disk: Disk): void;
}

export function createSigningCheck(world: World): SigningCheck {
  const signed = new Map<string, string>();
  const once = (name: string, value: string): void => {
    const before = signed.get(name);
    if (before !== undefined && before !== value)
      throw new Violation('double signing', `${name}: ${before} and ${value}`);
    signed.set(name, value);
  };
  return {
    vote(node, v) {
      const hash = hashName(v.blockHash) || 'nil';
      once(`node ${node} height ${v.height} round ${v.round} step ${v.step}`, hash);
    },
    proposal(node, p) {
      const value = `${hashName(p.blockHash)} valid round ${p.validRound}`;
      once(`node ${node} height ${p.height} round ${p.round} proposal`, value);
    },
    publishes(node, vote, disk) {
      checkSignState(node, vote, disk);
      if (vote.step !== PREVOTE && vote.blockHash.length > 0) checkLock(world, node, vote, disk);
    },
  };
}

function checkSignState(node: number, vote: SignedVote, disk: Disk): void {
  const { height, round, blockHash } = vote;
  const step = vote.step === PREVOTE ? 'prevote' : 'precommit';
  const marks = disk.durable<SignStateRecord>('signState')?.marks ?? [];
  if (!marks.some((mark) => isSameMark(mark, { height, round, step, blockHash })))
    throw new Violation('durable before published', `node ${node}: ${step} of ${height}/${round}`);
}

/** Consensus 3.5a: the record, its proof and the bytes, unless a later lock took its place. */
function checkLock(world: World, node: number, vote: SignedVote, disk: Disk): void {
  const slots = disk.durable<LockSlots>('lock')?.slots ?? [];
  const [lock] = slots;
  const block = disk.durable<ToyBlock>('lockBlock');
  const isLater = lock !== undefined && lock.height === vote.height && lock.round > vote.round;
  if (isLater) return;
  const good =
    lock !== undefined &&
    lock.height === vote.height &&
    lock.round === vote.round &&
    equalBytes(lock.blockHash, vote.blockHash) &&
    (signersOf(lock.proof, world.set.length)?.length ?? 0) >= world.quorum &&
    block !== undefined &&
    equalBytes(block.header.hash, vote.blockHash);
  if (!good)
    throw new Violation('lock before precommit', `node ${node}: ${vote.height}/${vote.round}`);
}
