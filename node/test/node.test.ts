// Whole nodes in one process: agreement, a node that was away, all stopped and started again.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toHex } from '../../core/src/bytes.js';
import { Cluster, pendingTimers } from './cluster.js';

const hashAt = (cluster: Cluster, name: string, height: bigint): string =>
  toHex(cluster.nodes.get(name)?.store.block(height)?.subarray(0, 700) ?? new Uint8Array());

test('four validators, a centre and a standby agree; one that was away catches up', async () => {
  const cluster = new Cluster({ validators: 4 });
  try {
    await cluster.startAll();
    assert.ok(await cluster.reach(5n), 'five blocks');
    const hashes = new Set(cluster.names.map((name) => hashAt(cluster, name, 3n)));
    assert.equal(hashes.size, 1);
    await cluster.stop('v1');
    await cluster.stop('centre');
    const before = cluster.height('v2');
    assert.ok(await cluster.reach(before + 4n), 'goes on without the centre and a validator');
    await cluster.start('v1');
    await cluster.start('centre');
    assert.ok(await cluster.reach(before + 8n), 'both catch up');
    for (const name of [...cluster.names]) await cluster.stop(name);
    await cluster.startAll();
    assert.ok(await cluster.reach(before + 10n), 'goes on after all were stopped');
    const again = new Set(cluster.names.map((name) => hashAt(cluster, name, before + 9n)));
    assert.equal(again.size, 1);
  } finally {
    await cluster.close();
  }
});

test('a node that is closed while a block becomes final leaves no timer behind', async () => {
  const cluster = new Cluster({ validators: 4 });
  try {
    await cluster.startAll();
    const closing: Promise<void>[] = [];
    await new Promise<void>((resolve) => {
      for (const [name, node] of cluster.nodes)
        node.committer.onFinal(() => {
          closing.push(cluster.stop(name));
          resolve();
        });
    });
    // Those that closed may have been too many for the rest ever to see the block final.
    await cluster.close();
    await Promise.all(closing);
    assert.equal(pendingTimers.size, 0);
  } finally {
    await cluster.close();
  }
});
