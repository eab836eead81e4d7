// The call auction on books made by hand (market-call 6-11).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MAX_AMOUNT } from '../../core/src/amount.js';
import { type CallOrder, clearCall } from '../src/call/clear.js';
import { clearingFault } from '../src/invariants.js';
import { buy, mill, sell, wh } from './books.js';

/** Trades as "sell-buy energy @ price queue". */
function cleared(orders: readonly CallOrder[], tick = 1n): readonly string[] {
  const clearing = clearCall(orders, { tick });
  assert.equal(clearingFault(orders, clearing), undefined);
  return clearing.trades.map(
    ({ sell: s, buy: b, energyWh, price, queue }) => `${s}-${b} ${energyWh} @ ${price} ${queue}`,
  );
}

test('nobody, one side, and no crossing: no trade, everything remains', () => {
  assert.deepEqual(cleared([]), []);
  assert.deepEqual(cleared([sell(5, 10), sell(6, 10)]), []);
  const orders = [sell(5, 11), buy(5, 10)];
  assert.deepEqual(cleared(orders), []);
  assert.deepEqual(clearCall(orders, { tick: 1n }).remainingWh, [5n, 5n]);
});

test('ask equal to bid matches (A1)', () => {
  assert.deepEqual(cleared([sell(5, 10), buy(5, 10)]), ['0-1 5 @ 10 non-green']);
});

test('the price is the floor of the mean, to the tick (rule 9)', () => {
  assert.deepEqual(cleared([sell(5, 438), buy(5, 623)]), ['0-1 5 @ 530 non-green']);
  assert.deepEqual(cleared([sell(5, 430), buy(5, 500)], 10n), ['0-1 5 @ 460 non-green']);
});

test('a quote off the tick is our own mistake, since orders are checked before', () => {
  assert.throws(() => cleared([sell(5, 433), buy(5, 436)], 10n), /multiples of the tick/);
});

test('best ask with best bid; the head with a remainder stays head (rule 8)', () => {
  const orders = [sell(10, 30), sell(4, 20), buy(6, 40), buy(6, 35)];
  assert.deepEqual(cleared(orders), [
    '1-2 4 @ 30 non-green',
    '0-2 2 @ 35 non-green',
    '0-3 6 @ 32 non-green',
  ]);
});

test('equal prices: the earlier submission first, on both sides (rule 7)', () => {
  const orders = [buy(5, 40), sell(5, 30), buy(5, 40), sell(5, 30)];
  assert.deepEqual(cleared(orders), ['1-0 5 @ 35 non-green', '3-2 5 @ 35 non-green']);
});

test('green with green first, although a non-green bid is higher (rules 6, 7)', () => {
  const green = { green: true };
  const orders = [sell(5, 30, green), buy(5, 90), buy(5, 40, green)];
  assert.deepEqual(cleared(orders), ['0-2 5 @ 35 green']);
});

test('remainders of both green sides re-enter with their own price and time (rule 10, A15)', () => {
  const green = { green: true };
  const orders = [sell(9, 30, green), buy(5, 40, green), buy(9, 35), sell(9, 30)];
  assert.deepEqual(cleared(orders), [
    '0-1 5 @ 35 green',
    '0-2 4 @ 32 non-green',
    '3-2 5 @ 32 non-green',
  ]);
});

test('a green pair that does not cross in round 1 does not cross in round 2', () => {
  const green = { green: true };
  assert.deepEqual(cleared([sell(9, 41, green), buy(5, 40, green)]), []);
});

test('orders of different generation types are cleared in separate books', () => {
  const orders = [
    sell(5, 10, { type: 'pv' }),
    buy(5, 40, { type: 'wind' }),
    buy(3, 30, { type: 'pv' }),
    sell(5, 20, { type: 'wind' }),
    buy(9, 90),
  ];
  assert.deepEqual(cleared(orders), ['0-2 3 @ 20 non-green', '3-1 5 @ 30 non-green']);
});

test('the largest amounts there are', () => {
  const most = { energyWh: wh(MAX_AMOUNT), price: mill(MAX_AMOUNT), green: false };
  const orders: readonly CallOrder[] = [
    { side: 'sell', ...most },
    { side: 'buy', ...most },
  ];
  const { trades, remainingWh } = clearCall(orders, { tick: 1n });
  assert.deepEqual(trades[0]?.price, MAX_AMOUNT);
  assert.deepEqual(trades[0]?.energyWh, MAX_AMOUNT);
  assert.deepEqual(remainingWh, [0n, 0n]);
});

test('the checker finds planted faults', () => {
  const orders = [sell(5, 10), buy(4, 40)];
  const good = clearCall(orders, { tick: 1n });
  const trade = good.trades[0] as (typeof good.trades)[number];
  const faultOf = (change: object, remainingWh = good.remainingWh): string | undefined =>
    clearingFault(orders, { trades: [{ ...trade, ...change }], remainingWh });
  assert.equal(faultOf({}), undefined);
  assert.match(faultOf({ price: 41n }) ?? '', /more than its limit/);
  assert.match(faultOf({ price: 9n }) ?? '', /less than its limit/);
  assert.match(faultOf({ energyWh: 3n }) ?? '', /remaining energy/);
  assert.match(faultOf({ queue: 'green' }) ?? '', /not both green/);
  assert.match(faultOf({ sell: 1 }) ?? '', /not a sell and a buy/);
  const none = { trades: [], remainingWh: [5n, 4n] as never };
  assert.match(clearingFault(orders, none) ?? '', /at or below a bid is left/);
});
