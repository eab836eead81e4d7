// The double auction with price adjustment (spec/market-two-round 3-8): round 1 and its
// references, then round 2 with quotes given from outside: by the transactions of the agents on
// chain, by rule 7 from the reservation prices in files. Decides who trades how much at which
// price; knows no accounts, money or time. Orders come in the order of their time and are named by
// their index.
import { type Price, type WattHour } from '../../../core/src/amount.js';
import { assert, present } from '../../../core/src/assert.js';
import {
  type Book,
  booksOf,
  energiesOf,
  energyColumn,
  floorMean,
  type OpenOrder,
  type OpenTrade,
  pairHeads,
  queuesOf,
} from '../openBook.js';
import { adjustedQuote } from './adjust.js';

/** "repeat": rules 6-8. "single": one step, references of all that traded (4.1 b). */
export type TwoRoundMode = 'repeat' | 'single';

export interface TwoRoundOrder extends OpenOrder {
  /**
   * Reservation price, on the tick. Absent where it is not known (on chain): then the quote of the
   * step is the limit of "single", as it always is of "repeat".
   */
  readonly reserve?: Price | undefined;
  /** false: the quote stays (4.5). */
  readonly adjust?: boolean | undefined;
}

/** After round 1, fixed for all of round 2 (rule 6); in the unit of prices. */
export interface References {
  readonly type: string | undefined;
  /** Highest ask of the sellers that count, absent where there are none. */
  readonly askMax?: Price | undefined;
  /** Lowest bid of the buyers that count. */
  readonly bidMin?: Price | undefined;
}

export interface Round1 {
  /** In the order in which they were matched. */
  readonly trades: readonly OpenTrade[];
  /** By index. */
  readonly remainingWh: readonly WattHour[];
  /** One per generation type, in the order in which the types appear. */
  readonly references: readonly References[];
}

export interface Round1Options {
  /** Price step, in the unit of prices. */
  readonly tick: bigint;
  readonly mode: TwoRoundMode;
}

/** Rules 3-6. */
export function clearRound1(orders: readonly OpenOrder[], options: Round1Options): Round1 {
  const { tick } = options;
  assert(tick > 0n, 'the tick is positive');
  const trades: OpenTrade[] = [];
  const remaining = energyColumn(orders);
  const at = (i: number): OpenOrder => orders[i] as OpenOrder;
  const references = booksOf(orders).map((book): References => {
    const from = trades.length;
    pairHeads(queuesOf(book.members, at), {
      remaining,
      meets: (sell, buy) => at(sell).price <= at(buy).price,
      take: (sell, buy, energyWh) => {
        const price = floorMean(at(sell).price, at(buy).price, tick);
        trades.push({ sell, buy, energyWh, price, biddingRound: 1 });
      },
    });
    const counts = (i: number): boolean => options.mode === 'single' || remaining[i] === 0n;
    const of = trades.slice(from);
    const asks = of.filter(({ sell }) => counts(sell)).map(({ sell }) => at(sell).price);
    const bids = of.filter(({ buy }) => counts(buy)).map(({ buy }) => at(buy).price);
    // Matching goes from the best to the worst of each side.
    return { type: book.type, askMax: asks.at(-1), bidMin: bids.at(-1) };
  });
  return { trades, remainingWh: energiesOf(remaining), references };
}

/** Quote of an order in a step (1, 2, ...) of round 2, given the one before. */
export type StepQuotes = (index: number, step: number, before: bigint) => bigint;

export interface Round2Input {
  readonly orders: readonly TwoRoundOrder[];
  /** What round 1 left, by index. */
  readonly remainingWh: readonly WattHour[];
  readonly references: readonly References[];
  readonly quotes: StepQuotes;
}

export interface Round2Options extends Round1Options {
  /** At most so many steps; "single" makes one. */
  readonly maxSteps: number;
  /** Units of quotes in one unit of prices (adjust.ts). */
  readonly perPrice: bigint;
}

/** A quote that stood in a step, of an order with a remainder. */
export interface StandingQuote {
  readonly order: number;
  /** 10^-6 currency per kWh. */
  readonly quote: bigint;
}

export interface Round2 {
  readonly trades: readonly OpenTrade[];
  readonly remainingWh: readonly WattHour[];
  /** By step, ascending by order; steps in which nothing moved did not happen. */
  readonly steps: readonly (readonly StandingQuote[])[];
}

interface Work extends Round2Input, Round2Options {
  readonly remaining: BigUint64Array;
  /** Standing quotes by index. */
  readonly standing: bigint[];
  readonly trades: OpenTrade[];
  readonly steps: StandingQuote[][];
}

/** Rules 7 and 8. */
export function clearRound2(input: Round2Input, options: Round2Options): Round2 {
  const { orders, remainingWh, references } = input;
  assert(remainingWh.length === orders.length, 'a remainder per order');
  const work: Work = {
    ...input,
    ...options,
    remaining: BigUint64Array.from(remainingWh),
    standing: orders.map(({ price }) => price * options.perPrice),
    trades: [],
    steps: [],
  };
  for (const book of booksOf(orders)) {
    const of = references.find(({ type }) => type === book.type);
    // No trade in round 1: no references and no round 2 (rule 6).
    if (of?.askMax !== undefined || of?.bidMin !== undefined) adjustBook(work, book);
  }
  for (const step of work.steps) step.sort((a, b) => a.order - b.order);
  return { trades: work.trades, remainingWh: energiesOf(work.remaining), steps: work.steps };
}

function adjustBook(work: Work, { members }: Book): void {
  const { orders, remaining, standing, steps, mode } = work;
  const hasRest = (i: number): boolean => (remaining[i] as bigint) > 0n;
  const most = mode === 'single' ? 1 : work.maxSteps;
  let open = members.filter(hasRest);
  for (let step = 1; step <= most; step++) {
    const sides = new Set(open.map((i) => (orders[i] as TwoRoundOrder).side));
    if (sides.size < 2 || !moveQuotes(work, open, step)) return;
    const quotes = steps[step - 1] ?? [];
    for (const order of open) quotes.push({ order, quote: standing[order] as bigint });
    steps[step - 1] = quotes;
    matchStep(work, open);
    open = open.filter(hasRest);
  }
}

/** Whether any quote moved. */
function moveQuotes({ quotes, standing }: Work, open: readonly number[], step: number): boolean {
  let moved = false;
  for (const i of open) {
    const before = standing[i] as bigint;
    const next = quotes(i, step, before);
    if (next !== before) moved = true;
    standing[i] = next;
  }
  return moved;
}

function matchStep(work: Work, open: readonly number[]): void {
  const { orders, standing, remaining, trades, tick, perPrice } = work;
  const quoteOf = (i: number): bigint => standing[i] as bigint;
  const queues = queuesOf(open, (i) => ({
    side: (orders[i] as TwoRoundOrder).side,
    price: quoteOf(i),
  }));
  pairHeads(queues, {
    remaining,
    meets: (sell, buy) => {
      const [ask, bid] = [quoteOf(sell), quoteOf(buy)];
      if (work.mode === 'repeat') return ask <= bid;
      const twice = ask + bid;
      return twice >= 2n * limitOf(work, sell) && twice <= 2n * limitOf(work, buy);
    },
    take: (sell, buy, energyWh) => {
      const quote = floorMean(quoteOf(sell), quoteOf(buy), tick * perPrice);
      trades.push({
        sell,
        buy,
        energyWh,
        price: (quote / perPrice) as Price,
        biddingRound: 2,
      });
    },
  });
}

/** The worst quote that the owner of an order agreed to (4.1 b, 4.5). */
function limitOf({ orders, standing, perPrice }: Work, i: number): bigint {
  const { reserve, adjust } = orders[i] as TwoRoundOrder;
  return reserve === undefined || adjust === false ? (standing[i] as bigint) : reserve * perPrice;
}

export interface TwoRoundOptions extends Round2Options {
  /** 1..999,999. */
  readonly betaPpm: bigint;
}

export interface TwoRoundClearing extends Round2 {
  readonly references: readonly References[];
}

/** Both rounds, with the quotes that rule 7 gives from the reservation prices (files). */
export function clearTwoRound(
  orders: readonly TwoRoundOrder[],
  options: TwoRoundOptions,
): TwoRoundClearing {
  const { perPrice } = options;
  const round1 = clearRound1(orders, options);
  const byType = new Map(round1.references.map((of) => [of.type, of]));
  const quotes: StepQuotes = (index, _, quote) => {
    const { side, reserve, adjust, type } = present(orders[index], 'an order of the book');
    if (adjust === false || reserve === undefined) return quote;
    const { askMax, bidMin } = present(byType.get(type), 'references of every book');
    const price = side === 'sell' ? askMax : bidMin;
    const reference = price === undefined ? undefined : price * perPrice;
    return adjustedQuote({ side, quote, reference, betaPpm: options.betaPpm }, reserve * perPrice);
  };
  const round2 = clearRound2({ orders, ...round1, quotes }, options);
  return {
    ...round2,
    trades: [...round1.trades, ...round2.trades],
    references: round1.references,
  };
}
