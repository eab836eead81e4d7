// Paths, leaves and proofs of the state tree (light-clients 2). The tree itself is in state/; this
// is what a verifier needs.
import { equalBytes } from './bytes.js';
import {
  bin,
  encode,
  list,
  optional,
  record,
  tryDecode,
  u32,
  type ValueOf,
} from './codec/codec.js';
import { hash } from './fields.js';
import { type Hash, sha256, sha256Of, sha256Pairs, ZERO_HASH } from './hash.js';

export const TREE_BITS = 256;
const LEAF = Uint8Array.of(0);
const MAX_PROOF_BYTES = 16 * 1024;

/** path = SHA-256(0x02 || kind || key). */
export const treePath = (kind: number, key: Uint8Array): Hash =>
  sha256Of(Uint8Array.of(2, kind), key);

/** Leaf = SHA-256(0x00 || path || SHA-256(value)). */
export const treeLeaf = (path: Hash, valueHash: Hash): Hash => sha256Of(LEAF, path, valueHash);

/** Inner node = SHA-256(left || right). */
const treeInner = (left: Hash, right: Hash): Hash => sha256Of(left, right);

/** Inner nodes of many (left, right), one after the other. */
export const treeInners = (pairs: Uint8Array): Uint8Array => sha256Pairs(pairs);

/** Bit `depth` of a path, from the most significant. */
export const pathBit = (path: Uint8Array, depth: number): number =>
  ((path[depth >> 3] as number) >> (7 - (depth & 7))) & 1;

const treeProofField = record('state proof', {
  depth: u32,
  bitmap: bin({ maxLength: 32 }),
  siblings: list(hash, TREE_BITS),
  end: optional(record('end', { path: hash, valueHash: hash })),
});
export type TreeProof = ValueOf<typeof treeProofField>;

export const encodeTreeProof = (proof: TreeProof): Uint8Array => encode(treeProofField, proof);

export interface TreeClaim {
  readonly root: Hash;
  readonly kind: number;
  readonly key: Uint8Array;
  /** undefined: the key is absent. */
  readonly value: Uint8Array | undefined;
}

/** Whether the proof shows exactly what is claimed. */
export function verifyTreeProof(claim: TreeClaim, bytes: Uint8Array): boolean {
  const proof = tryDecode(treeProofField, bytes, { maxBytes: MAX_PROOF_BYTES });
  if (proof === undefined) return false;
  const path = treePath(claim.kind, claim.key);
  if (!endFits(proof, path, claim.value)) return false;
  const root = foldProof(proof, path);
  return root !== undefined && equalBytes(root, claim.root);
}

function endFits(proof: TreeProof, path: Hash, value: Uint8Array | undefined): boolean {
  const { end, depth } = proof;
  if (value !== undefined) {
    return (
      end !== undefined && equalBytes(end.path, path) && equalBytes(end.valueHash, sha256(value))
    );
  }
  if (end === undefined) return true;
  if (equalBytes(end.path, path)) return false;
  for (let i = 0; i < depth; i++) if (pathBit(end.path, i) !== pathBit(path, i)) return false;
  return true;
}

function foldProof(proof: TreeProof, path: Hash): Hash | undefined {
  const { depth, bitmap, siblings, end } = proof;
  if (depth > TREE_BITS || bitmap.length !== Math.ceil(depth / 8)) return undefined;
  const isSet = (level: number): boolean =>
    (((bitmap[level >> 3] as number) >> (level & 7)) & 1) === 1;
  for (let level = depth; level < bitmap.length * 8; level++) if (isSet(level)) return undefined;
  let node = end === undefined ? ZERO_HASH : treeLeaf(end.path, end.valueHash);
  let next = siblings.length;
  for (let level = depth - 1; level >= 0; level--) {
    let sibling: Hash = ZERO_HASH;
    if (isSet(level)) {
      const given = siblings[--next];
      if (given === undefined || equalBytes(given, ZERO_HASH)) return undefined;
      sibling = given;
    }
    node = pathBit(path, level) === 0 ? treeInner(node, sibling) : treeInner(sibling, node);
  }
  return next === 0 ? node : undefined;
}
