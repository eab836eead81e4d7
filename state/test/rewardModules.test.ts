// The module `reward` in the markets that pay by delivery (settlement 3.3, 4.3; market-call 18,
// 19): what is declared there, fines before rewards, a short pool shared, one formula everywhere.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PeriodIndex, Price, WattHour } from '../../core/src/amount.js';
import type { Side, Tx } from '../../core/src/tx.js';
import { type Settlement, SETTLEMENTS } from '../src/schema.js';
import { assertRestores, Audit } from './audit.js';
import { MARKET, Pairs } from './bilateral.js';
import { PERIOD, type Person, person, QUICK, TestChain, testGenesis } from './harness.js';
import { bidOf, Run } from './reputationRun.js';
import { timesOf } from './reputationTrade.js';
import { Street, streetGenesis } from './street.js';
import { linesOf, readingOf } from './trade.js';

const HOMES = ['sun', 'shade'];
const TARIFF = { feedIn: '0.08', retail: '0.32' };
const ON = { reward: true };

interface Settled {
  readonly chain: TestChain;
  readonly market: string;
  /** 1 where it is not said. */
  readonly period?: bigint;
}

/** A chain on which sun, green, has sold 0.6 of the 1 kWh it declared to shade at 0.200. */
interface Traded extends Settled {
  /** Meters them, in Wh, and settles the period. */
  settle(exportWh: bigint, importWh: bigint): void;
}

function lineOf({ chain, market, period = 1n }: Settled, home: string): Settlement {
  const key = { market, period: period as PeriodIndex, account: chain.id(person(home)) };
  const line = chain.world().get(SETTLEMENTS, key);
  assert.ok(line);
  return line;
}

const rewardOf = (of: Settled, home: string): readonly bigint[] => {
  const { rewardDue, reward } = lineOf(of, home);
  return [rewardDue, reward];
};
const pool = ({ chain }: Traded): bigint => chain.balance(chain.at.chain.system.reward).available;

function order(chain: TestChain, who: string, side: Side, wh: bigint): Tx {
  return chain.tx(person(who), 'order', {
    market: 'spot',
    period: 1n as PeriodIndex,
    side,
    energyWh: wh as WattHour,
    price: 200n as Price,
    type: '',
    reserve: undefined,
    right: undefined,
  });
}

/** A market of open orders. */
function open(mechanism: string, points: string): Traded {
  const base = testGenesis(HOMES, { pools: { reward: points } });
  const markets = [{ id: 'spot', mechanism, params: TARIFF, modules: ON }];
  const chain = new TestChain({ ...base, markets }, QUICK);
  const audit = new Audit(chain);
  const take = (timeMs: bigint, txs: readonly Tx[] = []): void => {
    const built = chain.block(timeMs, txs);
    assert.deepEqual(built.refused, []);
    audit.check(built);
  };
  take(1000n, [order(chain, 'sun', 'sell', 1000n), order(chain, 'shade', 'buy', 600n)]);
  for (const at of [480_000n, 600_000n]) take(at);
  const read = (period: bigint, exp: bigint, imp: bigint): void => {
    const end = (period + 1n) * PERIOD;
    take(end + 1000n, [
      readingOf(chain, 'sun', { end, imp: 0n, exp }),
      readingOf(chain, 'shade', { end, imp, exp: 0n }),
    ]);
    for (const after of [300_000n, 600_000n]) take(end + after);
  };
  read(0n, 0n, 0n);
  return { chain, market: 'spot', settle: (exp, imp) => read(1n, exp, imp) };
}

function street(points: string): Traded {
  const homes = [
    ['sun', 'N1'],
    ['shade', 'N1'],
  ] as const;
  const options = { homes, params: TARIFF, modules: ON };
  const genesis = streetGenesis(options) as { accounts: object[] };
  const [sun, shade] = genesis.accounts;
  const accounts = [{ ...sun, green: true }, shade];
  const changed = { ...genesis, accounts, pools: { reward: points } };
  const s = new Street(options, new TestChain(changed, QUICK));
  s.trade([
    { who: 'sun', side: 'sell', wh: 1000n, price: 150n, activate: true },
    { who: 'shade', side: 'buy', wh: 600n, price: 250n, activate: true },
  ]);
  // What is declared is the bid that was opened, whatever is foreseen after it.
  s.block(100_000n, [s.forecast('sun', -900n)]);
  s.block(300_000n, [s.reading('sun', 0n), s.reading('shade', 0n)]);
  return {
    chain: s.chain,
    market: 'street',
    settle(exp, imp) {
      s.block(600_000n, [s.reading('sun', 1n, { exp }), s.reading('shade', 1n, { imp })]);
      s.block(720_000n);
      s.block(840_000n);
    },
  };
}

function reputation(points: string): Traded {
  const run = new Run(HOMES, { params: TARIFF, modules: ON, green: ['sun'], pool: points });
  const [sun, shade] = HOMES.map(person) as [ReturnType<typeof person>, ReturnType<typeof person>];
  run.quote([bidOf(sun, 'sell', 1000n, 150n), bidOf(shade, 'buy', 600n, 250n)], { period: 1n });
  run.block(timesOf(1n, 1).clear);
  run.sign(1n, [[0, [sun, shade]]]);
  run.close(1n);
  const zero = { imp: 0n, exp: 0n };
  run.deliver(0n, { sun: zero, shade: zero });
  return {
    chain: run.chain,
    market: 'spot',
    settle: (exp, imp) => void run.deliver(1n, { sun: { imp: 0n, exp }, shade: { imp, exp: 0n } }),
  };
}

const MARKETS: readonly [string, (points: string) => Traded][] = [
  ['two-round', (points) => open('two-round', points)],
  ['uniform', (points) => open('uniform', points)],
  ['continuous', (points) => open('continuous', points)],
  ['neighbourhood', street],
  ['reputation', reputation],
];

for (const [name, traded] of MARKETS) {
  test(`${name}: the reward goes by what was declared, on the money of the trades`, () => {
    const of = traded('100');
    // sun: D = 1000, R = 900, k = (900 - 100) / 900; shade: D = 600, R = 480, k = 360 / 480.
    // A = 600 x 200 = 120,000 of both, though 480 Wh were delivered; b = 0.02, G = 1.08.
    of.settle(900n, 480n);
    assert.equal(lineOf(of, 'sun').declaredWh, 1000n);
    assert.deepEqual(rewardOf(of, 'sun'), [2304n, 2304n]);
    assert.deepEqual(rewardOf(of, 'shade'), [1800n, 1800n]);
    assert.equal(pool(of), 100_000_000n - 4104n);
    assertRestores(of.chain);
  });

  test(`${name}: a fine fills the pool first, a short one pays what it has`, () => {
    const of = traded('0');
    // shade takes 100 of 600: k = -400 / 100, held at -1: its fine is 120,000 x 0.02.
    of.settle(1000n, 100n);
    assert.deepEqual(rewardOf(of, 'shade'), [-2400n, -2400n]);
    assert.deepEqual(rewardOf(of, 'sun'), [2592n, 2400n]);
    assert.equal(pool(of), 0n);
  });

  test(`${name}: the last unit of a short pool is shared by cumulative floors`, () => {
    const of = traded('0.000007');
    of.settle(1000n, 600n);
    // 2592 and 2400 are due, 7 are there: in ascending id 7 x 2592 / 4992 or 7 x 2400 / 4992 first.
    const both = ['sun', 'shade'].map((home) => rewardOf(of, home));
    assert.deepEqual(
      both.map(([due]) => due),
      [2592n, 2400n],
    );
    const paid = both.map(([, reward]) => reward);
    assert.ok(`${paid}` === '3,4' || `${paid}` === '4,3', `${paid}`);
    assert.equal(pool(of), 0n);
  });
}

test('a missing reading earns nothing, and is fined', () => {
  const base = testGenesis([...HOMES, 'third']);
  const markets = [{ id: 'spot', mechanism: 'uniform', params: TARIFF, modules: ON }];
  const chain = new TestChain({ ...base, markets }, QUICK);
  const of = { chain, market: 'spot' };
  chain.block(1000n, [order(chain, 'sun', 'sell', 600n), order(chain, 'shade', 'buy', 600n)]);
  for (const at of [480_000n, 600_000n]) chain.block(at);
  for (const end of [PERIOD, 2n * PERIOD]) {
    chain.block(end + 1000n, [readingOf(chain, 'third', { end, imp: 0n, exp: 0n })]);
    for (const after of [300_000n, 600_000n]) chain.block(end + after);
  }
  // Export 0 of what was sold; import as it was bought, which would be exact.
  assert.deepEqual(rewardOf(of, 'sun'), [-2592n, -2592n]);
  assert.deepEqual(rewardOf(of, 'shade'), [0n, 0n]);
});

test('bilateral: the contract is what both declared, a replacement is not', () => {
  const homes = ['sun', 'shade', 'other'];
  const p = new Pairs({ homes, params: { retail: '0.8', feedIn: '0.1' }, modules: ON });
  p.agree(1000n, { seller: 'sun', buyer: 'shade', period: 6n, kwh: 10, price: 400 });
  p.begin(6n, homes);
  const now = 6n * PERIOD + 2000n;
  // shade is away: sun sells 6 of its 10 kWh to somebody else while they flow.
  const replaces = p.contractId(6n, 0n);
  const listing = p.list({
    ...{ seller: 'sun', buyer: 'other', period: 6n, kwh: 6, price: 300 },
    replaces,
  });
  p.take(now, [listing]);
  p.take(now + 1000n, [p.confirm('sun', listing), p.confirm('other', listing)]);
  p.deliver(6n, { sun: [0, 10], shade: [0, 0], other: [6, 0] });
  const of = { chain: p.chain, market: MARKET, period: 6n };
  // sun, green: D = R = 10 kWh, A = 10,000 x 400 and no more: 86,400. shade: k = -1: 80,000.
  // other has declared nothing. The pool was empty.
  assert.deepEqual(rewardOf(of, 'sun'), [86_400n, 80_000n]);
  assert.deepEqual(rewardOf(of, 'shade'), [-80_000n, -80_000n]);
  assert.deepEqual(rewardOf(of, 'other'), [0n, 0n]);
});

test('reputation: nobody is judged by what the grid company cut, before or after `close`', () => {
  const [sun, shade, grid] = ['sun', 'shade', 'grid'].map(person) as [Person, Person, Person];
  const feeder = {
    nodes: ['root', 'a', 'b'],
    lines: [
      { id: 'L1', from: 'root', to: 'a', capacity: '10' },
      { id: 'L2', from: 'a', to: 'b', capacity: '10' },
    ],
  };
  const nodes = { sun: 'a', shade: 'b' };
  const run = new Run(HOMES, { params: TARIFF, modules: ON, green: ['sun'], feeder, nodes });
  const cut = (energyWh: bigint): Tx => {
    const at = { market: 'spot', period: 1n as PeriodIndex, line: 'L2' };
    return run.chain.tx(grid, 'curtail', { ...at, energyWh: energyWh as WattHour });
  };
  run.quote([bidOf(sun, 'sell', 1000n, 150n), bidOf(shade, 'buy', 600n, 250n)], { period: 1n });
  run.block(timesOf(1n, 1).clear);
  run.sign(1n, [[0, [sun, shade]]]);
  run.now(cut(100n));
  run.close(1n);
  run.now(cut(200n));
  const zero = { imp: 0n, exp: 0n };
  run.deliver(0n, { sun: zero, shade: zero });
  run.deliver(1n, { sun: { imp: 0n, exp: 700n }, shade: { imp: 300n, exp: 0n } });
  // 300 of the 600 are left: both do exactly what is left of what they declared.
  const of = { chain: run.chain, market: 'spot' };
  assert.deepEqual([lineOf(of, 'sun').declaredWh, lineOf(of, 'shade').declaredWh], [700n, 300n]);
  assert.deepEqual([rewardOf(of, 'sun')[0], rewardOf(of, 'shade')[0]], [1296n, 1200n]);
});

test('the receipt says what was due and what was paid', () => {
  const of = open('uniform', '0');
  const lines: unknown[] = [];
  const block = of.chain.block.bind(of.chain);
  of.chain.block = (...of) => {
    const built = block(...of);
    for (const line of linesOf(built.receipts))
      if (line.kind === 'settlement' && line.fields.rewardDue !== 0n)
        lines.push([line.fields.rewardDue, line.fields.reward]);
    return built;
  };
  of.settle(1000n, 100n);
  assert.deepEqual(lines.toSorted(), [
    [-2400n, -2400n],
    [2592n, 2400n],
  ]);
});
