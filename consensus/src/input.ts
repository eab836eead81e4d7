// Everything that can happen to the consensus machine (house habit 7: time is told, never asked).
// The shell has checked encodings and every signature (votes, certificates, proposals, opens)
// before it hands a message in; the machine checks roles, rounds, quorums and locks. Messages of
// the next height may be handed in too (votes verified under its set): the machine keeps a few.
// Spec: consensus 3 to 5. What the machine asks for in return: effect.ts.
import type { ErrorCode } from '../../core/src/errors.js';
import type { Hash } from '../../core/src/hash.js';
import type { PublicKey } from '../../core/src/ids.js';
import type { Validator } from '../../core/src/validators.js';
import type { BlockHashOrNil, Certificate, VoteStep } from '../../core/src/vote.js';

/** Opaque name of a neighbour, chosen by the shell; the machine only hands it back. */
export type PeerRef = string;

/** Durations of the parameters (parameters 2), in wall milliseconds; `rate` of consensus 5.1. */
export interface Timing {
  readonly minBlockMs: number;
  readonly maxIdleMs: number;
  readonly proposeTimeoutMs: number;
  readonly voteTimeoutMs: number;
  readonly timeoutGrowthMs: number;
  readonly timeoutCapMs: number;
  readonly driftMs: number;
  /** Chain milliseconds per wall millisecond, an integer >= 1. */
  readonly rate: number;
}

/** What the draw reads of one validator (consensus 4), from the state after h-1. */
export interface ValidatorRecord {
  readonly id: Uint8Array;
  /** C of the account named `creditOf`, 0..100. */
  readonly credit: number;
  readonly correct: number;
  readonly wrong: number;
  /** Suspended or expired (consensus 1.5). */
  readonly suspended: boolean;
}

/** Data of the committee draws of one height (consensus 4). */
export interface DrawData {
  /** b(h-1). */
  readonly beacon: Hash;
  /** One record per validator, in the order of the set (ascending id). */
  readonly records: readonly ValidatorRecord[];
  readonly committeeRatioPpm: number;
  readonly validatorMinCredit: number;
  /** Least committee; 4 (consensus 4.2). Smaller only to exercise the gate in tests. */
  readonly committeeFloor?: number;
}

/** Who this node is at a height. */
export interface Own {
  readonly key: PublicKey;
  /** Place in the set; absent for a centre or follower that does not vote. */
  readonly index?: number;
}

/** A new height begins. Given once at start and after every decided or synced block. */
export interface StartHeight {
  readonly kind: 'startHeight';
  readonly height: bigint;
  /** Validators of the height, ascending id. */
  readonly set: readonly Validator[];
  /** Absent: signs nothing (follower, or doubtful sign-state: consensus 8.4). */
  readonly own?: Own;
  /** L(h) of consensus 3.1 (see proposer.ts); never empty. */
  readonly proposers: readonly PublicKey[];
  readonly draw: DrawData;
  readonly timing: Timing;
  readonly parent: { readonly hash: Hash; readonly timeMs: bigint };
  /** Wall ms since this node decided (or received) h-1; counts towards minBlockMs, maxIdleMs. */
  readonly sinceDecisionMs: number;
}

/** Steps of the sign-state, in the order in which they may be signed. */
export type SignStep = 'proposal' | 'prevote' | 'precommit';

/** One entry of the sign-state file. */
export interface SignMark {
  readonly height: bigint;
  readonly round: number;
  readonly step: SignStep;
  /** What was signed for (none = nil), so that equal bytes can be sent again after a restart. */
  readonly blockHash: BlockHashOrNil;
}

/** The lock record without its block bytes (consensus 3.5a). */
export interface LockRecord {
  readonly height: bigint;
  readonly round: number;
  readonly blockHash: Hash;
  /** Prevote quorum of that round. */
  readonly proof: Certificate;
}

/**
 * Right after the first startHeight of a process: what the files outside the database say.
 * Opens the height at once (consensus 3.7d) and asks to sign the votes of `signed` that are of this
 * height again (equal bytes). What is of a later height waits until that height starts. The shell
 * has synced both files after reading them: a process killed between write and fsync leaves entries
 * that are seen but not durable.
 */
export interface Resume {
  readonly kind: 'resume';
  /** Entries of the two slots of the sign-state, newest first; empty where nothing was signed. */
  readonly signed: readonly SignMark[];
  readonly lock?: LockRecord;
}

/**
 * Work is waiting (consensus 3.7a). To be given again after each startHeight while it lasts.
 * `ids` are those of the waiting transactions (at most MAX_OPEN_IDS).
 */
export interface Reason {
  readonly kind: 'reason';
  readonly why: 'transactions' | 'boundary' | 'leftover';
  readonly ids: readonly Hash[];
}

/** An Open message of a validator (consensus 3.7). */
export interface OpenMessage {
  readonly kind: 'open';
  readonly height: bigint;
  readonly validatorIndex: number;
  readonly ids: readonly Hash[];
}

/** What the machine needs of a header. */
export interface HeaderSummary {
  readonly hash: Hash;
  readonly height: bigint;
  readonly round: number;
  /** Block time, chain ms. */
  readonly timeMs: bigint;
  readonly proposer: PublicKey;
  readonly parentHash: Hash;
}

/** A Proposal message; the own one is fed back in the same way. */
export interface ProposalMessage {
  readonly kind: 'proposal';
  readonly height: bigint;
  readonly round: number;
  /** As on the wire: 0 = fresh, else valid round + 1. */
  readonly validRound: number;
  readonly header: HeaderSummary;
  readonly proofOfLock?: Certificate;
  /**
   * Key under which the shell verified the signature: machine.proposer(height, round), or, for the
   * next height, whose order is not known yet, header.proposer. The machine checks its place.
   */
  readonly signer: PublicKey;
  /** This node's chain clock when the message arrived, chain ms (consensus 5.2b). */
  readonly chainNowMs: bigint;
}

/** The block that a `build` effect asked for; executed by this node, hence valid. */
export interface Built {
  readonly kind: 'built';
  readonly height: bigint;
  readonly round: number;
  readonly header: HeaderSummary;
}

/** Outcome of the full check and execution of a block (consensus 3.2), by hash. */
export interface Verdict {
  readonly kind: 'verdict';
  readonly height: bigint;
  readonly blockHash: Hash;
  readonly valid: boolean;
  /** Why not, where it is not. */
  readonly code?: ErrorCode;
}

/** A vote; own ones are fed back in the same way. */
export interface SignedVote {
  readonly step: VoteStep;
  readonly height: bigint;
  readonly round: number;
  /** 32 bytes, or none = nil. */
  readonly blockHash: BlockHashOrNil;
  readonly validatorIndex: number;
  readonly signature: Uint8Array;
}

export interface VoteMessage {
  readonly kind: 'vote';
  readonly vote: SignedVote;
  /** The neighbour it came from, to ask for blocks if it is ahead. */
  readonly peer?: PeerRef;
}

export type CertificateKind = 'commit' | 'committee' | 'proofOfLock';

export interface CertificateMessage {
  readonly kind: 'certificate';
  readonly certificateKind: CertificateKind;
  readonly certificate: Certificate;
  readonly peer?: PeerRef;
}

/** Status of a neighbour: what it has decided and where it is. */
export interface StatusMessage {
  readonly kind: 'status';
  readonly peer: PeerRef;
  /** Last decided height. */
  readonly tipHeight: bigint;
  readonly height: bigint;
  readonly round: number;
  readonly step: Step;
  /** Round of its lock + 1; 0 = none. */
  readonly lockRound: number;
}

/** Where a node is within a height. `idle`: not opened yet; `decided`: waits for startHeight. */
export type Step = 'idle' | 'propose' | 'prevote' | 'precommit' | 'decided';

/**
 * minBlock, maxIdle: opening (3.7). propose, prevote, precommit: of a round (3.6b). repeat: what
 * was sent is sent again (3.6c). At most one of each (timer, height, round) is ever scheduled at a
 * time.
 */
export type TimerName =
  | 'minBlock'
  | 'maxIdle'
  | 'open'
  | 'propose'
  | 'prevote'
  | 'precommit'
  | 'repeat';

/** A timer of a `schedule` effect fired. Stale ones are ignored by the machine. */
export interface TimeoutElapsed {
  readonly kind: 'timeout';
  readonly timer: TimerName;
  readonly height: bigint;
  readonly round: number;
}

/** A neighbour connected (again). */
export interface PeerConnected {
  readonly kind: 'peerConnected';
  readonly peer: PeerRef;
}

export type Input =
  | StartHeight
  | Resume
  | Reason
  | OpenMessage
  | ProposalMessage
  | Built
  | Verdict
  | VoteMessage
  | CertificateMessage
  | StatusMessage
  | TimeoutElapsed
  | PeerConnected;
