// Canonical bytes (conventions "Bytes"): one encoding per value. Whatever the scanner lets through
// decodes and encodes to the same bytes, also after any mutation; schemas refuse everything else.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Packr } from 'msgpackr';
import { AssertionFailure } from '../src/assert.js';
import { equalBytes, fromHex, toHex } from '../src/bytes.js';
import {
  bin,
  bool,
  decode,
  encode,
  encodeShared,
  encodeWire,
  type Field,
  i32,
  i64,
  list,
  MISFIT,
  oneOf,
  optional,
  record,
  str,
  tryDecode,
  u32,
  u64,
  type Wire,
} from '../src/codec/codec.js';
import { MAX_DEPTH, scan } from '../src/codec/scan.js';
import { ProtocolError } from '../src/errors.js';

/** Takes whatever the grammar allows, as a schema would see it. */
const anything: Field<Wire> = {
  name: 'anything',
  toWire: (value) => value,
  fromWire: (wire) => wire as Wire,
};
const LIMITS = { maxBytes: 1 << 20 };

const scalar: fc.Arbitrary<Wire> = fc.oneof(
  fc.integer({ min: -0x8000_0000, max: 0xffff_ffff }),
  fc.constantFrom(0, 127, 128, 255, 256, 65_535, 65_536, -1, -32, -33, -128, -129, -32_769),
  fc.bigInt({ min: -(1n << 63n), max: (1n << 64n) - 1n }),
  fc.boolean(),
  fc.constant(null),
  fc.uint8Array({ maxLength: 300, size: 'max' }),
  fc.string({ unit: 'binary-ascii', maxLength: 40, size: 'max' }),
);
const wire = fc.letrec<{ node: Wire }>((tie) => ({
  node: fc.oneof({ maxDepth: 5 }, scalar, fc.array(tie('node'), { maxLength: 20 })),
})).node;

test('whatever is encoded is canonical, and decodes to what it was', () => {
  fc.assert(
    fc.property(wire, (value) => {
      const bytes = encodeWire(value);
      assert.equal(scan(bytes, 100_000), undefined);
      const read = tryDecode(anything, bytes, LIMITS);
      assert.ok(equalBytes(encodeWire(read as Wire), bytes));
      assert.deepEqual(plain(read as Wire), plain(value));
    }),
    { numRuns: 500 },
  );
});

test('what is written is what msgpackr writes, in memory of its own or shared', () => {
  const packr = new Packr({ useRecords: false, int64AsType: 'bigint' });
  const kept: { bytes: Uint8Array; hex: string }[] = [];
  fc.assert(
    fc.property(wire, fc.uint8Array({ maxLength: 9000, size: 'max' }), (value, long) => {
      for (const one of [value, [value, long]] as Wire[]) {
        const want = toHex(packr.pack(one));
        assert.equal(toHex(encodeWire(one)), want);
        const bytes = encodeShared(one);
        assert.equal(toHex(bytes), want);
        kept.push({ bytes, hex: want });
      }
    }),
    { numRuns: 500 },
  );
  for (const { bytes, hex } of kept) assert.equal(toHex(bytes), hex, 'written over later');
});

test('what the grammar does not have is not written, and what follows is', () => {
  const wrong = [2 ** 32, -(2 ** 31) - 1, 0.5, Number.NaN, -0, 1n << 64n, -(1n << 63n) - 1n, 'é'];
  for (const value of [...wrong, undefined, {}, new Date(0), [1, [undefined]]])
    assert.throws(() => encodeWire(value as Wire), AssertionFailure);
  assert.equal(toHex(encodeWire([1, 'a'])), '9201a161');
});

/** Byte strings compare as arrays, whatever class holds them. */
const plain = (value: Wire): unknown =>
  value instanceof Uint8Array ? toHex(value) : Array.isArray(value) ? value.map(plain) : value;

/** Decoding accepts bytes only where encoding gives them back. */
function assertCanonical(bytes: Uint8Array): boolean {
  const read = tryDecode(anything, bytes, LIMITS);
  if (read === undefined) return false;
  assert.equal(toHex(encodeWire(read)), toHex(bytes));
  return true;
}

test('a mutation is refused, or is the one encoding of another value', () => {
  let accepted = 0;
  const edit = fc.record({
    how: fc.constantFrom('flip', 'set', 'cut', 'insert'),
    at: fc.nat(),
    byte: fc.integer({ min: 0, max: 255 }),
  });
  fc.assert(
    fc.property(wire, fc.array(edit, { minLength: 1, maxLength: 3 }), (value, edits) => {
      let bytes = [...encodeWire(value)];
      for (const { how, at, byte } of edits) {
        const place = bytes.length === 0 ? 0 : at % bytes.length;
        if (how === 'flip') bytes[place] = (bytes[place] ?? 0) ^ (1 << (byte & 7));
        else if (how === 'set') bytes[place] = byte;
        else if (how === 'cut') bytes = bytes.slice(0, place);
        else bytes.splice(place, 0, byte);
      }
      if (assertCanonical(Uint8Array.from(bytes))) accepted++;
    }),
    { numRuns: 3000 },
  );
  assert.ok(accepted > 100, `the property saw values that pass: ${accepted}`);
});

test('random bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 24, size: 'max' }), (bytes) => {
      assertCanonical(bytes);
    }),
    { numRuns: 5000 },
  );
});

test('every second encoding and every foreign type is refused, with the reason', () => {
  for (const [hex, why] of [
    ['', 'truncated'],
    ['cc7f', 'integer not minimal'],
    ['cd00ff', 'integer not minimal'],
    ['ce0000ffff', 'integer not minimal'],
    ['cf0000000000000001', 'integer not minimal'],
    ['d0e0', 'integer not minimal'],
    ['d001', 'integer not minimal'],
    ['d1ff80', 'integer not minimal'],
    ['d10001', 'integer not minimal'],
    ['d2ffff8000', 'integer not minimal'],
    ['d200000001', 'integer not minimal'],
    ['c500ff', 'length not minimal'],
    ['c60000ffff', 'length not minimal'],
    ['d91f', 'length not minimal'],
    ['da00ff', 'length not minimal'],
    ['dc000f', 'length not minimal'],
    ['dd0000ffff', 'length not minimal'],
    ['c403aabb', 'truncated'],
    ['a361', 'truncated'],
    ['92c0', 'truncated'],
    ['d3000000', 'truncated'],
    ['c0c0', 'trailing bytes'],
    ['a1ff', 'text not ASCII'],
    ['c1', 'type not allowed'],
    ['ca00000000', 'type not allowed'],
    ['cb0000000000000000', 'type not allowed'],
    ['80', 'type not allowed'],
    ['81a16101', 'type not allowed'],
    ['de0000', 'type not allowed'],
    ['c70000', 'type not allowed'],
    ['d40000', 'type not allowed'],
    ['db00010000', 'type not allowed'],
  ] as const)
    assert.equal(scan(fromHex(hex) as Uint8Array, 100), why, hex);
});

test('depth and number of items are bounded', () => {
  const nested = (depth: number): Uint8Array =>
    Uint8Array.from([...Array.from({ length: depth }, () => 0x91), 0xc0]);
  assert.equal(scan(nested(MAX_DEPTH), 100), undefined);
  assert.equal(scan(nested(MAX_DEPTH + 1), 100), 'nested too deep');
  const flat = encodeWire(Array.from({ length: 9 }, () => 1));
  assert.equal(scan(flat, 10), undefined);
  assert.equal(scan(flat, 9), 'too many items');
  // A length that promises far more than there is costs nothing.
  assert.equal(scan(fromHex('ddffffffff') as Uint8Array, 100), 'truncated');
  const nine = encodeWire(1n);
  assert.equal(tryDecode(anything, nine, { maxBytes: 8 }), undefined);
  assert.equal(tryDecode(anything, nine, { maxBytes: 9 }), 1n);
});

const sample = record('sample', {
  tag: oneOf('a', 'b'),
  n: u32,
  s: i32,
  big: u64,
  signed: i64,
  yes: bool,
  bytes: bin({ length: 4 }),
  text: str(5),
  maybe: optional(u32),
  many: list(u32, 3),
});
const good = {
  tag: 'a',
  n: 1,
  s: -1,
  big: 5n,
  signed: -5n,
  yes: true,
  bytes: Uint8Array.of(1, 2, 3, 4),
  text: 'abc',
  maybe: undefined,
  many: [1, 2],
} as const;

test('a record takes each field in its type and range, and nothing else', () => {
  const bytes = encode(sample, good);
  assert.deepEqual(plain(sample.toWire(decode(sample, bytes, LIMITS))), plain(sample.toWire(good)));
  const fields = sample.toWire(good) as Wire[];
  const wrong: readonly (readonly [number, Wire])[] = [
    [0, 'c'],
    [1, -1],
    [1, 1n],
    [2, 0x8000_0000],
    [3, 5],
    [3, -1n],
    [4, 1n << 63n],
    [5, 1],
    [6, Uint8Array.of(1)],
    [6, 'abcd'],
    [7, 'abcdef'],
    [8, 'x'],
    [9, [1, 2, 3, 4]],
    [9, [1, 'x']],
    [9, 7],
  ];
  for (const [at, value] of wrong) {
    const altered = encodeWire(fields.map((field, i) => (i === at ? value : field)));
    assert.equal(tryDecode(sample, altered, LIMITS), undefined, `field ${at}: ${String(value)}`);
  }
  for (const altered of [fields.slice(1), [...fields, null], 'x', null])
    assert.equal(tryDecode(sample, encodeWire(altered), LIMITS), undefined);
  const present = decode(sample, encode(sample, { ...good, maybe: 7 }), LIMITS);
  assert.equal(present.maybe, 7);
});

test('decode says why; an absent optional is no misfit', () => {
  const codeOf = (bytes: Uint8Array, maxBytes = 100): string => {
    try {
      decode(sample, bytes, { maxBytes });
      return 'ok';
    } catch (error) {
      assert.ok(error instanceof ProtocolError);
      return `${error.code}: ${error.message}`;
    }
  };
  assert.equal(codeOf(encode(sample, good), 5), 'TOO_LARGE: sample: more than 5 bytes');
  assert.equal(codeOf(Uint8Array.of(0xc1)), 'BAD_ENCODING: sample: type not allowed');
  assert.equal(codeOf(Uint8Array.of(0x90)), 'BAD_ENCODING: sample: fields do not fit');
  assert.equal(optional(u32).fromWire(null), undefined);
  assert.equal(optional(u32).fromWire('x'), MISFIT);
  assert.equal(str(4).fromWire('é'), MISFIT);
});

test('what is out of range is our own mistake when we write it', () => {
  assert.throws(() => encode(u32, -1), /not a u32/);
  assert.throws(() => encode(u64, 1n << 64n), /not a u64/);
  assert.throws(() => encode(list(u32, 1), [1, 2]), /list longer than 1/);
  assert.throws(() => encode(u32, -0), /not a u32/);
});

test('what was read keeps its value when the next is read, and short bytes are as before', () => {
  const two = list(bin({ maxLength: 5000 }), 2);
  for (const length of [0, 1, 100, 4080, 5000]) {
    const [one, other] = [1, 2].map((fill) =>
      encode(two, [new Uint8Array(length).fill(fill), Uint8Array.of(fill)]),
    ) as [Uint8Array, Uint8Array];
    const first = decode(two, one, LIMITS);
    decode(two, other, LIMITS);
    assert.equal(toHex(encode(two, first)), toHex(one), `${length}`);
    // msgpackr hangs a DataView on what it reads from.
    if (length < 4000) assert.equal('dataView' in one, false);
  }
});
