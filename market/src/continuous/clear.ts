// The continuous market over a whole sequence of orders (spec/market-uniform "continuous" 1, 3):
// each arrives, trades with what rests, and rests with what is left. Files and simulators call
// this; the chain calls arrival.ts with one order. What rests at the end goes to the grid.
import type { WattHour } from '../../../core/src/amount.js';
import { assert } from '../../../core/src/assert.js';
import type { Side } from '../../../core/src/tx.js';
import { energyColumn, energiesOf, type OpenOrder, type OpenTrade } from '../openBook.js';
import { matchArrival } from './arrival.js';
import { rest, type Rested, type RestingQueue, restingQueue, takeInOrder } from './queue.js';

export interface ContinuousOrder extends OpenOrder {
  readonly account: string;
}

export interface ContinuousClearing {
  /** In the order in which they were matched. */
  readonly trades: readonly OpenTrade[];
  /** What rests at the gate, by index. */
  readonly remainingWh: readonly WattHour[];
  /** What an order lost to its own owner's resting orders (rule 3), by index. */
  readonly selfTradeWh: readonly WattHour[];
}

interface Work {
  readonly orders: readonly ContinuousOrder[];
  readonly trades: OpenTrade[];
  readonly remaining: BigUint64Array;
  readonly selfTrade: BigUint64Array;
}

/** Orders in the order of their arrival; one book per generation type. */
export function clearContinuous(orders: readonly ContinuousOrder[]): ContinuousClearing {
  const remaining = energyColumn(orders);
  const selfTrade = new BigUint64Array(orders.length);
  const work = { orders, remaining, selfTrade, trades: [] };
  const books = new Map<string | undefined, Readonly<Record<Side, RestingQueue>>>();
  orders.forEach(({ type, side }, index) => {
    const book = books.get(type) ?? { sell: restingQueue('sell'), buy: restingQueue('buy') };
    books.set(type, book);
    arrive(work, index, { own: book[side], other: book[side === 'sell' ? 'buy' : 'sell'] });
  });
  return {
    trades: work.trades,
    remainingWh: energiesOf(remaining),
    selfTradeWh: energiesOf(selfTrade),
  };
}

interface Queues {
  readonly own: RestingQueue;
  readonly other: RestingQueue;
}

function arrive({ orders, trades, remaining, selfTrade }: Work, index: number, at: Queues): void {
  const order = orders[index] as ContinuousOrder;
  const { account, side, price } = order;
  const taken: Rested[] = [];
  const owns = (resting: Rested): boolean => orders[resting.order]?.account === account;
  const arrival = matchArrival({ ...order, owns }, takeInOrder(at.other, taken));
  for (const { resting, energyWh, price: paid } of arrival.fills) {
    const [sell, buy] = side === 'sell' ? [index, resting.order] : [resting.order, index];
    trades.push({ sell, buy, energyWh, price: paid, biddingRound: 1 });
    remaining[resting.order] = resting.remainingWh - energyWh;
  }
  // What was looked at and is not used up goes back to its place.
  for (const resting of taken) {
    const remainingWh = remaining[resting.order] as WattHour;
    if (remainingWh > 0n) rest(at.other, { ...resting, remainingWh });
  }
  assert(arrival.remainingWh + arrival.selfTradeWh <= order.energyWh, 'nothing is made');
  remaining[index] = arrival.remainingWh;
  selfTrade[index] = arrival.selfTradeWh;
  if (arrival.remainingWh > 0n)
    rest(at.own, { order: index, price, remainingWh: arrival.remainingWh });
}
