// Native backends and the verifier pool against the pure predicate.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js';
import fc from 'fast-check';
import { concatBytes, toHex } from '../../core/src/bytes.js';
import { backendOf, sha256, sha256Pairs } from '../../core/src/hash.js';
import { present } from '../../core/src/assert.js';
import { gridCases, twelveCases } from '../../test/compliance/ed25519Cases.js';
import {
  type CryptoBackend,
  nobleBackend,
  nodeBackend,
  openCrypto,
  sodiumBackend,
} from '../src/crypto/backend.js';
import { nativeSha256 } from '../src/crypto/sha256.js';
import { createVerifier, defaultWorkers } from '../src/crypto/verifier.js';

const backends = (): readonly CryptoBackend[] => [
  nobleBackend(),
  nodeBackend(),
  present(sodiumBackend(), 'sodium-native loads on the machine of the tests'),
];

test('twelve cases: the same row in every backend', () => {
  for (const backend of backends()) {
    const row = twelveCases()
      .map((c) => (backend.verify(c.publicKey, c.message, c.signature) ? 'V' : 'X'))
      .join(' ');
    assert.equal(row, 'X X X V X X X X X X X X', backend.name);
  }
});

test('grid: 2,000 signatures with torsion and second encodings, one verdict', () => {
  const accepted = new Map<string, number>();
  for (const c of gridCases(2000, 'grid')) {
    const [noble, ...native] = backends().map((b) => b.verify(c.publicKey, c.message, c.signature));
    for (const verdict of native) assert.equal(verdict, noble, `${c.name} ${toHex(c.signature)}`);
    if (noble === true) accepted.set(c.name, (accepted.get(c.name) ?? 0) + 1);
  }
  assert.equal(accepted.get('honest'), 167);
  // Torsion in the key passes the signature predicate now and then: the key check is what stops it.
  assert.ok((accepted.get('torsion in A') ?? 0) > 5);
  for (const name of ['torsion in R', 'small R', 'small A', 'S + kL', 'second encoding of R'])
    assert.equal(accepted.get(name), undefined, name);
});

test('signing: equal bytes in every backend', () => {
  const seeded = fc.uint8Array({ minLength: 32, maxLength: 32 });
  fc.assert(
    fc.property(seeded, fc.uint8Array({ size: 'max', maxLength: 300 }), (seed, message) => {
      const pairs = backends().map((b) => b.keyPair(seed));
      assert.equal(new Set(pairs.map((p) => toHex(p.publicKey))).size, 1);
      assert.equal(new Set(pairs.map((p) => toHex(p.sign(message)))).size, 1);
    }),
    { numRuns: 30 },
  );
});

test('hashing: the native bytes are those of noble, at every length around the limits too', () => {
  openCrypto(() => assert.fail('sodium loads here'));
  const lengths = fc.oneof(fc.constantFrom(0, 63, 64, 65, 128, 256, 257), fc.nat(5000));
  const filled = lengths.chain((n) => fc.uint8Array({ minLength: n, maxLength: n }));
  fc.assert(
    fc.property(filled, (bytes) => {
      const want = toHex(nobleSha256(bytes));
      assert.equal(toHex(sha256(bytes)), want);
      for (const sodium of [true, false])
        assert.equal(toHex(nativeSha256({ sodium }).one(bytes)), want);
    }),
  );
});

test('hashing: pairs in one call give what they give one by one', () => {
  openCrypto(() => assert.fail('sodium loads here'));
  const blocks = fc.array(fc.uint8Array({ minLength: 64, maxLength: 64 }), { maxLength: 300 });
  fc.assert(
    fc.property(blocks, (pairs) => {
      const want = pairs.map((pair) => toHex(nobleSha256(pair))).join('');
      const joined = concatBytes(...pairs);
      assert.equal(toHex(sha256Pairs(joined)), want);
      for (const hashtree of [true, false])
        assert.equal(toHex(nativeSha256({ hashtree }).pairs(joined)), want);
      assert.equal(toHex(backendOf(nobleSha256).pairs(joined)), want);
    }),
  );
});

for (const workers of [0, 2])
  test(`verifier with ${workers} workers: the verdict of each item, in order`, async () => {
    const backend = present(sodiumBackend(), 'sodium');
    const verifier = createVerifier({ backend, workers });
    try {
      const cases = [...gridCases(700, 'pool')];
      const want = cases.map((c) => backend.verify(c.publicKey, c.message, c.signature));
      const [all, few, none] = await Promise.all([
        verifier.verifyBatch(cases),
        verifier.verifyBatch(cases.slice(0, 5)),
        verifier.verifyBatch([]),
      ]);
      assert.deepEqual(all, want);
      assert.deepEqual(few, want.slice(0, 5));
      assert.deepEqual(none, []);
    } finally {
      await verifier.close();
    }
  });

test('items of odd lengths are false, wherever they are verified', async () => {
  const backend = present(sodiumBackend(), 'sodium');
  const odd = {
    publicKey: new Uint8Array(31),
    message: new Uint8Array(3),
    signature: new Uint8Array(65),
  };
  for (const workers of [0, 1]) {
    const verifier = createVerifier({ backend, workers });
    assert.deepEqual(await verifier.verifyBatch([odd]), [false]);
    await verifier.close();
  }
});

test('a long batch inline lets timers run in between', async () => {
  const verifier = createVerifier({ backend: nobleBackend(), workers: 0 });
  const cases = [...gridCases(24, 'slices')];
  const many = Array.from({ length: 10 }, () => cases).flat();
  let turns = 0;
  const timer = setInterval(() => turns++, 1);
  await verifier.verifyBatch(many);
  clearInterval(timer);
  assert.ok(turns > 0);
  await verifier.close();
});

test('a worker that dies loses no batch', async () => {
  const backend = present(sodiumBackend(), 'sodium');
  const verifier = createVerifier({ backend, workers: 1 });
  const cases = [...gridCases(240, 'death')];
  const want = cases.map((c) => backend.verify(c.publicKey, c.message, c.signature));
  const answer = verifier.verifyBatch(cases);
  await verifier.killOneWorker();
  assert.deepEqual(await answer, want);
  assert.deepEqual(await verifier.verifyBatch(cases), want);
  await verifier.close();
});

test('two cores or fewer verify inline by default', () => {
  assert.equal(defaultWorkers(1), 0);
  assert.equal(defaultWorkers(2), 0);
  assert.equal(defaultWorkers(8), 7);
});
