// The open-order markets on a chain: the table of papers/001 down to the balances, one price for
// all, orders that trade as they come, and what is refused.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { PeriodIndex, Price, WattHour } from '../../core/src/amount.js';
import type { Side, Tx } from '../../core/src/tx.js';
import { agentQuotes } from '../../market/src/twoRound/adjust.js';
import {
  ACCOUNTS,
  BOOK,
  CREDITS,
  DELIVERIES,
  PERIODS,
  periodGroup,
  POSITIONS,
  TRADES,
} from '../src/schema.js';
import { PERIOD, person, QUICK, TestChain, testGenesis } from './harness.js';
import { readingOf } from './trade.js';

const MARKET = 'spot';

interface Options {
  readonly mechanism: string;
  readonly homes: readonly string[];
  readonly balance?: string;
  readonly params?: object;
  readonly modules?: object;
}

function chainOf({ mechanism, homes, balance = '2000', params = {}, modules = {} }: Options) {
  const base = testGenesis(homes) as { accounts: object[] };
  const accounts = base.accounts.map((account) => ({
    ...account,
    balance,
    pMaxImport: '4000',
    pMaxExport: '4000',
  }));
  const tariff = { feedIn: '0.31', retail: '0.59' };
  const market = { id: MARKET, mechanism, params: { ...tariff, ...params }, modules };
  const genesis = { ...base, accounts, pools: { reward: '0' }, markets: [market] };
  return new TestChain(genesis, QUICK);
}

interface OrderOf {
  readonly who: string;
  readonly side: Side;
  readonly kwh: number;
  /** Thousandths per kWh. */
  readonly price: number;
  readonly period: bigint;
}

const orderOf = (chain: TestChain, o: OrderOf): Tx =>
  chain.tx(person(o.who), 'order', {
    market: MARKET,
    period: o.period as PeriodIndex,
    side: o.side,
    energyWh: BigInt(o.kwh * 1000) as WattHour,
    price: BigInt(o.price) as Price,
    type: '',
    reserve: undefined,
    right: undefined,
  });

/** Every candidate is in the block; else the codes that refused them. */
function take(chain: TestChain, timeMs: bigint, txs: readonly Tx[]): void {
  const { refused } = chain.block(timeMs, txs);
  assert.deepEqual(
    refused.map(({ code }) => code),
    [],
  );
}

/** Codes of what a block at that time refuses. */
const refusals = (chain: TestChain, timeMs: bigint, txs: readonly Tx[]): readonly string[] =>
  chain.build(timeMs, txs).refused.map(({ code }) => code);

const tradesOf = (chain: TestChain, period: bigint, names: readonly string[]) => {
  const name = (id: Uint8Array): string =>
    names.find((n) => Buffer.from(chain.id(person(n))).equals(id)) ?? '?';
  return chain
    .world()
    .entries(TRADES, periodGroup({ market: MARKET, period: period as PeriodIndex }))
    .map(
      ({ value: t }) =>
        `${name(t.seller)}-${name(t.buyer)} ${t.energyWh} ${t.price} ${t.biddingRound}`,
    );
};

/** Registers of every home at the ends of the periods before delivery, then of delivery. */
function deliver(
  chain: TestChain,
  period: bigint,
  metered: ReadonlyMap<string, readonly [imp: number, exp: number]>,
): void {
  const zero = [...metered.keys()].map((home) =>
    readingOf(chain, home, { end: period * PERIOD, imp: 0n, exp: 0n }),
  );
  take(chain, period * PERIOD + 1000n, zero);
  const end = (period + 1n) * PERIOD;
  const readings = [...metered].map(([home, [imp, exp]]) =>
    readingOf(chain, home, { end, imp: BigInt(imp * 1000), exp: BigInt(exp * 1000) }),
  );
  take(chain, end + 1000n, readings);
  settleAt(chain, end);
}

/** Blocks at the times of markReading and settle: a chain that stood still would wait longer. */
function settleAt(chain: TestChain, end: bigint): void {
  chain.block(end + 300_000n);
  chain.block(end + 600_000n);
}

const golden = JSON.parse(readFileSync('test/vectors/two-round/two-round.json', 'utf8'));
const rows: readonly { node: string; role: string; kwh: number; price: string; reserve: string }[] =
  golden.input.table1;
const mills = (text: string): number => Math.round(Number(text) * 1000);

test('two-round: the trades of table 2 on the chain, with the quotes of the agents', () => {
  const homes = rows.map(({ node }) => node);
  const chain = chainOf({ mechanism: 'two-round', homes });
  // Orders of delivery period 1 until 480 s; the order of the rows is their time.
  const orders = rows.map(({ node, role, kwh, price }) =>
    orderOf(chain, {
      who: node,
      side: role === 'S' ? 'sell' : 'buy',
      kwh,
      price: mills(price),
      period: 1n,
    }),
  );
  take(chain, 1000n, orders);
  // Locks: energy x retail on both sides, so that no price shows (penalty is on).
  assert.equal(chain.balance(person('S1')).locked, 220_000n * 590n);
  assert.equal(chain.balance(person('B1')).locked, 400_000n * 590n);
  assert.deepEqual(
    refusals(chain, 2000n, [
      chain.tx(person('S3'), 'adjust', {
        market: MARKET,
        period: 1n as PeriodIndex,
        prices: [495_000n, 490_500n],
      }),
    ]),
    ['WRONG_PHASE'],
  );
  chain.block(480_000n);
  const round1 = golden.expected_repeat.trades.filter((t: { round: number }) => t.round === 1);
  const shown = (
    ts: readonly { seller: string; buyer: string; kwh: string; price: string; round: number }[],
  ) => ts.map((t) => `${t.seller}-${t.buyer} ${Number(t.kwh) * 1000} ${mills(t.price)} ${t.round}`);
  assert.deepEqual(tradesOf(chain, 1n, homes), shown(round1));
  const adjusts = [
    { node: 'S3', side: 'sell' as const, reference: 450_000n },
    { node: 'B3', side: 'buy' as const, reference: 510_000n },
    { node: 'B4', side: 'buy' as const, reference: 510_000n },
  ].map(({ node, side, reference }) => {
    const row = rows.find((r) => r.node === node);
    const quote = BigInt(mills(row?.price ?? '0')) * 1000n;
    const reserve = BigInt(mills(row?.reserve ?? '0')) * 1000n;
    const adjustment = { side, quote, reference, betaPpm: 100_000n };
    const prices = agentQuotes(adjustment, { reserve, maxSteps: 2 });
    return chain.tx(person(node), 'adjust', { market: MARKET, period: 1n as PeriodIndex, prices });
  });
  const past = chain.tx(person('S3'), 'adjust', {
    market: MARKET,
    period: 1n as PeriodIndex,
    prices: [494_999n, 490_500n],
  });
  assert.deepEqual(refusals(chain, 500_000n, [past]), ['STEP_QUOTE']);
  take(chain, 500_000n, adjusts);
  chain.block(600_000n);
  assert.deepEqual(tradesOf(chain, 1n, homes), shown(golden.expected_repeat.trades));
  assert.deepEqual(chain.world().entries(BOOK), []);
});

test('two-round: everybody keeps the contract: cash of the table, credit periods counted', () => {
  const homes = rows.map(({ node }) => node);
  const chain = chainOf({ mechanism: 'two-round', homes });
  const orders = rows.map(({ node, role, kwh, price }) =>
    orderOf(chain, {
      who: node,
      side: role === 'S' ? 'sell' : 'buy',
      kwh,
      price: mills(price),
      period: 1n,
    }),
  );
  take(chain, 1000n, orders);
  chain.block(480_000n);
  // No quotes: each stays, so round 2 makes no trade.
  chain.block(600_000n);
  deliver(
    chain,
    1n,
    new Map(rows.map((r) => [r.node, r.role === 'S' ? [0, r.kwh] : [r.kwh, 0]] as const)),
  );
  const start = 2_000_000_000n;
  const cash = (node: string): bigint => chain.balance(person(node)).available - start;
  const total = (node: string): bigint =>
    BigInt(Math.round(Number(golden.expected_repeat.cash[node].total) * 1_000_000));
  for (const node of ['S1', 'S2', 'S4']) assert.equal(cash(node), total(node), node);
  for (const node of ['B1', 'B2', 'B4']) assert.equal(cash(node), -total(node), node);
  // S3 sold to the grid, B3 bought 650 kWh there.
  assert.equal(cash('S3'), 435_000n * 310n);
  assert.equal(cash('B3'), -(180_000n * 470n + 650_000n * 590n));
  for (const { node } of rows) assert.equal(chain.balance(person(node)).locked, 0n, node);
  assert.equal(chain.world().get(CREDITS, chain.id(person('S1')))?.D, 1);
  assert.equal(chain.world().get(CREDITS, chain.id(person('S3'))), undefined);
});

/** kWh of import and export: b delivers nothing of the 6 kWh that it sold. */
const firstDay = new Map([
  ['a', [0, 6]],
  ['b', [0, 0]],
  ['c', [12, 0]],
  ['d', [0, 0]],
] as const);

test('uniform: one price for all, the long side shares its margin, a default is judged', () => {
  const homes = ['a', 'b', 'c', 'd'];
  const chain = chainOf({ mechanism: 'uniform', homes });
  const at = { period: 1n };
  take(chain, 1000n, [
    orderOf(chain, { ...at, who: 'a', side: 'sell', kwh: 10, price: 400 }),
    orderOf(chain, { ...at, who: 'b', side: 'sell', kwh: 10, price: 400 }),
    orderOf(chain, { ...at, who: 'c', side: 'buy', kwh: 12, price: 500 }),
  ]);
  chain.block(600_000n);
  const trades = tradesOf(chain, 1n, homes).map((text) => text.split(' ').slice(1).join(' '));
  assert.deepEqual(trades, ['6000 450 1', '6000 450 1']);
  // b delivers nothing: 6 kWh short. Its credit is full, so the default costs credit, no money.
  deliver(chain, 1n, firstDay);
  const start = 2_000_000_000n;
  assert.equal(chain.balance(person('a')).available - start, 6000n * 450n);
  assert.equal(chain.balance(person('b')).available - start, 0n);
  assert.equal(chain.balance(person('c')).available - start, -(6000n * 450n + 6000n * 590n));
  assert.deepEqual(chain.world().get(CREDITS, chain.id(person('b'))), {
    D: 0,
    i: 1,
    n: 0,
    readmitMs: 0n,
  });
  const deliveries = chain
    .world()
    .entries(DELIVERIES)
    .map(({ value }) => value);
  const short = deliveries.find(({ shortSellerWh }) => shortSellerWh > 0n);
  assert.equal(short?.shortSellerWh, 6000n);
  assert.equal(short?.penaltySeller, 0n);

  // A second default, now at credit 99: the buyer gets mu of the penalty, a and d share the rest.
  const next = { period: 4n };
  const opens = 3n * PERIOD;
  take(chain, opens + 1000n, [
    orderOf(chain, { ...next, who: 'b', side: 'sell', kwh: 10, price: 400 }),
    orderOf(chain, { ...next, who: 'c', side: 'buy', kwh: 10, price: 500 }),
  ]);
  chain.block(opens + 600_000n);
  const before = new Map(homes.map((h) => [h, chain.balance(person(h)).available]));
  const locked = new Map(homes.map((h) => [h, chain.balance(person(h)).locked]));
  const end = 5n * PERIOD;
  const readings = (endMs: bigint, of: ReadonlyMap<string, readonly [bigint, bigint]>) =>
    [...of].map(([home, [imp, exp]]) => readingOf(chain, home, { end: endMs, imp, exp }));
  const old = new Map<string, readonly [bigint, bigint]>([
    ['a', [0n, 6000n]],
    ['b', [0n, 0n]],
    ['c', [12_000n, 0n]],
    ['d', [0n, 0n]],
  ] as const);
  take(chain, 4n * PERIOD + 1000n, readings(4n * PERIOD, old));
  take(chain, end + 1000n, readings(end, new Map([...old]).set('c', [22_000n, 0n])));
  settleAt(chain, end);
  const gain = (h: string): bigint =>
    chain.balance(person(h)).available - (before.get(h) ?? 0n) - (locked.get(h) ?? 0n);
  const penalty = -gain('b');
  assert.ok(penalty > 0n, 'a default below full credit costs money');
  const victim = (penalty * 800_000n) / 1_000_000n;
  assert.equal(gain('c') + 10_000n * 590n, victim);
  assert.equal(gain('a') + gain('d'), penalty - victim);
  assert.equal(chain.world().get(CREDITS, chain.id(person('b')))?.i, 2);
});

test('continuous: the price of the resting order, own orders never meet, one side', () => {
  const homes = ['a', 'b', 'c'];
  const chain = chainOf({ mechanism: 'continuous', homes });
  // Ninety-six periods ahead are open.
  const period = 50n;
  const o = (who: string, side: Side, kwh: number, price: number) =>
    orderOf(chain, { who, side, kwh, price, period });
  take(chain, 1000n, [o('a', 'sell', 5, 400), o('b', 'sell', 5, 380), o('c', 'buy', 7, 450)]);
  assert.deepEqual(tradesOf(chain, period, homes), ['b-c 5000 380 1', 'a-c 2000 400 1']);
  // a has sold: it does not buy in the same period.
  assert.deepEqual(refusals(chain, 2000n, [o('a', 'buy', 1, 390)]), ['WRONG_SIDE']);
  take(chain, 3000n, [o('b', 'sell', 4, 420)]);
  const book = chain
    .world()
    .entries(BOOK)
    .flatMap(({ value }) => value.orders);
  assert.deepEqual(book.map(({ energyWh }) => energyWh).sort(), [3000n, 4000n]);
  const own = chainOf({ mechanism: 'continuous', homes });
  const p = (who: string, side: Side, kwh: number, price: number) =>
    orderOf(own, { who, side, kwh, price, period });
  take(own, 1000n, [p('a', 'sell', 5, 400), p('a', 'buy', 2, 450), p('a', 'buy', 1, 350)]);
  assert.deepEqual(tradesOf(own, period, homes), []);
  const left = own
    .world()
    .entries(BOOK)
    .flatMap(({ value }) => value.orders);
  assert.deepEqual(
    left.map(({ side, energyWh }) => `${side} ${energyWh}`),
    ['sell 5000', 'buy 1000'],
  );
  // Its ask is taken: a has sold, and its resting bid goes.
  take(own, 2000n, [p('b', 'buy', 5, 400)]);
  assert.deepEqual(own.world().entries(BOOK), []);
  assert.equal(own.balance(person('a')).locked, 5000n * 590n);
  // The gate: what rests goes back.
  chain.block(period * PERIOD - 300_000n);
  assert.deepEqual(chain.world().entries(BOOK), []);
  assert.equal(chain.balance(person('a')).locked, 2000n * 590n);
});

test('open orders: replaced, reduced, cancelled; the lock follows; refusals', () => {
  const homes = ['a', 'b'];
  const chain = chainOf({ mechanism: 'uniform', homes });
  const at = { period: 1n, side: 'buy' as const };
  const first = orderOf(chain, { ...at, who: 'a', kwh: 10, price: 400 });
  take(chain, 1000n, [first]);
  const second = orderOf(chain, { ...at, who: 'a', kwh: 4, price: 450 });
  take(chain, 2000n, [second]);
  assert.equal(chain.balance(person('a')).locked, 4000n * 590n);
  assert.equal(chain.world().get(PERIODS, { market: MARKET, period: 1n as PeriodIndex })?.live, 1);
  const other = orderOf(chain, { ...at, side: 'sell', who: 'a', kwh: 1, price: 400 });
  assert.deepEqual(refusals(chain, 2500n, [other]), ['DUPLICATE_ORDER']);
  const reduceTo = (order: Tx, kwh: number): Tx =>
    chain.tx(person('a'), 'reduce', {
      market: MARKET,
      period: 1n as PeriodIndex,
      order: order.id,
      energyWh: BigInt(kwh * 1000) as WattHour,
    });
  const cancelOf = (order: Tx): Tx =>
    chain.tx(person('a'), 'cancel', { market: MARKET, period: 1n as PeriodIndex, order: order.id });
  assert.deepEqual(
    refusals(chain, 3000n, [reduceTo(first, 1), reduceTo(second, 4), cancelOf(first)]),
    ['NO_ORDER', 'QUANTITY_LIMIT', 'NO_ORDER'],
  );
  take(chain, 3000n, [reduceTo(second, 1)]);
  assert.equal(chain.balance(person('a')).locked, 1000n * 590n);
  take(chain, 4000n, [cancelOf(second)]);
  assert.equal(chain.balance(person('a')).locked, 0n);
  assert.equal(
    chain.world().get(PERIODS, { market: MARKET, period: 1n as PeriodIndex }),
    undefined,
  );
  const o = (change: Partial<OrderOf>): Tx =>
    orderOf(chain, { ...at, who: 'a', kwh: 1, price: 400, ...change });
  const seal = chain.tx(person('a'), 'sealBid', {
    market: MARKET,
    period: 1n as PeriodIndex,
    biddingRound: 1,
    hash: new Uint8Array(32) as never,
    side: 'buy',
    energyWh: 1000n as WattHour,
  });
  const bad: readonly [Tx, string][] = [
    [o({ price: 600 }), 'PRICE_BOUNDS'],
    [o({ price: 300 }), 'PRICE_BOUNDS'],
    [o({ kwh: 0.009 }), 'DUST'],
    [o({ kwh: 1001 }), 'QUANTITY_LIMIT'],
    [o({ period: 2n }), 'WRONG_PERIOD'],
    [seal, 'WRONG_MECHANISM'],
  ];
  const root = chain.at.parent.hash;
  for (const [tx, code] of bad) assert.deepEqual(refusals(chain, 5000n, [tx]), [code]);
  assert.deepEqual(chain.at.parent.hash, root);
  assert.deepEqual(refusals(chain, 600_000n, [o({})]), ['WRONG_PHASE']);
  const poor = chainOf({ mechanism: 'uniform', homes, balance: '0.58' });
  const cost = orderOf(poor, { ...at, who: 'a', kwh: 1, price: 320 });
  assert.deepEqual(refusals(poor, 1000n, [cost]), ['INSUFFICIENT_FUNDS']);
});

test('uniform: cleared when delivery has begun, the period is void and every lock returns', () => {
  const homes = ['a', 'b'];
  const chain = chainOf({ mechanism: 'uniform', homes });
  take(chain, 1000n, [
    orderOf(chain, { who: 'a', side: 'sell', kwh: 10, price: 400, period: 1n }),
    orderOf(chain, { who: 'b', side: 'buy', kwh: 10, price: 500, period: 1n }),
  ]);
  chain.block(PERIOD + 1n);
  assert.deepEqual(tradesOf(chain, 1n, homes), []);
  for (const home of homes) assert.equal(chain.balance(person(home)).locked, 0n);
  const positions = chain
    .world()
    .entries(POSITIONS)
    .map(({ value }) => value.outcome);
  assert.deepEqual(positions, ['VOID', 'VOID']);
});

test('credit: eight defaults suspend, thirty periods later the centre readmits (G4-G6)', () => {
  const homes = ['seller', 'buyer'];
  const chain = chainOf({ mechanism: 'uniform', homes });
  const account = (): { credit: number; status: string } | undefined =>
    chain.world().get(ACCOUNTS, chain.id(person('seller')));
  const credits: number[] = [];
  const register = { imp: 0n, exp: 0n };
  // Every fourth period: the seller sells 10 kWh and delivers nothing.
  for (let period = 2n; period <= 30n; period += 4n) {
    const opens = (period - 1n) * PERIOD;
    take(chain, opens + 1000n, [
      orderOf(chain, { who: 'seller', side: 'sell', kwh: 10, price: 400, period }),
      orderOf(chain, { who: 'buyer', side: 'buy', kwh: 10, price: 500, period }),
    ]);
    chain.block(opens + 600_000n);
    for (const end of [period, period + 1n]) {
      if (end === period + 1n) register.imp += 10_000n;
      const readings = [
        readingOf(chain, 'seller', { end: end * PERIOD, imp: 0n, exp: 0n }),
        readingOf(chain, 'buyer', { end: end * PERIOD, ...register }),
      ];
      take(chain, end * PERIOD + 1000n, readings);
      chain.block(end * PERIOD + 300_000n);
    }
    chain.block((period + 1n) * PERIOD + 600_000n);
    credits.push(account()?.credit ?? -1);
  }
  assert.deepEqual(credits, [99, 98, 96, 93, 88, 80, 67, 46]);
  assert.equal(account()?.status, 'suspended');
  const late = orderOf(chain, { who: 'seller', side: 'sell', kwh: 10, price: 400, period: 33n });
  const now = 32n * PERIOD;
  assert.deepEqual(refusals(chain, now, [late]), ['SUSPENDED']);
  const readmit = (timeMs: bigint): Tx => {
    const body = { market: '', account: chain.id(person('seller')) };
    return chain.tx(person('centre'), 'readmit', body, { from: timeMs, until: timeMs + 1000n });
  };
  const due = (31n + 30n) * PERIOD;
  assert.deepEqual(refusals(chain, due - 1n, [readmit(due - 1n)]), ['SUSPENDED']);
  take(chain, due, [readmit(due)]);
  assert.deepEqual([account()?.credit, account()?.status], [60, 'active']);
  const counters = chain.world().get(CREDITS, chain.id(person('seller')));
  assert.deepEqual(counters, { D: 0, i: 8, n: 0, readmitMs: 0n });
});
