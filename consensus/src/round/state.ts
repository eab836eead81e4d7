// What the machine knows of the height it works on. Only data and look-ups: the rules that change
// it are in the files beside this one. One HeightState per height; it is dropped at the next.
import { assert } from '../../../core/src/assert.js';
import { equalBytes } from '../../../core/src/bytes.js';
import type { Hash } from '../../../core/src/hash.js';
import type { PublicKey } from '../../../core/src/ids.js';
import { faultyOf, quorumOf } from '../../../core/src/validators.js';
import type { Certificate } from '../../../core/src/vote.js';
import { committeeOf, committeeQuorum } from '../committee.js';
import type { Effect, NilReason, OwnProposal } from '../effect.js';
import type {
  LockRecord,
  PeerRef,
  ProposalMessage,
  Resume,
  SignedVote,
  SignMark,
  StartHeight,
  Step,
  Verdict,
} from '../input.js';
import { proposerOf } from '../proposer.js';
import { emptyTally, keyOf, type Tally } from '../votes/tally.js';

/** Votes of this many rounds ahead are kept as votes; of rounds beyond, one slot per validator. */
export const ROUNDS_AHEAD = 2;
/** Rounds behind whose votes are kept (a late precommit quorum may still come together). */
export const ROUNDS_BEHIND = 16;

/** C(h, r) by place in the set. */
export interface Committee {
  readonly members: ReadonlySet<number>;
  readonly order: readonly number[];
  readonly quorum: number;
}

export interface Proposal {
  readonly message: ProposalMessage;
  readonly key: string;
  /** Why it gets a nil prevote whatever else comes. */
  readonly refusal?: NilReason;
}

/** A prevote quorum for one block. */
export interface Polka {
  readonly round: number;
  readonly key: string;
  readonly hash: Hash;
  readonly proof: Certificate;
}

export interface RoundState {
  readonly round: number;
  readonly committee: Committee;
  readonly prevotes: Tally;
  readonly precommits: Tally;
  proposal?: Proposal;
  polka?: Polka;
  /** Valid committee certificates by block, the first of each. */
  readonly confirmed: Map<string, Certificate>;
  prevoteTimer: boolean;
  precommitTimer: boolean;
}

/** What is known of a block, by hash; kept until the height is decided (consensus 5a.2d). */
export interface BlockInfo {
  readonly hash: Hash;
  /** A certificate or f+1 votes name it. */
  named: boolean;
  verdict?: Verdict;
}

/** The furthest vote seen of a validator, of each step (consensus 3.6d). */
export interface Furthest {
  round: number;
  prevote?: SignedVote;
  precommit?: SignedVote;
}

export interface PeerProgress {
  readonly round: number;
  readonly step: Step;
  /** Equal statuses in a row. */
  readonly repeated: number;
}

export interface HeightState {
  readonly start: StartHeight;
  readonly setSize: number;
  readonly quorum: number;
  /** f + 1: at least one of so many is honest. */
  readonly oneHonest: number;
  round: number;
  step: Step;
  roundsEntered: number;
  minBlockPassed: boolean;
  hasReason: boolean;
  /** Ids that this node, then others, wait for (consensus 3.7). */
  readonly waitingIds: Map<string, Hash>;
  /** Validators of whom a vote or an Open of this height came. */
  readonly heard: Set<number>;
  sentOpen: boolean;
  lock?: LockRecord;
  valid?: Polka;
  /** Prevote quorums above the valid round whose block has no verdict yet. */
  readonly polkas: Map<number, Polka>;
  /** The round for which a build is under way. */
  building?: number;
  /** First commit certificate seen. */
  commit?: Certificate;
  readonly rounds: Map<number, RoundState>;
  readonly blocks: Map<string, BlockInfo>;
  readonly furthest: Furthest[];
  /** A slot moved past the current round since the last look. */
  jumpCheck: boolean;
  readonly peers: Map<PeerRef, PeerProgress>;
  readonly accused: Set<number>;
  ownProposal?: OwnProposal;
  ownPrevote?: SignedVote;
  ownPrecommit?: SignedVote;
  /** Highest height of which a message came, if above this one, and who sent it. */
  ahead?: { readonly height: bigint; readonly peer?: PeerRef };
  repeatTimer: boolean;
  /** Something of this height came since the timer that repeats was armed. */
  hasNews: boolean;
  /** That timer let it pass once. */
  spared: boolean;
  alarmed: boolean;
  lastRefusal?: { readonly round: number; readonly code: NilReason };
}

/** State that outlives a height. */
export interface Context {
  /** Effects of the input being handled. */
  out: Effect[];
  /** The newest that this process signed, or found in the sign-state. */
  mark?: SignMark;
  /** What the files outside the database said at the start of the process. */
  resume?: Resume;
}

export function newHeight(start: StartHeight): HeightState {
  const n = start.set.length;
  assert(n >= 1 && start.draw.records.length === n, 'one record per validator');
  assert(start.proposers.length >= 1, 'somebody may propose');
  assert(start.own?.index === undefined || start.own.index < n, 'own place in the set');
  return {
    start,
    setSize: n,
    quorum: quorumOf(n),
    oneHonest: faultyOf(n) + 1,
    round: 0,
    step: 'idle',
    roundsEntered: 0,
    minBlockPassed: false,
    hasReason: false,
    waitingIds: new Map(),
    heard: new Set(),
    sentOpen: false,
    polkas: new Map(),
    rounds: new Map(),
    blocks: new Map(),
    furthest: start.set.map(() => ({ round: -1 })),
    jumpCheck: false,
    peers: new Map(),
    accused: new Set(),
    repeatTimer: false,
    hasNews: false,
    spared: false,
    alarmed: false,
  };
}

const drawCommittee = (start: StartHeight, round: number): Committee => {
  const order = committeeOf(start.draw, start.height, round);
  return { order, members: new Set(order), quorum: committeeQuorum(order.length) };
};

/** The record of a round within the window; made at its first use. */
export function roundOf(s: HeightState, round: number): RoundState {
  let rs = s.rounds.get(round);
  if (rs === undefined) {
    rs = {
      round,
      committee: drawCommittee(s.start, round),
      prevotes: emptyTally(s.setSize),
      precommits: emptyTally(s.setSize),
      confirmed: new Map(),
      prevoteTimer: false,
      precommitTimer: false,
    };
    s.rounds.set(round, rs);
  }
  return rs;
}

export const currentRound = (s: HeightState): RoundState => roundOf(s, s.round);

export const inWindow = (s: HeightState, round: number): boolean =>
  round >= s.round - ROUNDS_BEHIND && round <= s.round + ROUNDS_AHEAD;

/** Rounds entered before this one: what timeouts grow with. */
export const growth = (s: HeightState): number => Math.max(0, s.roundsEntered - 1);

export const proposerAt = (s: HeightState, round: number): PublicKey =>
  proposerOf(s.start.proposers, round);

export const isOwnKey = (s: HeightState, key: PublicKey): boolean =>
  s.start.own !== undefined && equalBytes(s.start.own.key, key);

export const ownIndex = (s: HeightState): number | undefined => s.start.own?.index;

export function blockOf(s: HeightState, hash: Hash): BlockInfo | undefined {
  return s.blocks.get(keyOf(hash));
}

export const isValid = (s: HeightState, key: string): boolean =>
  s.blocks.get(key)?.verdict?.valid === true;
export const isInvalid = (s: HeightState, key: string): boolean =>
  s.blocks.get(key)?.verdict?.valid === false;
