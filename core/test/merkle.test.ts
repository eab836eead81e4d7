// RFC 6962 lists against a naive recursive implementation of the RFC's own words, for every size
// and place up to a bound; peaks give the roots of a growing list.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { concatBytes, equalBytes, toHex, u32be } from '../src/bytes.js';
import { EMPTY_HASH, type Hash, sha256 } from '../src/hash.js';
import {
  appendPeak,
  consistencyPath,
  inclusionPath,
  listRoot,
  NO_PEAKS,
  rootOfPeaks,
  verifyConsistency,
  verifyInclusion,
} from '../src/merkle.js';

type Items = readonly Uint8Array[];

const k = (n: number): number => 2 ** Math.floor(Math.log2(n - 1));

/** MTH of RFC 6962 2.1. */
function mth(d: Items): Hash {
  if (d.length === 0) return sha256(new Uint8Array(0));
  if (d.length === 1) return sha256(concatBytes(Uint8Array.of(0), d[0] as Uint8Array));
  const at = k(d.length);
  return sha256(concatBytes(Uint8Array.of(1), mth(d.slice(0, at)), mth(d.slice(at))));
}

/** PATH(m, D[n]) of RFC 6962 2.1.1. */
function path(m: number, d: Items): readonly Hash[] {
  if (d.length === 1) return [];
  const at = k(d.length);
  return m < at
    ? [...path(m, d.slice(0, at)), mth(d.slice(at))]
    : [...path(m - at, d.slice(at)), mth(d.slice(0, at))];
}

/** SUBPROOF(m, D[n], b) of RFC 6962 2.1.2. */
function subproof(m: number, d: Items, whole: boolean): readonly Hash[] {
  if (m === d.length) return whole ? [] : [mth(d)];
  const at = k(d.length);
  return m <= at
    ? [...subproof(m, d.slice(0, at), whole), mth(d.slice(at))]
    : [...subproof(m - at, d.slice(at), false), mth(d.slice(0, at))];
}

const MOST = 33;
const all = Array.from({ length: MOST }, (_, i) => u32be(i));
const first = (n: number): Items => all.slice(0, n);
const hex = (hashes: readonly Hash[]): string => hashes.map(toHex).join(' ');

test('roots, and peaks of the growing list', () => {
  let peaks = NO_PEAKS;
  assert.deepEqual(rootOfPeaks(peaks), EMPTY_HASH);
  for (let n = 0; n <= MOST; n++) {
    assert.equal(toHex(listRoot(first(n))), toHex(mth(first(n))), `${n} items`);
    assert.equal(toHex(rootOfPeaks(peaks)), toHex(mth(first(n))), `${n} peaks`);
    assert.equal(peaks.count, BigInt(n));
    if (n < MOST) peaks = appendPeak(peaks, all[n] as Uint8Array);
  }
});

test('inclusion: paths as in the RFC; taken at their place only', () => {
  for (let n = 1; n <= MOST; n++) {
    const root = mth(first(n));
    for (let m = 0; m < n; m++) {
      const own = inclusionPath(first(n), m);
      assert.equal(hex(own), hex(path(m, first(n))), `${m} of ${n}`);
      const item = all[m] as Uint8Array;
      assert.ok(verifyInclusion(root, item, { index: m, count: n }, own));
      for (const index of [m - 1, m + 1, n, -1])
        assert.ok(!verifyInclusion(root, item, { index, count: n }, own), `${m} as ${index}`);
      const other = all[(m + 1) % MOST] as Uint8Array;
      assert.ok(!verifyInclusion(root, other, { index: m, count: n }, own));
    }
  }
});

test('consistency: paths as in the RFC; a list that was changed is refused', () => {
  for (let to = 1; to <= MOST; to++)
    for (let from = 1; from <= to; from++) {
      const own = consistencyPath(first(to), from);
      assert.equal(hex(own), hex(subproof(from, first(to), true)), `${from} to ${to}`);
      const [old, now] = [mth(first(from)), mth(first(to))];
      assert.ok(verifyConsistency(old, now, { from, to }, own), `${from} to ${to}`);
      const changed = mth([u32be(99), ...first(from).slice(1)]);
      assert.ok(!verifyConsistency(changed, now, { from, to }, own), `${from} to ${to}, changed`);
    }
  const root = mth(first(4));
  assert.ok(!verifyConsistency(root, root, { from: 0, to: 4 }, []));
  assert.ok(!verifyConsistency(root, root, { from: 5, to: 4 }, []));
});

const size = fc.integer({ min: 2, max: 200 });

test('an altered, longer, shorter or reordered path is refused', () => {
  fc.assert(
    fc.property(size, fc.nat(), fc.nat(), fc.nat({ max: 3 }), (n, at, place, how) => {
      const items = Array.from({ length: n }, (_, i) => u32be(i));
      const index = at % n;
      const good = inclusionPath(items, index);
      const which = place % good.length;
      const altered =
        how === 0
          ? good.map((hash, i) => (i === which ? sha256(hash) : hash))
          : how === 1
            ? [...good, sha256(u32be(n))]
            : how === 2
              ? good.filter((_, i) => i !== which)
              : [...good].reverse();
      if (altered.length === good.length && altered.every((h, i) => equalBytes(h, good[i] as Hash)))
        return;
      const item = items[index] as Uint8Array;
      assert.ok(!verifyInclusion(listRoot(items), item, { index, count: n }, altered));
    }),
    { numRuns: 300 },
  );
});

test('a leaf cannot be taken for an inner node', () => {
  const inner = concatBytes(mth([all[0] as Uint8Array]), mth([all[1] as Uint8Array]));
  assert.notEqual(toHex(mth([inner])), toHex(mth(first(2))));
});
