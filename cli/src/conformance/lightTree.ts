// The part `tree` of golden/light.json: roots and proofs of the state tree (light-clients 2).
import { toHex } from '../../../core/src/bytes.js';
import { sha256 } from '../../../core/src/hash.js';
import { treePath, verifyTreeProof } from '../../../core/src/treeProof.js';
import { proveTree } from '../../../state/src/tree/prove.js';
import {
  EMPTY_TREE,
  rootOf,
  type TreeNode,
  type TreeUpdate,
  updateTree,
} from '../../../state/src/tree/tree.js';
import type { LightVectors } from './lightForm.js';
import { type Tally, verdict } from './tally.js';

type TreeVectors = LightVectors['tree'];
type Entry = TreeVectors['entries'][number];

const updateOf = ({ kind, key, value }: Entry): TreeUpdate => ({
  path: treePath(kind, key),
  value: { bytes: value, hash: sha256(value) },
});

/** The last entry of a key stands, as if they had been written one after another. */
function treeOf(entries: readonly Entry[]): TreeNode {
  const byPath = new Map(entries.map(updateOf).map((update) => [toHex(update.path), update]));
  return updateTree(EMPTY_TREE, [...byPath.values()]);
}

export function checkTree(tally: Tally, vectors: TreeVectors): void {
  const tree = treeOf(vectors.entries);
  const { root } = vectors;
  tally.check('tree root', toHex(root), toHex(rootOf(tree)));
  tally.check('tree empty root', toHex(vectors.emptyRoot), toHex(rootOf(EMPTY_TREE)));
  const oneLeaf = rootOf(treeOf([vectors.oneLeaf]));
  tally.check('tree root of one leaf', toHex(vectors.oneLeafRoot), toHex(oneLeaf));
  const claims = [
    ...vectors.presence.map((claim) => ({ ...claim, what: 'presence' })),
    ...vectors.absence.map((claim) => ({ ...claim, what: 'absence', value: undefined })),
  ];
  for (const { what, kind, key, value, proof } of claims) {
    const name = `tree ${what} ${kind} ${toHex(key)}`;
    const holds = verifyTreeProof({ root, kind, key, value }, proof);
    tally.check(name, 'accepted', verdict(holds));
    const made = proveTree(tree, treePath(kind, key));
    tally.check(`${name} proof`, toHex(proof), toHex(made));
  }
  for (const { why, kind, key, value, proof } of vectors.refused) {
    const holds = verifyTreeProof({ root, kind, key, value }, proof);
    tally.check(`tree ${why}`, 'refused', verdict(holds));
  }
}
