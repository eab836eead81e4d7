// The face of the machine: what a shell may call. `handle` is the only one that changes anything;
// the rest are questions, so that a shell can drop what is not wanted before it verifies it.
import type { Hash } from '../../core/src/hash.js';
import type { PublicKey } from '../../core/src/ids.js';
import type { BlockHashOrNil, VoteStep } from '../../core/src/vote.js';
import type { Effect, NilReason } from './effect.js';
import type { CertificateKind, Input, Step } from './input.js';

/** A vote or certificate of which only the unsigned part was read. */
export type Offer =
  | {
      readonly kind: 'vote';
      readonly step: VoteStep;
      readonly height: bigint;
      readonly round: number;
      readonly blockHash: BlockHashOrNil;
      readonly validatorIndex: number;
    }
  | {
      readonly kind: 'certificate';
      readonly certificateKind: CertificateKind;
      readonly height: bigint;
      readonly round: number;
      readonly blockHash: BlockHashOrNil;
    }
  | { readonly kind: 'proposal'; readonly height: bigint; readonly round: number };

/** Where the machine is; the fields of Status and of `why`. */
export interface Snapshot {
  readonly height: bigint;
  readonly round: number;
  readonly step: Step;
  /** Round of the lock + 1; 0 = none. */
  readonly lockRound: number;
  readonly lockedHash?: Hash;
  /** Round of the valid value + 1; 0 = none. */
  readonly validRound: number;
  /** Rounds of this height that this process has entered. */
  readonly roundsEntered: number;
}

/** What the machine waits for. */
export type WaitsFor =
  | 'start'
  | 'minBlock'
  | 'work'
  | 'build'
  | 'proposal'
  | 'execution'
  | 'committeeCertificate'
  | 'prevotes'
  | 'precommits'
  | 'block'
  | 'apply'
  | 'nothing';

export interface Why extends Snapshot {
  readonly waitsFor: WaitsFor;
  /** Votes of the step that are here, and how many make a quorum. */
  readonly votes: number;
  readonly quorum: number;
  /** Places in the set whose vote of the step is missing. */
  readonly missing: readonly number[];
  /** Committee of the round, by place in the set. */
  readonly committee: readonly number[];
  readonly lastRefusal?: { readonly round: number; readonly code: NilReason };
  /** Signing stopped: two certificates, or a certified block that is invalid here. */
  readonly alarmed: boolean;
}

export interface ConsensusMachine {
  /** The only entry. The effects are to be executed strictly in order. */
  handle(input: Input): readonly Effect[];
  /** False where the message would be dropped unread: not worth verifying. */
  wants(offer: Offer): boolean;
  /** Who may propose in a round of the current height; undefined for other heights. */
  proposer(height: bigint, round: number): PublicKey | undefined;
  snapshot(): Snapshot;
  why(): Why;
}
