// What the mempool remembers of signatures: of those that wait, and of those that a block brought
// which is not final yet. A signature counts for its own bytes and key alone.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ChainMs, Money } from '../../core/src/amount.js';
import { u64be } from '../../core/src/bytes.js';
import type { Hash } from '../../core/src/hash.js';
import { accountIdOf } from '../../core/src/ids.js';
import { buildTx, decodeTx, overBytes, type Tx } from '../../core/src/tx.js';
import { person } from '../../state/test/harness.js';
import { Mempool } from '../src/mempool.js';

const CHAIN = new Uint8Array(32).fill(7) as Hash;
const ann = person('ann');
const bob = person('bob');

/** A transfer under a signature of 32 bytes `r` and then zeros: nobody verifies it here. */
function transferOf(salt: bigint, r: number): Tx {
  const draft = {
    kind: 'transfer' as const,
    sender: accountIdOf(CHAIN, ann.key),
    validFrom: 0n as ChainMs,
    validUntil: 1000n as ChainMs,
    salt: u64be(salt),
    body: {
      market: '',
      to: accountIdOf(CHAIN, bob.key),
      amount: 1n as Money,
      memo: new Uint8Array(0),
    },
  };
  const built = buildTx(CHAIN, draft, () => new Uint8Array(64).fill(r, 0, 32));
  const tx = decodeTx(CHAIN, built.bytes);
  assert.ok(tx !== undefined);
  return tx;
}

test('a transaction that waits is known by its bytes, and verified under its key alone', () => {
  const mempool = new Mempool(10);
  const tx = transferOf(1n, 1);
  mempool.add(tx, ann.key);
  assert.equal(mempool.known(tx.bytes.slice()), tx);
  assert.equal(mempool.isVerified(ann.key, tx), true);
  assert.equal(mempool.isVerified(bob.key, tx), false);
  mempool.remove(tx.id);
  assert.equal(mempool.known(tx.bytes), undefined);
  assert.equal(mempool.isVerified(ann.key, tx), false);
});

test('half a signature in common proves nothing for other bytes', () => {
  const mempool = new Mempool(10);
  const [one, other] = [transferOf(1n, 1), transferOf(2n, 1)];
  mempool.add(one, ann.key);
  assert.equal(mempool.known(other.bytes), undefined);
  assert.equal(mempool.isVerified(ann.key, other), false);
  // The second takes the place of the first in that memory; both wait all the same.
  mempool.add(other, ann.key);
  assert.equal(mempool.isVerified(ann.key, one), false);
  assert.deepEqual([...mempool.candidates()], [one, other]);
  mempool.remove(one.id);
  assert.deepEqual([...mempool.candidates()], [other]);
});

test('what a block brought is known until the height is over, and does not wait', () => {
  const mempool = new Mempool(10);
  const tx = transferOf(1n, 1);
  mempool.addGuest(tx, ann.key);
  assert.equal(mempool.known(tx.bytes.slice()), tx);
  assert.equal(mempool.isVerified(ann.key, tx), true);
  assert.equal(mempool.isVerified(bob.key, tx), false);
  assert.equal(mempool.has(tx.id), false);
  assert.deepEqual([...mempool.candidates()], []);
  assert.equal(mempool.refusal(tx), undefined);
  mempool.forgetGuests();
  assert.equal(mempool.known(tx.bytes), undefined);
  assert.equal(mempool.isVerified(ann.key, tx), false);
});

test('a transaction over a copy of its bytes is the same, and keeps nothing of the first', () => {
  const first = transferOf(1n, 1);
  const bytes = first.bytes.slice();
  const copy = overBytes(first, bytes);
  assert.deepEqual(Object.keys(copy), Object.keys(first));
  assert.deepEqual({ ...copy, bytes: [] }, { ...first, bytes: [] });
  assert.equal(copy.bytes, bytes);
  assert.equal(copy.signature.buffer, bytes.buffer);
});
