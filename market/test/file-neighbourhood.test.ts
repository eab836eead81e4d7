// Documents of `market clear` with mechanism "neighbourhood" (interfaces "market clear"): the graph
// and its refusals, two prices, the log, seals, and what the order of the file does.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ProtocolError } from '../../core/src/errors.js';
import { clearDocument } from '../src/file/clear.js';
import { compareDocument } from '../src/file/compare.js';
import type { NeighbourhoodReport } from '../src/neighbourhood/file.js';
import { settleDocument } from '../src/file/settle.js';
import type { SettleReport } from '../src/file/settlePrint.js';

const line = [
  ['N1', 'N2'],
  ['N2', 'N3'],
  ['N3', 'N10'],
];
const params = { feedIn: '0.4', retail: '0.8', edges: line };
const order = (id: string, node: string, side: string, more: object = {}) => ({
  ...{ id, account: id, node, side, energy: '1', price: side === 'sell' ? '0.45' : '0.7' },
  ...more,
});
const S = order('S', 'N1', 'sell', { energy: '5' });
const A = order('A', 'N3', 'buy', { energy: '3' });
const B = order('B', 'N10', 'buy');
const clear = (orders: readonly object[], more: object = {}) =>
  clearDocument({
    mechanism: 'neighbourhood',
    params: { ...params, ...more },
    orders,
  }) as NeighbourhoodReport;

function refusal(orders: readonly object[], more: object = {}): string {
  try {
    clear(orders, more);
  } catch (error) {
    if (error instanceof ProtocolError) return `${error.code} ${error.data.field}`;
    throw error;
  }
  return 'accepted';
}

test('trades name their auctioneer, the log follows the requests to the grid', () => {
  const report = clear([S, A, B]);
  assert.deepEqual(
    report.trades.map(({ buyer, energy, price, round, auctioneer }) => [
      ...[buyer, energy, price, round, auctioneer],
    ]),
    [['A', '3', '0.600', 1, 'N2']],
  );
  // N2 is the root (of N2 and N3 the smaller id): the rest of S goes to the grid in round 1.
  assert.deepEqual(
    report.log.map(({ round, name, request, from, to, energy }) =>
      [round, name, request, from, to, energy].join(' '),
    ),
    [
      '0 T A N3 N2 3',
      '0 T S N1 N2 5',
      '0 T B N10 N3 1',
      "1 T' A N2 N3 3",
      "1 T' S N2 N1 3",
      '1 grid S N2 GRID 2',
      "1 T' B N3 N2 1",
      '2 grid B N2 GRID 1',
    ],
  );
  assert.deepEqual([report.rounds, report.forwards], [2, { B: 1 }]);
  assert.deepEqual(report.unmatched, [
    { id: 'S', energy: '2' },
    { id: 'B', energy: '1' },
  ]);
  assert.equal(report.summary.surplus, undefined);
});

test('without edges there is one auctioneer; the node of an order is then anything', () => {
  const report = clear(
    [S, A, { ...B, node: undefined }].map((o) => JSON.parse(JSON.stringify(o))),
    {
      edges: [],
    },
  );
  assert.deepEqual(
    report.trades.map(({ buyer, auctioneer }) => [buyer, auctioneer]),
    [
      ['A', 'ROOT'],
      ['B', 'ROOT'],
    ],
  );
  assert.deepEqual([report.rounds, report.log[0]?.from, report.log[1]?.from], [1, 'N3', 'B']);
});

test('two-price rules print both prices and the surplus, also where they are one', () => {
  const orders = [
    order('b1', 'N1', 'buy', { price: '0.76', energy: '2' }),
    order('b2', 'N1', 'buy', { price: '0.74', energy: '2' }),
    order('s1', 'N1', 'sell', { price: '0.41', energy: '2' }),
    order('s2', 'N1', 'sell', { price: '0.7', energy: '2' }),
  ];
  const { trades, summary, accounts } = clear(orders, { rule: 'mcafee_grid' });
  const [trade] = trades;
  assert.deepEqual(
    [trade?.price, trade?.buyPrice, trade?.sellPrice],
    [undefined, '0.740', '0.700'],
  );
  assert.equal(summary.surplus, '0.08');
  const money = (id: string) => accounts.find((of) => of.id === id)?.market;
  assert.deepEqual([money('b1'), money('s1')], ['1.48', '1.4']);
  const same = clear([orders[0] as object, orders[2] as object], { rule: 'mcafee_grid' });
  assert.deepEqual([same.trades[0]?.buyPrice, same.trades[0]?.sellPrice], ['0.600', '0.600']);
  assert.equal(same.summary.surplus, '0');
});

test('what is printed settles: the surplus on the delivered part is the reserve', () => {
  const orders = [
    order('b1', 'N1', 'buy', { price: '0.76', energy: '2' }),
    order('s1', 'N1', 'sell', { price: '0.41', energy: '2' }),
    order('s2', 'N1', 'sell', { price: '0.42', energy: '2' }),
    order('b2', 'N1', 'buy', { price: '0.74', energy: '2' }),
  ];
  const { trades } = clear(orders, { rule: 'reduce' });
  const settled = settleDocument({
    params: { feedIn: '0.4', retail: '0.8', allocation: 'pro-rata', credit: false, penalty: false },
    accounts: [
      { id: 's1', role: 'supplier', metered: '1.5' },
      { id: 'b1', role: 'consumer', metered: '2' },
    ],
    trades,
  }) as SettleReport;
  // 1.5 kWh x (0.74 - 0.42).
  assert.equal(settled.reserve, '0.48');
});

test('a graph that does not fit is refused by name', () => {
  assert.equal(
    refusal([], {
      edges: [
        ['N1', 'N2'],
        ['N3', 'N4'],
      ],
    }),
    'FILE_FORMAT params.edges',
  );
  assert.equal(refusal([], { edges: [['N1', 'N1']] }), 'FILE_FORMAT params.edges[0]');
  assert.equal(refusal([], { edges: [['N1']] }), 'FILE_FORMAT params.edges[0]');
  assert.equal(refusal([], { edges: [['N1', 2]] }), 'FILE_FORMAT params.edges[0]');
  assert.equal(refusal([], { edges: 'N1-N2' }), 'FILE_FORMAT params.edges');
  assert.equal(refusal([A, order('X', 'N9', 'buy')]), 'FILE_FORMAT orders[1].node');
  assert.equal(refusal([A, { ...B, node: undefined }]), 'FILE_FORMAT orders[1].node');
  assert.equal(refusal([], { rule: 'vcg' }), 'FILE_FORMAT params.rule');
  const many = Array.from({ length: 1025 }, (_, i) => ['hub', `n${i}`]);
  assert.equal(refusal([], { edges: many }), 'TOO_LARGE params.edges');
});

test('a pair that a line cannot carry is skipped by its auctioneer and stays open', () => {
  // N1 sells at the head; the line to N3 carries 2 kWh, those before it more.
  const lines = [
    { id: 'L0', from: 'source', to: 'N1', capacity: '100' },
    { id: 'L1', from: 'N1', to: 'N2', capacity: '100' },
    { id: 'L2', from: 'N2', to: 'N3', capacity: '2' },
    { id: 'L3', from: 'N3', to: 'N10', capacity: '100' },
  ];
  const C = order('C', 'N1', 'buy', { energy: '1', price: '0.65' });
  const near = clear([S, A, C], { security: true, lines, rule: 'average' });
  assert.deepEqual(
    near.trades.map(({ buyer, energy }) => `${buyer} ${energy}`),
    ['C 1'],
  );
  assert.deepEqual(near.check?.passed, [{ seller: 'S', buyer: 'C', energy: '1' }]);
  assert.deepEqual(near.check?.failed, []);
  assert.equal(near.check?.flows.L2, '0');
  assert.deepEqual(
    near.unmatched.map(({ id, energy }) => `${id} ${energy}`),
    ['S 4', 'A 3'],
  );
  const open = clear([S, A, C], { security: false, lines, rule: 'average' });
  assert.deepEqual(
    open.trades.map(({ buyer, energy }) => `${buyer} ${energy}`),
    ['A 3', 'C 1'],
  );
  assert.equal(open.check, undefined);
  const nowhere = clear([{ ...S, node: 'N1' }, order('X', 'N9', 'buy')], {
    ...{ security: true, lines, edges: [] },
  });
  assert.deepEqual(nowhere.rejected, [{ id: 'X', code: 'NO_NODE' }]);
});

test('an account may have several requests; the place in the file decides nothing', () => {
  const orders = [S, A, B, { ...A, id: 'A2', energy: '1' }, { ...S, id: 'S2', price: '0.5' }];
  const report = clear(orders);
  assert.deepEqual(report.rejected, []);
  const back = clear([...orders].reverse());
  assert.deepEqual(
    [back.trades, back.log, back.summary],
    [report.trades, report.log, report.summary],
  );
});

test('the seal of papers/003 names interval, node, side, price, quantity and salt', () => {
  const salt = '00112233445566778899aabbccddeeff';
  const seal = 'cc7b8fae3375c0bad75f4d09d90e897053d67e3fc75265818e8d1e88212e332a';
  const sealed = { ...S, commitment: seal, nonce: salt };
  const of = (more: object, changed: object = {}) =>
    clear([{ ...sealed, ...changed }, A], { commitment: 'dda1', ...more }).rejected;
  assert.deepEqual(of({ interval: 42 }), []);
  const refused = [{ id: 'S', code: 'COMMITMENT_MISMATCH' }];
  assert.deepEqual(of({ interval: 43 }), refused);
  assert.deepEqual(of({}), refused);
  assert.deepEqual(of({ interval: 42 }, { price: '0.451' }), refused);
  assert.deepEqual(of({ interval: 42 }, { node: 'N2' }), refused);
  const fine = { commitment: 'dda1', tick: '0.0001' };
  assert.equal(refusal([], fine), 'PARAM_RANGE params.tick');
});

test('compare: of two prices the mean counts, the ends are the extremes', () => {
  const orders = [
    order('b1', 'N1', 'buy', { price: '0.76', energy: '2' }),
    order('b2', 'N1', 'buy', { price: '0.74', energy: '2' }),
    order('s1', 'N1', 'sell', { price: '0.41', energy: '2' }),
    order('s2', 'N1', 'sell', { price: '0.7', energy: '2' }),
  ];
  const { mechanisms } = compareDocument({ params: { ...params, rule: 'mcafee_grid' }, orders });
  const of = mechanisms.find(({ mechanism }) => mechanism === 'neighbourhood')?.result;
  assert.deepEqual(of?.prices, { average: '0.720', least: '0.700', most: '0.740' });
  assert.equal(of?.welfare, '0.7');
  assert.equal(of?.buyersPay, '3.08');
});
