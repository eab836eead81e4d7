// The authenticated state tree: a compact sparse Merkle tree (light-clients 2), persistent: an
// update gives a new root node and leaves the old one intact, so that old heights stay provable and
// a block that is not decided costs nothing to forget.
import { compareBytes } from '../../../core/src/bytes.js';
import { assert } from '../../../core/src/assert.js';
import { type Hash, HASH_BYTES, ZERO_HASH } from '../../../core/src/hash.js';
import { pathBit, TREE_BITS, treeInners, treeLeaf } from '../../../core/src/treeProof.js';

export interface TreeLeaf {
  readonly leaf: true;
  readonly path: Hash;
  readonly valueHash: Hash;
  readonly value: Uint8Array;
  readonly hash: Hash;
}

export interface TreeInner {
  readonly leaf: false;
  readonly left: TreeNode;
  readonly right: TreeNode;
  readonly hash: Hash;
}

/** null is the empty subtree. */
export type TreeNode = TreeLeaf | TreeInner | null;

export const EMPTY_TREE: TreeNode = null;

export interface TreeUpdate {
  readonly path: Hash;
  /** undefined: the key goes. */
  readonly value: { readonly bytes: Uint8Array; readonly hash: Hash } | undefined;
}

export const rootOf = (node: TreeNode): Hash => (node === null ? ZERO_HASH : node.hash);

/** An inner node whose hash is still to come. */
interface Fresh {
  readonly leaf: false;
  readonly left: TreeNode;
  readonly right: TreeNode;
  hash: Hash;
}

/** Work of one update: what changes, and the new inner nodes by depth. */
interface Update {
  readonly items: readonly TreeUpdate[];
  readonly fresh: Fresh[][];
}

/** The tree after a batch of updates; each path at most once. */
export function updateTree(root: TreeNode, updates: readonly TreeUpdate[]): TreeNode {
  const items = [...updates].sort((a, b) => compareBytes(a.path, b.path));
  for (let i = 1; i < items.length; i++) {
    const [a, b] = [items[i - 1] as TreeUpdate, items[i] as TreeUpdate];
    assert(compareBytes(a.path, b.path) < 0, 'tree update: a path twice');
  }
  const update: Update = { items, fresh: [] };
  const tree = apply(update, root, { from: 0, to: items.length, depth: 0 });
  hashLevels(update.fresh);
  return tree;
}

/** Some of the items, all below one node at a depth. */
interface Slice {
  readonly from: number;
  readonly to: number;
  readonly depth: number;
}

function apply(update: Update, node: TreeNode, slice: Slice): TreeNode {
  const { from, to, depth } = slice;
  if (from === to) return node;
  if (node === null || node.leaf) {
    const leaves = withLeaf(update.items, node, slice);
    return build(update.fresh, leaves, { from: 0, to: leaves.length, depth });
  }
  const middle = boundary(update.items, slice);
  const left = apply(update, node.left, { from, to: middle, depth: depth + 1 });
  const right = apply(update, node.right, { from: middle, to, depth: depth + 1 });
  if (left === node.left && right === node.right) return node;
  return join(update.fresh, left, right, depth);
}

/** The leaves that stand after the slice is applied to at most one old leaf, in order. */
function withLeaf(
  items: readonly TreeUpdate[],
  old: TreeLeaf | null,
  { from, to }: Slice,
): readonly TreeLeaf[] {
  const leaves: TreeLeaf[] = [];
  let rest = old;
  for (let i = from; i < to; i++) {
    const { path, value } = items[i] as TreeUpdate;
    if (rest !== null) {
      const order = compareBytes(rest.path, path);
      if (order < 0) leaves.push(rest);
      if (order <= 0) rest = null;
    }
    if (value !== undefined) leaves.push(makeLeaf(path, value));
  }
  if (rest !== null) leaves.push(rest);
  return leaves;
}

function makeLeaf(path: Hash, value: { bytes: Uint8Array; hash: Hash }): TreeLeaf {
  const hash = treeLeaf(path, value.hash);
  return { leaf: true, path, valueHash: value.hash, value: value.bytes, hash };
}

function build(fresh: Fresh[][], leaves: readonly TreeLeaf[], slice: Slice): TreeNode {
  const { from, to, depth } = slice;
  if (from === to) return null;
  if (to - from === 1) return leaves[from] as TreeLeaf;
  assert(depth < TREE_BITS, 'two leaves with one path');
  const middle = boundary(leaves, slice);
  const left = build(fresh, leaves, { from, to: middle, depth: depth + 1 });
  const right = build(fresh, leaves, { from: middle, to, depth: depth + 1 });
  return join(fresh, left, right, depth);
}

/** First index of the slice whose path goes right at its depth. */
function boundary(sorted: readonly { readonly path: Hash }[], { from, to, depth }: Slice): number {
  let [low, high] = [from, to];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (pathBit((sorted[middle] as { path: Hash }).path, depth) === 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** A lone leaf is lifted; inner nodes have at least two leaves below. */
function join(fresh: Fresh[][], left: TreeNode, right: TreeNode, depth: number): TreeNode {
  if (left === null && (right === null || right.leaf)) return right;
  if (right === null && left?.leaf === true) return left;
  const node: Fresh = { leaf: false, left, right, hash: ZERO_HASH };
  while (fresh.length <= depth) fresh.push([]);
  (fresh[depth] as Fresh[]).push(node);
  return node;
}

/** Hashes the new inner nodes from the deepest level up, a level in one go. */
function hashLevels(fresh: readonly Fresh[][]): void {
  for (let depth = fresh.length - 1; depth >= 0; depth--) {
    const level = fresh[depth] as Fresh[];
    const pairs = new Uint8Array(level.length * 2 * HASH_BYTES);
    level.forEach(({ left, right }, i) => {
      pairs.set(rootOf(left), i * 2 * HASH_BYTES);
      pairs.set(rootOf(right), (i * 2 + 1) * HASH_BYTES);
    });
    const hashes = treeInners(pairs);
    level.forEach((node, i) => {
      node.hash = hashes.slice(i * HASH_BYTES, (i + 1) * HASH_BYTES) as Hash;
    });
  }
}

/** The leaf at a path, if any. */
export function findLeaf(root: TreeNode, path: Hash): TreeLeaf | undefined {
  let node = root;
  for (let depth = 0; node !== null && !node.leaf; depth++) {
    node = pathBit(path, depth) === 0 ? node.left : node.right;
  }
  return node !== null && compareBytes(node.path, path) === 0 ? node : undefined;
}
