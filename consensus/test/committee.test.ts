// Draws against vectors made by an independent program (test/vectors/draws), and the distribution
// of the first pick: a known production sampler drew 4 equal nodes with 50/25/25/0 % (consensus
// 4.4).
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { compareBytes, fromHex, toHex, u32be } from '../../core/src/bytes.js';
import { asHash, type Hash, sha256 } from '../../core/src/hash.js';
import type { AccountId, PublicKey } from '../../core/src/ids.js';
import {
  committeeOf,
  committeeQuorum,
  committeeSize,
  drawByWeight,
  drawOrder,
  firstBeacon,
  heraldOf,
  isEligible,
  nextBeacon,
  seedOf,
  weightOf,
} from '../src/committee.js';
import type { DrawData, ValidatorRecord } from '../src/input.js';
import { fallbackOrder, proposerList, proposerOf } from '../src/proposer.js';

interface GoldenDraw {
  note: string;
  N: number;
  ratioPpm: number;
  minCredit: number;
  beacon: string;
  height: number;
  validators: {
    id: string;
    credit: number;
    correct: number;
    wrong: number;
    suspended: boolean;
  }[];
  weights: Record<string, number>;
  eligible: number;
  rounds: { round: number; size: number; seed: string; members: string[] }[];
  fallbackProposers: string[];
  usableBeaconKeys: string[];
  herald: string | null;
}
interface Golden {
  draws: GoldenDraw[];
  beacon: {
    chainId: string;
    every: number;
    chain: { height: number; beacon: string; v: string }[];
  };
}

const read = <T>(name: string): T =>
  JSON.parse(
    readFileSync(new URL(`../../../test/vectors/draws/${name}`, import.meta.url), 'utf8'),
  ) as T;
const golden = read<Golden>('dpoa-draws.json');
const bytes = (hex: string): Uint8Array => fromHex(hex) as Uint8Array;
const hash = (hex: string): Hash => asHash(bytes(hex));

function drawDataOf(g: GoldenDraw): DrawData {
  const records = g.validators
    .map((v): ValidatorRecord => ({ ...v, id: bytes(v.id) }))
    .sort((a, b) => compareBytes(a.id, b.id));
  return {
    beacon: hash(g.beacon),
    records,
    committeeRatioPpm: g.ratioPpm,
    validatorMinCredit: g.minCredit,
  };
}
const ids = (draw: DrawData, places: readonly number[]): string[] =>
  places.map((i) => toHex((draw.records[i] as ValidatorRecord).id));

for (const g of golden.draws) {
  const draw = drawDataOf(g);
  const height = BigInt(g.height);
  test(`consensus 4: golden draw, N = ${g.N}, ${g.eligible} eligible ${g.note}`, () => {
    for (const r of draw.records) assert.equal(weightOf(r), g.weights[toHex(r.id)]);
    assert.equal(draw.records.filter((r) => isEligible(r, g.minCredit)).length, g.eligible);
    for (const { round, size, seed, members } of g.rounds) {
      assert.equal(toHex(seedOf(draw.beacon, height, round)), seed);
      const committee = committeeOf(draw, height, round);
      assert.equal(committee.length, size);
      assert.deepEqual(ids(draw, committee), members);
    }
    assert.deepEqual(ids(draw, fallbackOrder(draw, height)), g.fallbackProposers);
    const usable = (place: number): boolean =>
      g.usableBeaconKeys.includes(ids(draw, [place])[0] as string);
    const herald = heraldOf(draw, height, { beaconEvery: 1, usable });
    assert.equal(herald === undefined ? null : ids(draw, [herald])[0], g.herald);
  });
}

test('consensus 4.5a: golden beacon chain', () => {
  let beacon = firstBeacon(hash(golden.beacon.chainId));
  for (const link of golden.beacon.chain) {
    assert.equal(toHex(beacon), link.beacon, `height ${link.height}`);
    beacon = nextBeacon(beacon, bytes(link.v));
  }
});

test('consensus 4.4: golden selection of dpoa-credit', () => {
  const { selection } = read<{
    selection: {
      seed: string;
      records: [string, number, number][];
      weights: number[];
      order: string[];
    };
  }>('dpoa-credit-selection.json');
  const weights = selection.records.map(([, correct, wrong]) =>
    weightOf({ id: new Uint8Array(0), credit: 100, correct, wrong, suspended: false }),
  );
  assert.deepEqual(weights, selection.weights);
  const order = drawByWeight(weights, hash(selection.seed), weights.length);
  assert.deepEqual(
    order.map((i) => (selection.records[i] as [string, number, number])[0]),
    selection.order,
  );
});

test('consensus 4.2: sizes', () => {
  const size = (setSize: number, round: number, floor?: number): number =>
    committeeSize({ setSize, ratioPpm: 200_000, round, ...(floor === undefined ? {} : { floor }) });
  assert.equal(size(1, 0), 1);
  assert.equal(size(4, 7), 4);
  assert.equal(size(7, 0), 4);
  assert.equal(size(7, 1), 7);
  assert.equal(size(21, 0), 5);
  assert.equal(size(21, 1), 10);
  assert.equal(size(21, 3), 21);
  assert.equal(size(128, 0), 26);
  assert.equal(size(7, 0, 2), 2);
  assert.equal(size(1000, 4_000_000), 1000);
  assert.deepEqual([1, 2, 3, 4, 7, 26].map(committeeQuorum), [1, 2, 3, 3, 5, 18]);
});

/** How often each is picked first, over many fixed seeds. */
function firstPicks(weights: readonly number[], seeds: number): readonly number[] {
  const counts = weights.map(() => 0);
  for (let i = 0; i < seeds; i++) {
    const [first] = drawByWeight(weights, sha256(u32be(i)), 1);
    counts[first as number] = (counts[first as number] as number) + 1;
  }
  return counts;
}

function chiSquare(counts: readonly number[], weights: readonly number[]): number {
  const total = weights.reduce((a, b) => a + b, 0);
  const seeds = counts.reduce((a, b) => a + b, 0);
  return weights.reduce((sum, w, i) => {
    const expected = (seeds * w) / total;
    return sum + ((counts[i] as number) - expected) ** 2 / expected;
  }, 0);
}

test('consensus 4.4: the first pick follows the weights (chi-square, fixed seeds)', () => {
  // 99.9 % points: 16.27 for 3 degrees of freedom, 24.32 for 7.
  const equal = [500_000, 500_000, 500_000, 500_000];
  assert.ok(chiSquare(firstPicks(equal, 8_000), equal) < 16.27);
  const mixed = [900_000, 800_000, 700_000, 600_000, 90_000, 333_333, 666, 500_000];
  assert.ok(chiSquare(firstPicks(mixed, 8_000), mixed) < 24.32);
  // The statistic can fail: the known biased sampler, and a slight bias of 3 %.
  assert.ok(chiSquare(firstPicks([50, 25, 25, 0], 8_000), equal) > 1_000);
  assert.ok(chiSquare(firstPicks([103, 97, 106, 94], 8_000), equal) > 16.27);
});

test('consensus 4.4: also the second pick is fair among equals (chi-square)', () => {
  const counts = [0, 0, 0, 0];
  const seeds = 8_000;
  for (let i = 0; i < seeds; i++) {
    const second = drawByWeight([1, 1, 1, 1], sha256(u32be(i)), 2)[1] as number;
    counts[second] = (counts[second] as number) + 1;
  }
  const x = counts.reduce((sum, c) => sum + (c - seeds / 4) ** 2 / (seeds / 4), 0);
  assert.ok(x < 16.27, `chi-square ${x}`);
});

const recordArb = fc.record({
  credit: fc.integer({ min: 0, max: 100 }),
  correct: fc.integer({ min: 0, max: 64 }),
  wrong: fc.integer({ min: 0, max: 64 }),
  suspended: fc.boolean(),
});

test('consensus 4.2: the order names everybody once; a committee begins it', () => {
  fc.assert(
    fc.property(
      fc.array(recordArb, { minLength: 1, maxLength: 40, size: 'max' }),
      fc.nat({ max: 12 }),
      (list, round) => {
        const draw: DrawData = {
          beacon: sha256(u32be(list.length)),
          records: list.map((r, i) => ({ ...r, id: u32be(i) })),
          committeeRatioPpm: 200_000,
          validatorMinCredit: 90,
        };
        const order = drawOrder(draw, { height: 5n, round });
        assert.deepEqual(
          [...order].sort((a, b) => a - b),
          list.map((_, i) => i),
        );
        const committee = committeeOf(draw, 5n, round);
        assert.deepEqual(committee, order.slice(0, committee.length));
      },
    ),
    { numRuns: 200 },
  );
});

test('consensus 3.1: L(h): centres, then unsuspended validators; a key stands once', () => {
  const key = (i: number): PublicKey => sha256(u32be(i)) as Uint8Array as PublicKey;
  const set = [0, 1, 2, 3].map((i) => ({
    id: new Uint8Array(20).fill(i) as AccountId,
    publicKey: key(i),
  }));
  const draw: DrawData = {
    beacon: sha256(u32be(9)),
    records: set.map(({ id }, i) => ({
      id,
      credit: 100,
      correct: 0,
      wrong: 0,
      suspended: i === 2,
    })),
    committeeRatioPpm: 200_000,
    validatorMinCredit: 90,
  };
  const centres = [key(100), key(1)];
  const data = { height: 7n, centres, fallbackProposers: true, set, draw };
  const list = proposerList(data);
  assert.deepEqual(list.slice(0, 2), centres);
  assert.equal(list.length, 4, 'key 1 once, key 2 suspended');
  assert.equal(proposerOf(list, 6), list[2]);
  assert.deepEqual(proposerList({ ...data, fallbackProposers: false }), centres);
});
