// No transaction twice: the ids of each block stand in one leaf until the last of their windows has
// ended. One leaf per block and not per id, so that the tree does not grow and shrink with every
// transaction (docs/decisions/0016).
import type { ChainMs } from '../../../core/src/amount.js';
import { concatBytes, keyText } from '../../../core/src/bytes.js';
import type { Hash } from '../../../core/src/hash.js';
import type { Tx } from '../../../core/src/tx.js';
import { REPLAY } from '../schema.js';
import type { World } from '../world.js';

/** Ids of the block under way. */
export class BlockIds {
  private readonly ids = new Map<string, Hash>();
  private lastMs = 0n as ChainMs;

  has(id: string): boolean {
    return this.ids.has(id);
  }

  add(tx: Tx): void {
    this.ids.set(keyText(tx.id), tx.id);
    if (tx.validUntil > this.lastMs) this.lastMs = tx.validUntil;
  }

  /** The leaf of the block; none where it has no transactions. */
  writeTo(world: World, height: bigint): void {
    if (this.ids.size === 0) return;
    const { lastMs } = this;
    world.set(REPLAY, { height, lastMs }, { lastMs, ids: concatBytes(...this.ids.values()) });
  }
}

/** Whether a transaction stands in a block of the decided state, its window not yet over. */
export const isInChain = (world: World, id: Hash): boolean => world.isMember(REPLAY, keyText(id));

/** Whether the transaction stands in an earlier block, or in this one already. */
export function isReplay(world: World, block: BlockIds | undefined, tx: Tx): boolean {
  const id = keyText(tx.id);
  return block?.has(id) === true || world.isMember(REPLAY, id);
}
