// Balancing of one account with the grid (market-call 15-17; settlement 4.1, payment "contract").
// Both registers count: the declared side against what was traded, the other one as it is.
// Decides amounts only; who has the money is not known here.
import {
  type Money,
  money,
  type Price,
  signedWattHours,
  type WattHour,
} from '../../../core/src/amount.js';
import { assert } from '../../../core/src/assert.js';
import type { Side } from '../../../core/src/tx.js';

export interface BalanceInput {
  /** Side of the order; absent: no order, and T = 0 on both registers. */
  readonly side?: Side | undefined;
  readonly tradedWh: WattHour;
  readonly importWh: WattHour;
  readonly exportWh: WattHour;
  /** C_sg, per kWh. */
  readonly feedIn: Price;
  /** C_bg, per kWh. */
  readonly retail: Price;
}

export interface Balance {
  /** Metered minus traded on the declared side, signed; 0 without an order. */
  readonly deviationWh: WattHour;
  /** Cash of the declared side, signed, income positive (rules 15, 16). */
  readonly declaredCash: Money;
  /** Cash of the other register (of both without an order), signed, income positive. */
  readonly otherCash: Money;
  /** All that the account pays to the grid, not negative. */
  readonly charge: Money;
  /** All that the account gets from the grid, not negative. */
  readonly credit: Money;
}

/** Rules 15 and 16 on the declared side, retail and feed-in on the other register. */
export function balanceCash(input: BalanceInput): Balance {
  const { side, tradedWh, importWh, exportWh, feedIn, retail } = input;
  assert(importWh >= 0n && exportWh >= 0n && tradedWh >= 0n, 'registers are not negative');
  assert(side !== undefined || tradedWh === 0n, 'without an order nothing is traded');
  const bought = side === 'buy' ? 0n : importWh * retail;
  const sold = side === 'sell' ? 0n : exportWh * feedIn;
  const deviation = side === undefined ? 0n : (side === 'sell' ? exportWh : importWh) - tradedWh;
  const declared = declaredCash(side, deviation, input);
  return {
    deviationWh: signedWattHours(deviation),
    declaredCash: money(declared),
    otherCash: money(sold - bought),
    charge: money(bought + (declared < 0n ? -declared : 0n)),
    credit: money(sold + (declared > 0n ? declared : 0n)),
  };
}

function declaredCash(
  side: Side | undefined,
  deviation: bigint,
  { feedIn, retail }: BalanceInput,
): bigint {
  if (side === 'sell') return deviation * (deviation < 0n ? retail : feedIn);
  // A consumer gets no refund for what it bought and did not use (rule 15, A8).
  return side === 'buy' && deviation > 0n ? -deviation * retail : 0n;
}

export interface LossInput {
  readonly side: Side;
  /** Metered minus traded, signed. */
  readonly deviationWh: WattHour;
  /** The user's average price per kWh, rounded to the tick. */
  readonly averagePrice: Price;
  readonly feedIn: Price;
  readonly retail: Price;
}

/** Opportunity cost of table 4 (rule 17), signed; no cash. */
export function balanceLoss(input: LossInput): Money {
  const { side, deviationWh: d, averagePrice: p, feedIn, retail } = input;
  if (side === 'sell') return money(d >= 0n ? d * (p - feedIn) : -d * (retail - p));
  return money(d >= 0n ? d * (retail - p) : -d * p);
}
