// The storms: each profile breaks one kind of thing, with intensities drawn from the seed, and
// names the counters that have to move for its run to mean anything.
import type { Cluster } from './cluster.js';

export interface Profile {
  readonly name: string;
  /** Counters that must not be 0 after a run. */
  readonly fires: readonly string[];
  /** Lying nodes are drawn for this profile. */
  readonly byzantine?: boolean;
  /** Least validators for which the profile makes sense. */
  readonly leastValidators?: number;
  /** Sets the faults going; everything ends at `untilMs` (virtual). */
  readonly storm: (cluster: Cluster, untilMs: number) => void;
}

/** Does something again and again at random intervals until the storm ends. */
function repeatedly(
  cluster: Cluster,
  when: { readonly everyMs: readonly [number, number]; readonly untilMs: number },
  act: () => void,
): void {
  const { queue, prng } = cluster;
  queue.after(prng.between(when.everyMs[0], when.everyMs[1]), () => {
    if (queue.now() >= when.untilMs) return;
    act();
    repeatedly(cluster, when, act);
  });
}

function badLinks(cluster: Cluster): void {
  const { prng, network } = cluster;
  network.faults.loss = prng.between(1, 30) / 100;
  network.faults.duplicate = prng.between(1, 30) / 100;
  network.faults.delayMs = [1, prng.pick([20, 80, 300, 600])];
}

function killing(cluster: Cluster, untilMs: number, losePower: boolean): void {
  const { prng, world } = cluster;
  const most = prng.pick([300, 1500, 6000]);
  repeatedly(cluster, { everyMs: [20, 2000], untilMs }, () => {
    const all = prng.chance(0.1);
    const count = all ? world.nodes : prng.between(1, Math.max(1, Math.floor(world.nodes / 3)));
    const victims = prng.shuffle(Array.from({ length: world.nodes }, (_, i) => i)).slice(0, count);
    for (const node of victims) cluster.crash(node, losePower, prng.between(20, most));
  });
}

function cutting(cluster: Cluster, untilMs: number): void {
  const { prng, queue, network, world, coverage } = cluster;
  const cut = (): void => {
    // A quiet chain says nothing for a while: the first partition stands until it cut something.
    if (coverage.get('partition') > 0 && coverage.get('cut') === 0) return;
    const sides = Array.from({ length: world.nodes }, () => prng.below(prng.pick([2, 2, 3])));
    sides[0] = sides.slice(1).includes(0) ? 1 : 0;
    network.partition(coverage.get('partition') > 0 && prng.chance(0.3) ? undefined : sides);
  };
  queue.after(prng.between(50, 1000), cut);
  repeatedly(cluster, { everyMs: [50, 3000], untilMs }, cut);
}

function skewing(cluster: Cluster, untilMs: number): void {
  const { prng, nodes, world, coverage } = cluster;
  const half = world.timing.driftMs / 2;
  const drift = (): number => prng.between(-half, half);
  const centres = nodes.slice(world.set.length);
  const wrong = prng.between(0, Math.floor((world.set.length - 1) / 3));
  const bad = [...prng.shuffle(nodes.slice(0, world.set.length)).slice(0, wrong), ...centres];
  repeatedly(cluster, { everyMs: [50, 2000], untilMs }, () => {
    for (const node of nodes) node.conditions.skewMs = drift();
    for (const node of bad) {
      if (!prng.chance(0.7)) continue;
      coverage.count('wrongClock');
      node.conditions.skewMs = prng.pick([-1, 1]) * prng.pick([1500, 10_000, 3_600_000]);
    }
    coverage.count('clocksSet');
  });
}

function slowing(cluster: Cluster, untilMs: number): void {
  const { prng, nodes, coverage } = cluster;
  repeatedly(cluster, { everyMs: [50, 2000], untilMs }, () => {
    const node = prng.pick(nodes);
    node.conditions.executeMs = prng.pick([
      [1, 8],
      [100, 1500],
      [500, 4000],
    ] as const);
    coverage.count('slowed');
  });
}

/** The centre is away, or makes blocks that nobody else finds valid. */
function centreTrouble(cluster: Cluster, untilMs: number): void {
  const { prng, world, nodes, coverage } = cluster;
  const centre = world.layout.centres === 0 ? 0 : world.set.length;
  repeatedly(cluster, { everyMs: [100, 1400], untilMs }, () => {
    coverage.count('centreTrouble');
    for (const node of nodes) node.conditions.badBlocks = 0;
    const at = nodes[prng.between(centre, world.layout.centres === 0 ? centre : world.nodes - 1)];
    if (at !== undefined && world.layout.centres > 0 && prng.chance(0.5))
      at.conditions.badBlocks = 0.7;
    else cluster.crash(at?.index ?? centre, false, prng.between(500, 8000));
  });
}

/** Hidden locks: quorums of prevotes come together, their precommits do not arrive. */
function locking(cluster: Cluster, untilMs: number): void {
  const { prng, network, world, nodes } = cluster;
  network.faults.delayMs = [1, prng.pick([20, 200])];
  repeatedly(cluster, { everyMs: [50, 1500], untilMs }, () => {
    const f = Math.floor((world.set.length - 1) / 3);
    network.faults.deaf = new Set(
      prng.shuffle(nodes.map((n) => n.index)).slice(0, prng.pick([0, f])),
    );
    network.faults.prevoteLoss = prng.pick([0, 0, 0.2, 0.5]);
    network.faults.precommitLoss = prng.pick([0, 0.3, 0.6, 0.9]);
    network.faults.voteDelayMs = prng.pick([0, 0, 300, 900]);
    if (prng.chance(0.3)) cluster.crash(prng.below(world.nodes), false, prng.between(20, 1000));
  });
  splitting(cluster, untilMs);
}

/**
 * Of the next height a few validators outside the first committee execute too late: they precommit
 * nil, the others are locked, and the next proposer, whom no prevote reaches, knows nothing of it.
 */
function splitting(cluster: Cluster, untilMs: number): void {
  const { prng, network, world, nodes } = cluster;
  const centres = nodes.slice(world.set.length).map((n) => n.index);
  const late = Math.floor((world.set.length - 1) / 3) + 1;
  repeatedly(cluster, { everyMs: [50, 400], untilMs }, () => {
    const next = Math.max(...nodes.map((n) => n.tip())) + 1;
    const { members } = world.committee(BigInt(next), 0);
    const others = nodes.filter((n) => n.index < world.set.length && !members.has(n.index));
    const slow = new Set(prng.chance(0.7) ? prng.shuffle(others).slice(0, late) : []);
    for (const node of nodes) node.conditions.executeMs = slow.has(node) ? [250, 700] : [1, 8];
    network.faults.blind = new Set(prng.chance(0.6) ? [...centres, prng.below(world.nodes)] : []);
  });
}

function silencing(cluster: Cluster): void {
  const { prng, world, nodes, silent, coverage, queue } = cluster;
  const f = Math.floor((world.set.length - 1) / 3);
  const validators = prng.shuffle(nodes.slice(0, world.set.length)).slice(0, f);
  const centres = prng.chance(0.5) ? nodes.slice(world.set.length, world.set.length + 1) : [];
  for (const { index } of [...validators, ...centres]) {
    silent.add(index);
    queue.after(prng.between(0, 3000), () => {
      coverage.count('silenced');
      cluster.crash(index, false, 0);
    });
  }
}

/** Death directly after a write or a send, again and again; sometimes of the power. */
function amnesia(cluster: Cluster): void {
  const { prng, crashes } = cluster;
  crashes.every = prng.pick([10, 30, 80]);
  crashes.losesPower = prng.chance(0.5);
  crashes.downMs = [5, prng.pick([50, 400, 2000])];
}

export const PROFILES: readonly Profile[] = [
  {
    name: 'calm',
    fires: ['decided'],
    // What only one validator holds opens nothing (3.7c) and may cost a round.
    storm: (c) => {
      c.network.faults.reach = 1;
    },
  },
  {
    name: 'lossy',
    fires: ['lost', 'duplicated'],
    leastValidators: 4,
    storm: (c) => badLinks(c),
  },
  {
    name: 'locked',
    fires: ['locks'],
    leastValidators: 7,
    storm: (c, until) => locking(c, until),
  },
  { name: 'crashy', fires: ['crash'], storm: (c, until) => killing(c, until, false) },
  { name: 'power', fires: ['powerLoss'], storm: (c, until) => killing(c, until, true) },
  {
    name: 'partition',
    fires: ['partition', 'cut'],
    leastValidators: 4,
    storm: (c, until) => cutting(c, until),
  },
  { name: 'clock', fires: ['clocksSet'], storm: (c, until) => skewing(c, until) },
  { name: 'slow', fires: ['slowed'], storm: (c, until) => slowing(c, until) },
  { name: 'centre', fires: ['centreTrouble'], storm: (c, until) => centreTrouble(c, until) },
  {
    name: 'amnesia',
    fires: ['deathAtPoint'],
    storm: (c, until) => {
      amnesia(c);
      if (c.prng.chance(0.4)) badLinks(c);
      if (c.prng.chance(0.4)) locking(c, until);
      if (c.prng.chance(0.3)) cutting(c, until);
    },
  },
  {
    // Death at the worst moment: locked, precommitted, and nobody knows yet.
    name: 'lockcrash',
    fires: ['deathAtPoint', 'locks'],
    leastValidators: 7,
    storm: (c, until) => {
      amnesia(c);
      c.crashes.every = c.prng.pick([2, 4]);
      c.crashes.only = ['afterPrecommitSent'];
      locking(c, until);
    },
  },
  {
    // f validators, and perhaps a centre, never come back: the others are exactly a quorum.
    name: 'silent',
    fires: ['silenced'],
    leastValidators: 4,
    storm: (c, until) => {
      silencing(c);
      if (c.prng.chance(0.7)) badLinks(c);
      if (c.prng.chance(0.7)) cutting(c, until);
      if (c.prng.chance(0.3)) killing(c, until, false);
    },
  },
  {
    name: 'byzantine',
    fires: ['lies'],
    byzantine: true,
    leastValidators: 4,
    storm: (c, until) => {
      if (c.prng.chance(0.5)) badLinks(c);
      if (c.prng.chance(0.3)) cutting(c, until);
      if (c.prng.chance(0.3)) amnesia(c);
      if (c.prng.chance(0.4)) locking(c, until);
    },
  },
  {
    name: 'mixed',
    fires: ['lost', 'crash'],
    leastValidators: 4,
    storm: (c, until) => {
      badLinks(c);
      killing(c, until, false);
      if (c.prng.chance(0.5)) cutting(c, until);
      if (c.prng.chance(0.5)) skewing(c, until);
      if (c.prng.chance(0.5)) slowing(c, until);
      if (c.prng.chance(0.5)) centreTrouble(c, until);
    },
  },
];
