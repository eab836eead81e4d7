// What must hold after a continuous market, checked by replaying its trades against the bare list
// of orders: of all that rested and crossed, the arriving order met the best and then the
// earliest, at their prices; own orders did not trade, and what crossed with them is what it was
// reduced by.
import { least } from '../../../core/src/amount.js';
import { type Fault, tradesFault } from '../invariants.js';
import type { OpenTrade } from '../openBook.js';
import type { ContinuousClearing, ContinuousOrder } from './clear.js';

export function continuousFault(
  orders: readonly ContinuousOrder[],
  { trades, remainingWh, selfTradeWh }: ContinuousClearing,
): Fault {
  const fault = tradesFault(orders, { trades, remainingWh, reducedWh: selfTradeWh });
  if (fault !== undefined) return fault;
  const remaining: bigint[] = [];
  let next = 0;
  for (const [index, order] of orders.entries()) {
    let left: bigint = order.energyWh;
    let lost = 0n;
    for (const resting of crossingOf(orders, remaining, index)) {
      const energyWh = least(left, remaining[resting] as bigint);
      if (energyWh === 0n) break;
      left -= energyWh;
      if (orders[resting]?.account === order.account) {
        lost += energyWh;
        continue;
      }
      remaining[resting] = (remaining[resting] as bigint) - energyWh;
      const price = orders[resting]?.price ?? -1n;
      if (!isTrade(trades[next++], { pair: [index, resting], energyWh, price }))
        return `order ${index}: its trade with order ${resting}`;
    }
    if (lost !== selfTradeWh[index]) return `order ${index}: what its own orders took from it`;
    remaining[index] = left;
  }
  return next === trades.length ? undefined : 'more trades than orders that met';
}

/** Older orders of the other side that cross and have something left, best and earliest first. */
function crossingOf(
  orders: readonly ContinuousOrder[],
  remaining: readonly bigint[],
  index: number,
): readonly number[] {
  const { side, type, price } = orders[index] as ContinuousOrder;
  const sign = side === 'buy' ? 1n : -1n;
  /** What the arriving order gains by it, per kWh. */
  const gain = (i: number): bigint => sign * (price - (orders[i] as ContinuousOrder).price);
  const crossing: number[] = [];
  for (let i = 0; i < index; i++) {
    const other = orders[i] as ContinuousOrder;
    const canMeet = other.side !== side && other.type === type && remaining[i] !== 0n;
    if (canMeet && gain(i) >= 0n) crossing.push(i);
  }
  return crossing.sort((a, b) => (gain(a) === gain(b) ? a - b : gain(a) > gain(b) ? -1 : 1));
}

interface Wanted {
  readonly pair: readonly [number, number];
  readonly energyWh: bigint;
  readonly price: bigint;
}

const isTrade = (trade: OpenTrade | undefined, { pair, energyWh, price }: Wanted): boolean =>
  trade !== undefined &&
  pair.includes(trade.sell) &&
  pair.includes(trade.buy) &&
  trade.energyWh === energyWh &&
  trade.price === price;
