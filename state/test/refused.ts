// A transaction that must be refused in its place: by its code, in a block of its own and in one
// that carries it all the same, and without a trace in the state.
import assert from 'node:assert/strict';
import type { ChainMs } from '../../core/src/amount.js';
import { encodeBlock } from '../../core/src/block.js';
import { toHex } from '../../core/src/bytes.js';
import type { ErrorCode } from '../../core/src/errors.js';
import { decodeTx, type Tx } from '../../core/src/tx.js';
import { executeBlock } from '../src/transition.js';
import { checkTx } from '../src/tx/rules.js';
import { World } from '../src/world.js';
import type { TestChain } from './harness.js';

/** A world in which nobody writes: a check is a pure question. */
class ReadOnly extends World {
  override set(): void {
    assert.fail('a check writes');
  }
  override delete(): void {
    assert.fail('a check deletes');
  }
}

export function assertRefused(
  chain: TestChain,
  at: { readonly timeMs: bigint; readonly tx: Tx; readonly code: ErrorCode },
): void {
  const { tx, timeMs, code } = at;
  const without = chain.build(timeMs);
  const built = chain.build(timeMs, [tx]);
  assert.deepEqual(
    built.refused.map((r) => r.code),
    [code],
  );
  for (const root of ['stateRoot', 'receiptRoot', 'txRoot'] as const)
    assert.equal(toHex(built.block.head[root]), toHex(without.block.head[root]), root);
  assert.deepEqual(built.block.bytes, without.block.bytes);
  const world = new ReadOnly(chain.at.base);
  const env = { world, chain: chain.at.chain, timeMs: timeMs as ChainMs, verify: chain.verify };
  const first = checkTx(env, tx);
  assert.equal(checkTx(env, tx), first, 'the same question, the same answer');
  if (decodeTx(chain.at.chain.chainId, tx.bytes) === undefined) return;
  const { block } = without;
  const forced = encodeBlock({ ...block, txs: [tx.bytes] }, block.head);
  assert.deepEqual(executeBlock(chain.at, forced, { verify: chain.verify }), {
    code: 'TX_FAILS',
    detail: `${tx.kind}: ${code}`,
  });
}
