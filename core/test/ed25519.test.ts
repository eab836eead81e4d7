// The strict predicate in pure JavaScript (conventions "Signatures").
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ED25519_TORSION_SUBGROUP } from '@noble/curves/ed25519.js';
import fc from 'fast-check';
import { fromHex, toHex } from '../src/bytes.js';
import { checkKey, precheck, publicKeyOf, sign, verifyStrict } from '../src/ed25519.js';
import { SECOND_ENCODINGS, twelveCases } from '../../test/compliance/ed25519Cases.js';

const seed = new Uint8Array(32).fill(7);
const message = new Uint8Array([1, 2, 3]);

test('RFC 8032 test 1', () => {
  const secret = fromHex('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60', 32);
  const key = publicKeyOf(secret as Uint8Array);
  assert.equal(toHex(key), 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a');
  const signature = sign(secret as Uint8Array, new Uint8Array(0));
  assert.ok(toHex(signature).startsWith('e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06'));
  assert.ok(verifyStrict(key, new Uint8Array(0), signature));
});

test('twelve cases: only the fourth verifies, and no key of it is admitted', () => {
  const verdicts = twelveCases().map((c) => verifyStrict(c.publicKey, c.message, c.signature));
  assert.deepEqual(verdicts.map((good) => (good ? 'V' : 'X')).join(' '), 'X X X V X X X X X X X X');
  for (const c of twelveCases())
    assert.ok(!checkKey(c.publicKey) || !verifyStrict(c.publicKey, c.message, c.signature), c.name);
});

test('keys that are small, torsioned, off the curve or written twice are not admitted', () => {
  assert.ok(checkKey(publicKeyOf(seed)));
  for (const hex of ED25519_TORSION_SUBGROUP) assert.ok(!checkKey(fromHex(hex) as Uint8Array), hex);
  for (const bytes of SECOND_ENCODINGS) assert.ok(!checkKey(bytes), toHex(bytes));
  assert.ok(!checkKey(Uint8Array.from({ length: 32 }, (_, i) => (i === 0 ? 2 : 0))), 'y = 2');
  assert.ok(!checkKey(publicKeyOf(seed).subarray(1)), 'length');
  for (const c of twelveCases().slice(2, 6)) assert.ok(!checkKey(c.publicKey), c.name);
});

test('precheck: lengths, and S at L - 1, L, L + 1', () => {
  const key = publicKeyOf(seed);
  const good = sign(seed, message);
  assert.ok(precheck(key, good));
  assert.ok(!precheck(key, good.subarray(1)));
  assert.ok(!precheck(key.subarray(1), good));
  const order = 'edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010';
  const withS = (hex: string) => fromHex(toHex(good).slice(0, 64) + hex, 64) as Uint8Array;
  assert.ok(!precheck(key, withS(order)), 'L');
  assert.ok(!precheck(key, withS(order.replace(/^ed/, 'ee'))), 'L + 1');
  assert.ok(precheck(key, withS(order.replace(/^ed/, 'ec'))), 'L - 1');
});

test('any changed bit of a signature is refused', () => {
  const key = publicKeyOf(seed);
  const good = sign(seed, message);
  fc.assert(
    fc.property(fc.nat(511), (bit) => {
      const bad = new Uint8Array(good);
      bad[bit >> 3] = (bad[bit >> 3] as number) ^ (1 << (bit & 7));
      return !verifyStrict(key, message, bad);
    }),
    { numRuns: 40 },
  );
});
