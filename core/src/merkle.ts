// RFC 6962 lists: roots, inclusion and consistency paths, and the peaks that let a chain append
// without keeping old leaves (conventions "Lists", light-clients 1.4). 00 leaf, 01 inner.
import { assert, present } from './assert.js';
import { equalBytes } from './bytes.js';
import { EMPTY_HASH, type Hash, HASH_BYTES, sha256Of, sha256Tagged } from './hash.js';

const LEAF_TAG = 0;
const INNER_TAG = 1;
const LEAF = Uint8Array.of(LEAF_TAG);
const INNER = Uint8Array.of(INNER_TAG);

export const leafHash = (item: Uint8Array): Hash => sha256Of(LEAF, item);
const innerHash = (left: Hash, right: Hash): Hash => sha256Of(INNER, left, right);

/** Largest power of two below n (n > 1). */
function split(n: number): number {
  let k = 1;
  while (k * 2 < n) k *= 2;
  return k;
}

function rootOfLeaves(leaves: readonly Hash[], from: number, to: number): Hash {
  if (to - from === 1) return present(leaves[from], 'leaf in range');
  const middle = from + split(to - from);
  return innerHash(rootOfLeaves(leaves, from, middle), rootOfLeaves(leaves, middle, to));
}

/** Root of a list of items. No item: SHA-256 of nothing. */
export function listRoot(items: readonly Uint8Array[]): Hash {
  if (items.length === 0) return EMPTY_HASH;
  // The hashes of one level, one after the other; each level is made in the place of the one below.
  // A last one without a neighbour goes up as it is: the same tree as by halves (RFC 6962 2.1).
  const level = new Uint8Array(items.length * HASH_BYTES);
  items.forEach((bytes, i) => {
    const from = { bytes, at: 0, length: bytes.length };
    sha256Tagged(LEAF_TAG, from, { out: level, at: i * HASH_BYTES });
  });
  for (let count = items.length; count > 1; count = (count + 1) >> 1) {
    for (let i = 0; i + 1 < count; i += 2) {
      const pair = { bytes: level, at: i * HASH_BYTES, length: 2 * HASH_BYTES };
      sha256Tagged(INNER_TAG, pair, { out: level, at: (i >> 1) * HASH_BYTES });
    }
    const last = (count - 1) * HASH_BYTES;
    if (count % 2 === 1) level.copyWithin((count >> 1) * HASH_BYTES, last, last + HASH_BYTES);
  }
  return level.slice(0, HASH_BYTES) as Hash;
}

/** Path of item `index`, from its sibling up to the root. */
export function inclusionPath(items: readonly Uint8Array[], index: number): readonly Hash[] {
  assert(index >= 0 && index < items.length, 'inclusion path: index out of range');
  const leaves = items.map(leafHash);
  const path: Hash[] = [];
  let [from, to] = [0, items.length];
  while (to - from > 1) {
    const middle = from + split(to - from);
    if (index < middle) {
      path.push(rootOfLeaves(leaves, middle, to));
      to = middle;
    } else {
      path.push(rootOfLeaves(leaves, from, middle));
      from = middle;
    }
  }
  return path.reverse();
}

export interface Place {
  readonly index: number;
  readonly count: number;
}

/** Whether `item` stands at `place` of the list with that root. */
export function verifyInclusion(
  root: Hash,
  item: Uint8Array,
  place: Place,
  path: readonly Hash[],
): boolean {
  const folded = foldInclusion(leafHash(item), place, path);
  return folded !== undefined && equalBytes(folded, root);
}

/** The root that a path leads to from a leaf hash, or undefined where it is not of the form. */
export function foldInclusion(leaf: Hash, place: Place, path: readonly Hash[]): Hash | undefined {
  let { index } = place;
  let last = place.count - 1;
  if (index < 0 || index > last) return undefined;
  let node = leaf;
  for (const sibling of path) {
    if (last === 0) return undefined;
    if (index % 2 === 1 || index === last) {
      node = innerHash(sibling, node);
      while (index % 2 === 0 && index !== 0) {
        index = Math.floor(index / 2);
        last = Math.floor(last / 2);
      }
    } else {
      node = innerHash(node, sibling);
    }
    index = Math.floor(index / 2);
    last = Math.floor(last / 2);
  }
  return last === 0 ? node : undefined;
}

/** Path that shows the list of `from` items to be a beginning of this one (RFC 6962 2.1.2). */
export function consistencyPath(items: readonly Uint8Array[], from: number): readonly Hash[] {
  assert(from > 0 && from <= items.length, 'consistency path: size out of range');
  const leaves = items.map(leafHash);
  const prove = (m: number, lo: number, hi: number, whole: boolean): Hash[] => {
    if (m === hi - lo) return whole ? [] : [rootOfLeaves(leaves, lo, hi)];
    const k = split(hi - lo);
    return m <= k
      ? [...prove(m, lo, lo + k, whole), rootOfLeaves(leaves, lo + k, hi)]
      : [...prove(m - k, lo + k, hi, false), rootOfLeaves(leaves, lo, lo + k)];
  };
  return prove(from, 0, items.length, true);
}

export interface Growth {
  readonly from: number;
  readonly to: number;
}

/** Whether the list with `newRoot` (size to) begins with the list with `oldRoot` (size from). */
export function verifyConsistency(
  oldRoot: Hash,
  newRoot: Hash,
  size: Growth,
  path: readonly Hash[],
): boolean {
  const { from, to } = size;
  if (from < 1 || from > to) return false;
  if (from === to) return path.length === 0 && equalBytes(oldRoot, newRoot);
  const powerOfTwo = (from & (from - 1)) === 0;
  const nodes = powerOfTwo ? [oldRoot, ...path] : [...path];
  let [fn, sn] = [from - 1, to - 1];
  while (fn % 2 === 1) [fn, sn] = [Math.floor(fn / 2), Math.floor(sn / 2)];
  let first = nodes[0];
  let second = first;
  if (first === undefined || second === undefined) return false;
  for (const node of nodes.slice(1)) {
    if (sn === 0) return false;
    if (fn % 2 === 1 || fn === sn) {
      first = innerHash(node, first);
      second = innerHash(node, second);
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [Math.floor(fn / 2), Math.floor(sn / 2)];
    } else {
      second = innerHash(second, node);
    }
    [fn, sn] = [Math.floor(fn / 2), Math.floor(sn / 2)];
  }
  return sn === 0 && equalBytes(first, oldRoot) && equalBytes(second, newRoot);
}

/** Roots of the perfect subtrees of a growing list, largest first. */
export interface Peaks {
  readonly count: bigint;
  readonly roots: readonly Hash[];
}

export const NO_PEAKS: Peaks = { count: 0n, roots: [] };

export function appendPeak(peaks: Peaks, item: Uint8Array): Peaks {
  const roots = [...peaks.roots];
  let node = leafHash(item);
  for (let n = peaks.count; n % 2n === 1n; n /= 2n) {
    node = innerHash(present(roots.pop(), 'a peak for each bit of the count'), node);
  }
  roots.push(node);
  return { count: peaks.count + 1n, roots };
}

export function rootOfPeaks(peaks: Peaks): Hash {
  const last = peaks.roots[peaks.roots.length - 1];
  if (last === undefined) return EMPTY_HASH;
  return peaks.roots.slice(0, -1).reduceRight((right, left) => innerHash(left, right), last);
}
