// The call auction on random books: limits, conservation, priority, and welfare against exhaustive
// search on small books.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type CallClearing, type CallOrder, clearCall } from '../src/call/clear.js';
import { clearingFault } from '../src/invariants.js';
import { anyBook } from './books.js';
import { bestOf } from './exhaustive.js';

const clear = (orders: readonly CallOrder[], tick = 1n): CallClearing =>
  clearCall(orders, { tick });

test('any book: conserved, no price beyond a limit, nothing left that crosses', () => {
  const types = [undefined, 'pv', 'wind'];
  fc.assert(
    fc.property(anyBook({ types }), (orders) => {
      assert.equal(clearingFault(orders, clear(orders)), undefined);
    }),
    { numRuns: 500 },
  );
});

test('any tick: prices of trades are multiples of it', () => {
  fc.assert(
    fc.property(anyBook({ tick: 10 }), (orders) => {
      const clearing = clear(orders, 10n);
      assert.equal(clearingFault(orders, clearing), undefined);
      assert.ok(clearing.trades.every(({ price }) => price % 10n === 0n));
    }),
  );
});

/** The same book with prices made distinct on each side, so that time decides nothing. */
const withoutTies = (orders: readonly CallOrder[]): readonly CallOrder[] =>
  orders.map((order, i) => ({
    ...order,
    price: (order.price * 1000n + BigInt(i)) as CallOrder['price'],
  }));

test('without ties the order of submission changes nothing', () => {
  const permuted = anyBook().chain((book) => {
    const orders = withoutTies(book);
    const places = orders.map((_, i) => i);
    return fc.tuple(
      fc.constant(orders),
      fc.shuffledSubarray(places, { minLength: places.length, maxLength: places.length }),
    );
  });
  fc.assert(
    fc.property(permuted, ([orders, places]) => {
      const direct = clear(orders);
      const moved = clear(places.map((place) => orders[place] as CallOrder));
      const named = moved.trades.map((trade) => ({
        ...trade,
        sell: places[trade.sell],
        buy: places[trade.buy],
      }));
      assert.deepEqual(named, direct.trades);
    }),
    { numRuns: 300 },
  );
});

test('with ties the order of submission changes who trades, never how much of one class', () => {
  fc.assert(
    fc.property(anyBook(), (book) => {
      const orders = book.map((order) => ({ ...order, green: false }));
      assert.equal(volume(clear([...orders].reverse())), volume(clear(orders)));
    }),
  );
});

test('priority: nobody is served before a better, or an as good and earlier, order', () => {
  fc.assert(
    fc.property(anyBook(), (book) => {
      const orders = book.map((order) => ({ ...order, green: false }));
      const { remainingWh } = clear(orders);
      orders.forEach((a, i) => {
        orders.forEach((b, j) => {
          if (a.side !== b.side || i === j) return;
          const isBetter = a.side === 'sell' ? a.price < b.price : a.price > b.price;
          const isFirst = isBetter || (a.price === b.price && i < j);
          const bTraded = remainingWh[j] !== b.energyWh;
          if (isFirst && bTraded) assert.equal(remainingWh[i], 0n, `${i} before ${j}`);
        });
      });
    }),
  );
});

const volume = ({ trades }: CallClearing): bigint =>
  trades.reduce((sum, { energyWh }) => sum + energyWh, 0n);

/** Sum over traded units of bid - ask. */
function welfareOf(orders: readonly CallOrder[], { trades }: CallClearing): bigint {
  return trades.reduce((sum, { sell, buy, energyWh }) => {
    const [ask, bid] = [orders[sell]?.price ?? 0n, orders[buy]?.price ?? 0n];
    return sum + energyWh * (bid - ask);
  }, 0n);
}

// Heads are matched while ask <= bid, so the cheapest units meet the dearest ones up to the last
// pair that does not lose: that is the allocation of greatest welfare, and of those the largest.
test('one queue: welfare and volume of exhaustive search, books of up to 6 orders', () => {
  const small = anyBook({ maxOrders: 6, maxEnergy: 3, maxPrice: 5 });
  fc.assert(
    fc.property(small, (book) => {
      const orders = book.map((order) => ({ ...order, green: false }));
      const clearing = clear(orders);
      const best = bestOf(orders);
      assert.equal(welfareOf(orders, clearing), best.welfare);
      assert.equal(volume(clearing), best.volume);
    }),
    { numRuns: 300 },
  );
});

test('green first never trades less green energy than one queue for all', () => {
  fc.assert(
    fc.property(anyBook(), (orders) => {
      const greenOnly = orders.filter(({ green }) => green);
      const round1 = clear(orders).trades.filter(({ biddingRound }) => biddingRound === 1);
      assert.equal(
        round1.reduce((sum, { energyWh }) => sum + energyWh, 0n),
        volume(clear(greenOnly)),
      );
    }),
  );
});
