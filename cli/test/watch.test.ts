// `busbar watch` at a test node: from a cursor, of one topic, and what it refuses.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testGenesis } from '../../state/test/harness.js';
import * as watch from '../src/commands/watch.js';
import { TestNode } from './testNode.js';

interface Line {
  readonly cursor: string;
  readonly topic: string;
  readonly data: { readonly height: string };
}

test('events from a cursor on, each once; refusals end the command', async (t) => {
  const node = await TestNode.start({ genesis: testGenesis([]), modules: [watch], keys: [] });
  t.after(() => node.stop());
  for (let i = 1n; i <= 4n; i++) node.view.block(i * 1000n);
  const watched = async (...args: string[]): Promise<Line[]> => {
    const { code, out } = await node.run(['watch', ...args, '--dir', node.dir]);
    assert.equal(code, undefined);
    return out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Line);
  };
  const first = await watched('headers', '--cursor', '1:0', '--count', '2');
  assert.deepEqual(
    first.map(({ topic, data }) => [topic, data.height]),
    [
      ['headers', '2'],
      ['headers', '3'],
    ],
  );
  const last = first.at(-1)?.cursor ?? '';
  const next = await watched('headers', 'blocks', '--cursor', last, '--count', '3');
  assert.deepEqual(
    next.map(({ topic, data }) => [topic, data.height]),
    [
      ['blocks', '3'],
      ['headers', '4'],
      ['blocks', '4'],
    ],
  );
  const refused = (...args: string[]) => node.refused('watch', ...args, '--count', '1');
  assert.equal(await refused('headers', '--cursor', 'x'), 'RPC_FAULT');
  assert.equal(await refused('weather'), 'RPC_FAULT');
  assert.equal(await refused('headers', '--token', 'wrong'), 'RPC_TOKEN');
  assert.equal(await refused('headers', '--rpc', 'http://127.0.0.1:1'), 'RPC_UNREACHABLE');
  assert.equal(await node.refused('watch', '--count', '0'), 'USAGE');
});
