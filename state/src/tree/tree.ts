// The authenticated state tree: a compact sparse Merkle tree (light-clients 2), persistent: an
// update gives a new root node and leaves the old one intact, so that old heights stay provable and
// a block that is not decided costs nothing to forget.
import { compareBytes } from '../../../core/src/bytes.js';
import { assert } from '../../../core/src/assert.js';
import { type Hash, ZERO_HASH } from '../../../core/src/hash.js';
import { pathBit, treeInner, treeLeaf } from '../../../core/src/treeProof.js';

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

/** The tree after a batch of updates; each path at most once. */
export function updateTree(root: TreeNode, updates: readonly TreeUpdate[]): TreeNode {
  const sorted = [...updates].sort((a, b) => compareBytes(a.path, b.path));
  for (let i = 1; i < sorted.length; i++) {
    const [a, b] = [sorted[i - 1] as TreeUpdate, sorted[i] as TreeUpdate];
    assert(compareBytes(a.path, b.path) < 0, 'tree update: a path twice');
  }
  return apply(root, { items: sorted, from: 0, to: sorted.length }, 0);
}

interface Slice {
  readonly items: readonly TreeUpdate[];
  readonly from: number;
  readonly to: number;
}

function apply(node: TreeNode, slice: Slice, depth: number): TreeNode {
  if (slice.from === slice.to) return node;
  if (node === null || node.leaf) return build(withLeaf(node, slice), depth);
  const middle = boundary(slice, depth);
  const left = apply(node.left, { ...slice, to: middle }, depth + 1);
  const right = apply(node.right, { ...slice, from: middle }, depth + 1);
  return left === node.left && right === node.right ? node : join(left, right);
}

/** The leaves that stand after the slice is applied to at most one old leaf, in order. */
function withLeaf(old: TreeLeaf | null, slice: Slice): readonly TreeLeaf[] {
  const leaves: TreeLeaf[] = [];
  let rest = old;
  for (let i = slice.from; i < slice.to; i++) {
    const { path, value } = slice.items[i] as TreeUpdate;
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

function build(leaves: readonly TreeLeaf[], depth: number): TreeNode {
  if (leaves.length === 0) return null;
  if (leaves.length === 1) return leaves[0] as TreeLeaf;
  assert(depth < 256, 'two leaves with one path');
  let middle = 0;
  while (middle < leaves.length && pathBit((leaves[middle] as TreeLeaf).path, depth) === 0)
    middle++;
  return join(build(leaves.slice(0, middle), depth + 1), build(leaves.slice(middle), depth + 1));
}

/** First index of the slice whose path goes right at `depth`. */
function boundary(slice: Slice, depth: number): number {
  let [low, high] = [slice.from, slice.to];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (pathBit((slice.items[middle] as TreeUpdate).path, depth) === 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** A lone leaf is lifted; inner nodes have at least two leaves below. */
function join(left: TreeNode, right: TreeNode): TreeNode {
  if (left === null && (right === null || right.leaf)) return right;
  if (right === null && left?.leaf === true) return left;
  return { leaf: false, left, right, hash: treeInner(rootOf(left), rootOf(right)) };
}

/** The leaf at a path, if any. */
export function findLeaf(root: TreeNode, path: Hash): TreeLeaf | undefined {
  let node = root;
  for (let depth = 0; node !== null && !node.leaf; depth++) {
    node = pathBit(path, depth) === 0 ? node.left : node.right;
  }
  return node !== null && compareBytes(node.path, path) === 0 ? node : undefined;
}
