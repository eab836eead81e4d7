// Transactions and blocks on the wire: round trip of every kind, and no byte that can change
// without the bytes being refused, the id changing, or the signature failing.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  type Block,
  blockField,
  commitHashOf,
  decodeBlock,
  decodeReceipts,
  encodeBlock,
  receiptsField,
  txRootOf,
} from '../src/block.js';
import { equalBytes, toHex, utf8ToBytes } from '../src/bytes.js';
import { bool, encode, encodeWire, type Field, i64, MISFIT, u32, u64 } from '../src/codec/codec.js';
import { publicKeyOf, sign, verifyStrict } from '../src/ed25519.js';
import { EMPTY_HASH, sha256 } from '../src/hash.js';
import { encodeHeader, headerHash } from '../src/header.js';
import {
  MAX_CONTRACTS_PER_TX,
  MAX_FEEDER_LINES,
  MAX_PARTNERS,
  MAX_TX_BYTES,
} from '../src/limits.js';
import { BODIES, buildTx, decodeTx, TX_KINDS, type TxDraft, type TxKind } from '../src/tx.js';
import { hashOf, headerWith } from './samples.js';

const chainId = hashOf('chain');
const seed = new Uint8Array(32).fill(3);
const key = publicKeyOf(seed);

/** Values of a field, by its form. */
function valuesOf(field: Field<unknown>): fc.Arbitrary<unknown> {
  if (field.parts !== undefined) {
    const parts = Object.entries(field.parts).map(([name, part]) => [name, valuesOf(part)]);
    return fc.record(Object.fromEntries(parts) as Record<string, fc.Arbitrary<unknown>>);
  }
  if (field.name.startsWith('list') && field.inner !== undefined)
    return fc.array(valuesOf(field.inner), { maxLength: 8, size: 'max' });
  if (field.inner !== undefined) return fc.option(valuesOf(field.inner), { nil: undefined });
  if (field.name === u32.name) return fc.integer({ min: 0, max: 0xffff_ffff });
  if (field.name === u64.name) return fc.bigInt({ min: 0n, max: (1n << 64n) - 1n });
  if (field.name === i64.name) return fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n });
  if (field.name === bool.name) return fc.boolean();
  const size = Number(/\d+/.exec(field.name)?.[0]);
  if (field.name.startsWith('str'))
    return fc.string({ unit: 'binary-ascii', maxLength: size, size: 'max' });
  if (field.name.startsWith('bin of at most')) return fc.uint8Array({ maxLength: size });
  if (field.name.startsWith('bin')) return fc.uint8Array({ minLength: size, maxLength: size });
  return fc.constantFrom(...field.name.replace('one of ', '').split(', '));
}

const bytesOf = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const draftOf = (kind: TxKind): fc.Arbitrary<TxDraft> =>
  fc.record({
    kind: fc.constant(kind),
    sender: bytesOf(20),
    validFrom: fc.bigInt(0n, 1n << 62n),
    validUntil: fc.bigInt(0n, 1n << 62n),
    salt: bytesOf(8),
    body: valuesOf(BODIES[kind] as unknown as Field<unknown>),
  }) as unknown as fc.Arbitrary<TxDraft>;
const anyDraft = fc.oneof(...TX_KINDS.map(draftOf));
const quickly = (): Uint8Array => new Uint8Array(64).fill(9);
const build = (draft: TxDraft, by: (bytes: Uint8Array) => Uint8Array = quickly) =>
  buildTx<TxKind>(chainId, draft, by);

for (const kind of TX_KINDS)
  test(`transaction ${kind}: decodes to what was built, id over the bytes that were signed`, () => {
    fc.assert(
      fc.property(draftOf(kind), (draft) => {
        const built = build(draft);
        const read = decodeTx(chainId, built.bytes);
        assert.ok(read !== undefined && read.kind === kind);
        assert.ok(equalBytes(read.id, built.id) && equalBytes(read.signedBytes, built.signedBytes));
        const body = BODIES[kind] as unknown as Field<unknown>;
        assert.deepEqual(encode(body, read.body), encode(body, draft.body));
        // settlement 8: the id is over the domain-separated array, however the bytes were cut.
        const { sender, validFrom, validUntil, salt } = draft;
        const whole = ['tx', chainId, kind, sender, validFrom, validUntil, salt] as const;
        assert.deepEqual(read.signedBytes, encodeWire([...whole, body.toWire(draft.body)]));
        assert.deepEqual(read.id, sha256(read.signedBytes));
      }),
      { numRuns: 40 },
    );
  });

test('any flipped bit of a transaction is refused, changes the id, or breaks the signature', () => {
  fc.assert(
    fc.property(anyDraft, fc.nat(), fc.nat({ max: 7 }), (draft, at, bit) => {
      const built = build(draft);
      const altered = built.bytes.slice();
      const place = at % altered.length;
      altered[place] = (altered[place] as number) ^ (1 << bit);
      const read = decodeTx(chainId, altered);
      if (read === undefined) return;
      const sameSignature = equalBytes(read.signature, built.signature);
      assert.notEqual(equalBytes(read.id, built.id), sameSignature, `byte ${place}`);
    }),
    { numRuns: 3000 },
  );
});

test('every byte of one signed transaction counts for the verdict', () => {
  const draft = fc.sample(draftOf('revealBid'), { seed: 1, numRuns: 1 })[0] as TxDraft;
  const built = build(draft, (bytes) => sign(seed, bytes));
  assert.ok(verifyStrict(key, built.signedBytes, built.signature));
  for (let i = 0; i < built.bytes.length; i += 3) {
    const altered = built.bytes.slice();
    altered[i] = (altered[i] as number) ^ 1;
    const read = decodeTx(chainId, altered);
    const good = read !== undefined && verifyStrict(key, read.signedBytes, read.signature);
    assert.ok(!good, `byte ${i}`);
  }
});

test('a transaction of one chain is another one on another chain', () => {
  const [draft] = fc.sample(draftOf('transfer'), { seed: 2, numRuns: 1 }) as [TxDraft];
  const built = build(draft);
  const elsewhere = decodeTx(hashOf('other'), built.bytes);
  assert.ok(elsewhere !== undefined);
  assert.notEqual(toHex(elsewhere.id), toHex(built.id));
});

/** Lists as long as their bodies allow, of the widest values. */
const LONGEST: readonly (readonly [TxKind, object])[] = [
  ['gridData', { baseWh: Array<bigint>(MAX_FEEDER_LINES).fill(-(1n << 63n)) }],
  ['choose', { partners: Array<Uint8Array>(MAX_PARTNERS).fill(new Uint8Array(20)) }],
  ['sign', { contracts: Array<Uint8Array>(MAX_CONTRACTS_PER_TX).fill(new Uint8Array(32)) }],
  ['activate', { contracts: Array<Uint8Array>(MAX_CONTRACTS_PER_TX).fill(new Uint8Array(32)) }],
  ['adjust', { prices: Array<bigint>(64).fill((1n << 64n) - 1n) }],
];
for (const [kind, lists] of LONGEST)
  test(`the longest ${kind} is a transaction that decodes`, () => {
    const [draft] = fc.sample(draftOf(kind), { seed: 4, numRuns: 1 }) as [TxDraft];
    const body = { ...draft.body, market: 'm'.repeat(32), ...lists };
    const { bytes } = build({ ...draft, body } as TxDraft);
    assert.ok(bytes.length <= MAX_TX_BYTES, `${bytes.length} bytes`);
    assert.ok(decodeTx(chainId, bytes) !== undefined);
  });

test('bytes that are no transaction are refused', () => {
  const [draft] = fc.sample(draftOf('transfer'), { seed: 3, numRuns: 1 }) as [TxDraft];
  const { bytes } = build(draft);
  for (let length = 0; length < bytes.length; length++)
    assert.equal(decodeTx(chainId, bytes.subarray(0, length)), undefined);
  assert.equal(decodeTx(chainId, Uint8Array.of(...bytes, 0)), undefined);
  assert.equal(decodeTx(chainId, new Uint8Array(MAX_TX_BYTES + 1)), undefined);
  const unknown = encodeWire(['mint', draft.sender, 0n, 0n, draft.salt, [], new Uint8Array(64)]);
  assert.equal(decodeTx(chainId, unknown), undefined);
  assert.equal((BODIES.transfer as unknown as Field<unknown>).fromWire([]), MISFIT);
});

const byte = fc.uint8Array({ maxLength: 40 });
const body = fc.record({
  parentCertificate: byte,
  systemTxs: fc.array(byte, { maxLength: 4 }),
  txs: fc.array(byte, { maxLength: 6 }),
});
const blockOf = (parts: Pick<Block, 'parentCertificate' | 'systemTxs' | 'txs'>): Block => {
  const commitHash = commitHashOf(parts.parentCertificate);
  const head = headerWith({ chainId, height: 5n, txRoot: txRootOf(parts), commitHash });
  return encodeBlock({ ...parts, header: encodeHeader(head) }, head);
};

test('a block round trips; its hash is that of its header', () => {
  fc.assert(
    fc.property(body, (parts) => {
      const block = blockOf(parts);
      const read = decodeBlock(block.bytes);
      assert.ok(read !== undefined);
      assert.equal(toHex(encode(blockField, read)), toHex(block.bytes));
      assert.ok(equalBytes(read.hash, headerHash(read.header)));
      assert.ok(equalBytes(txRootOf(read), read.head.txRoot));
    }),
    { numRuns: 100 },
  );
});

test('an altered block is refused, or its header no longer fits its parts', () => {
  fc.assert(
    fc.property(body, fc.nat(), fc.nat({ max: 7 }), (parts, at, bit) => {
      const block = blockOf(parts);
      const altered = block.bytes.slice();
      const place = at % altered.length;
      altered[place] = (altered[place] as number) ^ (1 << bit);
      const read = decodeBlock(altered);
      if (read === undefined) return;
      // system transactions and ordinary ones share one root, so their border is checked apart.
      const fits =
        equalBytes(read.hash, block.hash) &&
        equalBytes(txRootOf(read), read.head.txRoot) &&
        equalBytes(commitHashOf(read.parentCertificate), read.head.commitHash);
      assert.ok(!fits, `byte ${place}`);
    }),
    { numRuns: 1500 },
  );
});

test('receipts round trip, and the roots of nothing are SHA-256 of nothing', () => {
  const receipts = [{ id: hashOf('tx'), code: 'ok', lines: [utf8ToBytes('a'), utf8ToBytes('b')] }];
  const bytes = encode(receiptsField, receipts);
  const read = decodeReceipts(bytes);
  assert.equal(read && toHex(encode(receiptsField, read)), toHex(bytes));
  assert.equal(decodeReceipts(bytes.subarray(1)), undefined);
  assert.deepEqual(txRootOf({ systemTxs: [], txs: [] }), EMPTY_HASH);
  assert.deepEqual(commitHashOf(new Uint8Array(0)), EMPTY_HASH);
});
