// Who verifies first: weights, the seeded draw without replacement, the size of a committee
// (consensus 4), and the beacon that fixes the seed. Pure functions of the state after h-1.
// What a committee is needed for: round/rules.ts. The order of proposers: proposer.ts.
import { assert } from '../../core/src/assert.js';
import { concatBytes, u32be, u64be, utf8ToBytes } from '../../core/src/bytes.js';
import { type Hash, sha256 } from '../../core/src/hash.js';
import {
  baseCommittee,
  COMMITTEE_FLOOR,
  committeeQuorum,
  drawByWeight,
  fillOrder,
} from '../../core/src/select.js';
import type { DrawData, ValidatorRecord } from './input.js';

export { COMMITTEE_FLOOR, committeeQuorum, drawByWeight };

export const PPM = 1_000_000;
/** The size doubles no further after this round. */
const LAST_DOUBLING = 10;

const SEED = utf8ToBytes('dpoa-seed');
const BEACON = utf8ToBytes('dpoa-beacon');

/** b(0) (consensus 4.5a). */
export const firstBeacon = (chainId: Hash): Hash => sha256(concatBytes(BEACON, chainId));

/** b(h+1) of b(h) and v(h); v is empty where the height has no herald or it kept silent. */
export const nextBeacon = (beacon: Hash, heraldValue: Uint8Array): Hash =>
  sha256(concatBytes(BEACON, beacon, heraldValue));

/** Seed of (height, round), from b(height - 1) (consensus 4.5d). */
export const seedOf = (beacon: Hash, height: bigint, round: number): Hash =>
  sha256(concatBytes(SEED, beacon, u64be(height), u32be(round)));

/** Credit times smoothed record of verification, ppm (consensus 4.3). */
export function weightOf(record: ValidatorRecord): number {
  const { credit, correct, wrong } = record;
  assert(Number.isInteger(credit) && credit >= 0 && credit <= 100, 'credit is 0..100');
  assert(correct >= 0 && wrong >= 0, 'counters are not negative');
  const smoothed = Math.floor((PPM * (correct + 1)) / (correct + wrong + 2));
  return Math.floor((smoothed * credit) / 100);
}

/** Consensus 4.1; the caller's records are of active validators. */
export const isEligible = (record: ValidatorRecord, minCredit: number): boolean =>
  !record.suspended && record.credit >= minCredit;

export interface CommitteeSizeOptions {
  readonly setSize: number;
  readonly ratioPpm: number;
  readonly round: number;
  /** COMMITTEE_FLOOR unless given. */
  readonly floor?: number;
}

/** m(r) of consensus 4.2. */
export function committeeSize(options: CommitteeSizeOptions): number {
  const { setSize, ratioPpm, round, floor = COMMITTEE_FLOOR } = options;
  assert(setSize >= 1 && round >= 0 && floor >= 1, 'a set, a round and a floor');
  const base = baseCommittee(setSize, ratioPpm, floor);
  return Math.min(setSize, base * 2 ** Math.min(round, LAST_DOUBLING));
}

/** The first `count` places of the set in the order of the draw for (height, round). */
export function drawOrder(
  draw: DrawData,
  at: { readonly height: bigint; readonly round: number },
  count: number = draw.records.length,
): readonly number[] {
  const weights = draw.records.map((r) =>
    isEligible(r, draw.validatorMinCredit) ? weightOf(r) : 0,
  );
  const drawn = drawByWeight(weights, seedOf(draw.beacon, at.height, at.round), count);
  if (drawn.length >= count) return drawn;
  return [...drawn, ...fillOrder(draw.records, new Set(drawn))].slice(0, count);
}

/** C(height, round): places in the set, in the order of the draw. */
export function committeeOf(draw: DrawData, height: bigint, round: number): readonly number[] {
  const size = committeeSize({
    setSize: draw.records.length,
    ratioPpm: draw.committeeRatioPpm,
    round,
    ...(draw.committeeFloor === undefined ? {} : { floor: draw.committeeFloor }),
  });
  return drawOrder(draw, { height, round }, size);
}

/** Place of the herald of a height that has one (consensus 4.5b), or undefined. */
export function heraldOf(
  draw: DrawData,
  height: bigint,
  options: { readonly beaconEvery: number; readonly usable: (place: number) => boolean },
): number | undefined {
  if (height === 0n || height % BigInt(options.beaconEvery) !== 0n) return undefined;
  return drawOrder(draw, { height, round: 0 }).find(options.usable);
}
