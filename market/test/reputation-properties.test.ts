// Market "reputation" on random books whose failures shrink to a few orders (market-reputation
// 1.6-1.9); what is checked, and the full count: reputationChecks.ts. Ids alone break ties.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { boardOf } from '../src/reputation/board.js';
import { clearReputation, type ReputationOrder } from '../src/reputation/clear.js';
import { reputationFault } from '../src/reputation/faults.js';
import { matchRound } from '../src/reputation/match.js';
import { anyBook, anyNetwork, placed } from './reputationBooks.js';
import { literalFault, quotesOf, rulesOf } from './reputationChecks.js';

const BOOKS = 300;
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

const small = anyBook({ maxOrders: 24, types: [undefined, 'pv'], choosing: true });

test('board and matching are formula 5 and rule 1.7, read word by word (1.6, 1.7)', () => {
  fc.assert(
    fc.property(small, anySides, (orders, rangeSides) => {
      assert.equal(literalFault(orders, rangeSides), undefined);
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
