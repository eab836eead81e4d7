// A script of inputs for one machine, and its effects as short lines: the step tables of the tests.
// Validators are 0..n-1; blocks are letters; keys 100 and 101 are centres that do not vote.
import assert from 'node:assert/strict';
import { toHex, u32be } from '../../core/src/bytes.js';
import { asHash, type Hash, sha256 } from '../../core/src/hash.js';
import type { AccountId, PublicKey } from '../../core/src/ids.js';
import { NIL, packCertificate, PRECOMMIT, PREVOTE, type VoteStep } from '../../core/src/vote.js';
import { committeeOf } from '../src/committee.js';
import type { Effect } from '../src/effect.js';
import type {
  CertificateKind,
  CertificateMessage,
  DrawData,
  HeaderSummary,
  Input,
  ProposalMessage,
  SignedVote,
  StartHeight,
  Timing,
} from '../src/input.js';
import { createMachine } from '../src/machine.js';
import type { ConsensusMachine } from '../src/port.js';

export const keyOf = (i: number): PublicKey => sha256(u32be(i)) as Uint8Array as PublicKey;
export const CENTRE = 100;
export const STANDBY = 101;
export const HEIGHT = 7n;
export const PARENT = { hash: asHash(new Uint8Array(32).fill(1)), timeMs: 1_000n };

export const TIMING: Timing = {
  minBlockMs: 100,
  maxIdleMs: 5000,
  proposeTimeoutMs: 1000,
  voteTimeoutMs: 500,
  timeoutGrowthMs: 500,
  timeoutCapMs: 10_000,
  driftMs: 1000,
  rate: 1,
};

/** The hash of block 'A', 'B' ... */
export const blockHash = (name: string): Hash =>
  asHash(new Uint8Array(32).fill(name.charCodeAt(0)));
export const nameOf = (hash: Uint8Array): string =>
  hash.length === 0 ? 'nil' : String.fromCharCode(hash[0] as number);
export const hashOf = (name: string): Uint8Array => (name === 'nil' ? NIL : blockHash(name));

export interface ScriptOptions {
  readonly validators?: number;
  /** Own place; a centre by CENTRE; absent: follows only. */
  readonly own?: number;
  readonly floor?: number;
  readonly proposers?: readonly number[];
  readonly timing?: Partial<Timing>;
  readonly sinceDecisionMs?: number;
}

export interface Script {
  readonly machine: ConsensusMachine;
  readonly draw: DrawData;
  start(height?: bigint): string[];
  /** Gives an input; returns the effects as lines. */
  give(input: Input): string[];
  /** The last effects as data. */
  last(): readonly Effect[];
  committee(round: number): readonly number[];
}

const ownOf = (own: number | undefined): Pick<StartHeight, 'own'> => {
  if (own === undefined) return {};
  return { own: own >= CENTRE ? { key: keyOf(own) } : { key: keyOf(own), index: own } };
};

export function createScript(options: ScriptOptions = {}): Script {
  const { validators = 4, own, floor = 4, proposers = [CENTRE, STANDBY, 0, 1, 2, 3] } = options;
  const machine = createMachine();
  const set = Array.from({ length: validators }, (_, i) => {
    const id = new Uint8Array(20) as AccountId;
    id.set(u32be(i), 0);
    return { id, publicKey: keyOf(i) };
  });
  const draw: DrawData = {
    beacon: sha256(u32be(3)),
    records: set.map(({ id }) => ({ id, credit: 100, correct: 0, wrong: 0, suspended: false })),
    committeeRatioPpm: 200_000,
    validatorMinCredit: 90,
    committeeFloor: floor,
  };
  let effects: readonly Effect[] = [];
  const give = (input: Input): string[] => {
    effects = machine.handle(input);
    return effects.map(line);
  };
  return {
    machine,
    draw,
    give,
    last: () => effects,
    committee: (round) => committeeOf(draw, HEIGHT, round),
    start: (height = HEIGHT) =>
      give({
        kind: 'startHeight',
        height,
        set,
        ...ownOf(own),
        proposers: proposers.map(keyOf),
        draw,
        timing: { ...TIMING, ...options.timing },
        parent: PARENT,
        sinceDecisionMs: options.sinceDecisionMs ?? 0,
      }),
  };
}

/** One effect as a line: verb, round, what. */
export function line(e: Effect): string {
  switch (e.kind) {
    case 'signProposal':
      return `propose ${e.round} ${nameOf(e.blockHash)} valid ${e.validRound - 1}`;
    case 'signVote':
      return `${e.step === PREVOTE ? 'prevote' : 'precommit'} ${e.round} ${nameOf(e.blockHash)}`;
    case 'signOpen':
      return `open ${e.ids.length}`;
    case 'persistLock':
      return `lock ${e.lock.round} ${nameOf(e.lock.blockHash)}`;
    case 'build':
      return `build ${e.round}`;
    case 'execute':
      return `execute ${nameOf(e.blockHash)}`;
    case 'fetchBlock':
      return `fetch ${nameOf(e.blockHash)}`;
    case 'publishCertificate': {
      const { round, blockHash: hash } = e.certificate;
      return `publish ${e.certificateKind} ${round} ${nameOf(hash)}`;
    }
    case 'confirmed':
      return `confirmed ${e.certificate.round} ${nameOf(e.certificate.blockHash)}`;
    case 'schedule':
      return `timer ${e.timer} ${e.round} ${e.afterMs}`;
    case 'decide':
      return `decide ${e.round} ${nameOf(e.blockHash)}`;
    case 'requestSync':
      return `sync ${e.height}`;
    case 'resend':
      return `resend${e.to === undefined ? '' : ` to ${e.to}`}`;
    case 'noteRefusal':
      return `no ${e.code}`;
    case 'equivocation':
      return `equivocation ${e.first.validatorIndex}`;
    case 'alarm':
      return `alarm ${e.what}`;
  }
}

export const header = (name: string, fields: Partial<HeaderSummary> = {}): HeaderSummary => ({
  hash: blockHash(name),
  height: HEIGHT,
  round: 0,
  timeMs: 2_000n,
  proposer: keyOf(CENTRE),
  parentHash: PARENT.hash,
  ...fields,
});

/** A proposal of round 0 by the centre at chain time 2000, unless the fields say otherwise. */
export function proposal(
  name: string,
  fields: Partial<Omit<ProposalMessage, 'kind' | 'header'>> = {},
  headerFields: Partial<HeaderSummary> = {},
): ProposalMessage {
  const signer = fields.signer ?? keyOf(CENTRE);
  const round = fields.round ?? 0;
  return {
    kind: 'proposal',
    height: HEIGHT,
    round,
    validRound: 0,
    signer,
    chainNowMs: 2_000n,
    ...fields,
    header: header(name, { round, proposer: signer, ...headerFields }),
  };
}

export interface VoteFields {
  readonly round?: number;
  readonly height?: bigint;
}

export function signedVote(
  step: VoteStep,
  at: { readonly by: number; readonly name: string } & VoteFields,
): SignedVote {
  const { by, name, round = 0, height = HEIGHT } = at;
  return {
    step,
    height,
    round,
    blockHash: hashOf(name),
    validatorIndex: by,
    signature: new Uint8Array(64).fill(by + 1),
  };
}
export const prevote = (by: number, name: string, round = 0): Input => ({
  kind: 'vote',
  vote: signedVote(PREVOTE, { by, name, round }),
});
export const precommit = (by: number, name: string, round = 0): Input => ({
  kind: 'vote',
  vote: signedVote(PRECOMMIT, { by, name, round }),
});

export function certificate(
  kind: CertificateKind,
  of: {
    readonly name: string;
    readonly by: readonly number[];
    readonly round?: number;
    readonly size?: number;
  },
): CertificateMessage {
  const step = kind === 'commit' ? PRECOMMIT : PREVOTE;
  const subject = {
    step,
    height: HEIGHT,
    round: of.round ?? 0,
    blockHash: hashOf(of.name),
  } as const;
  const votes = of.by.map((index) => ({ index, signature: new Uint8Array(64).fill(index + 1) }));
  const packed = packCertificate(subject, of.size ?? 4, votes);
  return { kind: 'certificate', certificateKind: kind, certificate: packed };
}

export const verdict = (name: string, valid = true): Input =>
  valid
    ? { kind: 'verdict', height: HEIGHT, blockHash: blockHash(name), valid }
    : { kind: 'verdict', height: HEIGHT, blockHash: blockHash(name), valid, code: 'BAD_ROOT' };

export const timeout = (
  timer: 'propose' | 'prevote' | 'precommit' | 'repeat',
  round = 0,
): Input => ({
  kind: 'timeout',
  timer,
  height: HEIGHT,
  round,
});
export const openTimeout = (timer: 'minBlock' | 'maxIdle' | 'open'): Input => ({
  kind: 'timeout',
  timer,
  height: HEIGHT,
  round: 0,
});

export const reason = (...names: string[]): Input => ({
  kind: 'reason',
  why: 'transactions',
  ids: names.map(blockHash),
});

/** Inputs one after the other, each with the lines that it has to give. */
export function play(
  script: Script,
  steps: readonly (readonly [Input, readonly string[]])[],
): void {
  steps.forEach(([input, expected], i) => {
    assert.deepEqual(script.give(input), expected, `step ${i}: ${JSON.stringify(brief(input))}`);
  });
}

const brief = (input: Input): object =>
  JSON.parse(
    JSON.stringify(input, (_, value: unknown) => {
      if (typeof value === 'bigint') return String(value);
      return value instanceof Uint8Array ? toHex(value).slice(0, 4) : value;
    }),
  ) as object;
