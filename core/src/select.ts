// The seeded draw without replacement (consensus 4.4), sizes and quorum of committees. Who is drawn
// for what: consensus/ for heights, state/ for the periods of a market.
import { present } from './assert.js';
import { concatBytes, u32be, utf8ToBytes } from './bytes.js';
import { type Hash, sha256 } from './hash.js';

const SELECT = utf8ToBytes('dpoa-select');

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

interface Standing {
  readonly credit: number;
  readonly suspended: boolean;
}

/** Those that the draw does not reach: by highest credit, lowest id, suspended last (4.2). */
export function fillOrder(records: readonly Standing[], taken: ReadonlySet<number>): number[] {
  const credit = (i: number): number => present(records[i], 'a place of the set').credit;
  const suspended = (i: number): number => (present(records[i], 'a place').suspended ? 1 : 0);
  return records
    .map((_, place) => place)
    .filter((place) => !taken.has(place))
    .sort((a, b) => suspended(a) - suspended(b) || credit(b) - credit(a) || a - b);
}

/** Least size that a committee has, of a set of any size (consensus 4.2). */
export const COMMITTEE_FLOOR = 4;
const PPM = 1_000_000;

/** Members before doubling and before the size of the set bounds them (consensus 4.2). */
export const baseCommittee = (setSize: number, ratioPpm: number, floor = COMMITTEE_FLOOR): number =>
  Math.max(floor, Math.ceil((ratioPpm * setSize) / PPM));

/** Quorum of a committee of m: floor(2m/3) + 1. */
export const committeeQuorum = (members: number): number => Math.floor((2 * members) / 3) + 1;
