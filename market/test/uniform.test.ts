// The uniform-price market on books made by hand (market-uniform "uniform" 1-5).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OpenOrder } from '../src/openBook.js';
import { clearUniform } from '../src/uniform/clear.js';
import { buy, sell } from './books.js';

const byIndex = (a: number, b: number): number => a - b;

/** Trades as "sell-buy energy @ price". */
const shown = (orders: readonly OpenOrder[], tick = 1n, compareIds = byIndex): readonly string[] =>
  clearUniform(orders, { tick, compareIds }).trades.map(
    (t) => `${t.sell}-${t.buy} ${t.energyWh} @ ${t.price}`,
  );

test('nobody, one side, and no crossing: no trade', () => {
  assert.deepEqual(shown([]), []);
  assert.deepEqual(shown([sell(5, 10), sell(6, 10)]), []);
  assert.deepEqual(shown([sell(5, 11), buy(5, 10)]), []);
});

test('one price for everybody: the floored mean of the marginal quotes', () => {
  const orders = [sell(5, 10), sell(5, 20), buy(4, 50), buy(4, 33), buy(4, 12)];
  assert.deepEqual(shown(orders), ['0-2 4 @ 26', '0-3 1 @ 26', '1-3 3 @ 26']);
  assert.deepEqual(shown([sell(5, 20), buy(5, 50)], 10n), ['0-1 5 @ 30']);
});

test('ask equal to bid counts (rule 2)', () => {
  assert.deepEqual(shown([sell(5, 10), buy(7, 10)]), ['0-1 5 @ 10']);
});

test('the marginal level of the long side shares by largest remainder (rule 4)', () => {
  const orders = [sell(10, 10), buy(4, 30), buy(5, 20), buy(4, 20), buy(3, 20)];
  // 6 left for 5, 4, 3: 2.5, 2, 1.5; the unit goes to the lower id of the equal remainders.
  assert.deepEqual(shown(orders), ['0-1 4 @ 15', '0-2 3 @ 15', '0-3 2 @ 15', '0-4 1 @ 15']);
  const reversed = (a: number, b: number): number => b - a;
  assert.deepEqual(shown(orders, 1n, reversed), [
    '0-1 4 @ 15',
    '0-2 2 @ 15',
    '0-3 2 @ 15',
    '0-4 2 @ 15',
  ]);
});

test('an order of the marginal level may get nothing', () => {
  const orders = [buy(1, 10), sell(9, 10), sell(1, 10)];
  assert.deepEqual(shown(orders), ['1-0 1 @ 10']);
  const { remainingWh } = clearUniform(orders, { tick: 1n, compareIds: byIndex });
  assert.deepEqual(remainingWh, [0n, 8n, 1n]);
});

test('one book per generation type, each with its price', () => {
  const of = (type: string): readonly OpenOrder[] => [
    sell(5, 10, { type }),
    buy(5, type === 'pv' ? 20 : 30, { type }),
  ];
  assert.deepEqual(shown([...of('pv'), ...of('wind')]), ['0-1 5 @ 15', '2-3 5 @ 20']);
  assert.deepEqual(shown([sell(5, 10, { type: 'pv' }), buy(5, 20)]), []);
});

test('a quote off the tick is our own mistake, since orders are checked before', () => {
  assert.throws(() => shown([sell(5, 13), buy(5, 16)], 10n), /multiples of the tick/);
});
