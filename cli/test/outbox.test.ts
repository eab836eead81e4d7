// The outbox: the same bytes until they are final or too late, whatever the nodes answer.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ErrorCode, ProtocolError } from '../../core/src/errors.js';
import type { Answer, RpcClient } from '../src/network/client.js';
import { Outbox, type Parcel } from '../src/demo/outbox.js';
import { NodePool } from '../src/demo/pool.js';

type Reply = 'accepted' | 'unknown' | 'dead' | ErrorCode;

/** Two nodes that answer by a script; what they were handed is noted. */
function setting(script: readonly Reply[]) {
  const handed: { node: string; bytes: string; at: number }[] = [];
  const clock = { ms: 0 };
  let call = 0;
  const client = (node: string): RpcClient =>
    ({
      endpoint: { url: node, token: '' },
      async batch(_: string, params: readonly { bytes: string }[]) {
        const reply = script[Math.min(call++, script.length - 1)] as Reply;
        for (const { bytes } of params) handed.push({ node, bytes, at: clock.ms });
        if (reply === 'dead') throw new ProtocolError('RPC_UNREACHABLE', 'gone');
        const status = reply === 'accepted' || reply === 'unknown' ? reply : 'rejected';
        const result = status === 'rejected' ? { status, code: reply } : { status };
        return params.map((): Answer<unknown> => ({ ok: true, result }));
      },
    }) as never;
  const endpoints = ['one', 'two'].map((name) => ({ name, url: name, token: '' }));
  const now = () => clock.ms;
  const pool = new NodePool(endpoints, { now, open: ({ name }) => client(name) });
  return { outbox: new Outbox(pool, now), handed, clock };
}

const parcel: Parcel = { id: 'a', bytes: 'a1', kind: 'seal', fromMs: 100, untilMs: 10_000 };

test('sent from its time on, once, and timed until it is final', async () => {
  const { outbox, handed, clock } = setting(['accepted']);
  outbox.add(parcel);
  await outbox.flush(99);
  assert.equal(handed.length, 0);
  await outbox.flush(100);
  await outbox.flush(101);
  assert.equal(handed.length, 1);
  clock.ms = 150;
  outbox.onFinal('a');
  assert.deepEqual([outbox.size, outbox.counts.final], [0, 1]);
  assert.deepEqual(outbox.counts.latenciesMs, [150]);
  assert.deepEqual(outbox.waitsMs, [150]);
});

for (const [name, reply] of [
  ['a lost connection', 'dead'],
  ['the answer unknown', 'unknown'],
  ['a phase that the node has not seen yet', 'WRONG_PHASE'],
] as const)
  test(`after ${name}: the same bytes to another node`, async () => {
    const { outbox, handed, clock } = setting([reply, 'accepted']);
    outbox.add(parcel);
    await outbox.flush(100);
    clock.ms = 100;
    await outbox.flush(200);
    assert.deepEqual(
      handed.map(({ node, bytes }) => [node, bytes]),
      [
        ['one', 'a1'],
        ['two', 'a1'],
      ],
    );
    assert.equal(outbox.counts.lost, 0);
  });

test('accepted by a node that then dies: handed to another', async () => {
  const { outbox, handed, clock } = setting(['accepted']);
  outbox.add(parcel);
  await outbox.flush(100);
  clock.ms = 5000;
  await outbox.flush(200);
  assert.deepEqual(
    handed.map(({ node }) => node),
    ['one', 'two'],
  );
});

test('a refusal ends it, counted by code; being there already does not count as lost', async () => {
  const refused = setting(['INSUFFICIENT_FUNDS']);
  refused.outbox.add(parcel);
  await refused.outbox.flush(100);
  assert.deepEqual(
    [refused.outbox.size, refused.outbox.counts.refused],
    [0, { INSUFFICIENT_FUNDS: 1 }],
  );
  const twice = setting(['DUPLICATE_TX']);
  twice.outbox.add(parcel);
  await twice.outbox.flush(100);
  await twice.outbox.flush(10_000);
  assert.deepEqual([twice.outbox.size, twice.outbox.counts.lost, twice.handed.length], [0, 0, 1]);
});

test('given up when its window has passed', async () => {
  const { outbox, handed, clock } = setting(['unknown']);
  outbox.add(parcel);
  await outbox.flush(100);
  clock.ms = 1000;
  await outbox.flush(10_000);
  assert.equal(handed.length, 1);
  assert.deepEqual(outbox.counts.lostKinds, { seal: 1 });
});

test('what is given up has waited too, since its first attempt; the unsent has not', async () => {
  const { outbox, clock } = setting(['WRONG_PHASE']);
  outbox.add(parcel);
  outbox.add({ ...parcel, id: 'b', fromMs: 20_000, untilMs: 20_001 });
  clock.ms = 10;
  await outbox.flush(100);
  clock.ms = 500;
  await outbox.flush(9000);
  clock.ms = 900;
  await outbox.flush(10_000);
  await outbox.flush(30_000);
  assert.deepEqual([outbox.counts.lost, outbox.waitsMs], [2, [890]]);
});
