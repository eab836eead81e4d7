// A transaction that one validator alone holds: its Open names it, the others ask for it, and the
// proposer brings it into a block without waiting for an idle height (consensus 3.7).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Money } from '../../core/src/amount.js';
import { person } from '../../state/test/harness.js';
import { Cluster } from './cluster.js';

test('a transaction that only one validator knows is fetched from it', async () => {
  // An hour: nothing but the transaction opens a height.
  const cluster = new Cluster({ validators: 4, rate: 1, maxIdleMs: 3_600_000 });
  try {
    await cluster.startAll();
    assert.ok(await cluster.reach(1n), 'a start opens the first height');
    const body = {
      market: '',
      to: cluster.idOf(person('bob')),
      amount: 1n as Money,
      memo: new Uint8Array(0),
    };
    const tx = cluster.tx(person('ann'), 'transfer', body);
    // As from a peer: taken, but not passed on.
    cluster.nodes.get('v3')?.intake.offer([tx.bytes]);
    const isFinal = await cluster.until((node) => node.store.locationOf(tx.id) !== undefined);
    assert.ok(isFinal, 'it is final everywhere');
  } finally {
    await cluster.close();
  }
});
