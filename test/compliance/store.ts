// What every store backend must do. Run on LevelDB and on memory by node/test/store.test.ts.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { concatBytes, toHex, u32be, u64be, utf8ToBytes } from '../../core/src/bytes.js';
import { ProtocolError } from '../../core/src/errors.js';
import { type Hash, sha256, ZERO_HASH } from '../../core/src/hash.js';
import { type BlockLinks, checkStore } from '../../node/src/store/check.js';
import type { BlockBatch, BlockStore } from '../../node/src/store/store.js';

/** A store that can be opened again over the same data. */
export interface StoreUnderTest {
  readonly store: BlockStore;
  reopen(): Promise<StoreUnderTest>;
  cleanup(): Promise<void>;
}

export const refusedAs = (code: string) => (error: unknown) =>
  error instanceof ProtocolError && error.code === code;

const toyHashes = new Map<bigint, Hash>();

/** Blocks of a toy chain: parent hash, height, filling. */
function toyBlock(height: bigint): Uint8Array {
  const above = height > 0n && !toyHashes.has(height - 1n) ? sha256(toyBlock(height - 1n)) : null;
  const parent = height <= 0n ? ZERO_HASH : (above ?? (toyHashes.get(height - 1n) as Hash));
  const block = concatBytes(parent, u64be(height), utf8ToBytes('filling'));
  toyHashes.set(height, sha256(block));
  return block;
}
export const linksOf = (bytes: Uint8Array): BlockLinks | undefined =>
  bytes.length < 40 ? undefined : { hash: sha256(bytes), parentHash: bytes.slice(0, 32) as Hash };

export const txId = (height: bigint, i: number): Uint8Array =>
  sha256(concatBytes(u64be(height), u32be(i)));

export function toyBatch(height: bigint, more: Partial<BlockBatch> = {}): BlockBatch {
  const blockBytes = toyBlock(height);
  return {
    height,
    hash: sha256(blockBytes),
    stateRoot: sha256(u64be(height)),
    blockBytes,
    certificateBytes: utf8ToBytes(`certificate ${height}`),
    receiptsBytes: utf8ToBytes(`receipts ${height}`),
    stateWrites: [{ key: u64be(height % 7n), value: u64be(height) }],
    txIds: [txId(height, 0), txId(height, 1)],
    indexWrites: [{ key: concatBytes(utf8ToBytes('a'), u64be(height)), value: u64be(height) }],
    ...more,
  };
}

const leaves = async (store: BlockStore): Promise<Map<string, string>> => {
  const out = new Map<string, string>();
  for await (const page of store.states())
    for (const { key, value } of page) out.set(toHex(key), toHex(value));
  return out;
};

type Open = () => Promise<StoreUnderTest>;

/** Registers the whole suite for one backend. */
export function storeCompliance(name: string, open: Open): void {
  const on = (title: string, body: (t: StoreUnderTest) => Promise<void>) =>
    test(`store ${name}: ${title}`, async () => {
      const opened = await open();
      try {
        await body(opened);
      } finally {
        await opened.cleanup();
      }
    });
  blocks(on);
  state(on);
  index(on);
  journal(on);
}

type On = (title: string, body: (t: StoreUnderTest) => Promise<void>) => void;

function blocks(on: On): void {
  on('an empty store has no tip and passes the check', async ({ store }) => {
    assert.equal(store.tip(), undefined);
    assert.equal(store.block(0n), undefined);
    assert.equal(store.locationOf(txId(0n, 0)), undefined);
    await checkStore(store, { linksOf });
  });

  on('a block is there in all its parts, also after reopening', async (t) => {
    for (let h = 0n; h < 5n; h++) await t.store.commitBlock(toyBatch(h));
    await t.store.setCommitteeCertificate(3n, utf8ToBytes('committee'));
    const { store } = await t.reopen();
    assert.deepEqual(
      { ...store.tip(), hash: toHex(store.tip()?.hash as Hash), stateRoot: undefined },
      { height: 4n, hash: toHex(toyBatch(4n).hash), stateRoot: undefined, base: 0n },
    );
    assert.deepEqual(toHex(store.block(3n) as Uint8Array), toHex(toyBatch(3n).blockBytes));
    assert.equal(Buffer.from(store.certificate(3n) as Uint8Array).toString(), 'certificate 3');
    assert.equal(Buffer.from(store.receipts(3n) as Uint8Array).toString(), 'receipts 3');
    assert.equal(Buffer.from(store.committeeCertificate(3n) as Uint8Array).toString(), 'committee');
    assert.equal(store.committeeCertificate(2n), undefined);
    assert.equal(store.heightOf(toyBatch(2n).hash), 2n);
    assert.deepEqual(store.locationOf(txId(2n, 1)), { height: 2n, index: 1 });
    assert.equal(store.block(5n), undefined);
    await checkStore(store, { linksOf });
    assert.ok(store.rawSize() > 0);
  });

  on('blocks come in order; the first may have any height', async ({ store }) => {
    await store.commitBlock(toyBatch(41n));
    await assert.rejects(store.commitBlock(toyBatch(41n)));
    await assert.rejects(store.commitBlock(toyBatch(43n)));
    await store.commitBlock(toyBatch(42n));
    assert.equal(store.tip()?.base, 41n);
    await checkStore(store, { linksOf });
  });

  on('a chain whose links do not fit is refused by height', async ({ store }) => {
    for (let h = 0n; h < 4n; h++) await store.commitBlock(toyBatch(h));
    const other = concatBytes(ZERO_HASH, u64be(4n), utf8ToBytes('foreign'));
    await store.commitBlock(toyBatch(4n, { blockBytes: other, hash: sha256(other) }));
    await assert.rejects(checkStore(store, { linksOf }), refusedAs('STORE_DAMAGED'));
    await checkStore(store, { linksOf, depth: 1 });
  });
}

function state(on: On): void {
  on('state leaves follow a model over random batches and restarts', async (t) => {
    let current = t;
    const write = fc.record({
      key: fc.uint8Array({ minLength: 1, maxLength: 3 }),
      value: fc.option(fc.uint8Array({ maxLength: 40 }), { nil: undefined }),
    });
    const model = new Map<string, string>();
    let height = 0n;
    await fc.assert(
      fc.asyncProperty(fc.array(write, { size: 'max', maxLength: 40 }), async (raw) => {
        const stateWrites = [...new Map(raw.map((w) => [toHex(w.key), w])).values()];
        await current.store.commitBlock(toyBatch(height++, { stateWrites }));
        for (const { key, value } of stateWrites)
          if (value === undefined) model.delete(toHex(key));
          else model.set(toHex(key), toHex(value));
        if (height % 10n === 0n) current = await current.reopen();
        assert.deepEqual(await leaves(current.store), new Map([...model].sort()));
        for (const { key, value } of stateWrites)
          assert.equal(toHex(current.store.state(key) ?? u32be(1)), toHex(value ?? u32be(1)));
      }),
      { numRuns: 30, endOnFailure: true },
    );
  });

  on('more leaves than a page, and keys of ff, come in order and once', async ({ store }) => {
    const stateWrites = Array.from({ length: 1500 }, (_, i) => ({
      key: concatBytes(Uint8Array.of(0xff), u32be(i)),
      value: u32be(i),
    }));
    await store.commitBlock(toyBatch(0n, { stateWrites }));
    const keys = [...(await leaves(store)).keys()];
    assert.deepEqual(
      keys,
      stateWrites.map((w) => toHex(w.key)),
    );
  });
}

function index(on: On): void {
  on('index pages: both directions, cursors, prefixes kept apart', async ({ store }) => {
    for (let h = 0n; h < 25n; h++) await store.commitBlock(toyBatch(h));
    const b = { key: utf8ToBytes('b'), value: utf8ToBytes('other') };
    await store.commitBlock(toyBatch(25n, { indexWrites: [b] }));
    for (const reverse of [false, true]) {
      const seen: bigint[] = [];
      let after: Uint8Array | undefined;
      do {
        const prefix = utf8ToBytes('a');
        const page = await store.scanIndex({ prefix, limit: 10, reverse, ...(after && { after }) });
        assert.ok(page.items.length <= 10);
        seen.push(...page.items.map((item) => item.height));
        after = page.cursor;
      } while (after !== undefined);
      const all = Array.from({ length: 25 }, (_, i) => BigInt(reverse ? 24 - i : i));
      assert.deepEqual(seen, all);
    }
    const exact = await store.scanIndex({ prefix: utf8ToBytes('a'), limit: 25 });
    assert.equal(exact.cursor, undefined);
    assert.equal(Buffer.from(store.index(b.key) as Uint8Array).toString(), 'other');
  });
}

function journal(on: On): void {
  const ids = async (store: BlockStore) =>
    (await store.readJournal()).map((e) => toHex(e.id)).sort();

  on('journal: survives, and loses what a block contains or what is dropped', async (t) => {
    const entries = [0, 1, 2, 3].map((i) => ({ id: txId(0n, i), bytes: u32be(i) }));
    await t.store.journalTxs(entries);
    let { store } = await t.reopen();
    assert.equal((await ids(store)).length, 4);
    await store.commitBlock(toyBatch(0n));
    await store.dropJournal([txId(0n, 2), txId(9n, 9)]);
    ({ store } = await t.reopen());
    assert.deepEqual(await ids(store), [toHex(txId(0n, 3))]);
    const [left] = await store.readJournal();
    assert.deepEqual(new Uint8Array(left?.bytes as Uint8Array), u32be(3));
  });

  on('writes keep the order of the calls', async ({ store }) => {
    const entry = { id: txId(0n, 0), bytes: u32be(1) };
    await Promise.all([store.journalTxs([entry]), store.commitBlock(toyBatch(0n))]);
    assert.deepEqual(await ids(store), []);
  });
}
