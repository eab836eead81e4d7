// How many signed transactions per second go through one node's full path: decode, admission rules,
// signature, mempool, execution with state root and receipts, one synced batch per block.
//   node dist/bench/fullPath.js [--txs 20000] [--block 1000] [--accounts 2000]
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { assert } from '../core/src/assert.js';
import type { ChainMs, Money } from '../core/src/amount.js';
import { toHex, u64be } from '../core/src/bytes.js';
import { installSha256 } from '../core/src/hash.js';
import { accountIdOf, type PublicKey } from '../core/src/ids.js';
import { buildTx, decodeTx } from '../core/src/tx.js';
import { PRECOMMIT } from '../core/src/vote.js';
import { Committer } from '../node/src/commit.js';
import { type KeyPair, openCrypto } from '../node/src/crypto/backend.js';
import { nativeSha256 } from '../node/src/crypto/sha256.js';
import { Executor } from '../node/src/executor.js';
import { Mempool } from '../node/src/mempool.js';
import { openStore } from '../node/src/store/open.js';
import { admissionRefusal } from '../state/src/tx/rules.js';
import { ACCOUNTS } from '../state/src/schema.js';
import { readGenesis } from '../state/src/genesis/genesis.js';
import { genesisState } from '../state/src/genesis/start.js';

const { values } = parseArgs({
  options: {
    txs: { type: 'string', default: '20000' },
    block: { type: 'string', default: '1000' },
    accounts: { type: 'string', default: '2000' },
  },
});
const [count, perBlock, people] = [values.txs, values.block, values.accounts].map(Number) as [
  number,
  number,
  number,
];

installSha256(nativeSha256());
const backend = openCrypto((message) => console.error(message));
const keys: KeyPair[] = Array.from({ length: people }, (_, i) => {
  const seed = new Uint8Array(32);
  seed.set(u64be(BigInt(i + 1)));
  return backend.keyPair(seed);
});
const spare = (i: number): string => {
  const seed = new Uint8Array(32).fill(9);
  seed[0] = i;
  return toHex(backend.keyPair(seed).publicKey);
};
const genesis = readGenesis({
  format: 1,
  name: 'bench',
  time: 0,
  centres: [{ name: 'c', publicKey: spare(1) }],
  validators: [{ name: 'v', publicKey: spare(2) }],
  grid: { publicKey: spare(3) },
  accounts: keys.map(({ publicKey }) => ({
    publicKey: toHex(publicKey),
    balance: '1000',
    pMaxImport: '17',
    pMaxExport: '17',
  })),
  markets: [],
});
const ids = keys.map(({ publicKey }) => accountIdOf(genesis.chainId, publicKey));
const wire = Array.from({ length: count }, (_, i) => {
  const from = i % people;
  const draft = {
    kind: 'transfer' as const,
    sender: ids[from] as (typeof ids)[number],
    validFrom: 0n as ChainMs,
    validUntil: 3_000_000n as ChainMs,
    salt: u64be(BigInt(i)),
    body: {
      market: '',
      to: ids[(i * 7 + 1) % people] as (typeof ids)[number],
      amount: 1n as Money,
      memo: new Uint8Array(0),
    },
  };
  return buildTx(genesis.chainId, draft, (bytes) => (keys[from] as KeyPair).sign(bytes)).bytes;
});

const dir = mkdtempSync(join(tmpdir(), 'busbar-bench-'));
const store = await openStore(dir, (error) => {
  throw error;
});
const { writes, ...at } = genesisState(genesis);
const mempool = new Mempool(1_000_000);
const executor = new Executor(at, {
  verify: (key, tx) =>
    mempool.isVerified(key, tx) || backend.verify(key, tx.signedBytes, tx.signature),
});
const clock = { monotonicMs: () => performance.now(), chainNowMs: () => 1n };
const counters = { finalBlock() {}, diskWrite() {}, refused() {}, nilVote() {} };
const committer = new Committer({
  executor,
  store,
  mempool,
  clock,
  counters,
  genesisWrites: writes,
});

const spent = { admit: 0, build: 0, execute: 0, commit: 0 };
const timed = async <T>(name: keyof typeof spent, work: () => T | Promise<T>): Promise<T> => {
  const started = performance.now();
  const result = await work();
  spent[name] += performance.now() - started;
  return result;
};

function admitAll(batch: readonly Uint8Array[]): void {
  for (const bytes of batch) {
    const tx = decodeTx(genesis.chainId, bytes);
    assert(tx !== undefined, 'bench: bad transaction');
    const world = executor.world();
    const refusal = admissionRefusal(
      { world, chain: at.chain, nowMs: 1n, tipMs: executor.at.parent.timeMs, driftMs: 0n },
      tx,
    );
    const key = world.get(ACCOUNTS, tx.sender)?.publicKey;
    assert(refusal === undefined && key !== undefined, `bench: ${refusal}`);
    assert(backend.verify(key, tx.signedBytes, tx.signature), 'bench: signature');
    mempool.add(tx, key);
  }
}

const started = performance.now();
for (let from = 0; from < count; from += perBlock) {
  await timed('admit', () => admitAll(wire.slice(from, from + perBlock)));
  const { block } = await timed('build', () =>
    executor.build({
      round: 0,
      timeMs: (executor.at.parent.timeMs + 1n) as ChainMs,
      proposer: genesis.centres[0]?.publicKey as PublicKey,
      parentCertificate: new Uint8Array(0),
      candidates: mempool.candidates(),
    }),
  );
  const subject = { step: PRECOMMIT, height: block.head.height, round: 0, blockHash: block.hash };
  const certificate = { ...subject, bitmap: Uint8Array.of(1), signatures: [new Uint8Array(64)] };
  await timed('commit', () => committer.commit(block, certificate));
}
const ms = performance.now() - started;
const perTx = (part: number): string => ((part * 1000) / count).toFixed(1);
console.log(
  `${count} transfers, ${perBlock} a block, ${people} accounts, ${backend.name}: ` +
    `${Math.round((count * 1000) / ms)} tx/s`,
);
console.log(
  `us per tx: decode, rules and signature ${perTx(spent.admit)}; execution, receipts and root ` +
    `${perTx(spent.build)}; synced batch ${perTx(spent.commit)}`,
);
console.log(`bytes on disk per tx: ${Math.round(store.rawSize() / count)}`);
await store.close();
rmSync(dir, { recursive: true, force: true });
