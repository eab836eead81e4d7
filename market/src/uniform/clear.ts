// The uniform-price call market, pay-as-clear (spec/market-uniform "uniform" 1-5): the largest
// quantity whose marginal bid is at least its marginal ask, one price for everybody, the marginal
// level of the long side shared. Decides who trades how much; knows no accounts, money or time.
// Orders come in the order of their transactions and are named by their index.
import type { Price, WattHour } from '../../../core/src/amount.js';
import { assert } from '../../../core/src/assert.js';
import {
  type Book,
  booksOf,
  energiesOf,
  energyColumn,
  floorMean,
  type OpenOrder,
  type OpenTrade,
  pairHeads,
  priceColumn,
  type Queues,
  queuesOf,
} from '../openBook.js';
import { largestRemainder } from '../shares.js';

export interface UniformOptions {
  /** Price step, in the unit of prices. */
  readonly tick: bigint;
  /** Order of the ids of two orders, named by their index (ties of rule 4). */
  readonly compareIds: (a: number, b: number) => number;
}

export interface UniformClearing {
  /** Best with best (rule 5). */
  readonly trades: readonly OpenTrade[];
  /** By index. */
  readonly remainingWh: readonly WattHour[];
}

interface Work extends UniformOptions {
  readonly orders: readonly OpenOrder[];
  /** By index. */
  readonly price: BigUint64Array;
  readonly remaining: BigUint64Array;
  readonly trades: OpenTrade[];
}

/** Clears one book per generation type, in the order in which the types appear. */
export function clearUniform(
  orders: readonly OpenOrder[],
  options: UniformOptions,
): UniformClearing {
  assert(options.tick > 0n, 'the tick is positive');
  const trades: OpenTrade[] = [];
  const remaining = energyColumn(orders);
  const work: Work = { ...options, orders, price: priceColumn(orders), remaining, trades };
  for (const book of booksOf(orders)) clearBook(work, book);
  return { trades, remainingWh: energiesOf(remaining) };
}

/** What the marginal units are. */
interface Margin {
  readonly volume: bigint;
  /** Highest accepted ask, lowest accepted bid. */
  readonly ask: Price;
  readonly bid: Price;
}

function clearBook(work: Work, { members }: Book): void {
  const { orders, remaining, trades, tick } = work;
  const queues = queuesOf(members, (i) => orders[i] as OpenOrder);
  const margin = marginOf(work, queues);
  if (margin === undefined) return;
  const { volume, ask, bid } = margin;
  const price = floorMean(ask, bid, tick);
  assert(price >= ask && price <= bid, 'quotes are multiples of the tick');
  const accepted = new BigUint64Array(orders.length);
  acceptSide(work, { queue: queues.sells, volume, level: ask, accepted });
  acceptSide(work, { queue: queues.buys, volume, level: bid, accepted });
  const isIn = (i: number): boolean => (accepted[i] as bigint) > 0n;
  const paired = { sells: queues.sells.filter(isIn), buys: queues.buys.filter(isIn) };
  pairHeads(paired, {
    remaining: accepted,
    meets: () => true,
    take: (sell, buy, energyWh) => {
      trades.push({ sell, buy, energyWh, price, biddingRound: 1 });
      remaining[sell] = (remaining[sell] as bigint) - energyWh;
      remaining[buy] = (remaining[buy] as bigint) - energyWh;
    },
  });
}

/** Rule 2: head with head while they cross meets the marginal units last. */
function marginOf({ price, remaining }: Work, queues: Queues): Margin | undefined {
  let volume = 0n;
  let last: readonly [number, number] | undefined;
  pairHeads(queues, {
    remaining: remaining.slice(),
    meets: (sell, buy) => (price[sell] as bigint) <= (price[buy] as bigint),
    take: (sell, buy, energyWh) => {
      volume += energyWh;
      last = [sell, buy];
    },
  });
  if (last === undefined) return undefined;
  return { volume, ask: price[last[0]] as Price, bid: price[last[1]] as Price };
}

interface SideOfMargin {
  /** The side in price-time order. */
  readonly queue: Uint32Array;
  readonly volume: bigint;
  /** Price of the marginal unit. */
  readonly level: Price;
  /** Filled in, by index. */
  readonly accepted: BigUint64Array;
}

/** Rule 4: better than the marginal level in full, the level by largest remainder. */
function acceptSide(work: Work, { queue, volume, level, accepted }: SideOfMargin): void {
  const { price, remaining } = work;
  const marginal: number[] = [];
  let left = volume;
  let reached = false;
  for (const i of queue) {
    const isMarginal = price[i] === level;
    if (reached && !isMarginal) break;
    reached = isMarginal;
    if (isMarginal) marginal.push(i);
    else {
      const energyWh = remaining[i] as bigint;
      accepted[i] = energyWh;
      left -= energyWh;
    }
  }
  marginal.sort(work.compareIds);
  const weights = marginal.map((i) => remaining[i] as bigint);
  const shares = largestRemainder(left, weights);
  for (const [place, i] of marginal.entries()) accepted[i] = shares[place] as bigint;
}
