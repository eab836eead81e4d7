// Proofs of presence and absence from the state tree (light-clients 2.2).
import { encodeTreeProof, pathBit } from '../../../core/src/treeProof.js';
import type { Hash } from '../../../core/src/hash.js';
import { rootOf, type TreeNode } from './tree.js';

/** Canonical proof for a path: the leaf there, or what stands in its place. */
export function proveTree(root: TreeNode, path: Hash): Uint8Array {
  const siblings: Hash[] = [];
  const levels: boolean[] = [];
  let node = root;
  while (node !== null && !node.leaf) {
    const goesLeft = pathBit(path, levels.length) === 0;
    const sibling: TreeNode = goesLeft ? node.right : node.left;
    levels.push(sibling !== null);
    if (sibling !== null) siblings.push(rootOf(sibling));
    node = goesLeft ? node.left : node.right;
  }
  const bitmap = new Uint8Array(Math.ceil(levels.length / 8));
  levels.forEach((set, level) => {
    if (set) bitmap[level >> 3] = (bitmap[level >> 3] as number) | (1 << (level & 7));
  });
  const end = node === null ? undefined : { path: node.path, valueHash: node.valueHash };
  return encodeTreeProof({ depth: levels.length, bitmap, siblings, end });
}
