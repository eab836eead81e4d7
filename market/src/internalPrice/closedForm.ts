// The internal price where no limit binds, in closed form (market-neighbourhood 1.7):
// p* = sqrt(p_r K / A). A report beside the scan of game.ts, never in consensus. Real numbers are
// integers in 10^-SCALE of their unit, cut.
import { largest, least } from '../../../core/src/amount.js';
import { assert } from '../../../core/src/assert.js';
import type { GameOptions, GamePlayers } from './game.js';

const SCALE = 12;
const UNIT = 10n ** BigInt(SCALE);
const UNIT_SQUARED = UNIT * UNIT;

/** Decimals of the numbers of a ClosedForm. */
export const CLOSED_FORM_DECIMALS = SCALE;

export interface ClosedForm {
  /** p*, clamped to [feedIn, retail]. */
  readonly price: bigint;
  /** R(p*): what the buyers pay. */
  readonly cost: bigint;
  /** S(p*): what the sellers sell. */
  readonly supply: bigint;
}

/** Largest integer whose square is at most `value` (Newton from above). */
export function integerRoot(value: bigint): bigint {
  assert(value >= 0n, 'a root of a negative number');
  if (value === 0n) return 0n;
  let root = 1n << BigInt((value.toString(2).length + 1) >> 1);
  for (;;) {
    const next = (root + value / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}

/** Without limits of own use; undefined where there is nothing to sell or to use. */
export function closedForm(
  { sellers, demand }: GamePlayers,
  { feedIn, retail, e1 }: GameOptions,
): ClosedForm | undefined {
  const a = sellers.reduce((sum, { g }) => sum + g + e1, 0n);
  const k = sellers.reduce((sum, seller) => sum + seller.k, 0n);
  const wanted = demand.reduce((sum, wh) => sum + wh, 0n);
  if (a === 0n || k === 0n) return undefined;
  const root = integerRoot((retail * k * UNIT_SQUARED) / a);
  const price = least(largest(root, feedIn * UNIT), retail * UNIT);
  if (price === 0n) return undefined;
  const supply = a * UNIT - (k * UNIT_SQUARED) / price;
  const cost = (price * supply) / UNIT + retail * (wanted * UNIT - supply);
  return { price, cost, supply };
}
