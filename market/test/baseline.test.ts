// Sharing by coefficients: numbers by hand, and what holds of every community: nothing is lost,
// nobody pays more than with the grid alone, and dynamic coefficients leave no deficit beside a
// surplus.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  billOf,
  COEFFICIENTS,
  coefficientsBy,
  type Member,
  type MemberShare,
  shareDynamic,
  shareStatic,
  type SharingTariffs,
} from '../src/baseline/sharing.js';
import { mill, wh } from './books.js';

const member = (importWh: number | bigint, exportWh: number | bigint = 0): Member => ({
  importWh: wh(importWh),
  exportWh: wh(exportWh),
});
const rows = (shares: readonly MemberShare[]): readonly (readonly bigint[])[] =>
  shares.map(({ shareWh, usedWh, soldWh }) => [shareWh, usedWh, soldWh]);
const tariffs: SharingTariffs = { feedIn: mill(80), retail: mill(300), sharePrice: mill(100) };

/** Roof A feeds in 7 Wh and roof B 4 Wh; C takes 9 Wh, D takes 1 Wh. */
const four = [member(0, 7), member(0, 4), member(9), member(1)];

test('static coefficients by hand: what a member cannot use goes to the grid', () => {
  // 11 Wh by 0.1, 0.2, 0.4, 0.3: 1.1, 2.2, 4.4, 3.3; the odd one to the largest remainder, C.
  // C uses 5 of 9, D uses 1 of 3: 6 Wh, of A 6 x 7/11 = 3.8 and of B 6 x 4/11 = 2.2.
  const coefficients = [100_000n, 200_000n, 400_000n, 300_000n];
  const shares = shareStatic(four, coefficients);
  assert.deepEqual(rows(shares), [
    [1n, 0n, 4n],
    [2n, 0n, 2n],
    [5n, 5n, 0n],
    [3n, 1n, 0n],
  ]);
  // A: 4 Wh x 100 + 3 Wh x 80; B: 2 x 100 + 2 x 80; C: 5 x 100 + 4 x 300; D: 1 x 100.
  const bills = four.map((one, i) => billOf(one, shares[i] as MemberShare, tariffs));
  assert.deepEqual(bills, [-640n, -360n, 1700n, 100n]);
});

test('dynamic coefficients by hand: in proportion to what each takes, all that can be used', () => {
  // 10 Wh are wanted of 11: C 9, D 1. Of A 10 x 7/11 = 6.4, of B 10 x 4/11 = 3.6.
  assert.deepEqual(rows(shareDynamic(four)), [
    [0n, 0n, 6n],
    [0n, 0n, 4n],
    [9n, 9n, 0n],
    [1n, 1n, 0n],
  ]);
  // 5 Wh for three who want 4, 4 and 2: 2, 2, 1.
  const short = [member(4), member(4, 5), member(2)];
  assert.deepEqual(
    shareDynamic(short).map(({ usedWh }) => usedWh),
    [2n, 2n, 1n],
  );
  // 4 Wh for three equals: 4/3 each, the odd one to the first.
  assert.deepEqual(
    shareDynamic([member(3), member(3), member(3, 4)]).map(({ usedWh }) => usedWh),
    [2n, 1n, 1n],
  );
});

test('coefficients: equal ones and those by contracted power sum to one exactly', () => {
  assert.deepEqual(coefficientsBy([1n, 1n, 1n]), [333_334n, 333_333n, 333_333n]);
  assert.deepEqual(coefficientsBy([4600n, 2300n, 2300n]), [500_000n, 250_000n, 250_000n]);
  assert.throws(() => shareStatic(four, [1n, 2n, 3n, 4n]), /sum to one/);
  assert.throws(() => shareStatic(four, [COEFFICIENTS]), /per member/);
});

test('an empty community, one without sun, one where nobody is at home', () => {
  assert.deepEqual(shareStatic([], []), []);
  assert.deepEqual(shareDynamic([]), []);
  const equal = coefficientsBy([1n, 1n]);
  for (const of of [
    [member(5), member(3)],
    [member(0, 5), member(0, 3)],
  ])
    for (const shares of [shareStatic(of, equal), shareDynamic(of)])
      assert.ok(shares.every(({ usedWh, soldWh }) => usedWh === 0n && soldWh === 0n));
});

const energy = fc.oneof(
  fc.constant(0n),
  fc.bigInt(0n, 5n),
  fc.bigInt(0n, 5000n),
  fc.bigInt(0n, 10n ** 9n),
);
const anyCommunity = fc
  .array(fc.record({ importWh: energy, exportWh: energy, weight: fc.bigInt(0n, 50n) }), {
    minLength: 1,
    maxLength: 40,
    size: 'max',
  })
  .filter((members) => members.some(({ weight }) => weight > 0n))
  .map((members) => ({
    members: members.map(({ importWh, exportWh }) => member(importWh, exportWh)),
    coefficients: coefficientsBy(members.map(({ weight }) => weight)),
  }));
/** feed-in <= share <= retail. */
const anyTariffs = fc
  .tuple(fc.bigInt(0n, 500n), fc.bigInt(0n, 500n), fc.bigInt(0n, 500n))
  .map(([feedIn, a, b]) => ({
    feedIn: mill(feedIn),
    sharePrice: mill(feedIn + a),
    retail: mill(feedIn + a + b),
  }));
const RUNS = 1000;

const sumOf = (values: readonly bigint[]): bigint => values.reduce((sum, one) => sum + one, 0n);

/** What must hold of either rule. */
function assertConserved(
  members: readonly Member[],
  shares: readonly MemberShare[],
  at: SharingTariffs,
): void {
  const deficit = sumOf(members.map(({ importWh }) => importWh));
  const surplus = sumOf(members.map(({ exportWh }) => exportWh));
  const used = sumOf(shares.map(({ usedWh }) => usedWh));
  assert.equal(sumOf(shares.map(({ soldWh }) => soldWh)), used);
  let bills = 0n;
  for (const [i, one] of members.entries()) {
    const share = shares[i] as MemberShare;
    assert.ok(share.usedWh >= 0n && share.soldWh >= 0n && share.soldWh <= one.exportWh);
    assert.equal(share.usedWh, share.shareWh < one.importWh ? share.shareWh : one.importWh);
    const bill = billOf(one, share, at);
    assert.ok(bill <= one.importWh * at.retail - one.exportWh * at.feedIn, `member ${i} loses`);
    bills += bill;
  }
  assert.equal(bills, (deficit - used) * at.retail - (surplus - used) * at.feedIn);
}

/** |parts| within a unit of the exact shares, whose numerators these are. */
function assertNear(parts: readonly bigint[], numerators: readonly bigint[], total: bigint): void {
  for (const [i, part] of parts.entries()) {
    const off = part * total - (numerators[i] as bigint);
    assert.ok(off > -total && off < total, `share ${i}`);
  }
}

test('static: the whole surplus is allotted, and money and energy are conserved', () => {
  fc.assert(
    fc.property(anyCommunity, anyTariffs, ({ members, coefficients }, at) => {
      const shares = shareStatic(members, coefficients);
      const surplus = sumOf(members.map(({ exportWh }) => exportWh));
      const allotted = shares.map(({ shareWh }) => shareWh);
      assert.equal(sumOf(coefficients), COEFFICIENTS);
      assert.equal(sumOf(allotted), surplus);
      const exact = coefficients.map((one) => one * surplus);
      assertNear(allotted, exact, COEFFICIENTS);
      assertConserved(members, shares, at);
    }),
    { numRuns: RUNS },
  );
});

test('dynamic: min(surplus, deficit) is shared, and no static rule shares more', () => {
  fc.assert(
    fc.property(anyCommunity, anyTariffs, ({ members, coefficients }, at) => {
      const shares = shareDynamic(members);
      const imports = members.map(({ importWh }) => importWh);
      const deficit = sumOf(imports);
      const surplus = sumOf(members.map(({ exportWh }) => exportWh));
      const used = shares.map(({ usedWh }) => usedWh);
      const shared = surplus < deficit ? surplus : deficit;
      assert.equal(sumOf(used), shared);
      const exact = imports.map((one) => one * shared);
      if (deficit > 0n) assertNear(used, exact, deficit);
      assertConserved(members, shares, at);
      const fixed = shareStatic(members, coefficients).map(({ usedWh }) => usedWh);
      assert.ok(sumOf(fixed) <= shared);
    }),
    { numRuns: RUNS },
  );
});

test('the order of members moves a watt-hour between equal remainders, and nothing else', () => {
  const permuted = anyCommunity.chain((community) => {
    const places = community.members.map((_, i) => i);
    const all = { minLength: places.length, maxLength: places.length };
    return fc.tuple(fc.constant(community), fc.shuffledSubarray(places, all));
  });
  fc.assert(
    fc.property(permuted, ([{ members, coefficients }, places]) => {
      const moved = places.map((place) => members[place] as Member);
      const movedBy = places.map((place) => coefficients[place] as bigint);
      const surplus = sumOf(members.map(({ exportWh }) => exportWh));
      const imports = members.map(({ importWh }) => importWh);
      const deficit = sumOf(imports);
      const shared = surplus < deficit ? surplus : deficit;
      const rules = [
        [shareStatic(members, coefficients), shareStatic(moved, movedBy)],
        [shareDynamic(members), shareDynamic(moved)],
      ] as const;
      for (const [rule, [direct, other]] of rules.entries()) {
        const rest = (i: number): bigint => {
          const fixed = ((coefficients[i] as bigint) * surplus) % COEFFICIENTS;
          return rule === 0 ? fixed : ((imports[i] as bigint) * shared) % deficit;
        };
        for (const [at, place] of places.entries()) {
          const [a, b] = [direct[place]?.shareWh ?? 0n, other[at]?.shareWh ?? 0n];
          if (a === b) continue;
          assert.ok(a - b === 1n || b - a === 1n);
          assert.ok(places.some((i) => i !== place && rest(i) === rest(place)));
        }
      }
    }),
    { numRuns: RUNS },
  );
});
