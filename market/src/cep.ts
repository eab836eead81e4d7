// Competitive equilibrium price: a mean of the last deals in which newer ones weigh more
// (market-reputation 1.8). A report; nobody is paid by it.
import type { Price } from '../../core/src/amount.js';
import { assert } from '../../core/src/assert.js';
import { type Ratio, ratio } from './ratio.js';

export interface CepOptions {
  /** How many of the last deals count. */
  readonly deals: number;
  /** Weight of a deal over the one before it. */
  readonly beta: { readonly num: bigint; readonly den: bigint };
  /** Price step, in the unit of prices. */
  readonly tick: bigint;
}

/** The weighted mean, exact; undefined where there was no deal. `prices` oldest first. */
export function equilibriumRatio(
  prices: readonly bigint[],
  { deals, beta }: Pick<CepOptions, 'deals' | 'beta'>,
): Ratio | undefined {
  assert(deals >= 1 && beta.num > 0n && beta.den > 0n, 'cep options in range');
  const last = prices.slice(-deals);
  if (last.length === 0) return undefined;
  let sum = 0n;
  let weights = 0n;
  last.forEach((price, i) => {
    const weight = beta.num ** BigInt(i) * beta.den ** BigInt(last.length - 1 - i);
    sum += price * weight;
    weights += weight;
  });
  return ratio(sum, weights);
}

/** Rounded half up to the tick; undefined where there was no deal. `prices` oldest first. */
export function equilibriumPrice(prices: readonly Price[], options: CepOptions): Price | undefined {
  const { tick } = options;
  assert(tick > 0n, 'the tick is positive');
  const mean = equilibriumRatio(prices, options);
  if (mean === undefined) return undefined;
  const step = mean.den * tick;
  return (((2n * mean.num + step) / (2n * step)) * tick) as Price;
}
