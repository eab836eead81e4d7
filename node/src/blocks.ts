// Bytes of blocks that are not decided yet, by hash: those that came with a proposal, were built
// here, or are asked for. Bounded; what a lock names is in the lock record besides.
import type { Block } from '../../core/src/block.js';
import { toHex } from '../../core/src/bytes.js';
import type { Hash } from '../../core/src/hash.js';

/** Blocks of the current and the next height, over many rounds; each is at most a full block. */
const MAX_HELD = 32;

export class BlockCache {
  readonly #held = new Map<string, Block>();
  readonly #wanted = new Set<string>();

  get(hash: Hash): Block | undefined {
    return this.#held.get(toHex(hash));
  }

  put(block: Block): void {
    const name = toHex(block.hash);
    if (this.#held.has(name)) return;
    if (this.#held.size >= MAX_HELD) {
      const oldest = this.#held.keys().next();
      if (!oldest.done) this.#held.delete(oldest.value);
    }
    this.#held.set(name, block);
  }

  /** The machine waits for the verdict on this block. */
  want(hash: Hash): void {
    this.#wanted.add(toHex(hash));
  }

  isWanted(hash: Hash): boolean {
    return this.#wanted.has(toHex(hash));
  }

  done(hash: Hash): void {
    this.#wanted.delete(toHex(hash));
  }

  /** After a decision: blocks up to that height are of no use here. */
  forgetUpTo(height: bigint): void {
    this.#wanted.clear();
    for (const [name, block] of this.#held)
      if (block.head.height <= height) this.#held.delete(name);
  }
}
