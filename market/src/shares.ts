// Dividing an amount, by the two rules there are (settlement 3.6): cumulative floors for scaled
// rewards and shares of penalties, largest remainder for everything called pro rata. Callers pass
// weights in canonical order; ties then go to the earlier one.
import { type Money, money } from '../../core/src/amount.js';
import { assert } from '../../core/src/assert.js';

const sumOf = (values: readonly bigint[]): bigint => values.reduce((sum, value) => sum + value, 0n);

/** Part of `amount` that falls to the first weights, which sum to `soFar` of `total`. */
export function cumulativeFloor(amount: bigint, soFar: bigint, total: bigint): bigint {
  assert(amount >= 0n && soFar >= 0n && soFar <= total && total > 0n, 'shares of a positive sum');
  return (amount * soFar) / total;
}

/** `amount` by weight with cumulative floors; the shares sum to it where a weight is positive. */
export function cumulativeShares(amount: bigint, weights: readonly bigint[]): readonly bigint[] {
  const total = sumOf(weights);
  if (total === 0n) return weights.map(() => 0n);
  let soFar = 0n;
  let given = 0n;
  return weights.map((weight) => {
    assert(weight >= 0n, 'a weight is not negative');
    soFar += weight;
    const upTo = cumulativeFloor(amount, soFar, total);
    const share = upTo - given;
    given = upTo;
    return share;
  });
}

/** Rewards in account order, scaled to the pool where it does not reach (settlement 3.3). */
export function scaleRewards(rewards: readonly Money[], pool: Money): readonly Money[] {
  assert(pool >= 0n, 'the pool is never negative');
  if (sumOf(rewards) <= pool) return rewards;
  return cumulativeShares(pool, rewards).map(money);
}

/** `amount` by weight: floors, and the units left over to the largest remainders. */
export function largestRemainder(amount: bigint, weights: readonly bigint[]): readonly bigint[] {
  assert(amount >= 0n, 'what is shared is not negative');
  const total = sumOf(weights);
  if (total === 0n) return weights.map(() => 0n);
  const shares = weights.map((weight) => {
    assert(weight >= 0n, 'a weight is not negative');
    return (amount * weight) / total;
  });
  const remainder = weights.map((weight) => (amount * weight) % total);
  const left = Number(amount - sumOf(shares));
  const order = weights.map((_, i) => i).sort((a, b) => byRemainder(remainder, a, b));
  for (const i of order.slice(0, left)) shares[i] = (shares[i] as bigint) + 1n;
  return shares;
}

function byRemainder(remainder: readonly bigint[], a: number, b: number): number {
  const [ra, rb] = [remainder[a] as bigint, remainder[b] as bigint];
  return ra === rb ? a - b : ra > rb ? -1 : 1;
}
