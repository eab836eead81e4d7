// Final transactions per second and time to finality of the six-process network on this machine: a
// centre, a standby and four validators over libp2p, and this client, all on the same cores.
//   node dist/bench/network.js [--rates 500,1500,3000] [--seconds 20] [--accounts 200] [--dir DIR]
//     [--warmup 120]
// Sends pre-signed transfers at a fixed rate, in batches of 50 over JSON-RPC to the four validators
// in turn, and subscribes to the final blocks of one of them. A rate is held where all are final.
// Before the first rate the network runs warm for `--warmup` seconds: nodes run for years.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { AssertionFailure } from '../core/src/assert.js';
import type { ChainMs, Money } from '../core/src/amount.js';
import { fromHex, toHex, u64be } from '../core/src/bytes.js';
import { accountIdOf } from '../core/src/ids.js';
import { buildTx } from '../core/src/tx.js';
import { openSocket } from '../cli/src/socket.js';
import { loadHomes } from '../cli/src/network/keys.js';
import { type KeyPair, openCrypto } from '../node/src/crypto/backend.js';
import { createClient, type RpcClient } from '../rpc/src/client.js';
import { followEvents } from '../rpc/src/follow.js';
import type { Hash } from '../core/src/hash.js';

const { values } = parseArgs({
  options: {
    rates: { type: 'string', default: '500,1500,3000' },
    seconds: { type: 'string', default: '20' },
    warmup: { type: 'string', default: '120' },
    accounts: { type: 'string', default: '200' },
    dir: { type: 'string' },
  },
});
const dir = values.dir ?? mkdtempSync(join(tmpdir(), 'busbar-bench-'));
const accounts = Number(values.accounts);
const BATCH = 50;
const RATE_OF_TIME = 10;
/** Transactions a second while the network runs warm. */
const WARM_RATE = 1000;

interface Node {
  readonly name: string;
  readonly role: string;
  readonly pid: number;
  readonly rpc: string;
  readonly token: string;
}

function startNetwork(): Promise<{ child: ChildProcess; nodes: readonly Node[] }> {
  const args = ['bin/busbar.js', 'dev', '--dir', dir, '--rate', `${RATE_OF_TIME}`];
  const child = spawn(process.execPath, [...args, '--homes', `${accounts}`, '--json'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return new Promise((resolve, reject) => {
    let text = '';
    child.stdout?.setEncoding('utf8').on('data', (part: string) => {
      text += part;
      try {
        resolve({ child, nodes: JSON.parse(text) as readonly Node[] });
      } catch {
        // not whole yet
      }
    });
    child.on('exit', (status) => reject(new AssertionFailure(`the network ended: ${status}`)));
  });
}

interface Signed {
  readonly id: string;
  readonly bytes: string;
}

/** Transfers of one unit round the accounts, valid from now on. */
function signAll(keys: readonly KeyPair[], chain: { id: Hash; nowMs: bigint }, count: number) {
  const ids = keys.map((k) => accountIdOf(chain.id, k.publicKey));
  const unique = BigInt(Date.now()) * 1_000_000n;
  return Array.from({ length: count }, (_, i): Signed => {
    const from = i % keys.length;
    const draft = {
      kind: 'transfer' as const,
      sender: ids[from] as (typeof ids)[number],
      validFrom: chain.nowMs as ChainMs,
      validUntil: (chain.nowMs + 3_000_000n) as ChainMs,
      salt: u64be(unique + BigInt(i)),
      body: {
        market: '',
        to: ids[(from + 1) % keys.length] as (typeof ids)[number],
        amount: 1n as Money,
        memo: new Uint8Array(0),
      },
    };
    const tx = buildTx(chain.id, draft, (bytes) => (keys[from] as KeyPair).sign(bytes));
    return { id: toHex(tx.id), bytes: toHex(tx.bytes) };
  });
}

interface Following {
  blocks: number;
  /** Blocks that were not decided in the first round of their height. */
  later: number;
  stop(): void;
}

/** Tells of each transaction of the final blocks after `height`. */
function follow(node: Node, height: string, seen: (id: string) => void): Following {
  const following: Following = {
    blocks: 0,
    later: 0,
    stop: followEvents({
      connect: () => openSocket({ url: node.rpc, token: node.token }),
      topics: ['headers', 'blocks'],
      cursor: `${height}:1`,
      onEvent({ topic, data }) {
        if (topic === 'headers') {
          following.blocks += 1;
          if (data.round !== '0') following.later += 1;
        } else for (const id of data.transactions as readonly string[]) seen(id);
      },
    }),
  };
  return following;
}

const cpuMs = (pid: number): number => {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10;
};
const rssMib = (pid: number): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;

const quantile = (sorted: readonly number[], q: number): number =>
  Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? -1);

/** What one signature takes while the network runs: this machine is not always as fast, us. */
function yardstick(): { stop(): number } {
  const crypto = openCrypto(() => undefined);
  const { publicKey, sign } = crypto.keyPair(new Uint8Array(32).fill(1));
  const message = new Uint8Array(200);
  const signature = sign(message);
  const tookUs: number[] = [];
  const timer = setInterval(() => {
    const started = performance.now();
    crypto.verify(publicKey, message, signature);
    tookUs.push((performance.now() - started) * 1000);
  }, 50);
  return {
    stop() {
      clearInterval(timer);
      return quantile(
        tookUs.sort((a, b) => a - b),
        0.5,
      );
    },
  };
}

interface Offer {
  readonly rate: number;
  readonly seconds: number;
}

async function round(
  nodes: readonly Node[],
  keys: readonly KeyPair[],
  { rate, seconds }: Offer,
): Promise<string> {
  const validators = nodes.filter((n) => n.role === 'validator');
  const clients = validators.map((n) => createClient({ url: n.rpc, token: n.token }));
  const status = await (clients[0] as RpcClient).call('node_status', {});
  const chain = { id: fromHex(status.chainId) as Hash, nowMs: BigInt(status.time) };
  const count = rate * seconds;
  const txs = signAll(keys, chain, count);
  const sentAt = new Map<string, number>();
  const latencies: number[] = [];
  let [accepted, refused] = [0, 0];
  const cpuBefore = nodes.map((n) => cpuMs(n.pid));
  const following = follow(validators[0] as Node, status.height.final, (id) => {
    const at = sentAt.get(id);
    if (at !== undefined) latencies.push(performance.now() - at);
  });
  const signatures = yardstick();
  const started = performance.now();
  const flying = new Set<Promise<void>>();
  for (let next = 0; next < count; ) {
    const due = Math.min(count, Math.floor(((performance.now() - started) * rate) / 1000));
    for (; next + BATCH <= due || (due === count && next < count); next += BATCH) {
      const batch = txs.slice(next, next + BATCH);
      for (const { id } of batch) sentAt.set(id, performance.now());
      const client = clients[(next / BATCH) % clients.length] as RpcClient;
      const sending = client
        .batch(
          'tx_submit',
          batch.map(({ bytes }) => ({ bytes })),
        )
        .then((answers) => {
          for (const a of answers)
            if (a.ok && a.result.status === 'accepted') accepted += 1;
            else refused += 1;
        })
        .finally(() => flying.delete(sending));
      flying.add(sending);
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await Promise.all(flying);
  for (let i = 0; i < 300 && latencies.length < accepted; i++)
    await new Promise((resolve) => setTimeout(resolve, 100));
  const ms = performance.now() - started;
  following.stop();
  const signatureUs = signatures.stop();
  const { blocks, later } = following;
  const cpu = nodes.reduce((sum, n, i) => sum + cpuMs(n.pid) - (cpuBefore[i] as number), 0);
  latencies.sort((a, b) => a - b);
  const perTx = Math.round((cpu * 1000) / Math.max(1, latencies.length) / nodes.length);
  return (
    `${rate} tx/s for ${seconds} s: ${accepted} accepted, ${refused} refused, ` +
    `${latencies.length} final in ${blocks} blocks (${later} of a later round), ` +
    `${Math.round((latencies.length * 1000) / ms)} final tx/s; ` +
    `finality p50 ${quantile(latencies, 0.5)} ms, p99 ${quantile(latencies, 0.99)} ms; ` +
    `${(cpu / ms).toFixed(2)} cores, ` +
    `${perTx} us per tx and process (a signature takes ${signatureUs}), ` +
    `at most ${Math.round(Math.max(...nodes.map((n) => rssMib(n.pid))))} MiB`
  );
}

const { child, nodes } = await startNetwork();
try {
  const backend = openCrypto(() => undefined);
  const homes = loadHomes(JSON.parse(readFileSync(join(dir, 'homes.json'), 'utf8')));
  const keys = homes.map((home) => backend.keyPair(home.owner.seed));
  await new Promise((resolve) => setTimeout(resolve, 4000));
  await round(nodes, keys, { rate: WARM_RATE, seconds: Number(values.warmup) });
  const seconds = Number(values.seconds);
  for (const rate of values.rates.split(',').map(Number))
    console.log(await round(nodes, keys, { rate, seconds }));
} finally {
  child.removeAllListeners('exit');
  child.kill('SIGTERM');
  await new Promise((resolve) => child.on('exit', resolve));
  if (values.dir === undefined) rmSync(dir, { recursive: true, force: true });
}
