// What does a block cost on disk?
//   node dist/bench/store.js [--txs 1000] [--blocks 50] [--writes 2]
// Blocks of random transactions of 230 bytes with receipts and `writes` state writes each (one new
// key, then balances of 2,000 accounts), one synced batch per block.
// Last measured (2 cores, Node 20): 1,000 txs 41 ms per block, 50 us CPU and 599 bytes per
// transaction (of them 230 the transaction, 64 its place by id); 4 txs 1.0 ms per block.
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { assert } from '../core/src/assert.js';
import { concatBytes } from '../core/src/bytes.js';
import { asHash } from '../core/src/hash.js';
import { openCrypto } from '../node/src/crypto/backend.js';
import { openStore } from '../node/src/store/open.js';
import type { BlockBatch } from '../node/src/store/store.js';

const { values } = parseArgs({
  options: {
    txs: { type: 'string', default: '1000' },
    blocks: { type: 'string', default: '50' },
    writes: { type: 'string', default: '2' },
  },
});
const [txs, blocks, writes] = [values.txs, values.blocks, values.writes].map(Number) as [
  number,
  number,
  number,
];
const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length));
const accounts = Array.from({ length: 2000 }, () => random(21));

function batchAt(height: number): BlockBatch {
  const txIds = Array.from({ length: txs }, () => random(32));
  const stateWrites = txIds.flatMap((id, i) => [
    { key: concatBytes(Uint8Array.of(1), id), value: random(120) },
    ...Array.from({ length: writes - 1 }, (_, k) => {
      const account = accounts[(i * 7 + height + k) % accounts.length];
      assert(account !== undefined, 'within the list');
      return { key: account, value: random(80) };
    }),
  ]);
  return {
    height: BigInt(height),
    hash: asHash(random(32)),
    stateRoot: asHash(random(32)),
    blockBytes: random(txs * 230),
    certificateBytes: random(400),
    receiptsBytes: random(txs * 10),
    stateWrites,
    txIds,
    indexWrites: [],
  };
}

openCrypto(console.error);
const dir = mkdtempSync(join(tmpdir(), 'busbar-bench-'));
const store = await openStore(dir, (error) => {
  throw error;
});
const batches = Array.from({ length: blocks }, (_, i) => batchAt(i));
const times: number[] = [];
const before = process.cpuUsage();
for (const batch of batches) {
  const started = performance.now();
  await store.commitBlock(batch);
  times.push(performance.now() - started);
}
const used = process.cpuUsage(before);
const scan = performance.now();
let leaves = 0;
for await (const page of store.states()) leaves += page.length;
console.log(
  JSON.stringify({
    txs,
    blocks,
    msPerBlock: Number((times.reduce((a, b) => a + b, 0) / blocks).toFixed(2)),
    worstMs: Number(Math.max(...times).toFixed(1)),
    cpuUsPerTx: Number(((used.user + used.system) / blocks / txs).toFixed(1)),
    bytesPerTx: Math.round(store.rawSize() / blocks / txs),
    leavesPerSecond: Math.round((leaves / (performance.now() - scan)) * 1000),
  }),
);
await store.close();
rmSync(dir, { recursive: true });
