// What a run tells its checkers, and what a checker says when it finds something. The checkers sit
// outside the machine and its shell and believe nothing that they have not seen themselves.
import type { Hash } from '../../core/src/hash.js';
import type { Certificate } from '../../core/src/vote.js';
import type { LockRecord, SignedVote, SignMark } from '../../consensus/src/input.js';
import type { Disk } from './disk.js';
import type { ChainEntry } from './messages.js';

/** A promise of the consensus that this run broke. */
export class Violation extends Error {
  override name = 'Violation';
  readonly rule: string;

  constructor(rule: string, detail: string) {
    super(`${rule}: ${detail}`);
    this.rule = rule;
  }
}

export interface SignedProposal {
  readonly height: bigint;
  readonly round: number;
  readonly validRound: number;
  readonly blockHash: Hash;
}

/** Calls in the order in which things happen. Only honest nodes are watched. */
export interface Watch {
  signedVote(node: number, vote: SignedVote): void;
  signedProposal(node: number, proposal: SignedProposal): void;
  /** Directly before a vote leaves; `disk` is that of the node. */
  publishesVote(node: number, vote: SignedVote, disk: Disk): void;
  executed(node: number, hash: Hash, valid: boolean): void;
  confirmed(node: number, certificate: Certificate): void;
  /** A block became final at a node, by its own machine or by sync. */
  appended(node: number, entry: ChainEntry): void;
  /** A node saw two votes of one validator for one round and step. */
  equivocation(node: number, validator: number): void;
  alarm(node: number, what: string): void;
}

/** Records on the disk of a simulated node. */
export interface SignStateRecord {
  /** Newest first, at most two. */
  readonly marks: readonly SignMark[];
}
export interface LockSlots {
  /** Newest first, at most two. */
  readonly slots: readonly LockRecord[];
}
