// The two rules of dividing (settlement 3.3, 3.6).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Money } from '../../core/src/amount.js';
import { cumulativeShares, largestRemainder, scaleRewards } from '../src/shares.js';

const money = (...values: number[]): Money[] => values.map((value) => BigInt(value) as Money);
const sum = (values: readonly bigint[]): bigint => values.reduce((a, b) => a + b, 0n);
const weights = fc.array(fc.bigInt({ min: 0n, max: 10n ** 15n }), { maxLength: 30, size: 'max' });
const anAmount = fc.bigInt({ min: 0n, max: 10n ** 15n });

test('rewards are paid in full where the pool reaches', () => {
  assert.deepEqual(scaleRewards(money(3, 4), 7n as Money), [3n, 4n]);
});

test('cumulative floors: 3 x 1 from 2 gives 0, 1, 1', () => {
  assert.deepEqual(scaleRewards(money(1, 1, 1), 2n as Money), [0n, 1n, 1n]);
  assert.deepEqual(scaleRewards(money(5, 5), 0n as Money), [0n, 0n]);
  assert.deepEqual(cumulativeShares(9n, [0n, 0n]), [0n, 0n]);
});

test('scaled rewards never exceed the pool, nor any reward itself', () => {
  fc.assert(
    fc.property(weights, anAmount, (values, pool) => {
      const rewards = values as Money[];
      const paid = scaleRewards(rewards, pool as Money);
      assert.ok(sum(paid) <= pool);
      assert.equal(sum(paid), sum(rewards) <= pool ? sum(rewards) : pool);
      paid.forEach((share, i) => {
        assert.ok(share >= 0n && share <= (rewards[i] as bigint));
      });
    }),
  );
});

test('largest remainder: the left over units go to the largest, ties to the earlier', () => {
  assert.deepEqual(largestRemainder(10n, [1n, 1n, 1n]), [4n, 3n, 3n]);
  assert.deepEqual(largestRemainder(10n, [1n, 2n, 4n]), [1n, 3n, 6n]);
  assert.deepEqual(largestRemainder(5n, [0n, 0n]), [0n, 0n]);
});

test('largest remainder gives away everything, each within one of its exact share', () => {
  fc.assert(
    fc.property(weights, anAmount, (values, amount) => {
      const total = sum(values);
      const shares = largestRemainder(amount, values);
      assert.equal(sum(shares), total === 0n ? 0n : amount);
      shares.forEach((share, i) => {
        const error = share * total - amount * (values[i] as bigint);
        assert.ok(total === 0n || (error < total && error > -total));
      });
    }),
  );
});
