// Credit of one node (market-bilateral 5-8, G2-G5) and the penalty price (section 3).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type CreditState, creditStep, deductionOf } from '../src/settle/credit.js';
import {
  isqrt,
  penaltyOf,
  penaltyRatio,
  priceRulesHold,
  rewardCredit,
} from '../src/settle/penalty.js';
import type { CreditRules } from '../src/settle/rules.js';
import { SIGMOID_END, SIGMOID_SQUARED } from '../src/settle/sigmoid.js';
import { ratioOfDecimals } from './decimals.js';
import { wh } from './books.js';

const rules: CreditRules = { c: 10, iMax: 8, minVolumeWh: wh(1000), suspendBelow: 60 };
const MILLION = 1_000_000n;
const price = { k1Ppm: 5n * MILLION, k2Ppm: 5n * MILLION, gPpm: 3n * MILLION };

const state = (C: number, D = 0, i = 0, n = 0): CreditState => ({ C, D, i, n });
const performed = { hasContract: true, hasDefaulted: false, contractWh: 1000n };
const defaulted = { hasContract: true, hasDefaulted: true, contractWh: 1000n };
const after = (before: CreditState, conduct = performed): CreditState =>
  creditStep(before, conduct, rules).after;

test('Fibonacci deductions (formula 3)', () => {
  assert.deepEqual([1, 2, 3, 4, 5, 6, 7, 8].map(deductionOf), [1, 1, 2, 3, 5, 8, 13, 21]);
});

test('performed: D counts; at c one point comes back, D and i are cleared (rule 7)', () => {
  assert.deepEqual(after(state(90, 3, 2, 4)), state(90, 4, 2, 4));
  assert.deepEqual(after(state(90, 8, 2)), state(90, 9, 2));
  assert.deepEqual(after(state(90, 9, 2)), state(91, 0, 0));
  assert.deepEqual(after(state(99, 9, 1)), state(100, 0, 0));
  assert.deepEqual(after(state(100, 50)), state(100, 51));
});

test('defaulted: D cleared, i up to its bound, deduction to the floor (rule 8, G4)', () => {
  const step = creditStep(state(100, 7), defaulted, rules);
  assert.deepEqual(step.after, state(99, 0, 1));
  assert.equal(step.wasFull, true);
  assert.deepEqual(after(state(95, 9, 3, 2), defaulted), state(92, 0, 4, 2));
  assert.deepEqual(after(state(30, 0, 8), defaulted), state(9, 0, 8));
  const floored = creditStep(state(20, 0, 8), defaulted, rules);
  assert.deepEqual([floored.after, floored.deducted], [state(0, 0, 8), 20]);
});

test('no contract, or less than minVolume: nothing changes; a default counts (G2, G3)', () => {
  const none = { hasContract: false, hasDefaulted: false, contractWh: 0n };
  assert.deepEqual(after(state(80, 9, 1), none), state(80, 9, 1));
  assert.deepEqual(after(state(80, 9, 1), { ...performed, contractWh: 999n }), state(80, 9, 1));
  assert.deepEqual(after(state(80, 9, 1), { ...defaulted, contractWh: 1n }), state(79, 0, 2));
});

test('suspension is said of the credit after the step (G5)', () => {
  const suspends = (C: number): boolean => creditStep(state(C, 0, 1), defaulted, rules).suspend;
  assert.deepEqual([61, 60, 50].map(suspends), [false, true, true]);
});

const anyCredit = fc.record({
  C: fc.integer({ min: 0, max: 100 }),
  D: fc.integer({ min: 0, max: 9 }),
  i: fc.integer({ min: 0, max: 8 }),
  n: fc.nat(80),
});

test('any conduct: 0 <= C <= 100; C = 100 => i = 0; C < 100 => D < c', () => {
  const conducts = fc.array(fc.constantFrom(performed, defaulted), { maxLength: 80, size: 'max' });
  fc.assert(
    fc.property(anyCredit, conducts, (start, conduct) => {
      let now: CreditState = start.C === 100 ? { ...start, i: 0 } : start;
      for (const one of conduct) {
        now = after(now, one);
        assert.ok(now.C >= 0 && now.C <= 100);
        assert.ok(now.C === 100 ? now.i === 0 : now.D < rules.c);
        assert.equal(now.n, start.n);
      }
    }),
  );
});

test('the table of squared sigmoids by its generator (market-bilateral 3)', () => {
  const [unit, half] = [10n ** 18n, 606530659712633424n];
  let e = unit;
  const table = [0n];
  for (let n = 1; n <= SIGMOID_END; n++) {
    e = (e * half + 5n * 10n ** 17n) / unit;
    const s = (10n ** 36n + (unit + e) / 2n) / (unit + e);
    const q = (s * s + 5n * 10n ** 17n) / unit;
    table.push((q + 500_000n) / MILLION);
  }
  assert.deepEqual(SIGMOID_SQUARED, table);
});

test('the reward rises with n and converges to k1 (figure A3); saturated from 64 on', () => {
  for (const k1 of [1n, 3n, 5n, 10n].map((k) => k * MILLION)) {
    const credits = Array.from({ length: 80 }, (_, n) => rewardCredit(n, k1));
    assert.ok(credits.every((credit, n) => n === 0 || credit >= (credits[n - 1] as bigint)));
    assert.equal(credits[0], 0n);
    assert.equal(k1 * MILLION - (credits[79] as bigint) < 100n, true);
    assert.equal(rewardCredit(64, k1), rewardCredit(1_000_000, k1));
  }
});

test('the penalty price falls in credit and in n, from below 1 to 0 (figure A5)', () => {
  for (let n = 0; n <= 65; n++)
    for (let C = 0; C <= 100; C++) {
      const ratio = penaltyRatio(C, n, price);
      assert.ok(C === 100 ? ratio === 0n : ratio > penaltyRatio(C + 1, n, price));
      assert.ok(ratio < 10n ** 12n);
      assert.ok(ratio >= penaltyRatio(C, n + 1, price));
    }
});

test('parameters at the bound of k2 (k1 + g), and beyond it', () => {
  const at = (k2: bigint) => ({ k1Ppm: 6n * MILLION, k2Ppm: k2, gPpm: 3n * MILLION });
  assert.equal(priceRulesHold(at(11n * MILLION)), true);
  assert.equal(priceRulesHold(at(11n * MILLION + 1n)), false);
  assert.throws(() => penaltyRatio(90, 0, at(11n * MILLION + 1n)), /99/);
  assert.ok(penaltyRatio(90, 100, at(11n * MILLION)) > 0n);
});

test('the ratio agrees with 60-digit decimals to 1e-9, any parameters', () => {
  const ppm = (max: number) => fc.integer({ min: 0, max: max * 1_000_000 }).map(BigInt);
  const any = fc.record({ k1Ppm: ppm(20), k2Ppm: ppm(20), gPpm: ppm(20) }).filter(priceRulesHold);
  fc.assert(
    fc.property(any, fc.integer({ min: 0, max: 100 }), fc.nat(123), (one, C, n) => {
      const { exact, scale } = ratioOfDecimals(C, n, one);
      const off = exact - penaltyRatio(C, n, one) * (scale / 10n ** 12n);
      assert.ok((off < 0n ? -off : off) * 10n ** 9n <= scale, `off by ${off}`);
    }),
    { numRuns: 200 },
  );
});

test('the square root is the floor', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 1n << 100n }), (value) => {
      const root = isqrt(value);
      assert.ok(root * root <= value && (root + 1n) * (root + 1n) > value);
    }),
  );
});

test('a penalty is at most the price of the shortfall (G8), floored', () => {
  assert.equal(penaltyOf(422205814739n, 2n * 640n, 5000n), 1351058n);
  assert.equal(penaltyOf(10n ** 12n - 1n, 3n, 1n), 1n);
  assert.equal(penaltyOf(0n, 2n * 640n, 5000n), 0n);
});
