// Planted bugs ("mutants"): each breaks one rule from outside, by bending what goes into the
// machine or comes out of it, or a habit of the shell. The simulator has to find every one of them;
// a mutant that survives shows a blind spot (reliability finding 7, consensus 9).
import { PRECOMMIT, PREVOTE } from '../../core/src/vote.js';
import type { Effect } from '../../consensus/src/effect.js';
import type { Input, SignedVote } from '../../consensus/src/input.js';
import type { ConsensusMachine } from '../../consensus/src/port.js';
import type { Quirks } from './node.js';

export interface Mutant {
  readonly name: string;
  /** The rule that is broken. */
  readonly breaks: string;
  /** Profile in which it shows; all in turn unless given. */
  readonly profile?: string;
  readonly quirks: Quirks;
}

interface Bend {
  /** What the machine gets instead of an input. */
  readonly input?: (input: Input, machine: ConsensusMachine) => readonly Input[];
  /** What the shell gets instead of the effects of one input. */
  readonly effects?: (effects: readonly Effect[], machine: ConsensusMachine) => readonly Effect[];
}

/** The sound machine between a bent entry and a bent exit. */
const bent =
  (makeBend: (node: number) => Bend) =>
  (machine: ConsensusMachine, node: number): ConsensusMachine => {
    const { input = (i: Input) => [i], effects = (e: readonly Effect[]) => e } = makeBend(node);
    return {
      ...machine,
      handle: (given) => input(given, machine).flatMap((i) => effects(machine.handle(i), machine)),
    };
  };

const bend = (how: Bend): Quirks => ({ wrap: bent(() => how) });

const isNilVote = (e: Effect, step: number): boolean =>
  e.kind === 'signVote' && e.step === step && e.blockHash.length === 0;

/** Prevotes the proposal although locked on another block. */
function withoutLock(effects: readonly Effect[]): readonly Effect[] {
  return effects.map((e, i) => {
    const before = effects[i - 1];
    const wasLocked = before?.kind === 'noteRefusal' && before.code === 'LOCKED';
    return wasLocked && e.kind === 'signVote' && before.blockHash !== undefined
      ? { ...e, blockHash: before.blockHash }
      : e;
  });
}

/** The vote of a validator counts for its neighbour in the set too. */
function twice(input: Input, setSize: number): readonly Input[] {
  if (input.kind !== 'vote' || setSize < 2) return [input];
  const validatorIndex = (input.vote.validatorIndex + 1) % setSize;
  const again: SignedVote = { ...input.vote, validatorIndex };
  return [input, { ...input, vote: again }];
}

/** Publishes a precommit before its lock is on the disk. */
function lockLate(effects: readonly Effect[]): readonly Effect[] {
  const locks = effects.filter((e) => e.kind === 'persistLock');
  return [...effects.filter((e) => e.kind !== 'persistLock'), ...locks];
}

/** Timeouts that never come down again: growth of all heights together. */
function foreverGrowing(): Bend {
  let timeouts = 0;
  return {
    effects: (effects) =>
      effects.map((e) => {
        if (e.kind !== 'schedule' || ['minBlock', 'maxIdle', 'open'].includes(e.timer)) return e;
        if (e.timer === 'propose') timeouts += 1;
        return { ...e, afterMs: e.afterMs + 200 * timeouts };
      }),
  };
}

const isProof = (i: Input): boolean =>
  i.kind === 'certificate' && i.certificateKind === 'proofOfLock';

function withoutProof(input: Input): readonly Input[] {
  if (isProof(input)) return [];
  if (input.kind !== 'proposal') return [input];
  const { proofOfLock: _, ...rest } = input;
  return [rest];
}

/**
 * Votes of later rounds are dropped, and nobody answers the status of one who is behind: each alone
 * is made up for by the other.
 */
function sameRoundOnly(input: Input, machine: ConsensusMachine): readonly Input[] {
  const at = machine.snapshot();
  if (input.kind === 'status' && input.height === at.height) return [];
  const vote = input.kind === 'vote' ? input.vote : undefined;
  const far = vote !== undefined && vote.height === at.height && vote.round > at.round;
  return far || isProof(input) ? [] : [input];
}

/** Draws every committee from a seed that its proposer could know years before. */
function constantSeed(input: Input): readonly Input[] {
  if (input.kind !== 'startHeight') return [input];
  const beacon = input.draw.beacon.map(() => 7) as typeof input.draw.beacon;
  return [{ ...input, draw: { ...input.draw, beacon } }];
}

function everyoneMember(input: Input): readonly Input[] {
  if (input.kind !== 'startHeight') return [input];
  return [{ ...input, draw: { ...input.draw, committeeFloor: input.set.length } }];
}

/** A sampler that never draws the last validator. */
function biased(input: Input): readonly Input[] {
  if (input.kind !== 'startHeight') return [input];
  const last = input.draw.records.length - 1;
  const records = input.draw.records.map((r, i) => (i === last ? { ...r, credit: 1 } : r));
  return [{ ...input, draw: { ...input.draw, records } }];
}

function setSizeOf(): Bend {
  let size = 1;
  return {
    input: (input) => {
      if (input.kind === 'startHeight') size = input.set.length;
      return twice(input, size);
    },
  };
}

/** Precommits the proposal at the prevote timeout without a quorum. */
function hasty(effects: readonly Effect[]): readonly Effect[] {
  return effects.map((e, i) => {
    const before = effects[i - 1];
    const blockHash = before?.kind === 'noteRefusal' ? before.blockHash : undefined;
    return isNilVote(e, PRECOMMIT) && blockHash !== undefined && e.kind === 'signVote'
      ? { ...e, blockHash }
      : e;
  });
}

/** A restarted node forgets where it was and begins the height in round 0. */
const forgetful = (input: Input): readonly Input[] =>
  input.kind === 'resume' ? [{ kind: 'resume', signed: [] }] : [input];

export const MUTANTS: readonly Mutant[] = [
  {
    name: 'no-lock-record',
    breaks: 'consensus 3.5a: the lock is durable before the precommit',
    quirks: bend({ effects: (all) => all.filter((e) => e.kind !== 'persistLock') }),
  },
  {
    name: 'lock-after-vote',
    breaks: 'consensus 3.5a: order of effects',
    quirks: bend({ effects: lockLate }),
  },
  {
    name: 'forget-sign-state',
    breaks: 'consensus 6.1: never two values for one round and step',
    profile: 'crashy',
    quirks: { keepsSignState: false },
  },
  {
    name: 'no-fsync',
    breaks: 'consensus 6.1: sign-state is synced before a signature leaves',
    profile: 'power',
    quirks: { syncs: false },
  },
  {
    name: 'forget-lock',
    breaks: 'consensus 3.5: the lock survives a restart',
    profile: 'lockcrash',
    quirks: { keepsLock: false },
  },
  {
    name: 'no-lock-rule',
    breaks: 'Tendermint line 22: a locked validator prevotes nothing else',
    profile: 'locked',
    quirks: bend({ effects: withoutLock }),
  },
  {
    name: 'no-nil-prevote',
    breaks: 'consensus 3.6b: nil prevote at the propose timeout',
    quirks: bend({ effects: (all) => all.filter((e) => !isNilVote(e, PREVOTE)) }),
  },
  {
    name: 'no-execution',
    breaks: 'consensus 3.4a: nobody precommits what it has not executed',
    profile: 'centre',
    quirks: { executes: false },
  },
  {
    name: 'count-twice',
    breaks: 'a quorum is of distinct validators',
    quirks: { wrap: bent(() => setSizeOf()) },
  },
  {
    name: 'precommit-without-quorum',
    breaks: 'consensus 3.5: a precommit needs a prevote quorum',
    profile: 'locked',
    quirks: bend({ effects: hasty }),
  },
  {
    name: 'no-proof-of-lock',
    breaks: 'consensus 3.6c: proofs of lock are taken as units',
    profile: 'byzantine',
    quirks: bend({ input: withoutProof }),
  },
  {
    name: 'far-rounds-dropped',
    breaks: 'consensus 3.6d: the highest round of every validator is kept',
    profile: 'silent',
    quirks: bend({ input: sameRoundOnly }),
  },
  {
    name: 'say-it-once',
    breaks: 'consensus 3.6c: what was said is repeated',
    profile: 'lossy',
    quirks: bend({ effects: (all) => all.filter((e) => e.kind !== 'resend') }),
  },
  {
    name: 'constant-seed',
    breaks: 'consensus 4.5: the seed follows the beacon',
    quirks: bend({ input: constantSeed }),
  },
  {
    name: 'biased-sampler',
    breaks: 'consensus 4.4: the draw follows the weights',
    quirks: bend({ input: biased }),
  },
  {
    name: 'no-gate',
    breaks: 'consensus 3.4: outside the committee nobody prevotes without its certificate',
    quirks: bend({ input: everyoneMember }),
  },
  {
    name: 'growth-never-down',
    breaks: 'consensus 3.6b: growth counts the rounds of this height',
    quirks: { wrap: bent(() => foreverGrowing()) },
  },
  {
    name: 'restart-in-round-0',
    breaks: 'consensus 3.6e: a node restarts in the round and step of its sign-state',
    profile: 'amnesia',
    quirks: bend({ input: forgetful }),
  },
];
