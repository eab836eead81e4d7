// Activity and what it brings (market-reputation 1.13): value per period, attitude over four
// periods, who may stand for the bookkeeping right, ranking reward, subsidy, grants.
import { least, type Money, money, type Price, type WattHour } from '../../../core/src/amount.js';
import { assert } from '../../../core/src/assert.js';
import { largestRemainder } from '../shares.js';
import { GRADES, type Grade } from './reputation.js';

/** Each event counts at most once per period. */
export interface ActivityEvents {
  readonly bid: boolean;
  readonly matched: boolean;
  readonly declined: boolean;
  readonly notConfirmed: boolean;
}

export function activityOf({ bid, matched, declined, notConfirmed }: ActivityEvents): number {
  const one = (is: boolean): number => (is ? 1 : 0);
  return one(bid) + one(matched) - one(declined) - one(notConfirmed);
}

export type Attitude = 'positive' | 'neutral' | 'negative';

/** How many periods the attitude looks back. */
export const ATTITUDE_PERIODS = 4;
const POSITIVE_FROM = 4;

/** From the values of the last periods, newest last. */
export function attitudeOf(values: readonly number[]): Attitude {
  const sum = values.slice(-ATTITUDE_PERIODS).reduce((total, value) => total + value, 0);
  if (sum >= POSITIVE_FROM) return 'positive';
  return sum >= 1 ? 'neutral' : 'negative';
}

/** Whether a node keeps the right to stand for the bookkeeping right. */
export function mayStand(node: {
  readonly attitude: Attitude;
  readonly grade: Grade;
  readonly penaltiesPpm: bigint;
}): boolean {
  const isLast = node.grade === GRADES[GRADES.length - 1];
  return node.attitude !== 'negative' && !(isLast && node.penaltiesPpm > 0n);
}

const REWARD_WEIGHT: { readonly [grade in Grade]: bigint } = { 10: 3n, 30: 2n, 60: 1n, 100: 0n };

/** Ranking reward per node in the order of ids: 3:2:1 over the grades, no more than the pool. */
export function rankingRewards(
  grades: readonly Grade[],
  { reward, pool }: { readonly reward: Money; readonly pool: Money },
): readonly Money[] {
  const weights = grades.map((grade) => REWARD_WEIGHT[grade]);
  return largestRemainder(least(reward, pool), weights).map(money);
}

/** Subsidy of clean energy delivered, until the budget of the period is used up. */
export function subsidyOf(
  cleanWh: WattHour,
  { perKwh, budget }: { readonly perKwh: Price; readonly budget: Money },
): Money {
  assert(cleanWh >= 0n && budget >= 0n, 'energy and budget are not negative');
  const due = cleanWh * perKwh;
  return due < budget ? money(due) : budget;
}

/**
 * How many of some grants of one amount the pool pays: each is paid whole or not at all, and an
 * empty pool grants nothing (market-reputation 1.11).
 */
export const grantsPaid = (count: bigint, amount: Money, pool: Money): bigint =>
  amount === 0n ? 0n : least(count, pool / amount);
