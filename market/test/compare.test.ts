// One set of orders through every mechanism (interfaces "market clear").
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { ORDER_MECHANISMS } from '../src/file/clear.js';
import { compareDocument } from '../src/file/compare.js';

const root = new URL('../../../', import.meta.url);
const table1 = JSON.parse(
  readFileSync(new URL('examples/two-round/table1.json', root), 'utf8'),
) as Record<string, unknown>;

test('every mechanism of this version that takes orders, in the order of the table', () => {
  const { mechanisms } = compareDocument(table1);
  assert.deepEqual(
    mechanisms.map(({ mechanism }) => mechanism),
    ORDER_MECHANISMS,
  );
  for (const name of ['call', 'two-round', 'uniform', 'continuous'])
    assert.ok(ORDER_MECHANISMS.some((mechanism) => mechanism === name));
});

test('volume, prices, welfare and money, by hand', () => {
  const { mechanisms } = compareDocument(table1);
  const of = (name: string) => mechanisms.find(({ mechanism }) => mechanism === name)?.result;
  const money = { gridOnlyBuyersPay: '1303.9', gridOnlySellersGet: '463.45' };
  assert.deepEqual(of('two-round'), {
    trades: 6,
    rejected: 0,
    volume: '1495',
    // 720.62 for 1495 kWh.
    prices: { average: '0.482', least: '0.470', most: '0.492' },
    // By reserves: S1-B1 52.8, S2-B1 30.6, S2-B2 54, S4-B2 19.2, S4-B3 27, S3-B3 43.5.
    welfare: '227.1',
    buyersPay: '1142.47',
    sellersGet: '720.62',
    ...money,
    buyersSave: '161.43',
    sellersGain: '257.17',
  });
  // Round 1 alone has 1060 kWh; the marginal quotes are 0.45 and 0.49.
  assert.deepEqual(of('uniform')?.prices, { average: '0.470', least: '0.470', most: '0.470' });
  assert.equal(of('uniform')?.volume, '1060');
  assert.equal(of('uniform')?.welfare, '183.6');
});

test('no trade: no prices; the rest is the grid alone', () => {
  const { mechanisms } = compareDocument({ params: table1.params, orders: [] });
  for (const { result } of mechanisms) {
    assert.deepEqual(result?.prices, { average: null, least: null, most: null });
    assert.equal(result?.welfare, '0');
  }
});

test('what every mechanism refuses is refused; what one refuses is in its line', () => {
  assert.throws(() => compareDocument({ params: {}, orders: [] }), { code: 'FILE_FORMAT' });
  assert.throws(() => compareDocument({ ...table1, colour: 1 }), { code: 'UNKNOWN_FIELD' });
  const params = { ...(table1.params as object), maxSteps: 0 };
  const { mechanisms } = compareDocument({ ...table1, params });
  assert.deepEqual(
    mechanisms.find(({ mechanism }) => mechanism === 'two-round'),
    { mechanism: 'two-round', code: 'PARAM_RANGE' },
  );
  assert.equal(mechanisms[0]?.code, undefined);
});

test('means have one decimal more than the tick where they need it', () => {
  const home = (id: string, side: string, energy: string, price: string) => ({
    ...{ id, account: id, side, energy, price },
  });
  const orders = [
    home('S', 'sell', '2', '0.4'),
    home('B', 'buy', '1', '0.5'),
    home('C', 'buy', '1', '0.401'),
  ];
  const params = { feedIn: '0.3', retail: '0.7' };
  const { mechanisms } = compareDocument({ params, orders });
  const call = mechanisms.find(({ mechanism }) => mechanism === 'call')?.result;
  assert.deepEqual(call?.prices, { average: '0.425', least: '0.400', most: '0.450' });
  const finer = [orders[0], home('B', 'buy', '1', '0.502'), orders[2]];
  const of = compareDocument({ params, orders: finer as object[] }).mechanisms;
  assert.equal(of.find(({ mechanism }) => mechanism === 'call')?.result?.prices.average, '0.4255');
});
