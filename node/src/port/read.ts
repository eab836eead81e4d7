// What every part of the adapter needs: the tip an answer speaks of, stored blocks by height or
// hash, leaves by table in the final or an older state.
import { tryDecode } from '../../../core/src/codec/codec.js';
import { ProtocolError } from '../../../core/src/errors.js';
import { asHash } from '../../../core/src/hash.js';
import { decodeHeader, type Header, headerHash } from '../../../core/src/header.js';
import type { Hash } from '../../../core/src/hash.js';
import { present } from '../../../core/src/assert.js';
import { treePath } from '../../../core/src/treeProof.js';
import type { At } from '../../../rpc/src/ports.js';
import type { BlockRef } from '../../../rpc/src/results/chain.js';
import { findLeaf } from '../../../state/src/tree/tree.js';
import type { Table } from '../../../state/src/world.js';
import type { NodeView, StateOfHeight } from '../view.js';

export const atTip = (view: NodeView): At => ({ height: view.tip().height, status: 'final' });

export function notHere(what: string): never {
  throw new ProtocolError('NOT_FOUND', `${what} is not here`);
}

/** Height of a final block. */
export function heightOf(view: NodeView, ref: BlockRef): bigint {
  const height = 'height' in ref ? ref.height : view.heightOf(asHash(ref.hash));
  if (height === undefined || height < 1n || height > view.tip().height)
    return notHere('the block');
  return height;
}

export function blockBytesOf(view: NodeView, height: bigint): Uint8Array {
  const bytes = view.blockBytes(height);
  if (bytes !== undefined) return bytes;
  throw new ProtocolError('HISTORY_PRUNED', 'the block is no longer kept here', {
    height: height.toString(),
  });
}

/** Header bytes are the first field of a block: [bin header, ...]; no need to decode the rest. */
function firstBin(block: Uint8Array): Uint8Array {
  const wide = block[1] === 0xc5;
  const start = wide ? 4 : 3;
  const length = wide ? (block[2] as number) * 256 + (block[3] as number) : (block[2] as number);
  return block.subarray(start, start + length);
}

export interface StoredHeader {
  readonly bytes: Uint8Array;
  readonly head: Header;
  readonly hash: Hash;
}

export function headerOf(view: NodeView, height: bigint): StoredHeader {
  const bytes = view.stateOf(height)?.headerBytes ?? firstBin(blockBytesOf(view, height));
  const head = present(decodeHeader(bytes), 'a stored header decodes');
  return { bytes, head, hash: headerHash(bytes) };
}

/** State of a height that can be proven; the newest unless given. */
export function provable(view: NodeView, height: bigint | undefined): StateOfHeight {
  const of = height ?? view.tip().height;
  if (of > view.tip().height) return notHere('that height');
  const state = view.stateOf(of);
  if (state !== undefined) return state;
  throw new ProtocolError('HISTORY_PRUNED', 'no state of that height is kept to prove from', {
    height: of.toString(),
  });
}

export type ReadLeaf = <K, V>(table: Table<K, V>, key: NoInfer<K>) => V | undefined;

const MAX_LEAF_BYTES = 1 << 20;

/** Reads leaves of the final state, or of an older one through its tree. */
export function leavesAt(view: NodeView, height: bigint | undefined): ReadLeaf {
  if (height === undefined || height === view.tip().height) {
    const world = view.world();
    return (table, key) => world.get(table, key);
  }
  const { tree } = provable(view, height);
  return (table, key) => {
    const leaf = findLeaf(tree, treePath(table.kind, table.keyBytes(key)));
    return leaf && tryDecode(table.value, leaf.value, { maxBytes: MAX_LEAF_BYTES });
  };
}
