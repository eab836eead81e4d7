// What a node stands on when it starts: the store checked, the state rebuilt from its leaves, and
// the root compared with the header of the tip (reliability D17).
import { decodeBlock } from '../../core/src/block.js';
import { equalBytes } from '../../core/src/bytes.js';
import { ProtocolError } from '../../core/src/errors.js';
import type { Genesis } from '../../state/src/genesis/genesis.js';
import { genesisState, restoreState } from '../../state/src/genesis/start.js';
import { rootOf } from '../../state/src/tree/tree.js';
import { parentOf, type StateAt } from '../../state/src/transition.js';
import type { LeafWrite } from '../../state/src/world.js';
import { checkStore } from './store/check.js';
import type { BlockStore } from './store/store.js';

export interface Ground {
  readonly at: StateAt;
  readonly genesisWrites: readonly LeafWrite[];
  /** Block, certificate of the tip; undefined before block 1. */
  readonly tip:
    | { readonly headerBytes: Uint8Array; readonly certificateBytes: Uint8Array }
    | undefined;
}

/** Throws STORE_DAMAGED, or WRONG_CHAIN where the directory is of another genesis. */
export async function openGround(genesis: Genesis, store: BlockStore): Promise<Ground> {
  const { writes, ...fresh } = genesisState(genesis);
  const stored = store.tip();
  if (stored === undefined) return { at: fresh, genesisWrites: writes, tip: undefined };
  const linksOf = (bytes: Uint8Array) => {
    const block = decodeBlock(bytes);
    return block && { hash: block.hash, parentHash: block.head.parentHash };
  };
  await checkStore(store, { linksOf });
  const bytes = store.block(stored.height);
  const block = bytes && decodeBlock(bytes);
  const certificateBytes = store.certificate(stored.height);
  if (block === undefined || certificateBytes === undefined)
    throw new ProtocolError('STORE_DAMAGED', 'the block of the tip is not readable');
  if (!equalBytes(block.head.chainId, genesis.chainId))
    throw new ProtocolError('WRONG_CHAIN', 'the data directory belongs to another genesis');
  const restored = restoreState(await leavesOf(store));
  if (restored === undefined || !equalBytes(rootOf(restored.tree), block.head.stateRoot))
    throw new ProtocolError('STORE_DAMAGED', 'the state does not have the root of the tip');
  const at: StateAt = { ...fresh, ...restored, parent: parentOf(block) };
  return { at, genesisWrites: writes, tip: { headerBytes: block.header, certificateBytes } };
}

async function leavesOf(store: BlockStore) {
  const leaves: { kind: number; key: Uint8Array; value: Uint8Array }[] = [];
  for await (const page of store.states())
    for (const { key, value } of page)
      leaves.push({ kind: key[0] as number, key: key.slice(1), value });
  return leaves;
}
