// What the committee draw takes from the chain: weights, eligibility, beacon (consensus 4), and the
// list under drawRoot (light-clients 1.3).
import { concatBytes, utf8ToBytes } from './bytes.js';
import { amount, bool, encode, record, u32, type ValueOf } from './codec/codec.js';
import { account } from './fields.js';
import { type Hash, sha256 } from './hash.js';
import { listRoot } from './merkle.js';

export const FULL_CREDIT = 100;
const PPM = 1_000_000n;

export interface VerificationRecord {
  /** C, 0..100. */
  readonly credit: number;
  readonly correct: number;
  readonly wrong: number;
}

/** Weight in ppm: credit times the smoothed record of verification (consensus 4.3). */
export function drawWeight(r: VerificationRecord): bigint {
  const ratio = (PPM * BigInt(r.correct + 1)) / BigInt(r.correct + r.wrong + 2);
  return (ratio * BigInt(r.credit)) / BigInt(FULL_CREDIT);
}

const drawEntryField = record('draw entry', {
  id: account,
  eligible: bool,
  suspended: bool,
  weight: amount<bigint>(),
  credit: u32,
});
/** A validator as the draw of a height sees it, after the block before. */
export type DrawEntry = ValueOf<typeof drawEntryField>;

/** Root over the entries in set order. */
export const drawRootOf = (entries: readonly DrawEntry[]): Hash =>
  listRoot(entries.map((entry) => encode(drawEntryField, entry)));

const BEACON_TAG = utf8ToBytes('dpoa-beacon');

/** b(0) (consensus 4.5a). */
export const firstBeacon = (chainId: Hash): Hash => sha256(concatBytes(BEACON_TAG, chainId));

/** b(h+1) of b(h) and v(h), which is empty where there is no herald value. */
export const nextBeacon = (beacon: Hash, heraldValue: Uint8Array): Hash =>
  sha256(concatBytes(BEACON_TAG, beacon, heraldValue));
