// Feeder, flows, security check, fees and curtailment (market-reputation 1.9), and the check in the
// files of a mechanism that clears once.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { clearDocument } from '../src/file/clear.js';
import { congestionFee, forecastOf } from '../src/grid/congestion.js';
import { curtailment, type Pusher } from '../src/grid/curtail.js';
import { curtailFault, lineFault } from '../src/grid/faults.js';
import { flowsWith, magnitude, securityCheck } from '../src/grid/flow.js';
import { type Grid, type GridTrade, gridOf, usesOf } from '../src/grid/tree.js';
import { wh } from './books.js';
import { anyNetwork } from './reputationBooks.js';

const line = (id: string, from: string, to: string, capacity = 100) => ({
  id,
  from,
  to,
  capacityWh: wh(capacity),
});
const tree = gridOf([
  line('L1', 'grid', 'A'),
  line('L2', 'A', 'B', 60),
  line('L3', 'A', 'C', 80),
  line('L4', 'C', 'D'),
]) as Grid;
const trade = (seller: string, buyer: string, energy: number, grid = tree): GridTrade => ({
  sellNode: grid.nodes.get(seller) ?? -1,
  buyNode: grid.nodes.get(buyer) ?? -1,
  energyWh: wh(energy),
});

test('lines that are no tree are refused in words', () => {
  assert.equal(gridOf([line('a', 'x', 'y'), line('a', 'y', 'z')]), 'line a stands twice');
  assert.equal(gridOf([line('a', 'x', 'y'), line('b', 'z', 'y')]), 'two lines lead to y');
  assert.equal(gridOf([line('a', 'x', 'y'), line('b', 'u', 'v')]), '2 roots, one is wanted');
  assert.equal(gridOf([line('a', 'x', 'y'), line('b', 'y', 'x')]), '0 roots, one is wanted');
  const ring = [line('a', 'r', 's'), line('b', 'x', 'y'), line('c', 'y', 'x')];
  assert.equal(gridOf(ring), 'the lines close a ring');
  assert.equal(gridOf([line('a', 'x', 'x')]), '0 roots, one is wanted');
});

test('a trade uses the lines between its nodes, and none where they are one', () => {
  const named = (seller: string, buyer: string) =>
    usesOf(tree, trade(seller, buyer, 1)).map(
      ({ line, sign }) => `${sign > 0n ? '+' : '-'}${tree.lines[line]?.id}`,
    );
  assert.deepEqual(named('B', 'D').sort(), ['+L3', '+L4', '-L2']);
  assert.deepEqual(named('D', 'grid'), ['-L4', '-L3', '-L1']);
  assert.deepEqual(named('A', 'A'), []);
});

test('a line already over may be relieved, and not raised (step 3)', () => {
  const base = [0n, 70n, 0n, 0n];
  const check = (...trades: GridTrade[]) => securityCheck(tree, base, trades);
  assert.deepEqual(check(trade('A', 'B', 1)).passed, [false]);
  assert.deepEqual(check(trade('B', 'A', 1), trade('A', 'B', 1)).passed, [true, false]);
  assert.deepEqual(check(trade('B', 'A', 30), trade('A', 'B', 20)).passed, [true, true]);
  assert.deepEqual(check(trade('B', 'A', 141)).passed, [false], 'over the other way, and more');
  // A failed one leaves no flow behind on its other lines.
  assert.deepEqual(check(trade('C', 'B', 50), trade('A', 'C', 80)).flowsWh, [0n, 70n, 80n, 0n]);
});

const anyTrades = fc.array(
  fc.record({ sell: fc.nat(1000), buy: fc.nat(1000), energy: fc.integer({ min: 0, max: 120 }) }),
  { maxLength: 40 },
);

function tradesIn(grid: Grid, drawn: readonly { sell: number; buy: number; energy: number }[]) {
  return drawn.map(({ sell, buy, energy }) => ({
    sellNode: sell % grid.nodes.size,
    buyNode: buy % grid.nodes.size,
    energyWh: wh(energy),
  }));
}

test('any feeder: what passed keeps every line, what failed would not have', () => {
  fc.assert(
    fc.property(anyNetwork, anyTrades, ({ grid, baseWh }, drawn) => {
      const trades = tradesIn(grid, drawn);
      const { passed, flowsWh } = securityCheck(grid, baseWh, trades);
      const kept = trades.filter((_, i) => passed[i]);
      assert.equal(lineFault(grid, baseWh, kept), undefined);
      assert.deepEqual(flowsWh, flowsWith(grid, baseWh, kept));
      for (const [i, failed] of trades.entries()) {
        if (passed[i]) continue;
        const before = trades.slice(0, i).filter((_, j) => passed[j]);
        const [was, is] = [before, [...before, failed]].map((of) => flowsWith(grid, baseWh, of));
        const isRaised = grid.lines.some(({ capacityWh }, l) => {
          const [a, b] = [magnitude(was?.[l] ?? 0n), magnitude(is?.[l] ?? 0n)];
          return b > capacityWh && b > (a > capacityWh ? a : capacityWh);
        });
        assert.ok(isRaised, `trade ${i} could have passed`);
      }
    }),
    { numRuns: 500 },
  );
});

test('fees cover the redispatch of what trades push, by less than a unit per Wh', () => {
  fc.assert(
    fc.property(anyNetwork, anyTrades, ({ grid, baseWh, ...rules }, drawn) => {
      const trades = tradesIn(grid, drawn);
      const forecast = forecastOf(grid, baseWh, { trades, rules });
      let [cost, pushes] = [0n, 0n];
      for (const [l, { capacityWh }] of grid.lines.entries()) {
        const flow = forecast.flowsWh[l] as bigint;
        const push = trades
          .flatMap((t) => usesOf(grid, t).map((u) => ({ ...u, wh: t.energyWh })))
          .filter((use) => use.line === l && use.sign > 0n === flow > 0n)
          .reduce((sum, use) => sum + use.wh, 0n);
        if (magnitude(flow) <= capacityWh || push === 0n) continue;
        cost += (magnitude(flow) - capacityWh) * (rules.cUp - rules.cDown);
        pushes += push;
      }
      const paid = trades.reduce((sum, t) => sum + congestionFee(grid, forecast, t), 0n);
      assert.ok(paid >= cost && (paid < cost + pushes || pushes === 0n), `${paid} for ${cost}`);
    }),
    { numRuns: 500 },
  );
});

test('any curtailment conserves; who paid more is not cut more', () => {
  const pusher = fc.record({
    loadWh: fc.oneof(fc.nat(5), fc.nat(5000)).map(wh),
    fee: fc.nat(4).map((fee) => BigInt(fee) as Pusher['fee']),
  });
  const pushers = fc.array(pusher, { maxLength: 30 });
  fc.assert(
    fc.property(pushers, fc.oneof(fc.nat(20), fc.nat(50_000)), (all, over) => {
      assert.equal(curtailFault(BigInt(over), all, curtailment(wh(over), all)), undefined);
    }),
    { numRuns: 1000 },
  );
});

test('the checker of cuts finds planted faults', () => {
  const fee = (value: number) => BigInt(value) as Pusher['fee'];
  const all = [
    { loadWh: wh(10), fee: fee(2) },
    { loadWh: wh(10), fee: fee(1) },
  ];
  const fault = (...cuts: number[]) => curtailFault(6n, all, cuts.map(wh));
  assert.equal(fault(2, 4), undefined);
  assert.match(fault(2, 3) ?? '', /5 Wh cut where 6/);
  assert.match(fault(4, 2) ?? '', /paid more than 1/);
  assert.match(fault(-5, 11) ?? '', /beyond its load/);
  assert.match(fault(6) ?? '', /a cut per pusher/);
});

const call = (params: object, node?: string) => ({
  mechanism: 'call',
  params: { feedIn: '0', retail: '1', ...params },
  orders: [
    { id: 'S', account: 'S', side: 'sell', energy: '5', price: '0.4', node: 'B' },
    { id: 'T', account: 'T', side: 'sell', energy: '5', price: '0.5', node: 'A' },
    { id: 'B', account: 'B', side: 'buy', energy: '9', price: '0.6', ...(node ? { node } : {}) },
  ],
});
const lines = [
  { id: 'L1', from: 'grid', to: 'A', capacity: '4' },
  { id: 'L2', from: 'A', to: 'B', capacity: '4' },
];

test('the call auction in files: a trade that fails is void and rests with the grid', () => {
  const report = clearDocument(call({ security: true, lines, baseFlow: { L2: '-0.5' } }, 'A'));
  assert.deepEqual(
    report.trades.map(({ seller, energy }) => [seller, energy]),
    [['T', '4']],
  );
  const { check } = report as unknown as { check: unknown };
  assert.deepEqual(check, {
    passed: [{ seller: 'T', buyer: 'B', energy: '4' }],
    failed: [{ seller: 'S', buyer: 'B', energy: '5' }],
    flows: { L1: '0', L2: '-0.5' },
  });
  assert.deepEqual(report.unmatched, [
    { id: 'S', energy: '5' },
    { id: 'T', energy: '1' },
    { id: 'B', energy: '5' },
  ]);
});

test('the check wants a node of every order; off, it does not look', () => {
  const codes = (document: object) => clearDocument(document).rejected;
  assert.deepEqual(codes(call({ security: true, lines })), [{ id: 'B', code: 'NO_NODE' }]);
  assert.deepEqual(codes(call({ security: true, lines }, 'Z')), [{ id: 'B', code: 'NO_NODE' }]);
  assert.deepEqual(codes(call({ lines })), []);
});
