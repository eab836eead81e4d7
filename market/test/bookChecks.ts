// What is checked of each mechanism on a random book: its faults, the same result for the same
// orders in another order where its rules say so, and exhaustive search on small books. The tests
// run a part of the books that bench/books.ts runs. A new mechanism adds a line to BOOK_CHECKS.
import { isDeepStrictEqual } from 'node:util';
import { clearCall } from '../src/call/clear.js';
import { clearContinuous } from '../src/continuous/clear.js';
import { continuousFault } from '../src/continuous/faults.js';
import { clearingFault, type Fault, midpointFault, priorityFault } from '../src/invariants.js';
import type { OpenTrade } from '../src/openBook.js';
import { neighbourhoodCheck } from './neighbourhoodChecks.js';
import { reputationCheck } from './reputationChecks.js';
import {
  clearTwoRound,
  type TwoRoundClearing,
  type TwoRoundOptions,
} from '../src/twoRound/clear.js';
import { twoRoundFault } from '../src/twoRound/faults.js';
import { clearUniform } from '../src/uniform/clear.js';
import { uniformFault } from '../src/uniform/faults.js';
import {
  type AnyBook,
  type AnyOrder,
  admitted,
  drawOf,
  mill,
  type Shuffled,
  shuffled,
} from './books.js';
import { bestOf, isSmall } from './exhaustive.js';

/** The first thing that does not hold for a book. */
export type BookCheck = (book: AnyBook) => Fault;

/** By the names of the mechanisms in files. */
export const BOOK_CHECKS: Readonly<Record<string, BookCheck>> = {
  call: callCheck,
  'two-round': twoRoundCheck,
  uniform: uniformCheck,
  continuous: continuousCheck,
  neighbourhood: neighbourhoodCheck,
  reputation: reputationCheck,
};

/** Trades under the names that the orders had before. */
const renamed = <T extends OpenTrade>(trades: readonly T[], { places }: Shuffled): readonly T[] =>
  trades.map((trade) => ({
    ...trade,
    sell: places[trade.sell] as number,
    buy: places[trade.buy] as number,
  }));

/** Prices made distinct, still on the tick; undefined where they would leave the range. */
function withoutTies(orders: readonly AnyOrder[], tick: bigint): readonly AnyOrder[] | undefined {
  const wide = BigInt(orders.length) + 1n;
  if (orders.some(({ price, reserve }) => price > 1n << 40n || reserve > 1n << 40n))
    return undefined;
  return orders.map((order, i) => {
    const price = order.price * wide + BigInt(i) * tick;
    const reserve = order.reserve * wide + (order.side === 'buy' ? BigInt(i) * tick : 0n);
    return { ...order, price: mill(price), reserve: mill(reserve) };
  });
}

function callCheck(book: AnyBook): Fault {
  const orders = admitted(book);
  const { tick } = book;
  const clearing = clearCall(orders, { tick });
  const fault = clearingFault(orders, clearing) ?? midpointFault(orders, clearing.trades, tick);
  if (fault !== undefined) return fault;
  const plain = orders.map((order) => ({ ...order, green: false, type: undefined }));
  const oneQueue = clearCall(plain, { tick });
  return (
    clearingFault(plain, oneQueue) ??
    priorityFault(plain, oneQueue.remainingWh) ??
    welfareFault(plain, oneQueue.trades) ??
    untiedFault(book, (untied) => clearCall(untied, { tick }).trades)
  );
}

/** Without ties of price the order of submission decides nothing. */
function untiedFault(
  book: AnyBook,
  clear: (orders: readonly AnyOrder[]) => readonly OpenTrade[] | undefined,
): Fault {
  const untied = withoutTies(admitted(book), book.tick);
  const direct = untied && clear(untied);
  if (untied === undefined || direct === undefined) return undefined;
  const other = shuffled(untied, book.seed);
  const moved = renamed(clear(other.orders) ?? [], other);
  return isDeepStrictEqual(byType(moved, untied), byType(direct, untied))
    ? undefined
    : 'another order of submission, other trades';
}

/** The books of generation types stand in the order in which their types appear. */
function byType(trades: readonly OpenTrade[], orders: readonly AnyOrder[]) {
  const typeOf = ({ sell }: OpenTrade): string => orders[sell]?.type ?? '';
  return [...trades].sort((a, b) => {
    if (a.biddingRound !== b.biddingRound) return a.biddingRound - b.biddingRound;
    return typeOf(a) === typeOf(b) ? 0 : typeOf(a) < typeOf(b) ? -1 : 1;
  });
}

/** The best welfare there is, and of those allocations the largest (small books). */
function welfareFault(orders: readonly AnyOrder[], trades: readonly OpenTrade[]): Fault {
  if (!isSmall(orders)) return undefined;
  let [welfare, volume] = [0n, 0n];
  for (const { sell, buy, energyWh } of trades) {
    const [seller, buyer] = [orders[sell] as AnyOrder, orders[buy] as AnyOrder];
    welfare += energyWh * (buyer.price - seller.price);
    volume += energyWh;
  }
  const best = bestOf(orders);
  if (welfare !== best.welfare) return `welfare ${welfare}, best ${best.welfare}`;
  return volume === best.volume ? undefined : `volume ${volume}, best ${best.volume}`;
}

function twoRoundCheck(book: AnyBook): Fault {
  const orders = admitted(book);
  const draw = drawOf(book.seed);
  const options: TwoRoundOptions = {
    tick: book.tick,
    perPrice: 1000n,
    mode: draw(3) === 0 ? 'single' : 'repeat',
    betaPpm: [100_000n, 1n, 999_999n, 500_000n][draw(4)] as bigint,
    maxSteps: [1, 2, 2, 7][draw(4)] as number,
  };
  const fault = twoRoundFault(orders, clearTwoRound(orders, options), options);
  return (
    fault ??
    untiedFault(book, (untied) => {
      const clearing = clearTwoRound(untied, options);
      return hasTiedQuotes(clearing, untied) ? undefined : clearing.trades;
    })
  );
}

/** Adjusted quotes can meet at a reservation price; then time decides. */
const hasTiedQuotes = ({ steps }: TwoRoundClearing, orders: readonly AnyOrder[]): boolean =>
  steps.some((step) => {
    const keys = step.map(({ order, quote }) => `${orders[order]?.side} ${quote}`);
    return new Set(keys).size < keys.length;
  });

function uniformCheck(book: AnyBook): Fault {
  const orders = admitted(book);
  const { tick, seed } = book;
  const options = { tick, compareIds: (a: number, b: number): number => a - b };
  const clearing = clearUniform(orders, options);
  const fault = uniformFault(orders, clearing, options);
  if (fault !== undefined) return fault;
  const other = shuffled(orders, seed);
  const idOf = (i: number): number => other.places[i] as number;
  const moved = clearUniform(other.orders, { tick, compareIds: (a, b) => idOf(a) - idOf(b) });
  if (moved.remainingWh.some((left, i) => left !== clearing.remainingWh[idOf(i)]))
    return 'another order of transactions, other shares';
  const isOneType = orders.every(({ type }) => type === orders[0]?.type);
  return isOneType ? welfareFault(orders, clearing.trades) : undefined;
}

/** The sequence decides all, but only among the orders of one generation type. */
function continuousCheck({ seed: _, ...book }: AnyBook): Fault {
  const orders = admitted({ ...book, seed: 0 });
  const clearing = clearContinuous(orders);
  const fault = continuousFault(orders, clearing);
  if (fault !== undefined) return fault;
  const places = orders.map((_, i) => i);
  const typeOf = (i: number): string => orders[i]?.type ?? '';
  places.sort((a, b) => (typeOf(a) === typeOf(b) ? a - b : typeOf(a) < typeOf(b) ? -1 : 1));
  const other = { orders: places.map((place) => orders[place] as AnyOrder), places };
  const moved = renamed(clearContinuous(other.orders).trades, other);
  return isDeepStrictEqual(byType(moved, orders), byType(clearing.trades, orders))
    ? undefined
    : 'orders of another type change the trades';
}
