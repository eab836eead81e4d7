// A simulated node over its lives: started, killed, started again from its disk.
import { toHex } from '../../core/src/bytes.js';
import type { Input } from '../../consensus/src/input.js';
import { createMachine } from '../../consensus/src/machine.js';
import type { ConsensusMachine } from '../../consensus/src/port.js';
import type { ToyBlock } from './application.js';
import type { Coverage } from './coverage.js';
import type { Disk } from './disk.js';
import type { Ring } from './keys.js';
import type { ChainEntry, Message } from './messages.js';
import { giveReason, startHeight } from './process/chain.js';
import { deliver } from './process/deliver.js';
import { describe, perform } from './process/effects.js';
import { type Life, tipOf } from './process/life.js';
import type { Prng } from './prng.js';
import type { EventQueue } from './queue.js';
import { marksOf } from './signer.js';
import type { LockSlots, Watch } from './watch.js';
import type { World } from './world.js';

/** What the profile does to a node; may change at any time. */
export interface Conditions {
  /** Chain clock minus virtual time, ms. */
  skewMs: number;
  /** Least and greatest duration of an execution, virtual ms. */
  executeMs: readonly [number, number];
  /** Probability that a block it builds is invalid. */
  badBlocks: number;
}

/** Planted bugs that sit in the shell (mutants.ts); all absent in a sound node. */
export interface Quirks {
  readonly wrap?: (machine: ConsensusMachine, node: number) => ConsensusMachine;
  readonly syncs?: boolean;
  readonly executes?: boolean;
  readonly keepsSignState?: boolean;
  readonly keepsLock?: boolean;
}

/** What a node says to each, if it does not say the same to all (byzantine.ts). */
export type Policy = (to: number, message: Message) => Message | undefined;

export interface NodeNeeds {
  readonly index: number;
  readonly world: World;
  readonly queue: EventQueue;
  readonly prng: Prng;
  readonly disk: Disk;
  /** Decided blocks; how many count is on the disk. */
  readonly platter: ChainEntry[];
  readonly watch: Watch;
  readonly coverage: Coverage;
  readonly ring: Ring;
  readonly quirks: Quirks;
  readonly conditions: Conditions;
  readonly policy?: Policy;
  readonly send: (to: number, message: Message) => void;
  /** A place where the process may die: throws if it does. */
  readonly crashPoint: (name: string) => void;
  /** Runs an event of this node and buries it if it dies. */
  readonly guard: (run: () => void) => void;
  readonly trace: (line: () => string) => void;
}

export interface SimNode {
  readonly index: number;
  readonly conditions: Conditions;
  isUp(): boolean;
  start(): void;
  kill(losePower: boolean): void;
  deliver(from: number, message: Message): void;
  connected(peer: number): void;
  tip(): number;
  machine(): ConsensusMachine | undefined;
}

function createLife(needs: NodeNeeds): Life {
  const { index, world, quirks } = needs;
  const key = world.keyOf(index);
  const machine = createMachine();
  const life: Life = {
    needs,
    machine: quirks.wrap === undefined ? machine : quirks.wrap(machine, index),
    key,
    own: index < world.set.length ? { key, index } : { key },
    inbox: [],
    busy: false,
    alive: true,
    pool: new Map(),
    wanted: new Set(),
    executing: new Set(),
    pending: new Map(),
    ownProposals: new Map(),
    openIds: [],
    lastSyncAt: Number.NEGATIVE_INFINITY,
    appending: false,
    feed: (input) => feed(life, input),
  };
  return life;
}

/** One input after the other, the effects of each strictly in order. */
function feed(life: Life, input: Input): void {
  life.inbox.push(input);
  if (life.busy) return;
  life.busy = true;
  for (let next = life.inbox.shift(); next !== undefined; next = life.inbox.shift()) {
    life.needs.coverage.count('inputs');
    const given = next;
    life.needs.trace(() => `<- ${describe(given)}`);
    for (const effect of life.machine.handle(next)) {
      life.needs.trace(() => `   -> ${describe(effect)}`);
      perform(life, effect);
    }
  }
  life.busy = false;
}

/** Records of the files outside the database. */
const RECORDS = ['signState', 'lock', 'lockBlock', 'chainLength'];

/** The first height of a process, with what the files outside the database say. */
function begin(life: Life): void {
  const { disk, platter, quirks, watch, index } = life.needs;
  platter.length = tipOf(life);
  // A process that died between write and sync left entries that are seen but not durable: what is
  // read at the start is synced before anything rests on it.
  if (quirks.syncs !== false) for (const name of RECORDS) disk.sync(name);
  const lock = disk.read<LockSlots>('lock')?.slots[0];
  const block = disk.read<ToyBlock>('lockBlock');
  if (block !== undefined) life.pool.set(toHex(block.header.hash), block);
  // What was written and not yet reported counts from now on.
  const last = platter.at(-1);
  if (last !== undefined) watch.appended(index, last);
  startHeight(life, 1_000_000);
  const known = lock === undefined || quirks.keepsLock === false ? {} : { lock };
  const signed = quirks.keepsSignState === false ? [] : marksOf(disk);
  life.feed({ kind: 'resume', signed, ...known });
  giveReason(life);
}

export function createNode(needs: NodeNeeds): SimNode {
  const { index, conditions, disk, coverage, quirks } = needs;
  let life: Life | undefined;
  return {
    index,
    conditions,
    isUp: () => life !== undefined,
    start() {
      const born = createLife(needs);
      life = born;
      coverage.count('started');
      if (quirks.keepsSignState === false) disk.write('signState', undefined);
      needs.guard(() => begin(born));
    },
    kill(losePower) {
      if (life === undefined) return;
      life.alive = false;
      life = undefined;
      coverage.count(losePower ? 'powerLoss' : 'crash');
      if (losePower) coverage.count('unsyncedLost', disk.losePower());
    },
    deliver(from, message) {
      const at = life;
      if (at !== undefined) needs.guard(() => deliver(at, from, message));
    },
    connected(peer) {
      const at = life;
      if (at !== undefined)
        needs.guard(() => at.feed({ kind: 'peerConnected', peer: String(peer) }));
    },
    tip: () => disk.read<number>('chainLength') ?? 0,
    machine: () => life?.machine,
  };
}
