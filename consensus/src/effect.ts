// Everything the consensus machine asks of its shell, as data. The shell executes the effects of
// one input strictly in order, each to its end before the next (a signature is durable before it
// leaves, a lock before the precommit it protects: consensus 3.5a, 6.1). Effects that have an
// answer (build, execute, sign...) are answered by a later input.
import type { ErrorCode } from '../../core/src/errors.js';
import type { Hash } from '../../core/src/hash.js';
import type { BlockHashOrNil, Certificate, VoteStep } from '../../core/src/vote.js';
import type { CertificateKind, LockRecord, PeerRef, SignedVote, TimerName } from './input.js';

/**
 * Write sign-state (fsync), sign, send header, bytes and proof to all, then feed the message back
 * as a `proposal` input. If the sign-state refuses, do nothing.
 */
export interface SignProposal {
  readonly kind: 'signProposal';
  readonly height: bigint;
  readonly round: number;
  /** As on the wire: 0 = fresh, else valid round + 1. */
  readonly validRound: number;
  readonly blockHash: Hash;
  /** Present exactly when validRound > 0. */
  readonly proofOfLock?: Certificate;
}

/**
 * Write sign-state (fsync), sign, send to all, then feed it back as a `vote` input. What equals an
 * entry of the sign-state is signed and sent again without a write (after a restart); what the
 * sign-state refuses is not signed.
 */
export interface SignVote {
  readonly kind: 'signVote';
  readonly step: VoteStep;
  readonly height: bigint;
  readonly round: number;
  readonly blockHash: BlockHashOrNil;
}

/** Sign and send Open(height); feed it back as an `open` input. No sign-state. */
export interface SignOpen {
  readonly kind: 'signOpen';
  readonly height: bigint;
  readonly ids: readonly Hash[];
}

/**
 * Write the lock record with the bytes of its block (the shell holds them: it executed the block)
 * and fsync. Always directly before the signVote it protects.
 */
export interface PersistLock {
  readonly kind: 'persistLock';
  readonly lock: LockRecord;
}

/** Make a block of this round and answer with `built`. */
export interface Build {
  readonly kind: 'build';
  readonly height: bigint;
  readonly round: number;
  /** Transactions that Open messages named: fetch what is lacking (consensus 3.7). */
  readonly ids: readonly Hash[];
}

/**
 * As soon as the bytes are here, check and execute the block and answer with `verdict`; the
 * proposer is sending them, so other peers need to be asked only after a while. Asked once per
 * block.
 */
export interface Execute {
  readonly kind: 'execute';
  readonly height: bigint;
  readonly blockHash: Hash;
}

/**
 * A certificate or f+1 votes name this block: if its bytes are not here, ask peers now. May recur.
 */
export interface FetchBlock {
  readonly kind: 'fetchBlock';
  readonly height: bigint;
  readonly blockHash: Hash;
}

/** Send this certificate to all peers; once per (kind, height, round, hash). */
export interface PublishCertificate {
  readonly kind: 'publishCertificate';
  readonly certificateKind: CertificateKind;
  readonly certificate: Certificate;
}

/**
 * The block is confirmed (consensus 2): keep and serve this committee certificate. Once a round.
 */
export interface Confirmed {
  readonly kind: 'confirmed';
  readonly certificate: Certificate;
}

/**
 * Give a `timeout` input after this many wall ms; replaces one of equal timer, height and round.
 */
export interface Schedule {
  readonly kind: 'schedule';
  readonly timer: TimerName;
  readonly height: bigint;
  readonly round: number;
  readonly afterMs: number;
}

/**
 * The block is final: append it with the certificate, apply it, then startHeight(height + 1).
 * The shell has executed the block (its verdict was valid). Timers of the height may be cancelled.
 */
export interface Decide {
  readonly kind: 'decide';
  readonly height: bigint;
  readonly round: number;
  readonly blockHash: Hash;
  readonly certificate: Certificate;
}

/** Others are past this node's height: ask for blocks up to `height` (of `peer`, or of anyone). */
export interface RequestSync {
  readonly kind: 'requestSync';
  readonly height: bigint;
  readonly peer?: PeerRef;
}

/** A proposal that this node signed before; the shell kept the message. */
export interface OwnProposal {
  readonly round: number;
  readonly validRound: number;
  readonly blockHash: Hash;
}

/**
 * Send again (consensus 3.6c), to one peer or to all: Status always, then what is listed. Nothing
 * of it is newly signed.
 */
export interface Resend {
  readonly kind: 'resend';
  readonly height: bigint;
  readonly to?: PeerRef;
  /** The own Open(height) too. */
  readonly open: boolean;
  readonly proposal?: OwnProposal;
  /** Own votes. */
  readonly votes: readonly SignedVote[];
  readonly certificates: readonly {
    readonly certificateKind: CertificateKind;
    readonly certificate: Certificate;
  }[];
}

/** Why a validator voted nil (or would have). */
export type NilReason =
  | ErrorCode
  /** No proposal before the propose timeout. */
  | 'NO_PROPOSAL'
  /** Proposal without its committee certificate at the propose timeout (consensus 3.4). */
  | 'NO_CERTIFICATE'
  /** Still executing when the timeout ran out (consensus 3.4b). */
  | 'EXECUTING'
  /** Locked on another block. */
  | 'LOCKED'
  /** No quorum of prevotes for one block before the prevote timeout. */
  | 'NO_QUORUM_SEEN';

/** For logs, metrics and `why`: this node refuses a proposal, or votes nil. */
export interface NoteRefusal {
  readonly kind: 'noteRefusal';
  readonly height: bigint;
  readonly round: number;
  readonly step: VoteStep;
  readonly code: NilReason;
  readonly blockHash?: Hash;
}

/** Two different votes of one validator for one round and step; once per key and height. */
export interface Equivocation {
  readonly kind: 'equivocation';
  readonly first: SignedVote;
  readonly second: SignedVote;
}

/**
 * More than f validators are faulty, or this node is wrong: a certified block is invalid here, or
 * two blocks of one height are certified. The machine signs nothing more at this height.
 */
export interface Alarm {
  readonly kind: 'alarm';
  readonly what: 'certifiedInvalid' | 'twoCertificates';
  readonly height: bigint;
  readonly certificates: readonly Certificate[];
}

export type Effect =
  | SignProposal
  | SignVote
  | SignOpen
  | PersistLock
  | Build
  | Execute
  | FetchBlock
  | PublishCertificate
  | Confirmed
  | Schedule
  | Decide
  | RequestSync
  | Resend
  | NoteRefusal
  | Equivocation
  | Alarm;
