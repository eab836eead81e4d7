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

/** sun and barn sell 3 and 2 kWh; bakery, flat and shed want 2 kWh each. */
const guide = JSON.parse(readFileSync(new URL('examples/guide/call.json', root), 'utf8')) as Record<
  string,
  unknown
>;

test('beside the mechanisms: static and dynamic coefficients, by hand', () => {
  const shared = (sharing?: unknown) =>
    compareDocument(sharing === undefined ? guide : { ...guide, sharing }).baselines;
  const money = { gridOnlyBuyersPay: '1.8', gridOnlySellersGet: '0.4' };
  // A fifth of 5 kWh each, of which the three buyers use theirs; 3 kWh come from 3:2, 1.8 and 1.2:
  // 0.24 + 0.22 + 0.14 - 1.8 x 0.12 - 1.2 x 0.15. Buyers pay 3 x 0.08 + 3 x 0.30.
  const [fixed, dynamic] = shared();
  assert.deepEqual(fixed, {
    baseline: 'static',
    result: {
      volume: '3',
      prices: { average: '0.080', least: '0.080', most: '0.080' },
      welfare: '0.204',
      buyersPay: '1.14',
      sellersGet: '0.4',
      ...money,
      buyersSave: '0.66',
      sellersGain: '0',
    },
  });
  // 5 kWh of 6 wanted: 5 x 0.08 + 1 x 0.30.
  assert.equal(dynamic?.baseline, 'dynamic');
  assert.deepEqual([dynamic?.result?.volume, dynamic?.result?.buyersPay], ['5', '0.7']);
  // At 0.20 a kWh: 5 x 0.20 + 0.30, and sellers get 1 in place of 0.4.
  const [, priced] = shared({ price: '0.2' });
  assert.deepEqual([priced?.result?.buyersPay, priced?.result?.sellersGet], ['1.3', '1']);
  // All to the bakery, which uses 2 of 5.
  const [given] = shared({ coefficients: { bakery: '0.75', flat: '0.25' } });
  assert.equal(given?.result?.volume, '3.25');
});

test('static coefficients by contracted power, and what is refused of `sharing`', () => {
  const orders = (guide.orders as readonly object[]).map((order, i) => ({
    ...order,
    pMax: i < 2 ? '3' : '8',
  }));
  const powered = { ...guide, orders, sharing: { coefficients: 'power' } };
  // 8/30 of 5 kWh for each of the buyers.
  assert.equal(compareDocument(powered).baselines[0]?.result?.volume, '4');
  const refused: readonly [unknown, string][] = [
    [{ coefficients: 'power' }, 'FILE_FORMAT'],
    [{ coefficients: 'odd' }, 'FILE_FORMAT'],
    [{ coefficients: { sun: '0.5' } }, 'PARAM_RANGE'],
    [{ coefficients: { sun: '1.5' } }, 'PARAM_RANGE'],
    [{ coefficients: { nobody: '1' } }, 'UNKNOWN_FIELD'],
    [{ coefficients: null }, 'FILE_FORMAT'],
    [{ price: '0.31' }, 'PARAM_RANGE'],
    [{ colour: 1 }, 'UNKNOWN_FIELD'],
  ];
  for (const [sharing, code] of refused)
    assert.throws(() => compareDocument({ ...guide, sharing }), { code }, JSON.stringify(sharing));
});

test('an account with several orders: its dearest bids are served, its cheapest asks sold', () => {
  const of = (id: string, account: string, side: string, energy: string, price: string) => ({
    ...{ id, account, side, energy, price },
  });
  const orders = [
    of('1', 'S', 'sell', '1', '0.20'),
    of('2', 'S', 'sell', '1', '0.10'),
    of('3', 'B', 'buy', '1', '0.15'),
    of('4', 'B', 'buy', '0.5', '0.25'),
  ];
  const { baselines } = compareDocument({ params: guide.params, orders });
  // 1.5 kWh: 0.5 x 0.25 + 1 x 0.15 - 1 x 0.10 - 0.5 x 0.20.
  assert.deepEqual([baselines[1]?.result?.volume, baselines[1]?.result?.welfare], ['1.5', '0.075']);
});

test('what no baseline can read stands in its line, as with a mechanism', () => {
  const params = { ...(guide.params as object), commitment: 'cda1' };
  const { baselines } = compareDocument({ ...guide, params });
  assert.deepEqual(baselines[0], { baseline: 'static', code: 'NOT_SUPPORTED' });
});
