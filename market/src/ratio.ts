// Exact quotients of bigints, for the few numbers that are not integers in base units: accuracy
// coefficients, rewards before their one division, rates. Rounding happens in print or at the very
// end, never in between (market-call 18-21).
import { divHalfAway } from '../../core/src/amount.js';
import { assert } from '../../core/src/assert.js';
import { printFixed, printMinimal } from '../../core/src/decimal.js';

export interface Ratio {
  readonly num: bigint;
  /** Positive. */
  readonly den: bigint;
}

export function ratio(num: bigint, den = 1n): Ratio {
  assert(den > 0n, 'a ratio has a positive denominator');
  return { num, den };
}

export const minus = (a: Ratio, b: Ratio): Ratio =>
  ratio(a.num * b.den - b.num * a.den, a.den * b.den);

export const plus = (a: Ratio, b: Ratio): Ratio =>
  ratio(a.num * b.den + b.num * a.den, a.den * b.den);

/** Integer part, cut toward zero. */
export const cut = ({ num, den }: Ratio): bigint => num / den;

const TEN = 10n;

/** How a number is printed: cut after `decimals` and shortest, or rounded and of fixed length. */
export type Rounding = 'cut' | 'half-away';

/** Text of `value` x 10^-exponent with `decimals` digits after the point. */
export function printRatio(
  value: Ratio,
  form: { exponent: number; decimals: number; rounding: Rounding },
): string {
  const num = value.num * TEN ** BigInt(form.decimals);
  const den = value.den * TEN ** BigInt(form.exponent);
  return form.rounding === 'cut'
    ? printMinimal(num / den, form.decimals)
    : printFixed(divHalfAway(num, den), form.decimals);
}
