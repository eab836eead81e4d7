// Bidding rounds of market "reputation" on a random book: the faults of the clearing, board and
// matching as the rules read word by word where the book is small, and the same trades whatever the
// ids, where no two prices tie. Grades, later quotes, choices and the feeder come from the seed.
import { isDeepStrictEqual } from 'node:util';
import { type Grid, gridOf } from '../src/grid/tree.js';
import type { Fault } from '../src/invariants.js';
import { type Board, boardOf, partnersOf, type StandingQuote } from '../src/reputation/board.js';
import { type Choice, type Choices, checkChoice, offeredWh } from '../src/reputation/choose.js';
import {
  clearReputation,
  type Network,
  type ReputationOrder,
  type ReputationRules,
} from '../src/reputation/clear.js';
import { reputationFault } from '../src/reputation/faults.js';
import { type Match, matchRound } from '../src/reputation/match.js';
import type { Grade } from '../src/reputation/reputation.js';
import { type AnyBook, type AnyOrder, type Draw, drawOf, mill, shuffled, wh } from './books.js';

const BIDDING_ROUNDS = 3;
const MAX_LINES = 12;
/** Books in which every pair is looked at, and those that are cleared a second time. */
const SMALL = 24;
const MEDIUM = 60;
const GRADES: readonly Grade[] = [10, 30, 60, 100];

export const rulesOf = (rest: Partial<ReputationRules> = {}): ReputationRules => ({
  biddingRounds: BIDDING_ROUNDS,
  rangeSides: 'both',
  prices: { tick: 1n, feedIn: mill(0), retail: mill(0), bounds: false },
  cep: { deals: 30, beta: { num: 10n, den: 9n }, tick: 1n },
  history: [],
  ...rest,
});

export function reputationCheck(book: AnyBook): Fault {
  const draw = drawOf(book.seed);
  const network = draw(2) === 0 ? anyNetwork(draw, scaleOf(book)) : undefined;
  const rangeSides = draw(2) === 0 ? 'both' : 'buyers';
  const style = { network, choosing: draw(2) === 0, count: book.orders.length, draw };
  const orders = book.orders.map((order) => reputationOrder(order, style));
  const rules = rulesOf({ network, rangeSides });
  return (
    reputationFault(orders, clearReputation(orders, rules), rules) ??
    (orders.length > SMALL ? undefined : literalFault(orders, rangeSides)) ??
    (orders.length > MEDIUM ? undefined : untiedFault(book))
  );
}

/** Lines carry about what the orders of a book are. */
const scaleOf = ({ orders }: AnyBook): bigint =>
  orders.reduce((most, { energyWh }) => (energyWh > most ? energyWh : most), 1n);

/** A feeder of some lines, a part of them over their capacity by base flow alone. */
function anyNetwork(draw: Draw, scale: bigint): Network {
  const count = 1 + draw(MAX_LINES);
  const flow = (percent: number): bigint => (scale * BigInt(percent)) / 25n;
  const lines = Array.from({ length: count }, (_, i) => ({
    id: `L${i}`,
    from: `N${draw(i + 1)}`,
    to: `N${i + 1}`,
    capacityWh: wh(flow(draw(100))),
  }));
  const baseWh = lines.map(() => flow(draw(150)) - flow(75));
  const grid = gridOf(lines) as Grid;
  return { grid, baseWh, flagAtPpm: 900_000n, cUp: mill(800), cDown: mill(400) };
}

interface Style {
  readonly network: Network | undefined;
  readonly choosing: boolean;
  readonly count: number;
  readonly draw: Draw;
}

/** Later quotes, which may be out of bounds or fall back, and are then refused; choices too. */
function reputationOrder(order: AnyOrder, { network, choosing, count, draw }: Style) {
  const { side, energyWh, price, reserve, type } = order;
  const step = reserve > price ? reserve - price : price - reserve;
  const later = Array.from({ length: draw(BIDDING_ROUNDS) }, () => {
    const moved = (step * BigInt(draw(5))) / 2n;
    const next = (side === 'buy') === draw(4) > 0 ? price + moved : price - moved;
    return mill(next < 0n ? 0n : next);
  });
  const prices = [price, ...later];
  const grade = GRADES[draw(GRADES.length)] as Grade;
  const node = network && draw(network.grid.nodes.size);
  const times = choosing ? draw(BIDDING_ROUNDS + 1) : 0;
  const choices = Array.from({ length: times }, () => anyChoice(draw, { energyWh, count }));
  return { side, energyWh, reserve, type, prices, grade, node, choices };
}

/** Partners who may not exist, more energy than is left, silence. */
function anyChoice(
  draw: Draw,
  { energyWh, count }: { readonly energyWh: bigint; readonly count: number },
): Choice | undefined {
  if (draw(2) === 0) return undefined;
  const partners = draw(2) === 0 ? Array.from({ length: draw(4) }, () => draw(count)) : undefined;
  const part = draw(3) === 0 ? wh((energyWh * BigInt(draw(101))) / 100n) : undefined;
  return { partners, energyWh: part, decline: draw(8) === 0 };
}

/** What stands in the first bidding round. */
export const quotesOf = (orders: readonly ReputationOrder[]): readonly StandingQuote[] =>
  orders.map(({ side, energyWh, prices, grade, type }) => {
    const price = prices[0] as StandingQuote['price'];
    return { side, energyWh, price, grade, type };
  });

/** Board and matching of the first bidding round, pair by pair. */
export function literalFault(
  orders: readonly ReputationOrder[],
  rangeSides: ReputationRules['rangeSides'],
): Fault {
  const quotes = quotesOf(orders);
  const board = boardOf(quotes, rangeSides);
  return boardFault(quotes, board, rangeSides) ?? matchFault(orders, quotes, board);
}

const crosses = (a: StandingQuote, b: StandingQuote): boolean =>
  a.side !== b.side &&
  a.type === b.type &&
  a.energyWh > 0n &&
  b.energyWh > 0n &&
  (a.side === 'buy' ? b.price <= a.price : a.price <= b.price);

/** Best price first, then the lower id. */
const byPrice =
  (quotes: readonly StandingQuote[], side: 'sell' | 'buy') =>
  (i: number, j: number): number => {
    const [a, b] = [quotes[i]?.price ?? 0n, quotes[j]?.price ?? 0n];
    if (a === b) return i - j;
    return a < b === (side === 'sell') ? -1 : 1;
  };

/** Formula 5 and ask <= bid (market-reputation 1.6). */
function boardFault(
  quotes: readonly StandingQuote[],
  board: Board,
  rangeSides: ReputationRules['rangeSides'],
): Fault {
  const all = quotes.map((_, j) => j);
  for (const [i, quote] of quotes.entries()) {
    const other = quote.side === 'buy' ? ('sell' as const) : ('buy' as const);
    const feasible = all.filter((j) => crosses(quote, quotes[j] as StandingQuote));
    if (!isDeepStrictEqual(partnersOf(board, i), feasible.sort(byPrice(quotes, other))))
      return `quote ${i}: other partners than those that cross`;
    if (quote.energyWh === 0n) continue;
    const n = quotes.filter(
      ({ side, type, energyWh }) => side === other && type === quote.type && energyWh > 0n,
    ).length;
    const isLimited = rangeSides === 'both' || quote.side === 'buy';
    const exact = Math.floor((n * (100 - quote.grade)) / 100 + 0.5 + 1e-9);
    const wanted = isLimited ? Math.min(n, Math.max(1, exact)) : n;
    if (board.range[i] !== wanted) return `quote ${i}: lambda ${board.range[i]}, not ${wanted}`;
  }
  return undefined;
}

function matchFault(
  orders: readonly ReputationOrder[],
  quotes: readonly StandingQuote[],
  board: Board,
): Fault {
  const choices = orders.map(({ choices: [choice] = [] }, i) => {
    const restWh = (quotes[i] as StandingQuote).energyWh;
    return choice && checkChoice(board, i, { choice, restWh }) === undefined ? choice : undefined;
  });
  const got = matchRound(quotes, board, { choices }).map(({ sell, buy, energyWh }) => ({
    ...{ sell, buy, energyWh },
  }));
  return isDeepStrictEqual(got, literalMatches(quotes, board.range, choices))
    ? undefined
    : 'other matches than those of rule 1.7';
}

/** Rule 1.7 word by word. */
function literalMatches(quotes: readonly StandingQuote[], range: readonly number[], of: Choices) {
  const rest = quotes.map(({ energyWh }, i): bigint => offeredWh(energyWh, of[i]));
  const used = quotes.map(() => 0);
  const matches: Pick<Match, 'sell' | 'buy' | 'energyWh'>[] = [];
  const all = quotes.map((_, i) => i);
  const ofSide = (side: 'sell' | 'buy') =>
    all.filter((i) => quotes[i]?.side === side).sort(byPrice(quotes, side));
  const named = (i: number): readonly number[] => of[i]?.partners ?? [];
  const allows = (i: number, j: number): boolean => named(i).length === 0 || named(i).includes(j);
  for (const buy of ofSide('buy'))
    for (const sell of named(buy).length > 0 ? named(buy) : ofSide('sell')) {
      const [buyer, seller] = [quotes[buy] as StandingQuote, quotes[sell] as StandingQuote];
      if (!crosses(buyer, seller) || !allows(sell, buy)) continue;
      const isFull = [buy, sell].some((i) => rest[i] === 0n || (used[i] ?? 0) >= (range[i] ?? 0));
      if (isFull) continue;
      const [offered, wanted] = [rest[sell] as bigint, rest[buy] as bigint];
      const energyWh = wh(offered < wanted ? offered : wanted);
      matches.push({ sell, buy, energyWh });
      for (const i of [buy, sell]) {
        rest[i] = (rest[i] as bigint) - energyWh;
        used[i] = (used[i] as number) + 1;
      }
    }
  return matches;
}

/** Without ties of price the order of the ids changes nothing but names. */
function untiedFault({ orders, seed }: AnyBook): Fault {
  const wide = BigInt(orders.length) + 1n;
  // The largest prices have no room to be made distinct.
  if (orders.some(({ price }) => price > 1n << 40n)) return undefined;
  const untied = orders.map((order, i) => ({
    ...order,
    price: mill(order.price * wide + BigInt(i)),
  }));
  const other = shuffled(untied, seed);
  const tradesOf = (of: readonly AnyOrder[], gradeOf: (i: number) => Grade) =>
    clearReputation(
      of.map(({ side, energyWh, price, type }, i) => {
        return { side, energyWh, prices: [price], reserve: price, grade: gradeOf(i), type };
      }),
      rulesOf(),
    ).trades;
  const grade = (i: number): Grade => GRADES[i % GRADES.length] as Grade;
  const placeOf = (i: number): number => other.places[i] as number;
  const moved = tradesOf(other.orders, (i) => grade(placeOf(i))).map((trade) => ({
    ...trade,
    sell: placeOf(trade.sell),
    buy: placeOf(trade.buy),
  }));
  return isDeepStrictEqual(moved, [...tradesOf(untied, grade)])
    ? undefined
    : 'other ids, other trades';
}
