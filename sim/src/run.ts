// One seed: storm, heal, converge, verdict. Everything about the run follows from the seed and the
// profile; a failure is reported with the command that repeats it.
import { createHash } from 'node:crypto';
import { AssertionFailure } from '../../core/src/assert.js';
import { toHex } from '../../core/src/bytes.js';
import { backendOf, installSha256 } from '../../core/src/hash.js';
import { faultyOf } from '../../core/src/validators.js';
import { type Cluster, createCluster } from './cluster.js';
import type { Quirks } from './node.js';
import { createPrng, type Prng } from './prng.js';
import { type Profile, PROFILES } from './profiles.js';
import { Violation } from './watch.js';
import type { Layout } from './world.js';

installSha256(backendOf((bytes) => createHash('sha256').update(bytes).digest()));

/** Least final blocks of a run that may pass. */
const BLOCK_FLOOR = 20;
/** Blocks that every node must add after the network healed. */
const BLOCKS_AFTER_HEAL = 5;
/** Virtual time after healing within which all of that has to happen. */
const CONVERGE_MS = 90_000;
const EVENT_LIMIT = 5_000_000;

export interface RunOptions {
  readonly seed: number;
  /** By the seed unless given. */
  readonly profile?: string;
  readonly quirks?: Quirks;
  readonly trace?: (line: string) => void;
}

export interface RunResult {
  readonly seed: number;
  readonly profile: string;
  readonly validators: number;
  readonly floor: number;
  readonly blocks: number;
  readonly events: number;
  readonly virtualMs: number;
  /** Virtual ms from healing until every node had its blocks. */
  readonly convergedMs: number;
  readonly counters: ReadonlyMap<string, number>;
  /** Of the final blocks and the course of the run. */
  readonly digest: string;
  readonly failure?: { readonly rule: string; readonly detail: string };
}

export function profileOf(seed: number, name?: string): Profile {
  const found = PROFILES.find((p) => p.name === name) ?? PROFILES[seed % PROFILES.length];
  if (found === undefined) throw new Violation('profile', String(name));
  return found;
}

function drawLayout(prng: Prng, profile: Profile): Layout {
  const sizes = [1, 4, 4, 7, 7, 10].filter((n) => n >= (profile.leastValidators ?? 1));
  const validators = prng.pick(sizes);
  return { validators, centres: prng.pick([0, 2, 2]), committeeFloor: prng.pick([2, 4]) };
}

function drawByzantine(prng: Prng, layout: Layout, profile: Profile): readonly number[] {
  if (profile.byzantine !== true) return [];
  const all = Array.from({ length: layout.validators }, (_, i) => i);
  const liars = prng.shuffle(all).slice(0, faultyOf(layout.validators));
  return layout.centres > 0 ? [...liars, layout.validators] : liars;
}

function createRun(options: RunOptions, profile: Profile): Cluster {
  const prng = createPrng(options.seed ^ 0x5eed);
  const layout = drawLayout(prng, profile);
  return createCluster({
    seed: options.seed,
    layout,
    timing: {
      minBlockMs: prng.pick([50, 200]),
      maxIdleMs: prng.pick([1000, 3000]),
      proposeTimeoutMs: 400,
      voteTimeoutMs: 200,
      timeoutGrowthMs: prng.pick([100, 200]),
      timeoutCapMs: 3000,
      driftMs: 300,
      rate: 1,
    },
    quirks: options.quirks ?? {},
    byzantine: drawByzantine(prng, layout, profile),
    lies: prng.pick([0.1, 0.4, 0.9]),
    ...(options.trace === undefined ? {} : { trace: options.trace }),
  });
}

/** Runs events until the time, or until `done`; counts them. */
function runUntil(cluster: Cluster, untilMs: number, done: () => boolean = () => false): number {
  let events = 0;
  while (!done() && cluster.queue.step(untilMs)) {
    events += 1;
    if (events > EVENT_LIMIT) throw new Violation('bounded', 'too many events');
  }
  return events;
}

function keepSubmitting(cluster: Cluster): void {
  const [least, most] = cluster.prng.pick([
    [20, 200],
    [100, 2000],
  ] as const);
  const next = (): void => {
    cluster.submit();
    cluster.queue.after(cluster.prng.between(least, most), next);
  };
  cluster.queue.after(1, next);
}

/** The end of the storm: everything that was broken is whole, and stays so. */
function heal(cluster: Cluster): void {
  const { network, nodes, crashes, prng, world } = cluster;
  network.faults.loss = 0;
  network.faults.duplicate = 0;
  network.faults.deaf = new Set();
  network.faults.blind = new Set();
  network.faults.prevoteLoss = 0;
  network.faults.precommitLoss = 0;
  network.faults.voteDelayMs = 0;
  network.faults.delayMs = [1, 5];
  network.partition(undefined);
  crashes.every = 0;
  const half = world.timing.driftMs / 2;
  for (const { conditions } of nodes) {
    conditions.skewMs = prng.between(-half, half);
    conditions.executeMs = [1, 8];
    conditions.badBlocks = 0;
  }
  for (const node of nodes) if (!node.isUp() && !cluster.silent.has(node.index)) node.start();
  for (const a of nodes) for (const b of nodes) if (a !== b) a.connected(b.index);
}

function converge(cluster: Cluster): { readonly events: number; readonly ms: number } {
  const { nodes, queue, options, silent } = cluster;
  const from = queue.now();
  const honest = nodes.filter((n) => !options.byzantine.includes(n.index) && !silent.has(n.index));
  const highest = Math.max(...honest.map((n) => n.tip()));
  const goal = Math.max(BLOCK_FLOOR, highest + BLOCKS_AFTER_HEAL);
  const done = (): boolean => honest.every((n) => n.tip() >= goal);
  const events = runUntil(cluster, from + CONVERGE_MS, done);
  if (!done()) {
    const where = nodes.map((n) => {
      const at = n.machine()?.snapshot();
      return `n${n.index} tip ${n.tip()} at ${at?.height}/${at?.round} ${at?.step}`;
    });
    throw new Violation('progress', `goal ${goal}: ${where.join('; ')}`);
  }
  return { events, ms: queue.now() - from };
}

/** A calm run must not need a second round; every profile must have fired. */
function checkCoverage(cluster: Cluster, profile: Profile): void {
  const { coverage } = cluster;
  for (const name of profile.fires)
    if (coverage.get(name) === 0) throw new Violation('coverage', `${name} never happened`);
  if (profile.name === 'calm' && coverage.get('decidedLater') > 0)
    throw new Violation('latency', `${coverage.get('decidedLater')} blocks needed a second round`);
}

function digestOf(cluster: Cluster): string {
  const hash = createHash('sha256');
  for (const block of cluster.checks.finality.chain) hash.update(block.header.hash);
  for (const [name, count] of [...cluster.coverage.all()].sort(([a], [b]) => (a < b ? -1 : 1)))
    hash.update(`${name} ${count} `);
  return toHex(hash.digest()).slice(0, 16);
}

export function runSeed(options: RunOptions): RunResult {
  const profile = profileOf(options.seed, options.profile);
  const cluster = createRun(options, profile);
  const { prng, nodes, queue, world, coverage } = cluster;
  let [events, convergedMs] = [0, 0];
  let failure: RunResult['failure'];
  try {
    for (const node of nodes) node.start();
    const stormMs = prng.between(3_000, 12_000);
    keepSubmitting(cluster);
    profile.storm(cluster, stormMs);
    events += runUntil(cluster, stormMs);
    heal(cluster);
    const converged = converge(cluster);
    events += converged.events;
    convergedMs = converged.ms;
    checkCoverage(cluster, profile);
  } catch (cause) {
    failure = failureOf(cause);
  }
  return {
    seed: options.seed,
    profile: profile.name,
    validators: world.set.length,
    floor: world.layout.committeeFloor,
    blocks: cluster.checks.finality.chain.length,
    events,
    virtualMs: queue.now(),
    convergedMs,
    counters: coverage.all(),
    digest: digestOf(cluster),
    ...(failure === undefined ? {} : { failure }),
  };
}

/** A broken promise, or an assertion of the machine itself; anything else is a bug of ours. */
function failureOf(cause: unknown): NonNullable<RunResult['failure']> {
  if (cause instanceof Violation) return { rule: cause.rule, detail: cause.message };
  if (cause instanceof AssertionFailure)
    return { rule: 'assertion', detail: cause.stack ?? cause.message };
  throw cause;
}
