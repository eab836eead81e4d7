// Both stores against the compliance suite, and what only one of them can show: failing writes,
// rot, a second process, damaged files.
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { toHex, u32be } from '../../core/src/bytes.js';
import type { ProtocolError } from '../../core/src/errors.js';
import {
  linksOf,
  refusedAs,
  type StoreUnderTest,
  storeCompliance,
  toyBatch,
  txId,
} from '../../test/compliance/store.js';
import { checkStore } from '../src/store/check.js';
import { heightKey, keyIn, SPACE } from '../src/store/keys.js';
import type { KvWrite } from '../src/store/kv.js';
import { MemoryKv } from '../src/store/memory.js';
import { openStore } from '../src/store/open.js';
import { BlockStore } from '../src/store/store.js';

const fatal = (error: ProtocolError): void => assert.fail(error.message);

function inMemory(kv: MemoryKv): StoreUnderTest {
  const store = new BlockStore(kv, fatal);
  return { store, reopen: async () => inMemory(kv), cleanup: async () => {} };
}

async function onDisk(dir: string): Promise<StoreUnderTest> {
  let store = await openStore(dir, fatal);
  const handle = async (): Promise<StoreUnderTest> => ({
    store,
    async reopen() {
      await store.close();
      store = await openStore(dir, fatal);
      return handle();
    },
    async cleanup() {
      await store.close();
      rmSync(dir, { recursive: true });
    },
  });
  return handle();
}

const freshDir = () => mkdtempSync(join(tmpdir(), 'busbar-store-'));

storeCompliance('memory', async () => inMemory(new MemoryKv()));
storeCompliance('level', () => onDisk(freshDir()));

test('the first failed write is the last: fatal once, nothing of it is shown', async () => {
  const kv = new MemoryKv();
  const fatals: string[] = [];
  const store = new BlockStore(kv, (error) => fatals.push(error.code));
  await store.commitBlock(toyBatch(0n));
  kv.failNext = true;
  await assert.rejects(store.commitBlock(toyBatch(1n)), refusedAs('STORE_WRITE'));
  assert.equal(store.tip()?.height, 0n);
  await assert.rejects(store.commitBlock(toyBatch(1n)), refusedAs('STORE_WRITE'));
  await assert.rejects(
    store.journalTxs([{ id: txId(0n, 0), bytes: u32be(0) }]),
    refusedAs('STORE_WRITE'),
  );
  assert.deepEqual(fatals, ['STORE_WRITE']);
});

test('rot in any record is an error where it is read, never a value', async () => {
  const kv = new MemoryKv();
  const store = new BlockStore(kv, fatal);
  for (let h = 0n; h < 3n; h++) await store.commitBlock(toyBatch(h));
  const key = heightKey(SPACE.block, 1n);
  for (let at = 0; at < (kv.get(key)?.length ?? 0); at++) {
    kv.rot(key, at);
    assert.throws(() => store.block(1n), refusedAs('STORE_DAMAGED'), `byte ${at}`);
    kv.rot(key, at);
  }
  kv.rot(keyIn(SPACE.state, toyBatch(2n).stateWrites[0]?.key), 12);
  await assert.rejects(async () => {
    for await (const _ of store.states());
  }, refusedAs('STORE_DAMAGED'));
});

test('a record at the wrong key is refused', async () => {
  const kv = new MemoryKv();
  const store = new BlockStore(kv, fatal);
  for (let h = 0n; h < 3n; h++) await store.commitBlock(toyBatch(h));
  const stray = kv.get(heightKey(SPACE.block, 1n));
  await kv.write([{ key: heightKey(SPACE.block, 2n), value: stray }]);
  assert.throws(() => store.block(2n), refusedAs('STORE_DAMAGED'));
});

test('a hole in the middle is found at start, as are a lost tip and a lost part', async () => {
  const whole = new MemoryKv();
  const store = new BlockStore(whole, fatal);
  for (let h = 0n; h < 2000n; h++) await store.commitBlock(toyBatch(h));
  for (const key of [
    heightKey(SPACE.block, 3n),
    heightKey(SPACE.block, 1999n),
    heightKey(SPACE.certificate, 1500n),
    heightKey(SPACE.receipts, 1001n),
    keyIn(SPACE.heightOfHash, toyBatch(1200n).hash),
  ]) {
    const kv = whole.copy();
    await kv.write([{ key }]);
    const holed = new BlockStore(kv, fatal);
    await assert.rejects(checkStore(holed, { linksOf }), refusedAs('STORE_DAMAGED'), toHex(key));
  }
});

test('a hole is found even where a stray block above the tip makes up the number', async () => {
  const kv = new MemoryKv();
  const store = new BlockStore(kv, fatal);
  for (let h = 0n; h < 10n; h++) await store.commitBlock(toyBatch(h));
  const stray = kv.get(heightKey(SPACE.block, 3n));
  await kv.write([
    { key: heightKey(SPACE.block, 3n) },
    { key: heightKey(SPACE.block, 10n), value: stray },
  ]);
  const holed = new BlockStore(kv, fatal);
  await assert.rejects(checkStore(holed, { linksOf, depth: 2 }), refusedAs('STORE_DAMAGED'));
});

/** Whose first write takes longer than the second. */
class SlowStart extends MemoryKv {
  #first = true;
  override async write(writes: readonly KvWrite[]): Promise<void> {
    if (this.#first) {
      this.#first = false;
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
    await super.write(writes);
  }
}

test('a later write never overtakes an earlier one', async () => {
  const store = new BlockStore(new SlowStart(), fatal);
  const entry = { id: txId(0n, 0), bytes: u32be(1) };
  await Promise.all([store.journalTxs([entry]), store.commitBlock(toyBatch(0n))]);
  assert.deepEqual(await store.readJournal(), []);
});

test('a second process is held off, and gets in after the first', async () => {
  const dir = freshDir();
  const first = await openStore(dir, fatal);
  await assert.rejects(openStore(dir, fatal), refusedAs('STORE_LOCKED'));
  await first.close();
  await (await openStore(dir, fatal)).close();
  rmSync(dir, { recursive: true });
});

/** Whether everything reads as it was written. */
async function isWhole(store: BlockStore, blocks: bigint): Promise<boolean> {
  if (store.tip()?.height !== blocks - 1n) return false;
  for (let h = 0n; h < blocks; h++)
    if (toHex(store.block(h) ?? u32be(0)) !== toHex(toyBatch(h).blockBytes)) return false;
  return true;
}

test('a flipped bit anywhere in the files is seen, or does no harm', async () => {
  const blocks = 60n;
  let seen = 0;
  for (let trial = 0; trial < 24; trial++) {
    const dir = freshDir();
    const store = await openStore(dir, fatal);
    for (let h = 0n; h < blocks; h++) await store.commitBlock(toyBatch(h));
    await store.close();
    // Odd trials: reopened once, so that the log has become a table.
    if (trial % 2 === 1) await (await openStore(dir, fatal)).close();
    const inner = join(dir, 'store');
    const file = readdirSync(inner).find((f) => f.endsWith(trial % 2 === 1 ? '.ldb' : '.log'));
    const path = join(inner, file as string);
    const bytes = readFileSync(path);
    const at = Math.floor((bytes.length * (trial + 0.5)) / 24);
    bytes[at] = (bytes[at] as number) ^ (1 << (trial & 7));
    writeFileSync(path, bytes);
    if (await noticed(dir, blocks)) seen++;
    rmSync(dir, { recursive: true });
  }
  assert.ok(seen >= 12, `only ${seen} of 24 were noticed`);
});

/** Opens a damaged store: true when it says so; fails when it gives out wrong data. */
async function noticed(dir: string, blocks: bigint): Promise<boolean> {
  let store: BlockStore | undefined;
  try {
    store = await openStore(dir, fatal);
    await checkStore(store, { linksOf, depth: Number.POSITIVE_INFINITY });
    for await (const _ of store.states());
    // An earlier tip is a node that is behind: it syncs. Anything else must be whole.
    const tip = store.tip()?.height ?? -1n;
    if (tip < blocks - 1n) return true;
    assert.ok(await isWhole(store, blocks));
    return false;
  } catch (error) {
    if (refusedAs('STORE_DAMAGED')(error)) return true;
    throw error;
  } finally {
    await store?.close();
  }
}
