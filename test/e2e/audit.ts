// What blocks alone say: genesis and the bytes of the blocks, executed again beside the nodes. The
// state root of every header has to come out of nothing but the transactions that stand in blocks.
import { readFileSync } from 'node:fs';
import { present } from '../../core/src/assert.js';
import { decodeBlock } from '../../core/src/block.js';
import { equalBytes, fromHex } from '../../core/src/bytes.js';
import { ProtocolError } from '../../core/src/errors.js';
import type { RpcClient } from '../../cli/src/network/client.js';
import { networkPaths } from '../../cli/src/network/files.js';
import { nodeBackend } from '../../node/src/crypto/backend.js';
import { type Genesis, readGenesis } from '../../state/src/genesis/genesis.js';
import { genesisState } from '../../state/src/genesis/start.js';
import { rootOf } from '../../state/src/tree/tree.js';
import { executeBlock, parentOf, type StateAt } from '../../state/src/transition.js';

export const genesisOf = (networkDir: string): Genesis =>
  readGenesis(JSON.parse(readFileSync(networkPaths(networkDir).genesis, 'utf8')));

const wrong = (height: bigint, what: string): ProtocolError =>
  new ProtocolError('CHECK_FAILED', `block ${height}: ${what}`);

/** Executes blocks 1 to `height` of a node from genesis. Throws CHECK_FAILED at the first fault. */
export async function replay(genesis: Genesis, client: RpcClient, height: bigint): Promise<void> {
  const backend = nodeBackend();
  let at: StateAt = genesisState(genesis);
  for (let h = 1n; h <= height; h++) {
    const { blockBytes = '' } = await client.call('chain_block', { height: `${h}`, raw: true });
    const block = decodeBlock(present(fromHex(blockBytes), 'blocks come as hex'));
    if (block === undefined) throw wrong(h, 'does not decode');
    const executed = executeBlock(at, block, {
      verify: (key, tx) => backend.verify(key, tx.signedBytes, tx.signature),
    });
    if ('code' in executed) throw wrong(h, executed.code);
    if (!equalBytes(rootOf(executed.tree), block.head.stateRoot)) throw wrong(h, 'another root');
    executed.world.takeOver();
    at = { ...at, tree: executed.tree, parent: parentOf(block) };
  }
}
