// The bell of the demo: it rings for every final block, and goes on at another node when the one
// that told ends.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { present } from '../../core/src/assert.js';
import { createNodePort } from '../../node/src/port/port.js';
import { FakeView } from '../../node/test/fakeView.js';
import { createRpcServer } from '../../rpc/src/server.js';
import { testGenesis } from '../../state/test/harness.js';
import { Bell } from '../src/demo/bell.js';

async function serverOf(view: FakeView) {
  const tokens = [{ token: 'T', scopes: ['read'] as const }];
  const server = await createRpcServer({ port: createNodePort(view), tokens });
  return { server, endpoint: { name: 'v1', url: await server.listen(), token: 'T' } };
}

/** Makes blocks until the bell rings: following begins some time after the call. */
async function untilRung(bell: Bell, view: FakeView): Promise<void> {
  for (let tries = 0; tries < 500; tries++) {
    if (bell.hasRung()) return;
    view.block(view.tip().timeMs + 10n);
    await bell.wait(20);
  }
  assert.fail('it never rang');
}

test('it rings with a block, not without one, and from the next node when one ends', async (t) => {
  const view = new FakeView(testGenesis(['ann']));
  view.block(1000n);
  const nodes = [await serverOf(view), await serverOf(view)];
  const bell = new Bell(nodes.map(({ endpoint }) => endpoint));
  t.after(async () => {
    bell.stop();
    await present(nodes[1], 'the other node').server.close();
  });
  assert.equal(bell.hasRung(), false);
  await untilRung(bell, view);
  // What was made meanwhile is told too; then it is quiet.
  for (let quiet = 0; quiet < 3; quiet++) {
    await bell.wait(100);
    if (bell.hasRung()) quiet = -1;
  }
  const waits = bell.wait(60_000);
  view.block(view.tip().timeMs + 10n);
  await waits;
  assert.equal(bell.hasRung(), true);
  assert.equal(bell.hasRung(), false);
  await present(nodes[0], 'the first node').server.close();
  await untilRung(bell, view);
});
