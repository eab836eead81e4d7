// The offset of the own clock that node_status tells (consensus 5.3).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { person } from '../../state/test/harness.js';
import { PeerClocks } from '../src/peerClocks.js';

test('the median of the connected peers, in wall ms', () => {
  const clocks = new PeerClocks();
  const keys = ['a', 'b', 'c', 'd'].map((name) => person(name).key);
  assert.equal(clocks.offsetMs(keys, 60), undefined);
  const peerMs = [1000n, 1600n, 7_000_000n, 2200n];
  for (const [i, key] of keys.entries())
    clocks.note(key, { ownMs: 4000n, peerMs: peerMs[i] as bigint });
  assert.equal(clocks.offsetMs(keys.slice(0, 3), 60), 40n, 'one that lies far off moves nothing');
  assert.equal(clocks.offsetMs(keys.slice(3), 60), 30n, 'only those that are connected');
});
