// The toy application under the consensus: a block is a list of transaction ids, and invalid
// exactly if its maker marked it so. Everything else that a node checks of a block is checked here
// too.
import { encodeWire } from '../../core/src/codec/codec.js';
import { equalBytes } from '../../core/src/bytes.js';
import { type Hash, sha256 } from '../../core/src/hash.js';
import type { PublicKey } from '../../core/src/ids.js';
import type { HeaderSummary } from '../../consensus/src/input.js';
import { proposerOf } from '../../consensus/src/proposer.js';

export interface ToyBlock {
  readonly header: HeaderSummary;
  readonly ids: readonly Hash[];
  /** Executes wrongly: every honest node finds it invalid. */
  readonly isBad: boolean;
}

export interface BlockFields {
  readonly height: bigint;
  readonly round: number;
  readonly timeMs: bigint;
  readonly proposer: PublicKey;
  readonly parentHash: Hash;
  readonly ids: readonly Hash[];
  readonly isBad: boolean;
}

export function makeBlock(fields: BlockFields): ToyBlock {
  const { height, round, timeMs, proposer, parentHash, ids, isBad } = fields;
  const bytes = encodeWire(['block', height, round, timeMs, proposer, parentHash, [...ids], isBad]);
  return {
    header: { hash: sha256(bytes), height, round, timeMs, proposer, parentHash },
    ids,
    isBad,
  };
}

/** The full check of a block on its parent (consensus 3.2), as far as the toy has anything. */
export function isBlockValid(
  block: ToyBlock,
  parent: { readonly hash: Hash; readonly timeMs: bigint },
  proposers: readonly PublicKey[],
): boolean {
  const { header } = block;
  return (
    !block.isBad &&
    equalBytes(header.parentHash, parent.hash) &&
    header.timeMs > parent.timeMs &&
    equalBytes(header.proposer, proposerOf(proposers, header.round))
  );
}
