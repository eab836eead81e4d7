// What every transport must do. Run on libp2p over loopback and on memory by
// node/test/transport.test.ts. Waits for conditions, never for times.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toHex, utf8ToBytes } from '../../core/src/bytes.js';
import { publicKeyOf } from '../../core/src/ed25519.js';
import { ProtocolError } from '../../core/src/errors.js';
import { sha256 } from '../../core/src/hash.js';
import { MAX_DIRECT_MESSAGE_BYTES } from '../../core/src/limits.js';
import type {
  GossipVerdict,
  PeerKey,
  Transport,
  TransportHandlers,
} from '../../node/src/net/transport.js';

export const seedOf = (i: number): Uint8Array => sha256(utf8ToBytes(`transport ${i}`));
export const keyOf = (i: number): PeerKey => toHex(publicKeyOf(seedOf(i)));

/** Makes the transport of `seedOf(i)`, not started. */
export interface TransportMaker {
  make(i: number, handlers: TransportHandlers): Promise<Transport>;
}

export interface Received {
  readonly from: PeerKey;
  readonly type: number;
  readonly bytes: Uint8Array;
}

/** A transport with everything it heard. */
export interface Ear {
  readonly transport: Transport;
  readonly direct: Received[];
  readonly gossip: Received[];
  readonly peerEvents: string[];
  verdict: GossipVerdict;
  answer: (bytes: Uint8Array) => Promise<Uint8Array>;
}

export async function makeEar(maker: TransportMaker, i: number): Promise<Ear> {
  const heard = {
    direct: [] as Received[],
    gossip: [] as Received[],
    peerEvents: [] as string[],
    verdict: 'accept' as GossipVerdict,
    answer: async (bytes: Uint8Array) => bytes,
  };
  const transport = await maker.make(i, {
    onPeer: (event, peer) => heard.peerEvents.push(`${event} ${peer.key.slice(0, 6)}`),
    onDirect: (from, type, bytes) => heard.direct.push({ from, type, bytes }),
    onGossip(from, bytes) {
      heard.gossip.push({ from, type: 0, bytes });
      return heard.verdict;
    },
    onRequest: (_, bytes) => heard.answer(bytes),
  });
  return Object.assign(heard, { transport });
}

/** Polls; fails after 20 s, which only a fault takes. */
export async function until(what: string, holds: () => boolean): Promise<void> {
  for (const start = performance.now(); !holds(); ) {
    assert.ok(performance.now() - start < 20_000, `timed out: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** `count` started transports that admit each other, all dialling those before them. */
export const mesh = (maker: TransportMaker, count: number): Promise<Ear[]> =>
  network(maker, count, (_, before) => before);

/** Each knows only the one before it. */
export const line = (maker: TransportMaker, count: number): Promise<Ear[]> =>
  network(maker, count, (_, before) => before.slice(-1));

type Choose = (i: number, before: readonly Ear[]) => readonly Ear[];

async function network(maker: TransportMaker, count: number, choose: Choose): Promise<Ear[]> {
  const ears: Ear[] = [];
  const keys = Array.from({ length: count }, (_, i) => keyOf(i));
  let links = 0;
  for (let i = 0; i < count; i++) {
    const ear = await makeEar(maker, i);
    ear.transport.setAdmitted(keys);
    await ear.transport.start();
    const chosen = choose(i, ears);
    links += chosen.length;
    ear.transport.setPeers(
      chosen.map(({ transport }) => ({ key: transport.self, address: transport.address() })),
    );
    ears.push(ear);
  }
  const ends = () => ears.reduce((sum, e) => sum + e.transport.peers().length, 0);
  await until('all links', () => ends() === 2 * links);
  return ears;
}

export const stopAll = (ears: readonly Ear[]): Promise<unknown> =>
  Promise.all(ears.map((ear) => ear.transport.stop()));

type On = (title: string, count: number, body: (ears: Ear[]) => Promise<void>) => void;

export function transportCompliance(name: string, maker: () => TransportMaker): void {
  const on: On = (title, count, body) =>
    test(`transport ${name}: ${title}`, async () => {
      const ears = await mesh(maker(), count);
      try {
        await body(ears);
      } finally {
        await stopAll(ears);
      }
    });
  direct(on);
  gate(on);
  requests(on);
  gossip(on);
  test(`transport ${name}: gossip passes those in between, unless they refuse`, async () => {
    const ears = await line(maker(), 4);
    try {
      await throughTheLine(ears);
    } finally {
      await stopAll(ears);
    }
  });
}

async function throughTheLine(ears: readonly Ear[]): Promise<void> {
  const [a, , c, d] = ears as [Ear, Ear, Ear, Ear];
  let sent = 0;
  const publish = (text: string) => a.transport.publish(utf8ToBytes(text));
  await until('the far end hears', () => {
    void publish(`probe ${sent++}`);
    return d.gossip.length > 0;
  });
  const got = (e: Ear, text: string) =>
    e.gossip.filter((g) => Buffer.from(g.bytes).toString() === text).length;
  await publish('passed on');
  await until('the far end', () => got(d, 'passed on') === 1);
  c.verdict = 'ignore';
  await publish('kept');
  await until('kept in the middle', () => got(c, 'kept') === 1);
  c.verdict = 'accept';
  await publish('last');
  await until('the far end again', () => got(d, 'last') === 1);
  assert.equal(got(d, 'kept'), 0);
}

const refusedAs = (code: string) => (error: unknown) =>
  error instanceof ProtocolError && error.code === code;

type Pair = [Ear, Ear];

function direct(on: On): void {
  on('frames come whole, in order, with type and sender, both ways', 2, async (ears) => {
    const [a, b] = ears as Pair;
    for (let i = 0; i < 500; i++) {
      assert.ok(a.transport.send(keyOf(1), 1 + (i % 126), new Uint8Array(i).fill(i)));
      assert.ok(b.transport.send(keyOf(0), 7, utf8ToBytes(String(i))));
    }
    await until('all frames', () => b.direct.length === 500 && a.direct.length === 500);
    for (const [i, { from, type, bytes }] of b.direct.entries()) {
      assert.equal(from, keyOf(0));
      assert.equal(type, 1 + (i % 126));
      assert.deepEqual(new Uint8Array(bytes), new Uint8Array(i).fill(i));
    }
    assert.deepEqual(
      a.direct.map((r) => Buffer.from(r.bytes).toString()),
      Array.from({ length: 500 }, (_, i) => String(i)),
    );
  });

  on(
    'the largest message passes, between small ones; one more byte is our own fault',
    2,
    async (e) => {
      const [a, b] = e as Pair;
      const large = new Uint8Array(MAX_DIRECT_MESSAGE_BYTES - 1).fill(5);
      a.transport.send(keyOf(1), 1, utf8ToBytes('before'));
      a.transport.send(keyOf(1), 2, large);
      a.transport.send(keyOf(1), 3, utf8ToBytes('after'));
      await until('three frames', () => b.direct.length === 3);
      assert.deepEqual(
        b.direct.map((r) => [r.type, r.bytes.length]),
        [
          [1, 6],
          [2, large.length],
          [3, 5],
        ],
      );
      assert.ok(Buffer.compare(b.direct[1]?.bytes as Uint8Array, large) === 0);
      assert.throws(() => a.transport.send(keyOf(1), 2, new Uint8Array(large.length + 1)));
      assert.throws(() => a.transport.send(keyOf(1), 0, new Uint8Array(1)));
    },
  );

  on('broadcast reaches all but the excepted; unknown peers are false', 4, async (ears) => {
    const [a, ...others] = ears as [Ear, ...Ear[]];
    assert.equal(a.transport.broadcast(9, utf8ToBytes('x'), keyOf(2)), 2);
    await until('two of three', () => others.filter((e) => e.direct.length === 1).length === 2);
    assert.equal(a.transport.send(keyOf(77), 1, utf8ToBytes('x')), false);
    assert.equal(others[1]?.direct.length, 0);
    const sides = a.transport.peers().map((p) => p.key);
    assert.deepEqual(sides.sort(), [keyOf(1), keyOf(2), keyOf(3)].sort());
  });
}

function gate(on: On): void {
  on('a revoked peer is hung up on, and comes back when admitted again', 2, async (ears) => {
    const [a, b] = ears as Pair;
    a.transport.setAdmitted([]);
    await until('gone', () => a.transport.peers().length + b.transport.peers().length === 0);
    assert.equal(a.transport.send(keyOf(1), 1, utf8ToBytes('x')), false);
    a.transport.setAdmitted([keyOf(1)]);
    await until('back', () => b.transport.send(keyOf(0), 1, utf8ToBytes('again')));
    await until('heard', () => a.direct.length > 0);
    assert.deepEqual(a.peerEvents.slice(0, 3), [
      `connected ${keyOf(1).slice(0, 6)}`,
      `disconnected ${keyOf(1).slice(0, 6)}`,
      `connected ${keyOf(1).slice(0, 6)}`,
    ]);
  });
}

function requests(on: On): void {
  on('answers, refusals, late answers, and who is not connected', 2, async (ears) => {
    const [a, b] = ears as Pair;
    const options = { timeoutMs: 10_000 };
    b.answer = async (bytes) => new Uint8Array(3_000_000).fill(bytes[0] as number);
    const [one, two] = await Promise.all([
      a.transport.request(keyOf(1), Uint8Array.of(1), options),
      a.transport.request(keyOf(1), Uint8Array.of(2), options),
    ]);
    assert.ok(one.length === 3_000_000 && one.every((byte) => byte === 1));
    assert.ok(two.length === 3_000_000 && two.every((byte) => byte === 2));
    b.answer = async () => {
      throw new ProtocolError('NOT_READY', 'not now');
    };
    const ask = (to: PeerKey, timeoutMs = 10_000) =>
      a.transport.request(to, Uint8Array.of(3), { timeoutMs });
    await assert.rejects(ask(keyOf(1)), refusedAs('PEER_REFUSED'));
    b.answer = () => new Promise(() => {});
    await assert.rejects(ask(keyOf(1), 100), refusedAs('PEER_REFUSED'));
    await assert.rejects(ask(keyOf(5)), refusedAs('PEER_REFUSED'));
    b.answer = async () => new Uint8Array(0);
    assert.equal((await ask(keyOf(1))).length, 0);
  });
}

function gossip(on: On): void {
  on('gossip: once to everybody; what is not accepted goes no further', 4, async (ears) => {
    const [a, b] = ears as Pair;
    let sent = 0;
    // Subscriptions take a moment to be known.
    await until('everybody listens', () => {
      void a.transport.publish(utf8ToBytes(`probe ${sent++}`));
      return ears.slice(1).every((e) => e.gossip.length > 0);
    });
    for (const ear of ears) ear.gossip.length = 0;
    const message = utf8ToBytes('a batch of transactions');
    assert.ok((await a.transport.publish(message)) > 0);
    const got = (e: Ear) => e.gossip.filter((g) => Buffer.compare(g.bytes, message) === 0).length;
    await until('once each', () => ears.slice(1).every((e) => got(e) === 1));
    await b.transport.publish(message);
    await b.transport.publish(utf8ToBytes('last'));
    const last = (e: Ear) => e.gossip.some((g) => Buffer.from(g.bytes).toString() === 'last');
    await until('the last one', () => [a, ...ears.slice(2)].every(last));
    assert.ok(ears.every((e) => got(e) <= 1));
  });
}
