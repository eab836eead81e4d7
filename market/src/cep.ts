// Competitive equilibrium price: a mean of the last deals in which newer ones weigh more
// (market-reputation 1.8). A report; nobody is paid by it.
import type { Price } from '../../core/src/amount.js';
import { assert } from '../../core/src/assert.js';

export interface CepOptions {
  /** How many of the last deals count. */
  readonly deals: number;
  /** Weight of a deal over the one before it. */
  readonly beta: { readonly num: bigint; readonly den: bigint };
  /** Price step, in the unit of prices. */
  readonly tick: bigint;
}

/** Rounded half up to the tick; undefined where there was no deal. `prices` oldest first. */
export function equilibriumPrice(
  prices: readonly Price[],
  { deals, beta, tick }: CepOptions,
): Price | undefined {
  assert(deals >= 1 && beta.num > 0n && beta.den > 0n && tick > 0n, 'cep options in range');
  const last = prices.slice(-deals);
  if (last.length === 0) return undefined;
  let sum = 0n;
  let weights = 0n;
  last.forEach((price, i) => {
    const weight = beta.num ** BigInt(i) * beta.den ** BigInt(last.length - 1 - i);
    sum += price * weight;
    weights += weight;
  });
  const step = weights * tick;
  return (((2n * sum + step) / (2n * step)) * tick) as Price;
}
