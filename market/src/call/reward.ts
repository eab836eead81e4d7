// Accuracy coefficient and reward of the call market (market-call 18, 19; formulas 5 and 7). Exact
// until the one division at the very end, which is cut toward zero.
import { MAX_AMOUNT, type Money, money, type WattHour } from '../../../core/src/amount.js';
import { assert } from '../../../core/src/assert.js';
import { cut, type Ratio, ratio } from '../ratio.js';

const PPM = 1_000_000n;

export interface AccuracyInput {
  /** D: what the account declared, also where it traded less (A5). */
  readonly declaredWh: WattHour;
  /** R: the register of the declared side. */
  readonly meteredWh: WattHour;
  /** Least coefficient, ppm (A4: -1,000,000); absent: none. */
  readonly floorPpm?: bigint | undefined;
}

/**
 * k = (x - x') / x with x = min(D, R), x' = |D - R|; at most 1. Where x = 0 the limit is minus
 * infinity: the floor holds, and without a floor x counts as 1 Wh, so that k is always a number.
 */
export function accuracy({ declaredWh, meteredWh, floorPpm }: AccuracyInput): Ratio {
  assert(declaredWh >= 0n && meteredWh >= 0n, 'energies are not negative');
  const x = declaredWh < meteredWh ? declaredWh : meteredWh;
  const off = declaredWh < meteredWh ? meteredWh - declaredWh : declaredWh - meteredWh;
  const k = ratio(x - off, x === 0n ? 1n : x);
  const isBelow = floorPpm !== undefined && (x === 0n || k.num * PPM < floorPpm * k.den);
  return isBelow ? ratio(floorPpm, PPM) : k;
}

export interface RewardInput {
  /** A: money of the account's trades. */
  readonly amount: Money;
  readonly coefficient: Ratio;
  /** Registered class of the account, for all its trades (rule 19). */
  readonly green: boolean;
  /** b, ppm. */
  readonly rewardFactorPpm: bigint;
  /** G, ppm. */
  readonly greenFactorPpm: bigint;
}

/** f = A * k * b, times G for a green user; in units of money, before the division. */
export function exactReward(input: RewardInput): Ratio {
  const { amount, coefficient, green, rewardFactorPpm, greenFactorPpm } = input;
  assert(amount >= 0n && rewardFactorPpm >= 0n && greenFactorPpm >= 0n, 'reward factors');
  const num = amount * coefficient.num * rewardFactorPpm;
  const den = coefficient.den * PPM;
  return green ? ratio(num * greenFactorPpm, den * PPM) : ratio(num, den);
}

/** The reward, or the fine where negative; cut toward zero, held within the range of money. */
export function rewardOf(input: RewardInput): Money {
  const reward = cut(exactReward(input));
  if (reward > MAX_AMOUNT) return money(MAX_AMOUNT);
  return money(reward < -MAX_AMOUNT ? -MAX_AMOUNT : reward);
}
