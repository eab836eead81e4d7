// Ids (conventions "Ids"): derivation against the vectors, and the printed form.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { bech32, bech32m } from '@scure/base';
import fc from 'fast-check';
import {
  compareBytes,
  compareIds,
  concatBytes,
  fromHex,
  toHex,
  u32be,
  u64be,
} from '../src/bytes.js';
import { ProtocolError } from '../src/errors.js';
import type { Hash } from '../src/hash.js';
import {
  type AccountId,
  accountIdOf,
  fileAccountId,
  parseAccount,
  printAccount,
  type PublicKey,
  systemAccountId,
} from '../src/ids.js';
import { hashOf } from './samples.js';

const hex = (text: string): Uint8Array => fromHex(text) as Uint8Array;

test('account ids of the vectors', () => {
  const url = new URL('../../../test/vectors/light/light.json', import.meta.url);
  const { ids, chain } = JSON.parse(readFileSync(url, 'utf8')) as {
    ids: { publicKey: string; id: string }[];
    chain: { chainId: string };
  };
  const chainId = hex(chain.chainId) as Hash;
  for (const { publicKey, id } of ids)
    assert.equal(toHex(accountIdOf(chainId, hex(publicKey) as PublicKey)), id);
});

test('an id belongs to its chain; accounts of the chain and of files are apart', () => {
  const key = hashOf('key') as Uint8Array as PublicKey;
  const ids = [
    accountIdOf(hashOf('a'), key),
    accountIdOf(hashOf('b'), key),
    systemAccountId(hashOf('a'), 'pool:reward'),
    systemAccountId(hashOf('b'), 'pool:reward'),
    systemAccountId(hashOf('a'), 'pool:grants'),
    fileAccountId('pool:reward'),
  ].map(toHex);
  assert.equal(new Set(ids).size, ids.length);
});

const id = fc.uint8Array({ minLength: 20, maxLength: 20 }) as fc.Arbitrary<Uint8Array>;
const refused = (text: string): boolean => {
  try {
    parseAccount(text);
    return false;
  } catch (error) {
    assert.ok(error instanceof ProtocolError && error.code === 'NOT_FOUND');
    return true;
  }
};

test('print and parse; any changed character is refused', () => {
  fc.assert(
    fc.property(id, fc.nat(), fc.nat({ max: 35 }), (bytes, at, digit) => {
      const text = printAccount(bytes as AccountId);
      assert.match(text, /^bb1[02-9ac-hj-np-z]{38}$/);
      assert.equal(toHex(parseAccount(text)), toHex(bytes));
      const place = at % text.length;
      const changed = text.slice(0, place) + digit.toString(36) + text.slice(place + 1);
      if (changed !== text) assert.ok(refused(changed), changed);
    }),
    { numRuns: 500 },
  );
});

test('another prefix, checksum, length or case is refused', () => {
  const bytes = new Uint8Array(20).fill(7);
  const text = printAccount(bytes as AccountId);
  const words = bech32m.toWords(bytes);
  for (const wrong of [
    '',
    'bb1',
    text.toUpperCase(),
    text.slice(0, -1),
    `${text}q`,
    ` ${text}`,
    bech32m.encode('bc', words),
    bech32.encode('bb', words),
    bech32m.encode('bb', bech32m.toWords(bytes.subarray(1))),
    bech32m.encode('bb', bech32m.toWords(concatBytes(bytes, Uint8Array.of(1)))),
    toHex(bytes),
  ])
    assert.ok(refused(wrong), wrong);
});

test('hex has one form; orders of bytes and of ids', () => {
  for (const wrong of ['0', '0G', 'AB', '0x00', ' 00', '00 ', '00\n'])
    assert.equal(fromHex(wrong), undefined, wrong);
  assert.equal(fromHex('0000', 1), undefined);
  assert.deepEqual(fromHex(''), new Uint8Array(0));
  const short = Uint8Array.of(9);
  const long = Uint8Array.of(1, 1);
  assert.ok(compareBytes(long, short) < 0, 'by bytes');
  assert.ok(compareIds(long, short) > 0, 'by length first');
  assert.ok(compareBytes(short, Uint8Array.of(9, 0)) < 0, 'a prefix comes first');
  const sorted = fc.tuple(fc.nat(), fc.nat());
  fc.assert(
    fc.property(sorted, ([a, b]) => {
      assert.equal(Math.sign(compareBytes(u32be(a), u32be(b))), Math.sign(a - b));
      const wide = compareBytes(u64be(BigInt(a)), u64be(BigInt(b)));
      assert.equal(Math.sign(wide), Math.sign(a - b));
    }),
  );
  assert.throws(() => u32be(-1));
  assert.throws(() => u64be(1n << 64n));
});
