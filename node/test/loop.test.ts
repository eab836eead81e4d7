// The queue of the loop: what waits in it when a synced block becomes final is of the height
// before.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Input } from '../../consensus/src/input.js';
import { Cluster } from './cluster.js';

test('the machine begins the next height before it sees what came during a sync', async () => {
  const cluster = new Cluster({ validators: 4 });
  try {
    for (const name of cluster.names.filter((n) => n !== 'v4')) await cluster.start(name);
    assert.ok(await cluster.reach(3n));
    const late = await cluster.start('v4');
    const { machine, executor, committer, loop } = late;
    const stale: string[] = [];
    const handle = machine.handle.bind(machine);
    machine.handle = (input: Input) => {
      const { height, step } = machine.snapshot();
      const isOver = height > 0n && height <= executor.at.parent.height && step !== 'decided';
      if (isOver && input.kind !== 'startHeight') stale.push(`${input.kind} at ${height}`);
      return handle(input);
    };
    const tip = executor.at.parent.height;
    committer.onFinal(({ block }) => {
      const { height } = block.head;
      loop.push({ kind: 'timeout', timer: 'repeat', height, round: 0 });
    });
    assert.ok(await cluster.reach(tip + 3n));
    assert.deepEqual(stale, []);
  } finally {
    await cluster.close();
  }
});
