// Both transports against the compliance suite; strangers, hostile bytes, restarts and slow readers
// on real sockets.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { multiaddr } from '@multiformats/multiaddr';
import { concatBytes, toHex, u32be, utf8ToBytes } from '../../core/src/bytes.js';
import { ProtocolError } from '../../core/src/errors.js';
import { sha256 } from '../../core/src/hash.js';
import { MAX_DIRECT_MESSAGE_BYTES } from '../../core/src/limits.js';
import {
  type Ear,
  keyOf,
  makeEar,
  mesh,
  seedOf,
  stopAll,
  type TransportMaker,
  transportCompliance,
  until,
} from '../../test/compliance/transport.js';
import { createLibp2pTransport } from '../src/net/libp2p/adapter.js';
import { Gate } from '../src/net/libp2p/gate.js';
import { txTopic } from '../src/net/libp2p/gossip.js';
import { createHost, type Host } from '../src/net/libp2p/host.js';
import { peerIdOf } from '../src/net/libp2p/keys.js';
import { DIRECT_PROTOCOL } from '../src/net/libp2p/link.js';
import { SYNC_PROTOCOL } from '../src/net/libp2p/requests.js';
import { MemoryNetwork } from '../src/net/memory.js';
import type { Transport } from '../src/net/transport.js';

const topic = txTopic(toHex(sha256(utf8ToBytes('chain'))));
const listen = '/ip4/127.0.0.1/tcp/0';

const overLibp2p: TransportMaker = {
  make: (i, handlers) => createLibp2pTransport({ seed: seedOf(i), listen, handlers }),
};
const withGossipsub: TransportMaker = {
  make: (i, handlers) => createLibp2pTransport({ seed: seedOf(i), listen, handlers, topic }),
};
const inMemory = (): TransportMaker => {
  const network = new MemoryNetwork();
  return { make: async (i, handlers) => network.create(keyOf(i), handlers) };
};

transportCompliance('memory', inMemory);
transportCompliance('libp2p', () => overLibp2p);
transportCompliance('libp2p with gossipsub', () => withGossipsub);

test('memory: links can be cut and healed', async () => {
  const network = new MemoryNetwork();
  const maker: TransportMaker = {
    make: async (i, handlers) => network.create(keyOf(i), handlers),
  };
  const ears = await mesh(maker, 3);
  const [a, b] = ears as [Ear, Ear, Ear];
  network.cut(keyOf(0), keyOf(1));
  assert.equal(a.transport.peers().length, 1);
  assert.equal(b.transport.send(keyOf(0), 1, utf8ToBytes('x')), false);
  network.heal();
  assert.equal(a.transport.peers().length, 2);
  await stopAll(ears);
});

/** A bare libp2p node that lets everybody in, with any key. */
async function bareHost(i: number, toward: readonly number[]): Promise<Host> {
  const gate = new Gate();
  gate.replace(toward.map(keyOf));
  const host = await createHost({ seed: seedOf(i), listen, gate, topic: undefined });
  await host.start();
  return host;
}

const dialFrom = (host: Host, to: Transport) =>
  host.dial(multiaddr(to.address()).encapsulate(`/p2p/${peerIdOf(to.self).toString()}`));

test('libp2p: a stranger speaks no protocol, whoever dials', async () => {
  const ears = await mesh(withGossipsub, 2);
  const [a] = ears as [Ear, Ear];
  const stranger = await bareHost(66, [0]);
  let spoke = 0;
  try {
    for (let i = 0; i < 5; i++)
      for (const protocol of [DIRECT_PROTOCOL, SYNC_PROTOCOL, '/meshsub/1.1.0'])
        try {
          const connection = await dialFrom(stranger, a.transport);
          const stream = await connection.newStream(protocol, {
            signal: AbortSignal.timeout(2000),
          });
          stream.send(Uint8Array.of(0, 0, 0, 2, 9, 9));
          spoke++;
        } catch {
          // Refused before or while the protocol is agreed upon: as it should be.
        }
    assert.equal(spoke, 0);
    // Nor does a node dial a stranger that is configured by mistake.
    const address = (stranger.getMultiaddrs()[0] as { toString(): string }).toString();
    a.transport.setPeers([{ key: keyOf(66), address }]);
    await assert.rejects(a.transport.request(keyOf(66), Uint8Array.of(1), { timeoutMs: 500 }));
    assert.deepEqual(
      a.transport.peers().map((p) => p.key),
      [keyOf(1)],
    );
    assert.equal(a.direct.length, 0);
  } finally {
    await stranger.stop();
    await stopAll(ears);
  }
});

test('libp2p: hostile bytes of an admitted peer end its link, and nothing else', async () => {
  const ears = await mesh(overLibp2p, 2);
  const [a, b] = ears as [Ear, Ear];
  a.transport.setAdmitted([keyOf(1), keyOf(9)]);
  const hostile = await bareHost(9, [0]);
  const attacks = [
    Uint8Array.of(255, 255, 255, 255, 1),
    Uint8Array.of(0, 0, 0, 0, 1),
    new Uint8Array(100_000).fill(0xab),
    concatBytes(u32be(MAX_DIRECT_MESSAGE_BYTES + 1), Uint8Array.of(1, 2, 3)),
  ];
  try {
    for (const attack of attacks) {
      const connection = await dialFrom(hostile, a.transport);
      const stream = await connection.newStream(DIRECT_PROTOCOL);
      stream.send(attack);
      await until('reset', () => connection.status !== 'open');
    }
    for (const attack of attacks) {
      const connection = await dialFrom(hostile, a.transport);
      await connection.newStream(DIRECT_PROTOCOL);
      const stream = await connection.newStream(SYNC_PROTOCOL);
      stream.send(attack);
      await until('reset', () => stream.status !== 'open');
      connection.abort(new ProtocolError('PEER_REFUSED', 'next'));
    }
    await until('only the good one', () => a.transport.peers().length === 1);
    b.transport.send(keyOf(0), 4, utf8ToBytes('still here'));
    await until('heard', () => a.direct.length === 1);
    assert.equal(a.direct[0]?.from, keyOf(1));
  } finally {
    await hostile.stop();
    await stopAll(ears);
  }
});

test('libp2p: both dial each other at once, one link is left and works', async () => {
  for (let round = 0; round < 3; round++) {
    const ears = [await makeEar(overLibp2p, 0), await makeEar(overLibp2p, 1)] as [Ear, Ear];
    const [a, b] = ears;
    await Promise.all(ears.map((e) => e.transport.start()));
    for (const ear of ears) ear.transport.setAdmitted([keyOf(0), keyOf(1)]);
    a.transport.setPeers([{ key: keyOf(1), address: b.transport.address() }]);
    b.transport.setPeers([{ key: keyOf(0), address: a.transport.address() }]);
    let n = 0;
    await until('frames both ways', () => {
      a.transport.send(keyOf(1), 1, Uint8Array.of(n++ & 255));
      b.transport.send(keyOf(0), 1, Uint8Array.of(n++ & 255));
      return a.direct.length > 20 && b.direct.length > 20;
    });
    assert.equal(a.transport.peers().length, 1);
    assert.equal(b.transport.peers().length, 1);
    await stopAll(ears);
  }
});

test('libp2p: a peer that restarts at the same address is found again', async () => {
  const ears = await mesh(overLibp2p, 2);
  const [a, b] = ears as [Ear, Ear];
  const port = multiaddr(a.transport.address()).toString();
  await a.transport.stop();
  await until('seen', () => b.transport.peers().length === 0);
  const maker: TransportMaker = {
    make: (i, handlers) => createLibp2pTransport({ seed: seedOf(i), listen: port, handlers }),
  };
  // b dials a; the new a knows nobody.
  const again = await makeEar(maker, 0);
  again.transport.setAdmitted([keyOf(1)]);
  await again.transport.start();
  const started = performance.now();
  await until('back', () => b.transport.peers().length === 1);
  assert.ok(performance.now() - started < 10_000);
  again.transport.send(keyOf(1), 3, utf8ToBytes('back'));
  await until('heard', () => b.direct.some((r) => r.type === 3));
  await stopAll([again, b]);
});

test('libp2p: a peer that reads nothing: bulk is dropped first, then the link', async () => {
  const counts = new Map<string, number>();
  const listener = await makeEar(
    {
      make: (i, handlers) =>
        createLibp2pTransport({
          seed: seedOf(i),
          listen,
          handlers,
          count: (name, by) => counts.set(name, (counts.get(name) ?? 0) + by),
        }),
    },
    0,
  );
  listener.transport.setAdmitted([keyOf(9)]);
  await listener.transport.start();
  const lazy = await bareHost(9, [0]);
  try {
    const connection = await dialFrom(lazy, listener.transport);
    const stream = await connection.newStream(DIRECT_PROTOCOL);
    stream.pause();
    // The listener adopts the stream once its first bytes agree on the protocol.
    await until('linked', () => listener.transport.peers().length === 1);
    const megabyte = new Uint8Array(1_000_000);
    for (let i = 0; i < 60; i++) listener.transport.send(keyOf(9), 200, megabyte);
    assert.ok((counts.get('framesDropped') ?? 0) > 20);
    assert.equal(listener.transport.peers().length, 1);
    for (let i = 0; i < 60; i++) listener.transport.send(keyOf(9), 1, megabyte);
    await until('given up', () => listener.transport.peers().length === 0);
    assert.equal(counts.get('linksOverflowed'), 1);
  } finally {
    await lazy.stop();
    await listener.transport.stop();
  }
});
