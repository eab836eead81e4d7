// The look over the store at every start (reliability D17): LevelDB hides a damaged log by leaving
// whole batches out of the middle, so every height from the first to the tip must be there, and the
// last ones must be readable and linked. The state root is recomputed by the caller, who builds the
// tree anyway.
import { ProtocolError } from '../../../core/src/errors.js';
import type { Hash } from '../../../core/src/hash.js';
import type { BlockStore } from './store.js';

/** What a caller reads out of block bytes; undefined where they are no block. */
export interface BlockLinks {
  readonly hash: Hash;
  readonly parentHash: Hash;
}

export interface StoreCheckOptions {
  readonly linksOf: (blockBytes: Uint8Array) => BlockLinks | undefined;
  /** Blocks looked into, from the tip down; default 1,000. `Infinity` is the full check. */
  readonly depth?: number;
}

const damaged = (height: bigint, why: string): ProtocolError =>
  new ProtocolError('STORE_DAMAGED', `block ${height}: ${why}`, { height: String(height) });

const same = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

async function checkContiguity(store: BlockStore, base: bigint, tip: bigint): Promise<void> {
  let next = base;
  for await (const height of store.heights()) {
    if (height !== next) throw damaged(next, `missing; the next one is ${height}`);
    next++;
  }
  if (next !== tip + 1n) throw damaged(next, `missing; the tip is ${tip}`);
}

/** Throws STORE_DAMAGED with the height. An empty store passes. */
export async function checkStore(store: BlockStore, options: StoreCheckOptions): Promise<void> {
  const tip = store.tip();
  if (tip === undefined) return;
  await checkContiguity(store, tip.base, tip.height);
  const depth = options.depth ?? 1000;
  let wanted: Hash = tip.hash;
  for (let height = tip.height, seen = 0; height > tip.base && seen < depth; height--, seen++) {
    const bytes = store.block(height);
    const links = bytes && options.linksOf(bytes);
    if (links === undefined) throw damaged(height, 'not readable');
    if (!same(links.hash, wanted)) throw damaged(height, 'hash is not the one the next one names');
    if (store.heightOf(wanted) !== height) throw damaged(height, 'index by hash is wrong');
    if (store.certificate(height) === undefined) throw damaged(height, 'certificate is missing');
    if (store.receipts(height) === undefined) throw damaged(height, 'receipts are missing');
    wanted = links.parentHash;
    if (seen % 64 === 63) await new Promise((resolve) => setImmediate(resolve));
  }
}
