// One life of a simulated node, as data: the shipping machine, what the process holds in memory,
// and the few things that every part of the shell does. What outlives it is on the disk.
import { toHex } from '../../../core/src/bytes.js';
import type { Hash } from '../../../core/src/hash.js';
import type { PublicKey } from '../../../core/src/ids.js';
import type { Input, Own } from '../../../consensus/src/input.js';
import type { ConsensusMachine } from '../../../consensus/src/port.js';
import type { ToyBlock } from '../application.js';
import type { ChainEntry, Message, ProposalWire } from '../messages.js';
import type { NodeNeeds } from '../node.js';

export interface Life {
  readonly needs: NodeNeeds;
  readonly machine: ConsensusMachine;
  readonly key: PublicKey;
  readonly own: Own;
  readonly inbox: Input[];
  busy: boolean;
  /** False once the process died: its timers and executions are void. */
  alive: boolean;
  /** Blocks of this height and later ones, by hash. */
  readonly pool: Map<string, ToyBlock>;
  readonly wanted: Set<string>;
  readonly executing: Set<string>;
  /** Transactions that wait. */
  readonly pending: Map<string, Hash>;
  /** Own proposals of this height by round, to be sent again. */
  readonly ownProposals: Map<number, ProposalWire>;
  openIds: readonly Hash[];
  lastSyncAt: number;
  appending: boolean;
  /** Hands an input to the machine and executes its effects in order. */
  readonly feed: (input: Input) => void;
}

/** Decided blocks on the disk; a power loss may take back the last. */
export const tipOf = (life: Life): number => life.needs.disk.read<number>('chainLength') ?? 0;

export const parentOf = (life: Life): { readonly hash: Hash; readonly timeMs: bigint } =>
  tipOf(life) === 0
    ? life.needs.world.genesis
    : (life.needs.platter[tipOf(life) - 1] as ChainEntry).block.header;

/** The chain clock of this node, chain ms. */
export const clockOf = (life: Life): bigint =>
  BigInt(Math.max(0, life.needs.queue.now() + life.needs.conditions.skewMs));

export const blockOf = (life: Life, hash: Hash): ToyBlock | undefined => life.pool.get(toHex(hash));

export function later(life: Life, ms: number, run: () => void): void {
  life.needs.queue.after(ms, () => {
    if (life.alive) life.needs.guard(run);
  });
}

export function send(life: Life, to: number, message: Message): void {
  const { policy } = life.needs;
  const said = policy === undefined ? message : policy(to, message);
  if (said !== undefined) life.needs.send(to, said);
}

export function broadcast(life: Life, message: Message): void {
  for (let to = 0; to < life.needs.world.nodes; to++)
    if (to !== life.needs.index) send(life, to, message);
}

/** Some other node. */
export function anyOther(life: Life): number {
  const { index, world, prng } = life.needs;
  return (index + 1 + prng.below(world.nodes - 1)) % world.nodes;
}
