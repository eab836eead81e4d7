// Books of open orders by index: one per generation type (interfaces "type"), both sides in
// price-time order, and head with head along them (two-round 4, uniform 5). What a pair pays, and
// when matching ends, the mechanism says.
import { MAX_AMOUNT, type Price, type WattHour } from '../../core/src/amount.js';
import { assert } from '../../core/src/assert.js';
import type { Side } from '../../core/src/tx.js';
import { priceTimeQueue } from './call/queue.js';

/** An order as every open market has it. */
export interface OpenOrder {
  readonly side: Side;
  readonly energyWh: WattHour;
  /** A multiple of the tick. */
  readonly price: Price;
  /** Generation type; orders of different types are cleared in separate books. */
  readonly type?: string | undefined;
}

/** A trade between two orders, named by their index. */
export interface OpenTrade {
  readonly sell: number;
  readonly buy: number;
  readonly energyWh: WattHour;
  /** Per kWh, paid by the buyer and received by the seller. */
  readonly price: Price;
  readonly biddingRound: 1 | 2;
}

/** Energy of each order by index; matching takes from it. */
export function energyColumn(orders: readonly OpenOrder[]): BigUint64Array {
  const column = new BigUint64Array(orders.length);
  for (let i = 0; i < orders.length; i++) {
    const { energyWh, price } = orders[i] as OpenOrder;
    assert(energyWh > 0n && energyWh <= MAX_AMOUNT, 'an order has energy');
    assert(price >= 0n && price <= MAX_AMOUNT, 'a price is in range');
    column[i] = energyWh;
  }
  return column;
}

/** Prices by index: walking the order objects in order of price would miss the caches. */
export function priceColumn(orders: readonly OpenOrder[]): BigUint64Array {
  const column = new BigUint64Array(orders.length);
  for (let i = 0; i < orders.length; i++) column[i] = (orders[i] as OpenOrder).price;
  return column;
}

export const energiesOf = (column: BigUint64Array): readonly WattHour[] =>
  Array.from(column, (wh) => wh as WattHour);

/** One book: its orders by index, earliest first. */
export interface Book {
  readonly type: string | undefined;
  readonly members: readonly number[];
}

/** Books in the order in which their types appear. */
export function booksOf(orders: readonly { readonly type?: string | undefined }[]) {
  const byType = new Map<string | undefined, number[]>();
  orders.forEach(({ type }, i) => {
    const members = byType.get(type);
    if (members === undefined) byType.set(type, [i]);
    else members.push(i);
  });
  return [...byType].map(([type, members]): Book => ({ type, members }));
}

/** Both sides of a book in price-time order. */
export interface Queues {
  readonly sells: Uint32Array;
  readonly buys: Uint32Array;
}

/** Quotes of some orders (`members`, earliest first) in any one unit, as queues. */
export function queuesOf(
  members: readonly number[],
  quoteOf: (index: number) => { readonly side: Side; readonly price: bigint },
): Queues {
  const quotes = members.map(quoteOf);
  const queue = (side: Side): Uint32Array =>
    priceTimeQueue(quotes, side).map((place) => members[place] as number);
  return { sells: queue('sell'), buys: queue('buy') };
}

export interface Pairing {
  /** What each order still has, by index; positive for every order in the queues. */
  readonly remaining: BigUint64Array;
  /** Whether these two heads trade; the first pair that does not ends it. */
  readonly meets: (sell: number, buy: number) => boolean;
  readonly take: (sell: number, buy: number, energyWh: WattHour) => void;
}

/** Head with head: a used-up head leaves, the other stays with its remainder. */
export function pairHeads({ sells, buys }: Queues, { remaining, meets, take }: Pairing): void {
  let s = 0;
  let b = 0;
  while (s < sells.length && b < buys.length) {
    const sell = sells[s] as number;
    const buy = buys[b] as number;
    if (!meets(sell, buy)) return;
    const offered = remaining[sell] as bigint;
    const wanted = remaining[buy] as bigint;
    const energyWh = (offered < wanted ? offered : wanted) as WattHour;
    assert(energyWh > 0n, 'a head has energy');
    take(sell, buy, energyWh);
    remaining[sell] = offered - energyWh;
    remaining[buy] = wanted - energyWh;
    if (offered === energyWh) s++;
    if (wanted === energyWh) b++;
  }
}

/** Floor of the mean of two quotes to the tick, all in one unit. */
export const floorMean = (a: bigint, b: bigint, tick: bigint): Price =>
  (((a + b) / (2n * tick)) * tick) as Price;
