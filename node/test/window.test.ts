// Window updates of a direct stream between two real hosts: few where frames are small, enough
// where megabytes flow.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { peerIdOf } from '../src/net/libp2p/keys.js';
import { DIRECT_PROTOCOL } from '../src/net/libp2p/link.js';
import { Gate } from '../src/net/libp2p/gate.js';
import { createHost, type Host, type Stream } from '../src/net/libp2p/host.js';
import { saveWindowUpdates } from '../src/net/libp2p/window.js';
import { keyOf, seedOf, until } from '../../test/compliance/transport.js';

async function hostOf(i: number, toward: number): Promise<Host> {
  const gate = new Gate();
  gate.replace([keyOf(toward)]);
  const listen = '/ip4/127.0.0.1/tcp/0';
  const host = await createHost({ seed: seedOf(i), listen, gate, topic: undefined });
  await host.start();
  return host;
}

interface Seen {
  bytes: number;
  updates: number;
  isYamux: boolean;
}

/** What the far end of a stream of these messages reads, and the updates that it sends. */
async function exchange(isSaving: boolean, messages: readonly number[]): Promise<Seen> {
  const [a, b] = [await hostOf(1, 2), await hostOf(2, 1)];
  const seen: Seen = { bytes: 0, updates: 0, isYamux: false };
  const watch = (stream: Stream): void => {
    const inner = stream as unknown as { sendFrame: (...args: unknown[]) => unknown };
    const sendFrame = inner.sendFrame;
    inner.sendFrame = (...args) => {
      seen.updates++;
      return sendFrame(...args);
    };
    seen.isYamux = isSaving && saveWindowUpdates(stream);
    stream.addEventListener('message', ({ data }) => {
      seen.bytes += data.byteLength;
    });
  };
  try {
    await b.handle(DIRECT_PROTOCOL, watch);
    const [address] = b.getMultiaddrs();
    assert.ok(address);
    await a.peerStore.patch(peerIdOf(keyOf(2)), { multiaddrs: [address] });
    const stream = await a.dialProtocol(peerIdOf(keyOf(2)), DIRECT_PROTOCOL);
    let sent = 0;
    for (const size of messages) {
      if (!stream.send(new Uint8Array(size))) await stream.onDrain();
      sent += size;
      await until('all of it is read', () => seen.bytes === sent);
    }
    return seen;
  } finally {
    await Promise.all([a.stop(), b.stop()]);
  }
}

test('small frames are not answered one by one', async () => {
  const small = new Array<number>(100).fill(200);
  const plain = await exchange(false, small);
  assert.ok(plain.updates >= 100, `${plain.updates}: yamux itself has mended it: drop window.ts`);
  const saved = await exchange(true, small);
  assert.ok(saved.isYamux);
  assert.ok(saved.updates <= 2, `${saved.updates} updates for 100 frames`);
});

test('a stream goes on beyond its window', async () => {
  const { updates, bytes } = await exchange(true, new Array<number>(40).fill(256 * 1024));
  assert.equal(bytes, 40 * 256 * 1024);
  assert.ok(updates >= 2);
});
