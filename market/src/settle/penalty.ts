// The penalty price (market-bilateral 3, formulas 6-9) in the normative integers of that section:
// every value unsigned, every division a floor, the square root floored. Who pays at all, and who
// gets it: defaults are found in period.ts, shares in sharing.ts.
import { assert, present } from '../../../core/src/assert.js';
import type { PriceRules } from './rules.js';
import { SIGMOID_END, SIGMOID_SQUARED } from './sigmoid.js';

const MILLION = 1_000_000n;
/** Scale of ratios. */
export const TRILLION = 1_000_000_000_000n;
const FULL = 100n;
/** k2 x (k1 + g) in ppm^2: beyond it the price is 0 for everyone, near it the root loses digits. */
const MAX_PRODUCT = 99n * TRILLION;

/** Whether the parameters keep the ratio between 0 and 1 for every credit. */
export const priceRulesHold = ({ k1Ppm, k2Ppm, gPpm }: PriceRules): boolean =>
  k1Ppm >= 0n && k2Ppm >= 0n && gPpm >= 0n && k2Ppm * (k1Ppm + gPpm) <= MAX_PRODUCT;

/** Floor of the square root, by Newton from above. */
export function isqrt(value: bigint): bigint {
  assert(value >= 0n, 'a root of a negative number');
  if (value < 2n) return value;
  let root = 1n << BigInt(Math.ceil(value.toString(2).length / 2));
  for (;;) {
    const next = (root + value / root) / 2n;
    if (next >= root) return root;
    root = next;
  }
}

/** Verification reward credit Cv of formula 6, scale 10^12. */
export function rewardCredit(n: number, k1Ppm: bigint): bigint {
  assert(Number.isInteger(n) && n >= 0, 'verifications are counted');
  const sigmoid = present(SIGMOID_SQUARED[Math.min(n, SIGMOID_END)], 'a table up to its end');
  return (k1Ppm * sigmoid) / MILLION;
}

/** Penalty price over contract price, scale 10^12, below 1: falls in credit and in n. */
export function penaltyRatio(credit: number, n: number, rules: PriceRules): bigint {
  assert(priceRulesHold(rules), 'k2 (k1 + g) is at most 99');
  assert(Number.isInteger(credit) && credit >= 0 && credit <= 100, 'credit is 0..100');
  const beta = rewardCredit(n, rules.k1Ppm) + rules.gPpm * MILLION;
  const w = TRILLION - (rules.k2Ppm * beta) / (FULL * MILLION);
  const y = ((FULL - BigInt(credit)) * w) / FULL;
  return isqrt(y * (2n * TRILLION - y));
}

/** T of formula 9 at half of `priceTwice` per kWh; at most the price of the shortfall (G8). */
export const penaltyOf = (ratio: bigint, priceTwice: bigint, shortWh: bigint): bigint =>
  (ratio * priceTwice * shortWh) / (2n * TRILLION);
