// The validator set of a height as light clients see it: ids and keys in ascending id.
import { compareBytes, concatBytes } from './bytes.js';
import { bin, encode, record } from './codec/codec.js';
import { account, publicKey } from './fields.js';
import { type Hash, sha256 } from './hash.js';
import type { AccountId, PublicKey } from './ids.js';
import { listRoot } from './merkle.js';

export interface Validator {
  readonly id: AccountId;
  readonly publicKey: PublicKey;
}

/** quorum = floor(2N/3) + 1 (consensus, head). */
export const quorumOf = (n: number): number => Math.floor((2 * n) / 3) + 1;
/** f = floor((N - 1) / 3). */
export const faultyOf = (n: number): number => Math.floor((n - 1) / 3);

const listed = record('validator', { id: account, publicKey });
const beaconListed = record('beacon key', { id: account, beaconKey: bin({ maxLength: 48 }) });

export const sortById = <T extends { readonly id: AccountId }>(items: readonly T[]): readonly T[] =>
  [...items].sort((a, b) => compareBytes(a.id, b.id));

/** Root of the list of [id, publicKey], in ascending id. */
export const setListRoot = (set: readonly Validator[]): Hash =>
  listRoot(set.map((v) => encode(listed, v)));

export interface BeaconKeyEntry {
  readonly id: AccountId;
  /** 48 bytes, or none. */
  readonly beaconKey: Uint8Array;
}

export const beaconListRoot = (keys: readonly BeaconKeyEntry[]): Hash =>
  listRoot(keys.map((k) => encode(beaconListed, k)));

/** setRoot of light-clients 1.3. */
export const setRootOf = (list: Hash, beaconList: Hash): Hash =>
  sha256(concatBytes(list, beaconList));
