// Documents of `market clear` of the open mechanisms: parameters, what is printed, and what the
// order of the file does (interfaces "market clear").
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { ProtocolError } from '../../core/src/errors.js';
import { clearDocument } from '../src/file/clear.js';
import type { ClearReport } from '../src/file/clearReport.js';

const root = new URL('../../../', import.meta.url);
const example = (name: string): Record<string, unknown> =>
  JSON.parse(readFileSync(new URL(`examples/${name}.json`, root), 'utf8'));

const params = { tick: '0.001', feedIn: '0.3', retail: '0.7' };
const ask = { id: 'S', account: 'S', side: 'sell', energy: '5', price: '0.4' };
const bid = { id: 'B', account: 'B', side: 'buy', energy: '8', price: '0.501' };
const clear = (mechanism: string, orders: readonly object[], more: object = {}): ClearReport =>
  clearDocument({ mechanism, params: { ...params, ...more }, orders });

function refusal(mechanism: string, more: object): string {
  try {
    clear(mechanism, [ask, bid], more);
  } catch (error) {
    if (error instanceof ProtocolError) return `${error.code} ${error.data.field}`;
    throw error;
  }
  return 'accepted';
}

test('two-round: references and steps are printed', () => {
  const { references, steps, trades } = clearDocument(example('two-round/table1'));
  assert.deepEqual(references, { askMax: '0.450', bidMin: '0.510' });
  assert.deepEqual(steps, [
    { S3: '0.495000', B3: '0.492000', B4: '0.465000' },
    { S3: '0.490500', B3: '0.493800', B4: '0.469500' },
  ]);
  const last = { sellOrder: 'S3', buyOrder: 'B3', energy: '435', price: '0.492', round: 2 };
  assert.deepEqual(trades.at(-1), { seller: 'S3', buyer: 'B3', ...last });
  const none = clear('two-round', [ask]);
  assert.deepEqual([none.references, none.steps], [{ askMax: null, bidMin: null }, []]);
});

test('two-round: references of several generation types are a list', () => {
  const wind = { id: 'W', account: 'W', type: 'wind' };
  const { references } = clear('two-round', [ask, bid, { ...ask, ...wind }]);
  assert.deepEqual(references, [
    { type: null, askMax: '0.400', bidMin: null },
    { type: 'wind', askMax: null, bidMin: null },
  ]);
});

test('two-round: parameters in range', () => {
  const of = (more: object): string => refusal('two-round', more);
  assert.equal(of({ beta: '0' }), 'PARAM_RANGE params.beta');
  assert.equal(of({ beta: '1' }), 'PARAM_RANGE params.beta');
  assert.equal(of({ beta: '0.000001' }), 'accepted');
  assert.equal(of({ maxSteps: 0 }), 'PARAM_RANGE params.maxSteps');
  assert.equal(of({ maxSteps: 101 }), 'PARAM_RANGE params.maxSteps');
  assert.equal(of({ mode: 'twice' }), 'FILE_FORMAT params.mode');
  assert.equal(of({ mode: 'single' }), 'accepted');
  assert.equal(of({ security: true }), 'NOT_SUPPORTED params.security');
  const vast = { ...ask, energy: '0.01', price: '900000000000000' };
  assert.throws(() => clear('two-round', [vast], { bounds: false }), { code: 'AMOUNT_RANGE' });
});

test('two-round: a price finer than 0.000001 keeps its fineness in round 2', () => {
  const orders = [
    { ...ask, price: '0.4000001' },
    { ...bid, price: '0.5000001', reserve: '0.6' },
    { ...ask, id: 'T', account: 'T', price: '0.5000002', reserve: '0.4' },
  ];
  const { steps } = clear('two-round', orders, { tick: '0.0000001' });
  assert.deepEqual(steps?.[0], { B: '0.5000001', T: '0.4900002' });
});

test('two-round: a reserve on the wrong side is rejected, a second order as well', () => {
  const { rejected } = clear('two-round', [
    { ...ask, reserve: '0.41' },
    bid,
    { ...ask, id: 'T', account: 'B' },
  ]);
  assert.deepEqual(rejected, [
    { id: 'S', code: 'RESERVE' },
    { id: 'T', code: 'DUPLICATE_ORDER' },
  ]);
});

test('uniform: ties of the marginal level go to the lower id, shorter first', () => {
  const orders = ['aa', 'c', 'b'].map((id) => ({ ...bid, id, account: id, energy: '0.01' }));
  const { trades } = clear('uniform', [{ ...ask, energy: '0.01' }, ...orders]);
  assert.deepEqual(
    trades.map(({ buyOrder, energy }) => `${buyOrder} ${energy}`),
    ['aa 0.003', 'c 0.003', 'b 0.004'],
  );
  assert.deepEqual(trades[0], {
    seller: 'S',
    buyer: 'aa',
    sellOrder: 'S',
    buyOrder: 'aa',
    energy: '0.003',
    price: '0.450',
    round: 1,
  });
});

test('continuous: orders arrive by seq; an account may have several', () => {
  const orders = [
    { ...bid, seq: 3 },
    { ...ask, seq: 2, price: '0.45' },
    { ...ask, id: 'S2', seq: 1, energy: '1' },
  ];
  const report = clear('continuous', orders);
  assert.deepEqual(
    report.trades.map(({ sellOrder, price, energy }) => `${sellOrder} ${energy}@${price}`),
    ['S2 1@0.400', 'S 5@0.450'],
  );
  assert.deepEqual(report.rejected, []);
  assert.deepEqual(report.accounts, [
    { id: 'B', traded: '6', market: '2.65', grid: '1.4', total: '4.05', gridOnly: '5.6' },
    { id: 'S', traded: '6', market: '2.65', grid: '0', total: '2.65', gridOnly: '1.8' },
  ]);
  const late = clear('continuous', orders, { maxOrders: 2 });
  assert.deepEqual(late.rejected, [{ id: 'B', code: 'BOOK_FULL' }]);
});

test('continuous: own orders are reduced and printed; each side has its line', () => {
  const own = { ...bid, account: 'S' };
  const report = clear('continuous', [ask, own]);
  assert.deepEqual(report.trades, []);
  assert.deepEqual(report.reduced, [{ id: 'B', code: 'SELF_TRADE', energy: '5' }]);
  assert.deepEqual(report.unmatched, [
    { id: 'S', energy: '5' },
    { id: 'B', energy: '3' },
  ]);
  assert.deepEqual(report.accounts, [
    { id: 'S', side: 'sell', traded: '0', market: '0', grid: '1.5', total: '1.5', gridOnly: '1.5' },
    { id: 'S', side: 'buy', traded: '0', market: '0', grid: '2.1', total: '2.1', gridOnly: '2.1' },
  ]);
});

test('the place in the file decides nothing where seq is given', () => {
  const { orders } = example('two-round/table1') as { orders: readonly object[] };
  const numbered = orders.map((order, seq): object => ({ ...order, seq }));
  const bounds = { feedIn: '0.31', retail: '0.59' };
  for (const mechanism of ['call', 'two-round', 'uniform', 'continuous']) {
    const direct = clear(mechanism, numbered, bounds);
    const reversed = clear(mechanism, [...numbered].reverse(), bounds);
    assert.deepEqual(reversed.trades, direct.trades);
    assert.deepEqual(reversed.summary, direct.summary);
    assert.deepEqual([...reversed.accounts].reverse(), direct.accounts);
  }
});
