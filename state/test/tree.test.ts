// The state tree (light-clients 2) against a naive one that is built anew from all leaves: the same
// root after any batches of writes and deletions, whatever their order, and proofs that show
// exactly what is there.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { concatBytes, toHex, u32be } from '../../core/src/bytes.js';
import { type Hash, sha256, ZERO_HASH } from '../../core/src/hash.js';
import { pathBit, treePath, verifyTreeProof } from '../../core/src/treeProof.js';
import { proveTree } from '../src/tree/prove.js';
import { EMPTY_TREE, findLeaf, rootOf, type TreeNode, updateTree } from '../src/tree/tree.js';

const KIND = 5;

interface Leaf {
  readonly path: Hash;
  readonly value: Uint8Array;
}

/** light-clients 2.1 by its words: one leaf is that leaf, none is empty, else split by the bit. */
function naiveRoot(leaves: readonly Leaf[], depth = 0): Hash {
  const [only] = leaves;
  if (only === undefined) return ZERO_HASH;
  if (leaves.length === 1)
    return sha256(concatBytes(Uint8Array.of(0), only.path, sha256(only.value)));
  const side = (bit: number): Hash =>
    naiveRoot(
      leaves.filter(({ path }) => pathBit(path, depth) === bit),
      depth + 1,
    );
  return sha256(concatBytes(side(0), side(1)));
}

/** Few keys, so that they meet again; some agree in their first bits by search. */
const KEYS = Array.from({ length: 24 }, (_, i) => u32be(i));
const paths = KEYS.map((key) => treePath(KIND, key));

type Batch = readonly (readonly [number, number | undefined])[];
const batch: fc.Arbitrary<Batch> = fc
  .uniqueArray(fc.nat({ max: KEYS.length - 1 }), { maxLength: 12, size: 'max' })
  .chain((keys) =>
    fc.tuple(
      ...keys.map((key) =>
        fc.tuple(fc.constant(key), fc.option(fc.nat({ max: 3 }), { nil: undefined })),
      ),
    ),
  );

const valueOf = (n: number): Uint8Array => u32be(n);
const applyTo = (tree: TreeNode, of: Batch): TreeNode =>
  updateTree(
    tree,
    of.map(([key, n]) => ({
      path: paths[key] as Hash,
      value: n === undefined ? undefined : { bytes: valueOf(n), hash: sha256(valueOf(n)) },
    })),
  );

/** The leaves after the batches, as a plain map would have them. */
function leavesAfter(batches: readonly Batch[]): ReadonlyMap<number, Uint8Array> {
  const leaves = new Map<number, Uint8Array>();
  for (const [key, n] of batches.flat())
    if (n === undefined) leaves.delete(key);
    else leaves.set(key, valueOf(n));
  return leaves;
}

const asLeaves = (leaves: ReadonlyMap<number, Uint8Array>): readonly Leaf[] =>
  [...leaves].map(([key, value]) => ({ path: paths[key] as Hash, value }));

const history = fc.array(batch, { maxLength: 8, size: 'max' });

test('light-clients 2.1: after any batches the root is that of the leaves', () => {
  fc.assert(
    fc.property(history, (batches) => {
      let tree = EMPTY_TREE;
      const done: Batch[] = [];
      for (const of of batches) {
        const before = rootOf(tree);
        const next = applyTo(tree, of);
        assert.equal(toHex(rootOf(tree)), toHex(before), 'the old tree stays as it was');
        tree = next;
        done.push(of);
        assert.equal(toHex(rootOf(tree)), toHex(naiveRoot(asLeaves(leavesAfter(done)))));
      }
    }),
    { numRuns: 300 },
  );
});

test('light-clients 2.1: the root does not depend on the way to it', () => {
  fc.assert(
    fc.property(history, fc.boolean(), (batches, backwards) => {
      const byBatch = batches.reduce(applyTo, EMPTY_TREE);
      const leaves = [...leavesAfter(batches)];
      if (backwards) leaves.reverse();
      let oneByOne = EMPTY_TREE;
      for (const [key, value] of leaves) {
        const update = { path: paths[key] as Hash, value: { bytes: value, hash: sha256(value) } };
        oneByOne = updateTree(oneByOne, [update]);
      }
      assert.equal(toHex(rootOf(oneByOne)), toHex(rootOf(byBatch)));
      const emptied = updateTree(
        byBatch,
        leaves.map(([key]) => ({ path: paths[key] as Hash, value: undefined })),
      );
      assert.equal(emptied, EMPTY_TREE);
    }),
    { numRuns: 200 },
  );
});

test('light-clients 2.2: each key is proven present with its value, or absent', () => {
  fc.assert(
    fc.property(history, (batches) => {
      const tree = batches.reduce(applyTo, EMPTY_TREE);
      const leaves = leavesAfter(batches);
      const root = rootOf(tree);
      KEYS.forEach((key, i) => {
        const proof = proveTree(tree, paths[i] as Hash);
        const value = leaves.get(i);
        assert.deepEqual(findLeaf(tree, paths[i] as Hash)?.value, value);
        assert.ok(verifyTreeProof({ root, kind: KIND, key, value }, proof));
        const opposite = value === undefined ? valueOf(1) : undefined;
        assert.ok(!verifyTreeProof({ root, kind: KIND, key, value: opposite }, proof));
        assert.ok(!verifyTreeProof({ root, kind: KIND, key, value: valueOf(9) }, proof));
        if (leaves.size > 0) {
          const elsewhere = { root: sha256(root), kind: KIND, key, value };
          assert.ok(!verifyTreeProof(elsewhere, proof));
        }
      });
    }),
    { numRuns: 60 },
  );
});

test('light-clients 2.2: no altered bit of a proof is accepted', () => {
  const leaves: Batch = KEYS.slice(0, 16).map((_, i) => [i, i % 4] as const);
  const tree = applyTo(EMPTY_TREE, leaves);
  const root = rootOf(tree);
  fc.assert(
    fc.property(fc.nat({ max: KEYS.length - 1 }), fc.nat(), fc.nat({ max: 7 }), (i, at, bit) => {
      const proof = proveTree(tree, paths[i] as Hash);
      const altered = proof.slice();
      const place = at % altered.length;
      altered[place] = (altered[place] as number) ^ (1 << bit);
      const value = i < 16 ? valueOf(i % 4) : undefined;
      const claim = { root, kind: KIND, key: KEYS[i] as Uint8Array, value };
      assert.ok(verifyTreeProof(claim, proof));
      assert.ok(!verifyTreeProof(claim, altered), `byte ${place}`);
    }),
    { numRuns: 1000 },
  );
});

test('paths that agree in many bits', () => {
  // Two of 4,000 keys share about 23 bits: found here, not given.
  const many = Array.from({ length: 4000 }, (_, i) => treePath(KIND, u32be(1000 + i)));
  const sorted = [...many].sort((a, b) => (toHex(a) < toHex(b) ? -1 : 1));
  const shared = (a: Hash, b: Hash): number => {
    let bits = 0;
    while (pathBit(a, bits) === pathBit(b, bits)) bits++;
    return bits;
  };
  const pairs = sorted.slice(1).map((path, i) => [sorted[i] as Hash, path] as const);
  const [a, b] = pairs.reduce((best, pair) => (shared(...pair) > shared(...best) ? pair : best));
  assert.ok(shared(a, b) >= 16, `${shared(a, b)} bits`);
  const value = { bytes: valueOf(1), hash: sha256(valueOf(1)) };
  const leaf = (path: Hash): Leaf => ({ path, value: valueOf(1) });
  const both = updateTree(EMPTY_TREE, [
    { path: a, value },
    { path: b, value },
  ]);
  assert.equal(toHex(rootOf(both)), toHex(naiveRoot([leaf(a), leaf(b)])));
  const one = updateTree(both, [{ path: a, value: undefined }]);
  assert.equal(toHex(rootOf(one)), toHex(naiveRoot([leaf(b)])), 'the lone leaf is lifted');
});
