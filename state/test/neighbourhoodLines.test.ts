// The check of lines in a neighbourhood (market-neighbourhood 1.3.6): a pair that breaks the limit
// of a line is skipped, its requests stay open; the grid company's base flows count.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Money, PeriodIndex, Price } from '../../core/src/amount.js';
import type { Tx } from '../../core/src/tx.js';
import { readGenesis } from '../src/genesis/genesis.js';
import { periodGroup, POSITIONS, TRADES } from '../src/schema.js';
import { assertRestores } from './audit.js';
import { person, QUICK, TestChain, testGenesis } from './harness.js';
import { assertRefused } from './refused.js';
import { type Request, Street, streetGenesis, type StreetOptions } from './street.js';
import { linesOf } from './trade.js';

/** N1 -L2- N2 -L1- N3 (the grid) -L3- N4 -L4- N5, all of one capacity in kW. */
const feederOf = (capacity: string) => ({
  nodes: ['N1', 'N2', 'N3', 'N4', 'N5'],
  lines: [
    { id: 'L1', from: 'N3', to: 'N2', capacity },
    { id: 'L2', from: 'N2', to: 'N1', capacity },
    { id: 'L3', from: 'N3', to: 'N4', capacity },
    { id: 'L4', from: 'N4', to: 'N5', capacity },
  ],
});
/** 1000 Wh in an interval of five minutes. */
const CAPACITY = '12';
/** One auctioneer for everybody, so that the order of the pairs is plain. */
const PARAMS = { edges: [], rule: 'average', maxOrders: 100 };
const HOMES = [
  ['ann', 'N1'],
  ['bob', 'N5'],
  ['cat', 'N5'],
  ['dan', 'N1'],
] as const;
const ON = { security: true };

function street(more: Partial<StreetOptions> = {}, capacity = CAPACITY): Street {
  const options = { homes: HOMES, params: PARAMS, modules: ON, ...more };
  const genesis = { ...streetGenesis(options), feeder: feederOf(capacity) };
  return new Street(options, new TestChain(genesis, QUICK));
}

const tradesOf = (s: Street): readonly string[] => {
  const names = new Map(HOMES.map(([name]) => [`${s.chain.id(person(name))}`, name]));
  const key = { market: 'street', period: 1n as PeriodIndex };
  return s.chain
    .world()
    .entries(TRADES, periodGroup(key))
    .map(({ value: t }) => `${names.get(`${t.seller}`)}-${names.get(`${t.buyer}`)} ${t.energyWh}`);
};

const ask = (who: string, wh: bigint, price: bigint): Request => ({ who, side: 'sell', wh, price });
const bid = (who: string, wh: bigint, price: bigint): Request => ({ who, side: 'buy', wh, price });

test('1.3.6: a pair that a line does not carry is skipped, its requests trade with others', () => {
  // Best with best would be ann-cat and bob-dan, both from one end of the street to the other.
  const requests = [
    ask('ann', 1100n, 420n),
    ask('bob', 1100n, 450n),
    bid('cat', 1100n, 700n),
    bid('dan', 1100n, 650n),
  ];
  const free = street({ modules: {} });
  free.trade(requests);
  assert.deepEqual(tradesOf(free), ['ann-cat 1100', 'bob-dan 1100']);
  const checked = street();
  checked.trade(requests);
  assert.deepEqual(tradesOf(checked), ['bob-cat 1100', 'ann-dan 1100']);
  // A line that is just full carries them; what flows back makes room.
  const wide = street({}, '13.2');
  wide.trade(requests);
  assert.deepEqual(tradesOf(wide), ['ann-cat 1100', 'bob-dan 1100']);
  assertRestores(checked.chain);
});

test("1.3.6: what no line carries is the grid's, and both sides read why", () => {
  const s = street();
  const built = s.trade([ask('ann', 1100n, 420n), bid('cat', 1100n, 700n)]);
  assert.deepEqual(tradesOf(s), []);
  const said = linesOf(built.receipts).filter(({ kind }) => kind === 'refused');
  assert.deepEqual(
    said.map(({ fields }) => [fields.code, fields.amount ?? fields.energyWh]),
    [
      ['LINE_LIMIT', 1100n],
      ['LINE_LIMIT', 1100n],
    ],
  );
  const outcomes = s.chain
    .world()
    .entries(POSITIONS)
    .map(({ value }) => [value.outcome, value.lock]);
  assert.deepEqual(outcomes, [
    ['UNMATCHED', 0n],
    ['UNMATCHED', 0n],
  ]);
});

function gridData(s: Street, who: string, baseWh: readonly bigint[], c1 = 0n): Tx {
  const none = { c2: 0n, c3: 0n, cUp: 0n, cDown: 0n, subsidy: 0n } as Record<string, bigint>;
  const prices = { ...none, c1 } as Record<'c1' | 'c2' | 'c3' | 'cUp' | 'cDown' | 'subsidy', Price>;
  const body = { market: 'street', baseWh, ...prices, budget: 0n as Money };
  return s.chain.tx(person(who), 'gridData', body);
}

test('base flows of the grid company take their part of a line, from the next interval on', () => {
  const s = street();
  const refused = (code: 'NOT_ALLOWED' | 'BAD_ENCODING' | 'AMOUNT_RANGE', tx: Tx): void =>
    assertRefused(s.chain, { timeMs: 1000n, tx, code });
  refused('NOT_ALLOWED', gridData(s, 'ann', [0n, 0n, 0n, 0n]));
  refused('BAD_ENCODING', gridData(s, 'grid', [0n]));
  refused('AMOUNT_RANGE', gridData(s, 'grid', [0n, 0n, 0n, 0n], 1n));
  const off = street({ modules: {} });
  const tx = gridData(off, 'grid', [0n, 0n, 0n, 0n]);
  assertRefused(off.chain, { timeMs: 1000n, tx, code: 'WRONG_MECHANISM' });
  // L4 carries 200 Wh to N5 already: 900 more are too many, 800 are not.
  s.block(1000n, [gridData(s, 'grid', [0n, 0n, 0n, 200n])]);
  s.trade([ask('ann', 900n, 420n), bid('cat', 900n, 700n)]);
  assert.deepEqual(tradesOf(s), ['ann-cat 900'], 'period 1 was open when it came');
  s.trade([ask('ann', 900n, 420n), bid('cat', 900n, 700n)], 2n);
  s.trade([ask('ann', 800n, 420n), bid('cat', 800n, 700n)], 3n);
  const counts = [2n, 3n].map((period) => {
    const key = { market: 'street', period: period as PeriodIndex };
    return s.chain.world().entries(TRADES, periodGroup(key)).length;
  });
  assert.deepEqual(counts, [0, 1]);
});

test('NO_NODE: who stands nowhere on the feeder cannot bid where lines are checked', () => {
  const homes = [...HOMES, ['eve', '']] as const;
  const s = street({ homes });
  const tx = s.seal(bid('eve', 1000n, 500n));
  assertRefused(s.chain, { timeMs: 10_000n, tx, code: 'NO_NODE' });
  const free = street({ homes, modules: {} });
  assert.deepEqual(free.block(10_000n, [free.seal(bid('eve', 1000n, 500n))]).refused, []);
});

test('genesis: the check is of the auctions of a neighbourhood and of reputation', () => {
  const read = (params: object, modules: object = ON) => {
    const options = { homes: HOMES, params: { ...PARAMS, ...params }, modules };
    return readGenesis({ ...streetGenesis(options), feeder: feederOf(CAPACITY) });
  };
  assert.equal(read({}).markets[0]?.params.security, true);
  assert.equal(read({}, {}).markets[0]?.params.security, false);
  assert.throws(() => read({ pricing: 'internal' }), /security: not where pricing is "internal"/);
  // Two hops, four lines between the ends: (n / 2)^2 x 2 x 4 <= 2 x 10^6.
  assert.throws(() => read({ maxOrders: 1001 }), /maxOrders: at most 1000 with the check of lines/);
  assert.equal(read({ maxOrders: 1000 }).markets[0]?.params.maxOrders, 1000);
  for (const mechanism of ['call', 'two-round', 'uniform', 'continuous', 'bilateral']) {
    const params = { feedIn: '0.1', retail: '0.3' };
    const market = { id: 'spot', mechanism, params, modules: ON };
    const genesis = testGenesis([], { markets: [market] });
    assert.throws(() => readGenesis(genesis), /security: has no meaning in a market of/);
  }
});

const anyRequest = fc.record({
  side: fc.constantFrom('sell' as const, 'buy' as const),
  node: fc.integer({ min: 1, max: 5 }),
  wh: fc.bigInt(10n, 1500n),
  price: fc.bigInt(400n, 800n),
});

test('no line carries more than it can, whatever is bid', () => {
  fc.assert(
    fc.property(
      fc.array(anyRequest, { minLength: 2, maxLength: 10 }),
      fc.boolean(),
      fc.constantFrom('mcafee_sbb', 'average'),
      (bids, hasGraph, rule) => {
        const homes = bids.map(({ node }, i) => [`home ${i}`, `N${node}`] as const);
        const params = { ...PARAMS, rule, ...(hasGraph && { edges: undefined }) };
        const s = street({ homes, params: JSON.parse(JSON.stringify(params)) });
        s.trade(bids.map(({ side, wh, price }, i) => ({ who: `home ${i}`, side, wh, price })));
        const nodeOf = new Map(homes.map(([name, node]) => [`${s.chain.id(person(name))}`, node]));
        // What goes into a part of the street less what comes out of it flows through its line.
        const below = { L1: 'N1 N2', L2: 'N1', L3: 'N4 N5', L4: 'N5' };
        for (const [line, nodes] of Object.entries(below)) {
          let flow = 0n;
          for (const { value: t } of s.chain.world().entries(TRADES)) {
            if (nodes.includes(nodeOf.get(`${t.buyer}`) as string)) flow += t.energyWh;
            if (nodes.includes(nodeOf.get(`${t.seller}`) as string)) flow -= t.energyWh;
          }
          assert.ok(flow <= 1000n && flow >= -1000n, `${line} carries ${flow}`);
        }
      },
    ),
    { numRuns: 60 },
  );
});
