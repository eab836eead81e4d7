// Market "reputation" on random books (market-reputation 1.6-1.9): the checker finds nothing, the
// board and the matching are those of the rules read word by word, ids alone break ties.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { boardOf, partnersOf, type StandingQuote } from '../src/reputation/board.js';
import { type Choices, checkChoice, offeredWh } from '../src/reputation/choose.js';
import { clearReputation, type ReputationOrder } from '../src/reputation/clear.js';
import { reputationFault } from '../src/reputation/faults.js';
import { matchRound } from '../src/reputation/match.js';
import { anyBook, anyNetwork, placed, rulesOf } from './reputationBooks.js';

const BOOKS = 2000;
const anySides = fc.constantFrom('both' as const, 'buyers' as const);

test('any book: limits of price, energy, lambda, lines and length hold', () => {
  const types = [undefined, undefined, undefined, 'pv', 'wind'];
  const book = fc.boolean().chain((choosing) => anyBook({ types, choosing }));
  const network = fc.option(anyNetwork, { nil: undefined });
  fc.assert(
    fc.property(book, network, anySides, (book, network, rangeSides) => {
      const orders = placed(book, network);
      const rules = rulesOf({ network, rangeSides });
      const clearing = clearReputation(orders, rules);
      assert.equal(reputationFault(orders, clearing, rules), undefined);
    }),
    { numRuns: BOOKS },
  );
});

const quotesOf = (orders: readonly ReputationOrder[]): readonly StandingQuote[] =>
  orders.map(({ side, energyWh, prices, grade, type }) => {
    const price = prices[0] as StandingQuote['price'];
    return { side, energyWh, price, grade, type };
  });

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

const small = anyBook({ maxOrders: 24, types: [undefined, 'pv'], choosing: true });

test('the board is formula 5 and ask <= bid, pair by pair (1.6)', () => {
  fc.assert(
    fc.property(small, anySides, (orders, rangeSides) => {
      const quotes = quotesOf(orders);
      const board = boardOf(quotes, rangeSides);
      for (const [i, quote] of quotes.entries()) {
        const other = quote.side === 'buy' ? ('sell' as const) : ('buy' as const);
        const all = quotes.map((_, j) => j);
        const feasible = all.filter((j) => crosses(quote, quotes[j] as StandingQuote));
        assert.deepEqual(partnersOf(board, i), feasible.sort(byPrice(quotes, other)));
        if (quote.energyWh === 0n) continue;
        const n = quotes.filter(
          ({ side, type, energyWh }) => side === other && type === quote.type && energyWh > 0n,
        ).length;
        const isLimited = rangeSides === 'both' || quote.side === 'buy';
        const exact = Math.floor((n * (100 - quote.grade)) / 100 + 0.5 + 1e-9);
        const wanted = isLimited ? Math.min(n, Math.max(1, exact)) : n;
        assert.equal(board.range[i], wanted);
      }
    }),
    { numRuns: 500 },
  );
});

/** Rule 1.7 word by word. */
function literalMatches(quotes: readonly StandingQuote[], range: readonly number[], of: Choices) {
  const rest = quotes.map(({ energyWh }, i): bigint => offeredWh(energyWh, of[i]));
  const used = quotes.map(() => 0);
  const matches: { sell: number; buy: number; energyWh: bigint }[] = [];
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
      const energyWh = offered < wanted ? offered : wanted;
      matches.push({ sell, buy, energyWh });
      for (const i of [buy, sell]) {
        rest[i] = (rest[i] as bigint) - energyWh;
        used[i] = (used[i] as number) + 1;
      }
    }
  return matches;
}

test('matching is rule 1.7 read word by word', () => {
  fc.assert(
    fc.property(small, anySides, (orders, rangeSides) => {
      const quotes = quotesOf(orders);
      const board = boardOf(quotes, rangeSides);
      const choices = orders.map(({ choices }, i) => {
        const choice = choices?.[0];
        const restWh = (quotes[i] as StandingQuote).energyWh;
        return choice && checkChoice(board, i, { choice, restWh }) === undefined
          ? choice
          : undefined;
      });
      const got = matchRound(quotes, board, { choices }).map(({ sell, buy, energyWh }) => ({
        sell,
        buy,
        energyWh,
      }));
      assert.deepEqual(got, literalMatches(quotes, board.range, choices));
    }),
    { numRuns: 1000 },
  );
});

test('a pair that is not accepted is passed over, as if it did not cross', () => {
  fc.assert(
    fc.property(small, (orders) => {
      const quotes = quotesOf(orders);
      const board = boardOf(quotes, 'both');
      const refused = matchRound(quotes, board)[0];
      if (refused === undefined) return;
      const matches = matchRound(quotes, board, {
        accepts: ({ sell, buy }) => sell !== refused.sell || buy !== refused.buy,
      });
      assert.ok(matches.every(({ sell, buy }) => sell !== refused.sell || buy !== refused.buy));
    }),
  );
});

test('without ties the order of ids changes nothing but names', () => {
  const permuted = anyBook({ maxOrders: 60 }).chain((book) => {
    const orders = book.map((order, i) => {
      const prices = [((order.prices[0] as bigint) * 1000n + BigInt(i)) as never];
      return { ...order, prices, reserve: prices[0] as never };
    });
    const places = orders.map((_, i) => i);
    const all = { minLength: places.length, maxLength: places.length };
    return fc.tuple(fc.constant(orders), fc.shuffledSubarray(places, all));
  });
  fc.assert(
    fc.property(permuted, ([orders, places]) => {
      // The largest prices have no room to be made distinct.
      fc.pre(orders.every(({ reserve }) => reserve < 1_000_000_000n));
      const trades = (of: readonly ReputationOrder[]) => clearReputation(of, rulesOf()).trades;
      const moved = trades(places.map((place) => orders[place] as ReputationOrder));
      const named = moved.map(({ sell, buy, ...rest }) => ({
        ...rest,
        sell: places[sell],
        buy: places[buy],
      }));
      assert.deepEqual(
        named,
        trades(orders).map(({ sell, buy, ...rest }) => ({ ...rest, sell, buy })),
      );
    }),
    { numRuns: 300 },
  );
});
