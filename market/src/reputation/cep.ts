// What the equilibrium price is used for in this market (market-reputation 1.8): deals weighed by
// their price sums, advice to the unmatched, the supervisor's alarm, beta from the three factors.
import type { Price } from '../../../core/src/amount.js';
import { assert } from '../../../core/src/assert.js';
import type { Side } from '../../../core/src/tx.js';
import { type CepOptions, equilibriumPrice } from '../cep.js';
import { type Ratio, ratio } from '../ratio.js';
import type { PriceSum } from './quote.js';

const PPM = 1_000_000n;

/** Rounded half up to the tick, once; undefined where there was no deal. Oldest deal first. */
export function equilibriumOf(deals: readonly PriceSum[], options: CepOptions): Price | undefined {
  const doubled = { ...options, tick: 2n * options.tick };
  const sum = equilibriumPrice(deals as readonly Price[], doubled);
  return sum === undefined ? undefined : ((sum / 2n) as Price);
}

export interface AdviceInput {
  readonly side: Side;
  /** Highest bid or lowest ask that the node would make. */
  readonly limit: Price;
  /** Its quote so far. */
  readonly previous: Price;
  readonly equilibrium: Price;
}

/** Quote for the next bidding round: toward the equilibrium, within the limit, never back. */
export function adviceOf({ side, limit, previous, equilibrium }: AdviceInput): Price {
  const least = (a: Price, b: Price): Price => (a < b ? a : b);
  const most = (a: Price, b: Price): Price => (a > b ? a : b);
  return side === 'buy'
    ? most(previous, least(limit, equilibrium))
    : least(previous, most(limit, equilibrium));
}

/** Whether the price has moved by more than `alarmPpm` of that of the last period. */
export function isAlarm(
  equilibrium: Price | undefined,
  previous: Price | undefined,
  alarmPpm: bigint,
): boolean {
  if (equilibrium === undefined || previous === undefined) return false;
  const moved = equilibrium > previous ? equilibrium - previous : previous - equilibrium;
  return moved * PPM > alarmPpm * previous;
}

export interface MarketFactors {
  readonly matched: number;
  readonly submitted: number;
  readonly highestBid: Price;
  /** Price of the last deal. */
  readonly last: Price;
  readonly equilibrium: Price;
}

/** beta = 1 + (a + h + v) / 9 / 3, each factor clipped to 0..1; exact. */
export function factorBeta(factors: MarketFactors): Ratio {
  const { matched, submitted, highestBid, last, equilibrium: e } = factors;
  assert(matched >= 0 && submitted >= 0 && e >= 0n, 'factors are counts and prices');
  const clipped = (num: bigint, den: bigint): Ratio => {
    if (num <= 0n || den === 0n) return ratio(0n);
    return num >= den ? ratio(1n) : ratio(num, den);
  };
  const a = clipped(BigInt(matched), BigInt(submitted));
  const h = clipped(highestBid - e, e);
  const v = clipped(last > e ? last - e : e - last, e);
  const den = a.den * h.den * v.den;
  const sum = a.num * h.den * v.den + h.num * a.den * v.den + v.num * a.den * h.den;
  return ratio(27n * den + sum, 27n * den);
}
