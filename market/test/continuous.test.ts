// The continuous market on sequences made by hand (market-uniform "continuous" 1, 3).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { matchArrival, type RestingOrder } from '../src/continuous/arrival.js';
import { clearContinuous, type ContinuousOrder } from '../src/continuous/clear.js';
import { buy, mill, sell, wh } from './books.js';

const by = (account: string, order: ReturnType<typeof sell>): ContinuousOrder => ({
  ...order,
  account,
});
const each = (orders: readonly ReturnType<typeof sell>[]): readonly ContinuousOrder[] =>
  orders.map((order, i) => by(`home ${i}`, order));

/** Trades as "sell-buy energy @ price". */
const shown = (orders: readonly ContinuousOrder[]): readonly string[] =>
  clearContinuous(orders).trades.map((t) => `${t.sell}-${t.buy} ${t.energyWh} @ ${t.price}`);

test('the price is that of the order that rested', () => {
  assert.deepEqual(shown(each([sell(5, 10), buy(5, 20)])), ['0-1 5 @ 10']);
  assert.deepEqual(shown(each([buy(5, 20), sell(5, 10)])), ['1-0 5 @ 20']);
  assert.deepEqual(shown(each([sell(5, 21), buy(5, 20)])), []);
});

test('best price first, then the earliest; the rest rests', () => {
  const orders = each([sell(2, 12), sell(2, 10), sell(2, 10), sell(2, 9), buy(9, 11), sell(9, 11)]);
  assert.deepEqual(shown(orders), ['3-4 2 @ 9', '1-4 2 @ 10', '2-4 2 @ 10', '5-4 3 @ 11']);
  assert.deepEqual(clearContinuous(orders).remainingWh, [2n, 0n, 0n, 0n, 0n, 6n]);
});

test('own orders never trade: the newer one is reduced by what crosses (rule 3)', () => {
  const orders = [
    by('a', sell(4, 10)),
    by('b', sell(4, 11)),
    by('a', buy(10, 12)),
    by('c', buy(9, 10)),
  ];
  const { trades, remainingWh, selfTradeWh } = clearContinuous(orders);
  assert.deepEqual(
    trades.map(({ sell, buy, energyWh, price }) => [sell, buy, energyWh, price]),
    [
      [1, 2, 4n, 11n],
      [0, 3, 4n, 10n],
    ],
  );
  assert.deepEqual(selfTradeWh, [0n, 0n, 4n, 0n]);
  assert.deepEqual(remainingWh, [0n, 0n, 2n, 5n]);
});

test('an order that only meets its own account is used up without a trade', () => {
  const { trades, remainingWh, selfTradeWh } = clearContinuous([
    by('a', sell(4, 10)),
    by('a', buy(3, 12)),
  ]);
  assert.deepEqual([trades, remainingWh, selfTradeWh], [[], [4n, 0n], [0n, 3n]]);
});

test('generation types do not meet', () => {
  assert.deepEqual(shown(each([sell(5, 10, { type: 'pv' }), buy(5, 20)])), []);
});

test('an arrival takes no more resting orders than it needs', () => {
  const looked: bigint[] = [];
  function* resting(): Generator<RestingOrder> {
    for (const price of [10, 11, 12, 13]) {
      looked.push(BigInt(price));
      yield { price: mill(price), remainingWh: wh(5) };
    }
  }
  const arriving = { side: 'buy', price: mill(20), owns: () => false } as const;
  const arrival = matchArrival({ ...arriving, energyWh: wh(7) }, resting());
  assert.deepEqual(
    arrival.fills.map(({ energyWh, price }) => [energyWh, price]),
    [
      [5n, 10n],
      [2n, 11n],
    ],
  );
  assert.deepEqual(looked, [10n, 11n]);
  const dear = matchArrival({ ...arriving, price: mill(10), energyWh: wh(7) }, resting());
  assert.deepEqual([dear.remainingWh, dear.selfTradeWh], [2n, 0n]);
});
