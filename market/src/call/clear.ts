// The sealed-bid spot call auction (spec/market-call 6-11): green queues first, then everything
// that is left in the non-green queues, best ask with best bid, at the floored midpoint.
// Decides who trades how much at which price. Does not know accounts, money or time: orders come
// in the order of their submission and are named by their index. Chain and files both call this.
import { MAX_AMOUNT, type Price, type WattHour } from '../../../core/src/amount.js';
import { assert } from '../../../core/src/assert.js';
import type { Side } from '../../../core/src/tx.js';
import { priceTimeQueue } from './queue.js';

export interface CallOrder {
  readonly side: Side;
  readonly energyWh: WattHour;
  /** A multiple of the tick. */
  readonly price: Price;
  /** Class of the user: producer's energy or consumer's preference (rule 6). */
  readonly green: boolean;
  /** Generation type; orders of different types are cleared in separate books (interfaces). */
  readonly type?: string | undefined;
}

export type Queue = 'green' | 'non-green';

export interface CallTrade {
  /** Index of the sell order. */
  readonly sell: number;
  /** Index of the buy order. */
  readonly buy: number;
  readonly energyWh: WattHour;
  /** Per kWh, paid by the buyer and received by the seller. */
  readonly price: Price;
  /** 1: the green queues. 2: everything left (rule 10). */
  readonly biddingRound: 1 | 2;
  readonly queue: Queue;
}

export interface CallClearing {
  /** In the order in which they were matched. */
  readonly trades: readonly CallTrade[];
  /** What each order still wants or has, by index. */
  readonly remainingWh: readonly WattHour[];
}

export interface CallOptions {
  /** Price step, in the unit of prices. */
  readonly tick: bigint;
}

/** Clears one book, or one book per generation type in the order in which the types appear. */
export function clearCall(orders: readonly CallOrder[], options: CallOptions): CallClearing {
  assert(options.tick > 0n, 'the tick is positive');
  const trades: CallTrade[] = [];
  const work = { ...columnsOf(orders), tick: options.tick, trades };
  for (const book of booksOf(orders)) {
    // Rule 7, then rule 10: a remainder keeps its price and its time, so no sorting again.
    matchHeads(work, membersOf(book, work.green), 'green');
    matchHeads(work, membersOf(book, work.left), 'non-green');
  }
  return { trades, remainingWh: orders.map((_, i) => work.remaining[i] as WattHour) };
}

/**
 * The book by columns, so that matching allocates nothing but its trades: walking the order
 * objects in order of price misses the caches (half of the time at 100,000 orders).
 */
interface Columns {
  readonly price: BigUint64Array;
  readonly remaining: BigUint64Array;
  /** 1 where the user is of the green class. */
  readonly green: Uint8Array;
  /** 1 where something remains. */
  readonly left: Uint8Array;
}

interface Work extends Columns {
  readonly tick: bigint;
  readonly trades: CallTrade[];
}

/** Both sides in price-time order. */
interface Book {
  readonly sells: Uint32Array;
  readonly buys: Uint32Array;
}

function columnsOf(orders: readonly CallOrder[]): Columns {
  const columns = {
    price: new BigUint64Array(orders.length),
    remaining: new BigUint64Array(orders.length),
    green: new Uint8Array(orders.length),
    left: new Uint8Array(orders.length),
  };
  for (let i = 0; i < orders.length; i++) {
    const { energyWh, price, green } = orders[i] as CallOrder;
    assert(energyWh > 0n && energyWh <= MAX_AMOUNT, 'an order has energy');
    assert(price >= 0n && price <= MAX_AMOUNT, 'a price is in range');
    columns.price[i] = price;
    columns.remaining[i] = energyWh;
    columns.green[i] = green ? 1 : 0;
    columns.left[i] = 1;
  }
  return columns;
}

function booksOf(orders: readonly CallOrder[]): readonly Book[] {
  const all = { sells: priceTimeQueue(orders, 'sell'), buys: priceTimeQueue(orders, 'buy') };
  if (orders.every(({ type }) => type === orders[0]?.type)) return [all];
  const byType = new Map<string | undefined, { sells: number[]; buys: number[] }>();
  for (const { type } of orders) byType.set(type, { sells: [], buys: [] });
  for (const side of ['sells', 'buys'] as const)
    for (const index of all[side])
      byType.get((orders[index] as CallOrder).type)?.[side].push(index);
  return [...byType.values()].map(({ sells, buys }) => ({
    sells: Uint32Array.from(sells),
    buys: Uint32Array.from(buys),
  }));
}

/** The orders of a book whose flag is set, in the same order. */
function membersOf({ sells, buys }: Book, flags: Uint8Array): Book {
  const isSet = (index: number): boolean => flags[index] === 1;
  return { sells: sells.filter(isSet), buys: buys.filter(isSet) };
}

/** Marshall path (rule 8): head with head while ask <= bid; the used-up head leaves. */
function matchHeads(work: Work, { sells, buys }: Book, queue: Queue): void {
  const { remaining, left, tick, trades } = work;
  const biddingRound = queue === 'green' ? 1 : 2;
  let s = 0;
  let b = 0;
  while (s < sells.length && b < buys.length) {
    const sell = sells[s] as number;
    const buy = buys[b] as number;
    const ask = work.price[sell] as bigint;
    const bid = work.price[buy] as bigint;
    if (ask > bid) break;
    const offered = remaining[sell] as bigint;
    const wanted = remaining[buy] as bigint;
    const energyWh = (offered < wanted ? offered : wanted) as WattHour;
    const price = midpoint(ask, bid, tick);
    trades.push({ sell, buy, energyWh, price, biddingRound, queue });
    remaining[sell] = offered - energyWh;
    remaining[buy] = wanted - energyWh;
    if (offered === energyWh) {
      left[sell] = 0;
      s++;
    }
    if (wanted === energyWh) {
      left[buy] = 0;
      b++;
    }
  }
}

/** Floor of the mean to the tick (rule 9). */
function midpoint(ask: bigint, bid: bigint, tick: bigint): Price {
  const mean = (ask + bid) >> 1n;
  const price = tick === 1n ? mean : mean - (mean % tick);
  assert(price >= ask && price <= bid, 'quotes are multiples of the tick');
  return price as Price;
}
