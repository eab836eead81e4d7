// One arriving order of the continuous market (spec/market-uniform "continuous" 1, 3): it trades
// with the best resting orders at their prices while prices cross, and never with its own owner's.
// The caller gives the resting orders of the other side in price-time order, and books what comes
// out: on chain from its state, in files from queue.ts.
import { least, type Price, type WattHour } from '../../../core/src/amount.js';
import { assert } from '../../../core/src/assert.js';
import type { Side } from '../../../core/src/tx.js';

export interface RestingOrder {
  readonly price: Price;
  /** Positive. */
  readonly remainingWh: WattHour;
}

export interface ArrivingOrder<Resting extends RestingOrder> {
  readonly side: Side;
  readonly energyWh: WattHour;
  readonly price: Price;
  /** Whether a resting order is of the same account. */
  readonly owns: (resting: Resting) => boolean;
}

/** A trade with a resting order, at its price. */
export interface Fill<Resting> {
  readonly resting: Resting;
  readonly energyWh: WattHour;
  readonly price: Price;
}

export interface Arrival<Resting> {
  readonly fills: readonly Fill<Resting>[];
  /** What rests from now on. */
  readonly remainingWh: WattHour;
  /** What was taken from the arriving order because it met its own owner's (SELF_TRADE). */
  readonly selfTradeWh: WattHour;
}

/** Takes from `resting`, best first and then earliest, only as many as it needs. */
export function matchArrival<Resting extends RestingOrder>(
  arriving: ArrivingOrder<Resting>,
  resting: Iterable<Resting>,
): Arrival<Resting> {
  const fills: Fill<Resting>[] = [];
  let left: bigint = arriving.energyWh;
  let selfTraded = 0n;
  assert(left > 0n, 'an order has energy');
  for (const order of resting) {
    if (!crosses(arriving, order.price)) break;
    const energyWh = least(left, order.remainingWh) as WattHour;
    assert(energyWh > 0n, 'a resting order has energy');
    left -= energyWh;
    if (arriving.owns(order)) selfTraded += energyWh;
    else fills.push({ resting: order, energyWh, price: order.price });
    if (left === 0n) break;
  }
  return { fills, remainingWh: left as WattHour, selfTradeWh: selfTraded as WattHour };
}

const crosses = (
  { side, price }: { readonly side: Side; readonly price: Price },
  resting: Price,
): boolean => (side === 'sell' ? price <= resting : price >= resting);
