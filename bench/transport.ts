// What does a batch of transactions cost between nodes: by gossipsub, spread over the direct
// streams (publish without a topic), or as plain frames (broadcast)?
//   node dist/bench/transport.js --mode gossipsub|spread|direct [--nodes 6] [--size 50000]
//     [--rate 20] [--seconds 8]
// One process per node, full mesh on loopback; node 0 sends `rate` batches a second. Prints CPU of
// all processes per delivered batch, beyond what they use when idle, and the latency.
// Last measured (2 shared cores, Node 20, 6 nodes, CPU us per delivery, median latency):
//   50 kB, 20/s    spread 3,300  5 ms    direct 2,300  3 ms    gossipsub 12,900  69 ms
//   2 kB, 100/s    spread 1,400  2 ms    direct 1,400  3 ms    gossipsub  5,300  25 ms
//   200 kB, 5/s    spread 6,900 13 ms                          gossipsub 25,800  52 ms
// gossipsub sends every batch over nearly every link of the mesh, both ways, and above 60 batches
// of 50 kB a second it no longer keeps up on two cores.
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { toHex, utf8ToBytes } from '../core/src/bytes.js';
import { publicKeyOf } from '../core/src/ed25519.js';
import { sha256 } from '../core/src/hash.js';
import { openCrypto } from '../node/src/crypto/backend.js';
import { createLibp2pTransport } from '../node/src/net/libp2p/adapter.js';
import { txTopic } from '../node/src/net/libp2p/gossip.js';
import type { PeerAddress } from '../node/src/net/transport.js';

const { values } = parseArgs({
  options: {
    mode: { type: 'string', default: 'spread' },
    nodes: { type: 'string', default: '6' },
    size: { type: 'string', default: '50000' },
    rate: { type: 'string', default: '20' },
    seconds: { type: 'string', default: '8' },
    child: { type: 'string' },
  },
});
const nodes = Number(values.nodes);
const size = Number(values.size);
const BATCH_TYPE = 200;
const seedOf = (i: number): Uint8Array => sha256(utf8ToBytes(`bench ${i}`));
const keyOf = (i: number): string => toHex(publicKeyOf(seedOf(i)));
const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
const now = (): number => performance.timeOrigin + performance.now();

/** One node: told by messages what to do, answers with what it saw. */
async function child(i: number): Promise<void> {
  openCrypto(() => undefined);
  let delivered = 0;
  const latencies: number[] = [];
  const take = (bytes: Uint8Array): void => {
    delivered++;
    latencies.push(now() - new DataView(bytes.buffer, bytes.byteOffset).getFloat64(0));
  };
  const transport = await createLibp2pTransport({
    seed: seedOf(i),
    listen: '/ip4/127.0.0.1/tcp/0',
    ...(values.mode === 'gossipsub' && { topic: txTopic('00'.repeat(32)) }),
    handlers: {
      onPeer: () => undefined,
      onDirect: (_, __, bytes) => take(bytes),
      onGossip(_, bytes) {
        take(bytes);
        return 'accept';
      },
      onRequest: async (_, bytes) => bytes,
    },
  });
  transport.setAdmitted(Array.from({ length: nodes }, (_, k) => keyOf(k)));
  await transport.start();
  let serial = 0;
  const sendOne = (): void => {
    const bytes = new Uint8Array(size).fill(serial++ & 255);
    const view = new DataView(bytes.buffer);
    view.setFloat64(0, now());
    view.setUint32(8, serial);
    if (values.mode !== 'direct') void transport.publish(bytes);
    else transport.broadcast(BATCH_TYPE, bytes);
  };
  let cpu = process.cpuUsage();
  process.on('message', (message: { peers?: PeerAddress[]; send?: number; report?: boolean }) => {
    if (message.peers !== undefined) transport.setPeers(message.peers);
    if (message.send !== undefined) {
      const timer = setInterval(sendOne, 1000 / Number(values.rate));
      setTimeout(() => clearInterval(timer), message.send);
    }
    if (message.report !== true) return;
    const used = process.cpuUsage(cpu);
    cpu = process.cpuUsage();
    process.send?.({ cpuUs: used.user + used.system, delivered, latencies });
    delivered = 0;
    latencies.length = 0;
  });
  process.send?.({ address: transport.address() });
}

const heard = <T>(from: ChildProcess): Promise<T> =>
  new Promise((resolve) => from.once('message', (message) => resolve(message as T)));

interface Report {
  readonly cpuUs: number;
  readonly delivered: number;
  readonly latencies: readonly number[];
}

async function report(children: readonly ChildProcess[]): Promise<readonly Report[]> {
  const answers = children.map((c) => heard<Report>(c));
  for (const c of children) c.send({ report: true });
  return Promise.all(answers);
}

const total = (reports: readonly Report[]): number => reports.reduce((sum, r) => sum + r.cpuUs, 0);

async function parent(): Promise<void> {
  const peers: PeerAddress[] = [];
  const children: ChildProcess[] = [];
  const script = fileURLToPath(import.meta.url);
  for (let i = 0; i < nodes; i++) {
    const made = fork(script, [...process.argv.slice(2), '--child', String(i)]);
    const { address } = await heard<{ address: string }>(made);
    made.send({ peers: [...peers] });
    peers.push({ key: keyOf(i), address });
    children.push(made);
  }
  const spanMs = Number(values.seconds) * 1000;
  await pause(4000);
  await report(children);
  await pause(spanMs);
  const idle = await report(children);
  children[0]?.send({ send: spanMs });
  await pause(spanMs + 500);
  const busy = await report(children);
  const delivered = busy.reduce((sum, r) => sum + r.delivered, 0);
  const latencies = busy.flatMap((r) => r.latencies).sort((a, b) => a - b);
  const at = (q: number) => latencies[Math.floor(q * (latencies.length - 1))]?.toFixed(1);
  console.log(
    JSON.stringify({
      mode: values.mode,
      size,
      rate: Number(values.rate),
      delivered,
      wanted: Math.floor(Number(values.seconds) * Number(values.rate)) * (nodes - 1),
      cpuUsPerDelivery: Math.round((total(busy) - total(idle)) / delivered),
      senderCpuUsPerBatch: Math.round(
        ((busy[0]?.cpuUs ?? 0) - (idle[0]?.cpuUs ?? 0)) / (delivered / (nodes - 1)),
      ),
      idleCpuPercentPerNode: Number((total(idle) / nodes / spanMs / 10).toFixed(2)),
      latencyMs: { p50: at(0.5), p99: at(0.99) },
    }),
  );
  for (const c of children) c.kill();
}

await (values.child === undefined ? parent() : child(Number(values.child)));
