// The board of one bidding round (market-reputation 1.6, formula 5): both sides sorted, how many
// partners each node may deal with, and with whom it could. Quotes are named by their index, and
// indices follow the ids of the nodes, so that the lower index breaks ties.
import type { Price, WattHour } from '../../../core/src/amount.js';
import { assert } from '../../../core/src/assert.js';
import type { Side } from '../../../core/src/tx.js';
import { priceTimeQueue } from '../call/queue.js';
import type { Grade } from './reputation.js';

export interface StandingQuote {
  readonly side: Side;
  /** What is left of it; 0: no quote in this bidding round. */
  readonly energyWh: WattHour;
  readonly price: Price;
  readonly grade: Grade;
  /** Generation type; different types are different books. */
  readonly type?: string | undefined;
}

/** Whose number of partners lambda limits (market-reputation 4.3). */
export type RangeSides = 'both' | 'buyers';

/** Indices of the quotes of one generation type. */
export interface Book {
  /** By falling bid. */
  readonly buyers: readonly number[];
  /** By rising ask. */
  readonly sellers: readonly number[];
}

export interface Board extends Book {
  readonly books: readonly Book[];
  /** By quote: its book; -1 where it has no energy left. */
  readonly bookOf: readonly number[];
  /** By quote: lambda, the number of partners it may have in this bidding round. */
  readonly range: readonly number[];
  /** By quote: its feasible partners are so many from the head of the other side of its book. */
  readonly feasible: readonly number[];
  /** By quote: its place in its side of its book. */
  readonly place: readonly number[];
}

const PERCENT = 100;

/** lambda = N (1 - g) rounded half up, 1..N; 0 where nobody stands on the other side. */
export function matchableRange(others: number, grade: Grade): number {
  const rounded = Math.floor((2 * others * (PERCENT - grade) + PERCENT) / (2 * PERCENT));
  return Math.min(others, Math.max(1, rounded));
}

export function boardOf(quotes: readonly StandingQuote[], rangeSides: RangeSides): Board {
  const stands = (index: number): boolean => (quotes[index] as StandingQuote).energyWh > 0n;
  const all = {
    buyers: [...priceTimeQueue(quotes, 'buy')].filter(stands),
    sellers: [...priceTimeQueue(quotes, 'sell')].filter(stands),
  };
  const books = booksOf(quotes, all);
  const none = (value: number): number[] => Array<number>(quotes.length).fill(value);
  const columns = { bookOf: none(-1), range: none(0), feasible: none(0), place: none(-1) };
  for (const [book, { buyers, sellers }] of books.entries())
    for (const side of [buyers, sellers]) {
      const others = side === buyers ? sellers.length : buyers.length;
      const isLimited = side === buyers || rangeSides === 'both';
      for (const [place, index] of side.entries()) {
        columns.bookOf[index] = book;
        columns.place[index] = place;
        const { grade } = quotes[index] as StandingQuote;
        columns.range[index] = isLimited ? matchableRange(others, grade) : others;
      }
    }
  for (const book of books) countFeasible(quotes, book, columns.feasible);
  return { ...all, books, ...columns };
}

function booksOf(quotes: readonly StandingQuote[], all: Book): readonly Book[] {
  const byType = new Map<string | undefined, { buyers: number[]; sellers: number[] }>();
  const bookFor = (index: number) => {
    const { type } = quotes[index] as StandingQuote;
    const book = byType.get(type) ?? { buyers: [], sellers: [] };
    byType.set(type, book);
    return book;
  };
  for (const index of all.buyers) bookFor(index).buyers.push(index);
  for (const index of all.sellers) bookFor(index).sellers.push(index);
  return [...byType.values()];
}

/** ask <= bid: a buyer's partners are the cheapest sellers, a seller's the dearest buyers. */
function countFeasible(
  quotes: readonly StandingQuote[],
  { buyers, sellers }: Book,
  feasible: number[],
): void {
  const price = (side: readonly number[], place: number): bigint =>
    (quotes[side[place] as number] as StandingQuote).price;
  // Down each list the price gets worse, so the count of partners only falls.
  let count = sellers.length;
  for (const [place, index] of buyers.entries()) {
    while (count > 0 && price(sellers, count - 1) > price(buyers, place)) count--;
    feasible[index] = count;
  }
  count = buyers.length;
  for (const [place, index] of sellers.entries()) {
    while (count > 0 && price(buyers, count - 1) < price(sellers, place)) count--;
    feasible[index] = count;
  }
}

/** The other side of the book of `index`, best price first. */
function othersOf(board: Board, index: number): readonly number[] {
  const book = board.books[board.bookOf[index] as number];
  if (book === undefined) return [];
  return book.buyers[board.place[index] as number] === index ? book.sellers : book.buyers;
}

/** Feasible partners in the order of the board: sellers by rising ask, buyers by falling bid. */
export const partnersOf = (board: Board, index: number): readonly number[] =>
  othersOf(board, index).slice(0, board.feasible[index]);

/** Whether the two stand in one book, on two sides, with ask <= bid. */
export function isFeasible(board: Board, index: number, partner: number): boolean {
  assert(index in board.place, 'a quote of the board');
  const place = board.place[partner] ?? -1;
  return (
    place >= 0 &&
    place < (board.feasible[index] as number) &&
    othersOf(board, index)[place] === partner
  );
}
