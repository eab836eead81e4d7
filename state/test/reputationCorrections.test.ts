// Corrections in a market of reputation (settlement 3.5, market-reputation 1.10): they come after
// the receipts of their period, book the difference of every line, and leave both versions.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { ChainMs, Money, PeriodIndex, Price, WattHour } from '../../core/src/amount.js';
import type { Hash } from '../../core/src/hash.js';
import type { Tx } from '../../core/src/tx.js';
import { CLEAN_PAIRS, QUEUES } from '../src/certificates/tables.js';
import {
  ACCOUNTS,
  CORRECTIONS,
  OLD_SETTLEMENTS,
  type Settlement,
  SETTLEMENTS,
} from '../src/schema.js';
import { assertRestores } from './audit.js';
import { HOUR, type Person, person } from './harness.js';
import { bidOf, HUNDRED, Run } from './reputationRun.js';
import {
  aboutContracts,
  dealsOf,
  endOf,
  MARKET,
  receiptOf,
  type RepGenesis,
  timesOf,
} from './reputationTrade.js';
import { readingOf } from './trade.js';

const HOMES = ['ann', 'bob', 'cat'];
const [ann, bob, cat] = [person('ann'), person('bob'), person('cat')];
const P = 1n;
const WHEELING = { wheeling: { c1: '0.010' } };
const zero = { imp: 0n, exp: 0n };

/** ann sells 1 kWh to bob at (100 + 200) / 2 and 0.5 kWh to cat at (100 + 180) / 2. */
function traded(more: RepGenesis = {}): Run {
  const run = new Run(HOMES, { params: WHEELING, ...more });
  const quotes = [
    bidOf(ann, 'sell', 1500n, 100n),
    bidOf(bob, 'buy', 1000n, 200n),
    bidOf(cat, 'buy', 500n, 180n),
  ];
  run.quote(quotes, { period: P });
  run.block(timesOf(P, 1).clear);
  const buyers = [bob, cat];
  run.sign(
    P,
    dealsOf(run.chain, P).map((_, i) => [i, [ann, buyers[i] as Person]]),
  );
  run.close(P);
  run.deliver(0n, { ann: zero, bob: zero, cat: zero });
  return run;
}

const exports_ = (exp: bigint) => ({ imp: 0n, exp });
const imports = (imp: bigint) => ({ imp, exp: 0n });

const correct = (run: Run, home: string, { imp, exp }: { imp: bigint; exp: bigint }): Tx =>
  run.chain.tx(person('centre'), 'correct', {
    market: MARKET,
    meter: run.chain.id(person(`${home} meter`)),
    endMs: endOf(P) as ChainMs,
    importWh: imp as WattHour,
    exportWh: exp as WattHour,
    reason: 'read wrongly',
  });

function lineOf(run: Run, home: string): Settlement {
  const key = { market: MARKET, period: P as PeriodIndex, account: run.chain.id(person(home)) };
  const line = run.chain.world().get(SETTLEMENTS, key);
  assert.ok(line);
  return line;
}

const gains = (run: Run): readonly bigint[] =>
  [...HOMES.map(person), person('grid')].map((who) => run.balance(who).available);
/** Since `before`, per home and the grid. */
const moved = (run: Run, before: readonly bigint[]): readonly bigint[] =>
  gains(run).map((now, i) => now - (before[i] as bigint));

const states = (run: Run) =>
  dealsOf(run.chain, P).map(({ contract: c }) => [c.state, c.deliveredWh]);
const waiting = (run: Run): number => run.chain.world().entries(CORRECTIONS).length;

test('a late reading: what counted as nothing is settled by what was delivered', () => {
  const run = traded();
  run.deliver(P, { bob: imports(1000n), cat: imports(500n) });
  // ann's meter is silent: export 0, all three deals of nothing, everything from the grid.
  assert.deepEqual(states(run), [
    ['REFUNDED', 0n],
    ['REFUNDED', 0n],
  ]);
  assert.equal(lineOf(run, 'ann').quality, 'substitute');
  const before = gains(run);
  const { timeMs } = run.chain.at.parent;
  run.now(readingOf(run.chain, 'ann', { end: endOf(P), imp: 0n, exp: 1300n, sequence: 2n }));
  run.block(timeMs + 2n);
  // 1000 x 150 and 300 x 140; bob and cat pay 10 a Wh to the grid, and 300 a Wh less of it.
  assert.deepEqual(moved(run, before), [
    150_000n + 42_000n,
    1000n * (300n - 160n),
    300n * (300n - 150n),
    1300n * (10n - 300n),
  ]);
  assert.deepEqual(states(run), [
    ['SETTLED', 1000n],
    ['SETTLED', 300n],
  ]);
  const line = lineOf(run, 'ann');
  assert.deepEqual([line.quality, line.version, line.energyMoney], ['corrected', 2, 192_000n]);
  const cats = lineOf(run, 'cat');
  assert.deepEqual([cats.energyMoney, cats.fees, cats.gridCharge], [-42_000n, 3000n, 60_000n]);
  const old = run.chain.world().entries(OLD_SETTLEMENTS);
  assert.deepEqual(
    old.map(({ key }) => key.version),
    [1n, 1n, 1n],
  );
  assertRestores(run.chain);
});

const labelsOf = (run: Run, home: string, queue: 'made' | 'held'): bigint =>
  run.chain.world().get(QUEUES, { account: run.chain.id(person(home)), queue })?.count ?? 0n;

test('a late reading makes labels, and moves those of what was delivered', () => {
  const run = traded({ green: ['ann'], modules: { certificates: true } });
  run.deliver(P, { bob: imports(1000n), cat: imports(500n) });
  run.block(receiptOf(P));
  assert.equal(labelsOf(run, 'ann', 'made'), 0n, 'nobody read her meter');
  const { timeMs } = run.chain.at.parent;
  run.now(readingOf(run.chain, 'ann', { end: endOf(P), imp: 0n, exp: 3400n, sequence: 2n }));
  run.block(timeMs + 2n);
  // 3.4 kWh made, 1 of them bob's, 0.5 on the way to cat.
  assert.equal(labelsOf(run, 'bob', 'held'), 1n);
  assert.equal(labelsOf(run, 'cat', 'held'), 0n);
  assert.equal(labelsOf(run, 'ann', 'made'), 2n);
  const pair = { market: MARKET, seller: run.chain.id(ann), buyer: run.chain.id(cat) };
  assert.equal(run.chain.world().get(CLEAN_PAIRS, pair)?.openWh, 500n);
  assertRestores(run.chain);
});

test('a correction waits until the last contract of its period is paid', () => {
  const run = traded();
  run.deliver(P, { ann: exports_(1200n), bob: imports(1000n), cat: imports(500n) });
  const before = gains(run);
  run.now(correct(run, 'ann', exports_(1500n)));
  run.now();
  run.now(aboutContracts(run.chain, bob, { kind: 'confirm', period: P, numbers: [0] }));
  run.now();
  assert.equal(waiting(run), 1, 'the contract of cat is not paid');
  assert.deepEqual(moved(run, before), [150_000n, 0n, 0n, 10_000n]);
  assert.equal(lineOf(run, 'ann').version, 1);
  run.block(receiptOf(P));
  run.now();
  assert.equal(waiting(run), 0);
  // cat's receipt of 200 Wh out of its lock, then 300 more out of its purse, and its bill back.
  assert.deepEqual(moved(run, before), [
    150_000n + 500n * 140n,
    0n,
    300n * (300n - 150n),
    10_000n + 500n * 10n - 300n * 300n,
  ]);
  assert.deepEqual(states(run)[1], ['SETTLED', 500n]);
  assert.equal(lineOf(run, 'bob').version, 2, 'the meters it has contracts with');
});

test('what was delivered to nobody comes back, and the contract says so', () => {
  const run = traded();
  run.deliver(P, { ann: exports_(1500n), bob: imports(1000n), cat: imports(500n) });
  run.block(receiptOf(P));
  const before = gains(run);
  run.now(correct(run, 'bob', imports(0n)));
  run.now();
  // bob took nothing: ann gets feed-in for it, bob all its money.
  assert.deepEqual(moved(run, before), [
    1000n * (80n - 150n),
    1000n * 160n,
    0n,
    -1000n * (10n + 80n),
  ]);
  assert.deepEqual(states(run), [
    ['REFUNDED', 0n],
    ['SETTLED', 500n],
  ]);
  assert.equal(lineOf(run, 'cat').version, 1, 'no contract with bob');
});

test('who cannot give back owes it', () => {
  const run = traded();
  run.deliver(P, { ann: exports_(1500n), bob: imports(1000n), cat: imports(500n) });
  run.block(receiptOf(P));
  const { available } = run.balance(ann);
  const redeem = { market: '', account: run.chain.id(ann), reference: new Uint8Array(0) };
  run.now(run.chain.tx(person('centre'), 'redeem', { ...redeem, amount: available as Money }));
  run.now(correct(run, 'bob', imports(0n)));
  run.now();
  // 150,000 are owed to bob; feed-in of 80,000 comes, and goes on to it.
  assert.deepEqual(run.balance(ann), { available: 0n, locked: 0n, arrears: 70_000n });
});

test('a refund of the regulator is a version of the lines, and no correction undoes it', () => {
  const run = traded();
  run.deliver(P, { ann: exports_(1500n), bob: imports(1000n), cat: imports(500n) });
  const before = gains(run);
  run.now(aboutContracts(run.chain, bob, { kind: 'dispute', period: P, numbers: [0] }));
  run.now(correct(run, 'ann', exports_(1600n)));
  run.block(receiptOf(P));
  assert.equal(waiting(run), 1, 'a dispute holds it');
  const contract = dealsOf(run.chain, P)[0]?.key.id as Hash;
  const at = { market: MARKET, period: P as PeriodIndex, contract };
  run.now(run.chain.tx(person('regulator'), 'resolve', { ...at, settled: false }));
  const [refunded, bobs] = [lineOf(run, 'ann'), lineOf(run, 'bob')];
  assert.deepEqual([refunded.version, refunded.energyMoney], [2, 500n * 140n]);
  assert.deepEqual([refunded.gridCredit, bobs.gridCharge], [1000n * 80n, 1000n * 300n]);
  assert.deepEqual([bobs.version, bobs.energyMoney, bobs.fees], [2, 0n, 0n]);
  run.now();
  assert.equal(waiting(run), 0);
  // Only the 100 Wh that were found are new: the rest was booked with the refund.
  assert.deepEqual(moved(run, before), [
    500n * 140n + 1100n * 80n,
    -1000n * 300n + 1000n * 160n,
    0n,
    500n * 10n - 1100n * 80n + 1000n * 300n,
  ]);
  assert.deepEqual(states(run)[0], ['REFUNDED', 0n]);
  assert.equal(lineOf(run, 'ann').version, 3);
});

test('a penalty that proves wrong is returned; credit and shares stay', () => {
  const modules = { credit: true, penalty: true };
  const run = traded({ modules, params: { ...WHEELING, freeAtFullCredit: false } });
  run.deliver(P, { ann: exports_(0n), bob: imports(1000n), cat: imports(500n) });
  const fined = lineOf(run, 'ann');
  const shares = ['bob', 'cat'].map((home) => lineOf(run, home).penaltyShare);
  assert.ok(fined.penalty > 0n && fined.credit === 99);
  run.block(receiptOf(P));
  const before = gains(run);
  run.now(correct(run, 'ann', exports_(1500n)));
  run.now();
  const line = lineOf(run, 'ann');
  assert.deepEqual([line.penalty, line.shortfallWh, line.credit], [0n, 0n, 99]);
  const account = run.chain.world().get(ACCOUNTS, run.chain.id(ann));
  assert.equal(account?.credit, 99);
  assert.deepEqual(
    ['bob', 'cat'].map((home) => lineOf(run, home).penaltyShare),
    shares,
  );
  // The victims give their four fifths back; of the last fifth pool:reserve has nothing.
  const first = (1000n * fined.penalty * 150n) / (1000n * 150n + 500n * 140n);
  const back = moved(run, before)[0] as bigint;
  assert.ok(back > 220_000n + (fined.penalty * 4n) / 5n - 3n && first > 0n);
  assert.ok(back <= 220_000n + (fined.penalty * 4n) / 5n);
});

test('a subsidy falls with the energy that it was paid for', () => {
  const run = new Run(HOMES, { params: WHEELING, green: ['ann'] });
  run.now(
    run.chain.tx(person('grid'), 'gridData', {
      ...{ market: MARKET, baseWh: [], c1: 10n as Price, c2: 0n as Price, c3: 0n as Price },
      ...{
        cUp: 0n as Price,
        cDown: 0n as Price,
        subsidy: 20n as Price,
        budget: (10n ** 9n) as Money,
      },
    }),
  );
  const period = 2n;
  run.block(HOUR);
  run.quote([bidOf(ann, 'sell', 1000n, 100n), bidOf(bob, 'buy', 1000n, 200n)], { period });
  run.block(timesOf(period, 1).clear);
  run.sign(period, [[0, [ann, bob]]]);
  run.close(period);
  run.deliver(1n, { ann: zero, bob: zero, cat: zero });
  run.deliver(period, { ann: exports_(1000n), bob: imports(1000n) });
  run.block(receiptOf(period));
  assert.equal(run.balance(ann).available, HUNDRED + 150_000n + 20_000n);
  const { body } = correct(run, 'ann', exports_(400n)) as Tx & { kind: 'correct' };
  const endMs = endOf(period) as ChainMs;
  run.now(run.chain.tx(person('centre'), 'correct', { ...body, endMs }));
  run.now();
  assert.equal(run.balance(ann).available, HUNDRED + 400n * 150n + 400n * 20n);
});

const wh = fc.bigInt(0n, 2000n);
const reads = fc.record({ ann: wh, bob: wh, cat: wh });
type Reads = Readonly<Record<'ann' | 'bob' | 'cat', bigint>>;

test('corrected chains end where those with the right readings do', () => {
  // cat's deal fails the check of lines; bob's pays a congestion fee.
  const feeder = {
    nodes: ['root', 'a', 'b'],
    lines: [
      { id: 'L1', from: 'root', to: 'a', capacity: '10' },
      { id: 'L2', from: 'a', to: 'b', capacity: '1.4' },
    ],
  };
  const nodes = { ann: 'a', bob: 'b', cat: 'b' };
  const params = { ...WHEELING, cUp: '0.05', cDown: '0.01' };
  const end = (more: object, readings: Reads, later?: Reads) => {
    const run = traded({ ...more, params, modules: { reward: true } });
    const of = (r: Reads, home: 'ann' | 'bob' | 'cat') =>
      home === 'ann' ? exports_(r.ann) : imports(r[home]);
    run.deliver(P, {
      ann: of(readings, 'ann'),
      bob: of(readings, 'bob'),
      cat: of(readings, 'cat'),
    });
    run.block(receiptOf(P));
    for (const home of ['ann', 'bob', 'cat'] as const) {
      if (later === undefined || later[home] === readings[home]) continue;
      run.now(correct(run, home, of(later, home)));
      run.now();
    }
    assert.equal(waiting(run), 0);
    const lines = HOMES.map((home) => {
      const { version, quality, ...line } = lineOf(run, home);
      return line;
    });
    return { gains: gains(run), pool: run.pool, lines, states: states(run) };
  };
  assert.equal(dealsOf(traded({ feeder, nodes, params }).chain, P)[0]?.contract.congestion, 3n);
  fc.assert(
    fc.property(reads, reads, fc.boolean(), (wrong, right, hasLines) => {
      const more = hasLines ? { feeder, nodes } : {};
      assert.deepEqual(end(more, wrong, right), end(more, right));
    }),
    { numRuns: 25 },
  );
});
