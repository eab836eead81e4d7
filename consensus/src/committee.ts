// Who verifies first: weights, the seeded draw without replacement, the size of a committee
// (consensus 4), and the beacon that fixes the seed. Pure functions of the state after h-1.
// What a committee is needed for: round/rules.ts. The order of proposers: proposer.ts.
import { assert, present } from '../../core/src/assert.js';
import { concatBytes, u32be, u64be, utf8ToBytes } from '../../core/src/bytes.js';
import { type Hash, sha256 } from '../../core/src/hash.js';
import type { DrawData, ValidatorRecord } from './input.js';

export const PPM = 1_000_000;
/** Least committee of consensus 4.2. */
export const COMMITTEE_FLOOR = 4;
/** The size doubles no further after this round. */
const LAST_DOUBLING = 10;

const SELECT = utf8ToBytes('dpoa-select');
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
  const base = Math.max(floor, Math.ceil((ratioPpm * setSize) / PPM));
  return Math.min(setSize, base * 2 ** Math.min(round, LAST_DOUBLING));
}

/** Quorum of a committee of m: floor(2m/3) + 1. */
export const committeeQuorum = (members: number): number => Math.floor((2 * members) / 3) + 1;

/** The hash as a big-endian integer. */
function toInteger(hash: Uint8Array): bigint {
  const view = new DataView(hash.buffer, hash.byteOffset, hash.byteLength);
  let x = 0n;
  for (let at = 0; at < 32; at += 8) x = (x << 64n) | view.getBigUint64(at);
  return x;
}

/** A number below `total`, without modulo bias; counts its hashes in `state.counter`. */
function pickBelow(state: { readonly seed: Hash; counter: number }, total: number): number {
  const w = BigInt(total);
  const limit = (1n << 256n) - ((1n << 256n) % w);
  for (;;) {
    const x = toInteger(sha256(concatBytes(SELECT, state.seed, u32be(state.counter))));
    state.counter += 1;
    if (x < limit) return Number(x % w);
  }
}

/**
 * Draw without replacement (consensus 4.4): places of `weights` in the order in which they are
 * drawn, at most `count`; items of weight 0 are never drawn.
 */
export function drawByWeight(
  weights: readonly number[],
  seed: Hash,
  count: number,
): readonly number[] {
  const left = weights.map((weight, place) => ({ weight, place })).filter((w) => w.weight > 0);
  let total = left.reduce((sum, w) => sum + w.weight, 0);
  const state = { seed, counter: 0 };
  const drawn: number[] = [];
  while (drawn.length < count && left.length > 0) {
    let rest = pickBelow(state, total);
    let at = 0;
    while (rest >= present(left[at], 'weights sum to their total').weight) {
      rest -= present(left[at], 'weights sum to their total').weight;
      at += 1;
    }
    const [picked] = left.splice(at, 1);
    drawn.push(present(picked, 'the running weights end below the total').place);
    total -= present(picked, 'picked').weight;
  }
  return drawn;
}

/** Those that the draw does not reach: by highest credit, lowest id, suspended last (4.2). */
function fillOrder(records: readonly ValidatorRecord[], taken: ReadonlySet<number>): number[] {
  const credit = (i: number): number => present(records[i], 'a place of the set').credit;
  const suspended = (i: number): number => (present(records[i], 'a place').suspended ? 1 : 0);
  return records
    .map((_, place) => place)
    .filter((place) => !taken.has(place))
    .sort((a, b) => suspended(a) - suspended(b) || credit(b) - credit(a) || a - b);
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
