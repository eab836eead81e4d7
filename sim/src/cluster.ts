// A whole network on one thread: nodes, links, clocks and the hands that break them.
import { toHex, u32be } from '../../core/src/bytes.js';
import { type Hash, sha256 } from '../../core/src/hash.js';
import type { Timing } from '../../consensus/src/input.js';
import { createLiar } from './byzantine.js';
import { type Checks, createChecks } from './check/check.js';
import { type Coverage, createCoverage } from './coverage.js';
import { createDisk } from './disk.js';
import { createRing, type Ring } from './keys.js';
import { createNetwork, type Network } from './network.js';
import { createNode, type NodeNeeds, type Quirks, type SimNode } from './node.js';
import { describe } from './process/effects.js';
import { createPrng, type Prng } from './prng.js';
import { createQueue, type EventQueue } from './queue.js';
import { createWorld, type Layout, type World } from './world.js';

export interface ClusterOptions {
  readonly seed: number;
  readonly layout: Layout;
  readonly timing: Timing;
  readonly quirks: Quirks;
  /** Nodes that lie, and how often. */
  readonly byzantine: readonly number[];
  readonly lies: number;
  /** Called with every line of a trace; absent: no line is made. */
  readonly trace?: (line: string) => void;
}

/** Where crash points kill, and how. */
export interface CrashRule {
  /** Mean number of points between two deaths; 0 = never. */
  every: number;
  /** Names of the points that count; all unless given. */
  only?: readonly string[];
  /** Points left until the next. */
  left: number;
  losesPower: boolean;
  /** Virtual ms until the restart. */
  downMs: readonly [number, number];
}

export interface Cluster {
  readonly options: ClusterOptions;
  readonly world: World;
  readonly prng: Prng;
  readonly queue: EventQueue;
  readonly network: Network;
  readonly coverage: Coverage;
  readonly checks: Checks;
  readonly nodes: readonly SimNode[];
  readonly crashes: CrashRule;
  /** Nodes that stay away to the end of the run; at most f validators, and centres. */
  readonly silent: Set<number>;
  /** Kills a node that runs; it starts again after `downMs`. */
  crash(node: number, losePower: boolean, downMs: number): void;
  /** A transaction appears at some nodes. */
  submit(): void;
}

/** A process died at a crash point. */
class Death extends Error {
  override name = 'Death';
}

interface Parts {
  readonly options: ClusterOptions;
  readonly world: World;
  readonly prng: Prng;
  readonly queue: EventQueue;
  readonly coverage: Coverage;
  readonly checks: Checks;
  readonly ring: Ring;
  readonly crashes: CrashRule;
  readonly silent: Set<number>;
  readonly nodes: SimNode[];
}

function crashNode(p: Parts, index: number, how: { losePower: boolean; downMs: number }): void {
  const node = p.nodes[index];
  if (node === undefined || !node.isUp()) return;
  p.options.trace?.(`${p.queue.now()} n${index} dies${how.losePower ? ' (power)' : ''}`);
  node.kill(how.losePower);
  p.queue.after(how.downMs, () => {
    if (node.isUp() || p.silent.has(index)) return;
    p.options.trace?.(`${p.queue.now()} n${index} starts`);
    node.start();
  });
}

/** Runs something of a node; if it dies at a crash point, it starts again later. */
function guard(p: Parts, index: number, run: () => void): void {
  try {
    run();
  } catch (cause) {
    if (!(cause instanceof Death)) throw cause;
    const [least, most] = p.crashes.downMs;
    const downMs = p.prng.between(least, most);
    crashNode(p, index, { losePower: p.crashes.losesPower, downMs });
  }
}

function nodeNeeds(p: Parts, index: number, network: Network): NodeNeeds {
  const { options, world, prng, queue, coverage, crashes } = p;
  const isLiar = options.byzantine.includes(index);
  const liar = { node: index, world, prng, ring: p.ring, coverage, lies: options.lies };
  const { trace } = options;
  return {
    index,
    world,
    queue,
    prng,
    coverage,
    disk: createDisk(),
    platter: [],
    watch: p.checks.watch,
    ring: p.ring,
    quirks: options.quirks,
    conditions: { skewMs: 0, executeMs: [1, 8], badBlocks: 0 },
    ...(isLiar ? { policy: createLiar({ ...liar, ledger: () => p.checks.ledger }) } : {}),
    send: (to, message) => network.send(index, to, message),
    crashPoint(name) {
      if (crashes.every === 0 || crashes.only?.includes(name) === false) return;
      crashes.left -= 1;
      if (crashes.left >= 0) return;
      crashes.left = prng.below(2 * crashes.every);
      coverage.count('deathAtPoint');
      coverage.count(`death ${name}`);
      throw new Death(name);
    },
    guard: (run) => guard(p, index, run),
    trace: (line) => trace?.(`${queue.now()} n${index} ${line()}`),
  };
}

/** Every honest clock shows at most this, plus what the drift rule lets pass. */
function latestTime(p: Parts): bigint {
  const skews = p.nodes
    .filter((n) => !p.options.byzantine.includes(n.index))
    .map((n) => n.conditions.skewMs)
    .sort((a, b) => b - a);
  // Of the honest clocks the f fastest may be outside the model.
  const faulty = Math.floor((p.world.set.length - 1) / 3) + p.options.layout.centres;
  const skew = skews[Math.min(faulty, skews.length - 1)] ?? 0;
  return BigInt(p.queue.now() + Math.max(0, skew) + p.world.timing.driftMs);
}

export function createCluster(options: ClusterOptions): Cluster {
  const { seed, layout, timing, trace } = options;
  const world = createWorld(seed, layout, timing);
  const [prng, queue, coverage] = [createPrng(seed), createQueue(), createCoverage()];
  const nodes: SimNode[] = [];
  const crashes: CrashRule = { every: 0, left: 0, losesPower: false, downMs: [20, 500] };
  const ring = createRing(world.set);
  const checks = createChecks({
    world,
    coverage,
    byzantine: new Set(options.byzantine),
    ring,
    latestTime: (): bigint => latestTime(parts),
  });
  const parts: Parts = {
    options,
    world,
    prng,
    queue,
    coverage,
    checks,
    ring,
    crashes,
    silent: new Set(),
    nodes,
  };
  const network = createNetwork({
    queue,
    prng,
    coverage,
    deliver(to, from, message) {
      trace?.(`${queue.now()} n${from}>n${to} ${describe(message)}`);
      nodes[to]?.deliver(from, message);
    },
  });
  for (let i = 0; i < world.nodes; i++) nodes.push(createNode(nodeNeeds(parts, i, network)));
  return {
    ...parts,
    network,
    crash: (node, losePower, downMs) => crashNode(parts, node, { losePower, downMs }),
    submit() {
      const id: Hash = sha256(u32be(prng.next()));
      coverage.count('transactions');
      for (const node of nodes)
        if (prng.chance(network.faults.reach))
          queue.after(prng.between(0, 30), () => node.deliver(node.index, { type: 'tx', id }));
      trace?.(`${queue.now()} transaction ${toHex(id).slice(0, 8)}`);
    },
  };
}
