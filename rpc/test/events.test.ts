// Events over a real WebSocket: the order of a block, resuming from any cursor, at any node; slow
// and greedy clients.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { WebSocket } from 'ws';
import { toHex } from '../../core/src/bytes.js';
import { printAccount } from '../../core/src/ids.js';
import { RPC_MAX_SUBSCRIPTIONS } from '../../core/src/limits.js';
import { person } from '../../state/test/harness.js';
import { type FollowedEvent, followEvents, type Socket } from '../src/follow.js';
import type { NodePort } from '../src/ports.js';
import { createSubscriptions } from '../src/subscriptions.js';
import { type Fixture, fixture } from './fixture.js';

const opened: Fixture[] = [];
after(async () => {
  for (const { server } of opened) await server.close();
});

async function started(): Promise<{ node: Fixture; url: string }> {
  const node = await fixture();
  opened.push(node);
  const url = await node.server.listen();
  return { node, url: `${url.replace('http', 'ws')}/ws` };
}

const connect = (url: string, token = 'all'): WebSocket =>
  new WebSocket(url, { headers: { authorization: `Bearer ${token}` } });

/** Resolves once `ready` holds; tests do not depend on how long it takes. */
async function until(ready: () => boolean): Promise<void> {
  while (!ready()) await new Promise((resolve) => setTimeout(resolve, 2));
}

interface Following {
  readonly events: FollowedEvent[];
  stop(): void;
}

/** Follows until stopped; resolves when the subscription stands. */
async function follow(
  url: string,
  topics: readonly string[],
  cursor?: string,
): Promise<Following & { sockets: WebSocket[] }> {
  const events: FollowedEvent[] = [];
  const sockets: WebSocket[] = [];
  let stands = false;
  const stop = followEvents({
    connect() {
      const socket = connect(url);
      sockets.push(socket);
      socket.on('message', () => {
        stands = true;
      });
      return socket as unknown as Socket;
    },
    topics,
    cursor,
    onEvent: (event) => events.push(event),
    retryMs: 5,
  });
  await until(() => stands);
  return { events, stop, sockets };
}

const transfer = ({ view }: Fixture, amount: bigint) =>
  view.test.tx(person('ann'), 'transfer', {
    market: '',
    to: view.test.id(person('bob')),
    amount: amount as never,
    memo: new Uint8Array(0),
  });

test('headers, blocks and accounts of final blocks, in the order of the chain', async () => {
  const { node, url } = await started();
  const ann = printAccount(node.view.test.id(person('ann')));
  const all = await follow(url, ['headers', 'blocks', 'market', 'account']);
  const some = await follow(url, [`account:${ann}`]);
  node.view.block(1000n, [transfer(node, 5n)]);
  node.view.block(2000n);
  await until(() => all.events.length === 7 && some.events.length === 2);
  assert.deepEqual(
    all.events.map((e) => [e.cursor, e.topic]),
    [
      ['1:0', 'headers'],
      ['1:1', 'blocks'],
      ['1:2', 'account'],
      ['1:3', 'account'],
      ['1:4', 'account'],
      ['2:0', 'headers'],
      ['2:1', 'blocks'],
    ],
  );
  assert.deepEqual(
    some.events.map((e) => e.cursor).every((c) => c.startsWith('1:')),
    true,
  );
  assert.equal(all.events[0]?.data.height, '1');
  all.stop();
  some.stop();
});

test('who reads headers costs no block, who reads ids no receipts', async () => {
  const { node, url } = await started();
  const read: string[] = [];
  const { view } = node;
  const [blockBytes, receiptsOf] = [view.blockBytes.bind(view), view.receiptsOf.bind(view)];
  view.blockBytes = (height) => {
    read.push(`block ${height}`);
    return blockBytes(height);
  };
  view.receiptsOf = (height) => {
    read.push(`receipts ${height}`);
    return receiptsOf(height);
  };
  const headers = await follow(url, ['headers'], '0:0');
  const tx = transfer(node, 5n);
  view.block(1000n, [tx]);
  await until(() => headers.events.length === 1);
  assert.deepEqual(read, []);
  const blocks = await follow(url, ['blocks', 'headers'], '0:0');
  await until(() => blocks.events.length === 2);
  assert.deepEqual(read, ['block 1']);
  assert.deepEqual(blocks.events[1]?.data.transactions, [toHex(tx.id)]);
  const account = await follow(url, ['account'], '0:0');
  await until(() => account.events.length === 3);
  assert.deepEqual(read, ['block 1', 'receipts 1']);
  for (const { stop } of [headers, blocks, account]) stop();
});

test('from any cursor, at another node: nothing lost, nothing twice', async () => {
  const [one, two] = [await started(), await started()];
  for (const time of [1000n, 2000n, 3000n]) {
    const tx = transfer(one.node, time);
    for (const { node } of [one, two]) node.view.block(time, [tx]);
  }
  const whole = await follow(one.url, ['headers', 'account'], '0:0');
  const count = 3 * 4;
  await until(() => whole.events.length >= count);
  assert.equal(whole.events.length, count);
  for (let i = 0; i < count; i++) {
    const rest = await follow(two.url, ['headers', 'account'], whole.events[i]?.cursor);
    await until(() => rest.events.length >= count - 1 - i);
    rest.stop();
    assert.deepEqual(
      rest.events.map((e) => ({ ...e, subscription: '' })),
      whole.events.slice(i + 1).map((e) => ({ ...e, subscription: '' })),
    );
  }
  whole.stop();
});

test('a broken connection goes on where it was', async () => {
  const { node, url } = await started();
  const following = await follow(url, ['headers']);
  for (let height = 1; height <= 6; height++) {
    node.view.block(BigInt(height) * 1000n);
    if (height === 3) following.sockets.at(-1)?.terminate();
  }
  await until(() => following.events.length >= 6);
  assert.deepEqual(
    following.events.map((e) => e.cursor),
    ['1:0', '2:0', '3:0', '4:0', '5:0', '6:0'],
  );
  assert.ok(following.sockets.length >= 2);
  following.stop();
});

test('a cursor ahead of the node waits, one behind its blocks is refused', async () => {
  const { node, url } = await started();
  node.view.block(1000n);
  const ahead = await follow(url, ['headers'], '2:0');
  node.view.block(2000n);
  node.view.block(3000n);
  await until(() => ahead.events.length > 0);
  assert.equal(ahead.events[0]?.cursor, '3:0');
  ahead.stop();
  node.view.prunedBelow = 3n;
  const fresh = await fixture();
  opened.push(fresh);
  let refused = '';
  followEvents({
    connect: () => connect(url) as unknown as Socket,
    topics: ['headers'],
    cursor: '0:0',
    onEvent: () => undefined,
    onRefused: (error) => {
      refused = error.code;
    },
  });
  await until(() => refused !== '');
  // Blocks of which the events are still in memory may be served; these are not.
  assert.equal(refused, 'HISTORY_PRUNED');
});

test('calls over the WebSocket, and its limits', async () => {
  const { url } = await started();
  const socket = connect(url);
  const answers: Record<string, unknown>[] = [];
  socket.on('message', (data) => answers.push(JSON.parse(String(data))));
  await new Promise((resolve) => socket.on('open', resolve));
  const params = { topics: ['headers'] };
  for (let id = 0; id <= RPC_MAX_SUBSCRIPTIONS; id++) {
    socket.send(JSON.stringify({ jsonrpc: '2.0', id, method: 'events_subscribe', params }));
    await until(() => answers.length === id + 1);
  }
  assert.ok(answers[0]?.result);
  assert.ok(answers.at(-1)?.error);
  const end = { jsonrpc: '2.0', id: 'u', method: 'events_unsubscribe' };
  for (const [subscription, unsubscribed] of [
    ['1', true],
    ['1', false],
    ['x', false],
  ] as const) {
    const before = answers.length;
    socket.send(JSON.stringify({ ...end, params: { subscription } }));
    await until(() => answers.length > before);
    assert.deepEqual(answers.at(-1)?.result, { unsubscribed });
  }
  const closed = new Promise((resolve) => socket.on('close', resolve));
  socket.send(Buffer.from([1, 2, 3]));
  assert.equal(await closed, 1013);
});

test('a WebSocket without a token is refused', async () => {
  const { url } = await started();
  const status = await new Promise((resolve) => {
    connect(url, 'wrong').on('unexpected-response', (_, response) => resolve(response.statusCode));
  });
  assert.equal(status, 401);
});

const heavy: Pick<NodePort, 'events' | 'finalHeight' | 'onFinal'> = {
  events: (height) => ({ height, upTo: () => heavyEvents }),
  finalHeight: () => 3n,
  onFinal: () => () => undefined,
};
const heavyEvents = Array.from({ length: 1000 }, (_, i) => ({
  topic: 'headers' as const,
  about: '',
  data: { i: String(i), filling: 'x'.repeat(20_000) },
}));
const headers = [{ topic: 'headers' as const, about: undefined }];
const start = { height: 0n, index: 999 };

test('a client that reads slowly is waited for, not buffered for', async () => {
  let [waiting, most, sent] = [0, 0, 0];
  const subscriptions = createSubscriptions({
    port: heavy,
    send(text) {
      sent += 1;
      waiting += text.length;
      most = Math.max(most, waiting);
    },
    drop: () => assert.fail('it does read'),
    waiting: () => waiting,
  });
  const reading = setInterval(() => {
    waiting = Math.max(0, waiting - 3_000_000);
  }, 5);
  subscriptions.subscribe(headers, start);
  await until(() => sent === 3000);
  clearInterval(reading);
  subscriptions.close();
  assert.ok(most < 5 * 1024 * 1024, `${most} bytes were waiting`);
});

test('a client that reads nothing is dropped', async () => {
  let waiting = 0;
  let why = '';
  const subscriptions = createSubscriptions({
    port: heavy,
    send(text) {
      waiting += text.length;
    },
    drop(reason) {
      why = reason;
      subscriptions.close();
    },
    waiting: () => waiting,
    patienceMs: 100,
  });
  subscriptions.subscribe(headers, start);
  await until(() => why !== '');
  assert.equal(why, 'events are not read');
});

test('events that cannot be made end the connection and not the process', async () => {
  const bugs: unknown[] = [];
  let why = '';
  const events = (height: bigint) => {
    if (height === 2n) throw new TypeError('canary');
    return { height, upTo: () => [] };
  };
  const subscriptions = createSubscriptions({
    port: { ...heavy, events },
    send: () => undefined,
    drop: (reason) => {
      why = reason;
    },
    waiting: () => 0,
    onBug: (bug) => bugs.push(bug),
  });
  subscriptions.subscribe(headers, start);
  await until(() => why !== '');
  assert.equal(bugs.length, 1);
});
