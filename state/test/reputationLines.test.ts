// Lines in a market of reputation (market-reputation 1.9, parameters 1): the feeder in genesis, who
// has no node, what the grid company publishes, congestion fees that are paid, curtailment.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Money, Price } from '../../core/src/amount.js';
import { readGenesis } from '../src/genesis/genesis.js';
import { SETTLEMENTS } from '../src/schema.js';
import { BIDDINGS, FEEDER, GRID_DATA } from '../src/markets/reputation/tables.js';
import { HOUR, type Person, person } from './harness.js';
import { bidOf, HUNDRED, Run } from './reputationRun.js';
import {
  aboutContracts,
  dealsOf,
  endOf,
  MARKET,
  repGenesis,
  sealRep,
  settleOf,
  timesOf,
} from './reputationTrade.js';
import { readingOf } from './trade.js';

const [ann, bob, cat, dan] = [person('ann'), person('bob'), person('cat'), person('dan')];
const grid = person('grid');
const P = 1n;
const t1 = timesOf(P, 1);
const line = (id: string, from: string, to: string, capacity: string) => {
  return { id, from, to, capacity };
};
/** root -L1- a -L2- b; sellers at a, buyers at b. */
const feeder = {
  nodes: ['root', 'a', 'b'],
  lines: [line('L1', 'root', 'a', '10'), line('L2', 'a', 'b', '4')],
};
const nodes = { ann: 'a', bob: 'b', cat: 'b', dan: 'a' };
const homes = ['ann', 'bob', 'cat', 'dan'];
const params = { cUp: '0.05', cDown: '0.01' };

test('the feeder of genesis is a tree whose nodes are all named', () => {
  const read = (change: object) => readGenesis(repGenesis(homes, { feeder, nodes, ...change }));
  assert.equal(read({}).feeder.length, 2);
  const two = feeder.lines;
  const refused: [object, RegExp][] = [
    [{ feeder: { ...feeder, nodes: ['root', 'a'] } }, /feeder\.nodes/],
    [{ feeder: { ...feeder, nodes: ['root', 'a', 'b', 'c'] } }, /feeder\.nodes/],
    [{ feeder: { ...feeder, nodes: ['root', 'a', 'a'] } }, /feeder\.nodes/],
    [{ feeder: { ...feeder, lines: [...two, line('L1', 'b', 'c', '1')] } }, /L1 stands twice/],
    [{ feeder: { ...feeder, lines: [...two, line('L3', 'b', 'root', '1')] } }, /feeder\.lines/],
    [{ feeder: { ...feeder, lines: [...two, line('L3', 'root', 'b', '1')] } }, /two lines/],
    [{ feeder: { ...feeder, lines: [line('', 'root', 'a', '1')] } }, /is empty/],
    [{ feeder: { ...feeder, lines: [line('L1', 'root', 'a', '1000000000.001')] } }, /capacity/],
    [{ nodes: { ann: 'z' } }, /accounts\[0\]\.node/],
  ];
  for (const [change, message] of refused) assert.throws(() => read(change), message);
  const run = new Run(homes, { feeder, nodes });
  assert.equal(run.chain.world().get(FEEDER, '')?.lines.length, 2);
  assert.equal(run.chain.at.chain.grids.get(MARKET)?.lines[1]?.capacityWh, 4000n);
});

const DAY_MS = 86_400_000;

test('parameters of reputation: what contradicts itself, and what comes later, is refused', () => {
  const read = (change: object) => readGenesis(repGenesis(homes, change));
  const refused: [object, RegExp][] = [
    [{ params: { cDown: '0.02', cUp: '0.01' } }, /cDown/],
    [{ params: { cepBeta: '10' } }, /cepBeta/],
    [{ params: { cepBeta: '0/9' } }, /cepBeta/],
    [{ params: { rounds: 6 } }, /offsets/],
    [{ params: { rounds: 0 } }, /rounds/],
    [{ params: { rangeSides: 'none' } }, /rangeSides/],
    [{ params: { subsidy: {} } }, /subsidy: not in this version/],
    [{ params: { grants: { kWh: '1' } } }, /grants\.kWh/],
    [{ params: { grants: { cleanKwh: '-1' } } }, /cleanKwh/],
    [{ params: { grants: { block: '1000000001' } } }, /grants\.block/],
    [{ modules: { penalty: true } }, /penalty/],
    [{ modules: { credit: true, penalty: true }, params: { bounds: false } }, /bounds/],
    // Corrections wait for disputes: what they read must still be there.
    [{ params: { correctionDays: 1 } }, /disputeMs/],
    [{ params: { correctionDays: 1, disputeMs: DAY_MS - 1_800_000 + 1 } }, /disputeMs/],
    [
      { params: { correctionDays: 1, receiptMs: 60_000, disputeMs: DAY_MS - 1_799_999 } },
      /disputeMs/,
    ],
    [{ params: { disputeMs: 30 * DAY_MS } }, /disputeMs/],
  ];
  for (const [change, message] of refused) assert.throws(() => read(change), message);
  read({ modules: { credit: true, penalty: true }, params: { rounds: 5 } });
  read({ params: { correctionDays: 1, disputeMs: DAY_MS - 1_800_000 } });
});

test('NO_NODE: only where the check of lines is on and there are lines', () => {
  const bid = bidOf(ann, 'sell', 1000n, 100n);
  const seal = (more: object): Run => new Run(homes, more);
  const strict = seal({ feeder, nodes: { bob: 'b' } });
  strict.refuses('NO_NODE', sealRep(strict.chain, bid));
  strict.now(sealRep(strict.chain, { ...bid, who: bob }));
  for (const free of [seal({}), seal({ feeder, modules: { security: false } })])
    free.now(sealRep(free.chain, bid));
});

type Published = Partial<{
  c1: bigint;
  cUp: bigint;
  cDown: bigint;
  subsidy: bigint;
  budget: bigint;
  baseWh: readonly bigint[];
}>;

function gridDataOf(run: Run, who: Person, change: Published = {}) {
  const price = (value = 0n) => value as Price;
  const { baseWh = [0n, 0n], c1, cUp, cDown, subsidy, budget = 0n } = change;
  return run.chain.tx(who, 'gridData', {
    market: MARKET,
    baseWh,
    c1: price(c1),
    c2: price(),
    c3: price(),
    cUp: price(cUp),
    cDown: price(cDown),
    subsidy: price(subsidy),
    budget: budget as Money,
  });
}

test('grid data hold from the next OPEN on, and come from the grid company', () => {
  const run = new Run(homes, { feeder, nodes, params: { wheeling: { c1: '0.001' } } });
  run.refuses('NOT_ALLOWED', gridDataOf(run, ann));
  run.refuses('BAD_ENCODING', gridDataOf(run, grid, { baseWh: [1n] }));
  run.refuses('AMOUNT_RANGE', gridDataOf(run, grid, { cUp: 1n, cDown: 2n }));
  run.refuses('AMOUNT_RANGE', gridDataOf(run, grid, { baseWh: [10n ** 13n, 0n] }));
  run.refuses('AMOUNT_RANGE', gridDataOf(run, grid, { subsidy: 10n ** 13n }));
  run.now(gridDataOf(run, grid, { c1: 7n, baseWh: [0n, -500n] }));
  const buy = bidOf(bob, 'buy', 1000n, 100n);
  run.quote([buy], { period: P });
  assert.equal(run.balance(bob).locked, 1000n * 101n, 'the period under way keeps its own');
  run.close(P);
  run.quote([{ ...buy, period: 2n }], { period: 2n });
  assert.equal(run.balance(bob).locked, 1000n * 107n);
  const board = run.chain.world().entries(BIDDINGS).at(-1);
  assert.deepEqual(board?.value.flowsWh, [0n, -500n]);
  for (let hour = 2n; hour < 6n; hour++) {
    run.block(hour * HOUR + 1_800_000n);
    run.now(gridDataOf(run, grid));
    assert.ok(run.chain.world().entries(GRID_DATA).length <= 4);
  }
});

/** bob wants 3 kWh at 0.250 and cat 3 kWh at 0.200 of ann's 8 at 0.100, over a line of 4. */
function crowded(): Run {
  const run = new Run(homes, { feeder, nodes, params });
  run.quote(
    [
      bidOf(ann, 'sell', 8000n, 100n),
      bidOf(dan, 'sell', 8000n, 300n),
      bidOf(bob, 'buy', 3000n, 250n),
      bidOf(cat, 'buy', 3000n, 200n),
    ],
    { period: P },
  );
  return run;
}

/** A feeder of so many lines out of one root. */
const starOf = (count: number) => {
  const lines = Array.from({ length: count }, (_, i) => line(`L${i}`, 'root', `n${i}`, '10'));
  return { nodes: ['root', ...lines.map(({ to }) => to)], lines };
};

test('a feeder is no longer than its base flows fit into one transaction', () => {
  const read = (count: number, consensus: object, market = {}) => {
    const genesis = repGenesis(['ann'], { feeder: starOf(count) }) as { markets: object[] };
    const markets = genesis.markets.map((one) => ({ ...one, ...market }));
    return readGenesis({ ...genesis, markets, consensus: { ...consensus } });
  };
  // 16,384 bytes by default, 65,536 at most; a flow takes nine of them.
  assert.throws(() => read(1793, {}), /feeder\.lines: .*1793 lines.*maxTxBytes of 16393/);
  assert.throws(() => read(7001, { maxTxBytes: 65_536 }), /feeder\.lines: .* at most 7000/);
  const call = { mechanism: 'call' };
  assert.equal(read(1793, {}, call).feeder.length, 1793, 'nobody is told of lines there');
  for (const [count, maxTxBytes] of [
    [1792, 16_384],
    [7000, 65_536],
  ] as const) {
    const run = new Run(['ann'], { feeder: starOf(count), consensus: { maxTxBytes } });
    const baseWh = Array<bigint>(count).fill(-5n);
    run.now(gridDataOf(run, grid, { baseWh }));
    const [published] = run.chain.world().entries(GRID_DATA);
    assert.deepEqual(published?.value.baseWh, baseWh);
  }
});

test('1.9: a fee covers the redispatch, is locked at clear, paid as delivered', () => {
  const run = crowded();
  const [board] = run.chain.world().entries(BIDDINGS);
  // 6 kWh on a line of 4: 2000 x 0.040 / 6000 Wh = 0.0133, rounded up: 0.014 a kWh.
  assert.deepEqual(board?.value.fees, [0n, 14n]);
  assert.deepEqual(board?.value.flagged, [1]);
  run.block(t1.clear);
  const [deal] = dealsOf(run.chain, P);
  assert.equal(dealsOf(run.chain, P).length, 1, 'the second pair fails the check');
  assert.deepEqual([deal?.contract.congestion, deal?.contract.lock], [14n, 3000n * 264n]);
  run.sign(P, [[0, [ann, bob]]]);
  const t2 = timesOf(P, 2);
  for (const at of [t1.signed, t2.closeOrders, t2.mark, t2.board]) run.block(at);
  // What is signed flows already: cat's 3 kWh again make 6.
  const [, second] = run.chain.world().entries(BIDDINGS);
  assert.deepEqual(second?.value.flowsWh, [0n, 6000n]);
  assert.deepEqual(second?.value.fees, [0n, 27n]);
  run.close(P);
  const zero = { imp: 0n, exp: 0n };
  run.deliver(0n, { ann: zero, bob: zero, cat: zero, dan: zero });
  run.deliver(P, { ann: { imp: 0n, exp: 2000n }, bob: { imp: 3000n, exp: 0n }, cat: zero });
  run.now(aboutContracts(run.chain, bob, { kind: 'confirm', period: P, numbers: [0] }));
  // 2 of 3 kWh: (250 + 100) / 2, the fee on what came; 1 kWh at retail.
  assert.equal(run.balance(ann).available, HUNDRED + 2000n * 175n);
  assert.equal(run.balance(bob).available, HUNDRED - 2000n * (175n + 14n) - 1000n * 300n);
  assert.equal(run.balance(grid).available, 2000n * 14n + 1000n * 300n);
});

test('a buyer that cannot cover the fee is passed over for that pair', () => {
  // Both locks leave nothing free: 100,000,000 = bond first, then energy x quote.
  const run = new Run(homes, { feeder, nodes, params, balance: '2.2' });
  run.quote(
    [
      bidOf(ann, 'sell', 8000n, 100n),
      bidOf(bob, 'buy', 8800n, 250n),
      bidOf(cat, 'buy', 3000n, 200n),
    ],
    { period: P },
  );
  assert.equal(run.balance(bob).available, 0n);
  run.block(t1.clear);
  const [deal] = dealsOf(run.chain, P);
  assert.deepEqual(deal?.contract.buyer, run.chain.id(cat));
});

test('1.9: curtailment lowers contracts and locks at once, until delivery ends', () => {
  const run = crowded();
  run.block(t1.clear);
  run.sign(P, [[0, [ann, bob]]]);
  const cut = (who: Person, id: string, wh: bigint) =>
    run.chain.tx(who, 'curtail', {
      market: MARKET,
      period: P as never,
      line: id,
      energyWh: wh as never,
    });
  run.refuses('NOT_ALLOWED', cut(ann, 'L2', 1000n));
  run.refuses('NOT_FOUND', cut(grid, 'L9', 1000n));
  run.refuses('AMOUNT_RANGE', cut(grid, 'L2', 0n));
  run.now(cut(grid, 'L1', 1000n));
  assert.equal(dealsOf(run.chain, P)[0]?.contract.energyWh, 3000n, 'it does not push L1');
  run.now(cut(grid, 'L2', 1000n));
  run.close(P);
  assert.equal(run.balance(bob).locked, 2000n * 264n);
  const zero = { imp: 0n, exp: 0n };
  run.deliver(0n, { ann: zero, bob: zero, cat: zero, dan: zero });
  run.now(cut(grid, 'L2', 500n));
  const [deal] = dealsOf(run.chain, P);
  assert.deepEqual([deal?.contract.energyWh, deal?.contract.curtailedWh], [1500n, 1500n]);
  assert.equal(run.balance(bob).locked, 1500n * 264n);
  run.now(cut(grid, 'L2', 9000n));
  assert.equal(dealsOf(run.chain, P)[0]?.contract.state, 'REFUNDED');
  assert.deepEqual(run.balance(bob), { available: HUNDRED, locked: 0n, arrears: 0n });
  run.block(endOf(P));
  run.refuses('WRONG_PHASE', cut(grid, 'L2', 500n));
  run.block(endOf(P) + 300_000n);
  run.block(settleOf(P));
});

test('settlement 4.3: with credit and penalty on a seller locks for what it may fail', () => {
  const run = new Run(['ann', 'bob', 'cat'], { modules: { credit: true, penalty: true } });
  run.quote([bidOf(ann, 'sell', 2000n, 100n), bidOf(bob, 'buy', 2000n, 150n)], { period: P });
  assert.equal(run.balance(ann).locked, 2000n * 300n);
  run.block(t1.clear);
  run.sign(P, [[0, [ann, bob]]]);
  run.close(P);
  assert.equal(run.balance(ann).locked, 2000n * 300n);
  const zero = { imp: 0n, exp: 0n };
  run.deliver(0n, { ann: zero, bob: zero, cat: zero });
  run.deliver(P, { ann: { imp: 0n, exp: 500n }, bob: { imp: 2000n, exp: 0n }, cat: zero });
  // The first default at full credit costs no money, but credit.
  const settled = dealsOf(run.chain, P)[0]?.contract;
  assert.deepEqual([settled?.state, settled?.deliveredWh], ['DELIVERED', 500n]);
  assert.deepEqual(run.balance(ann), { available: HUNDRED, locked: 0n, arrears: 0n });
  assert.equal(run.balance(bob).locked, 500n * 125n);
});

test('1.13: the subsidy of a clean seller ends with its budget; P_T stays as it was signed', () => {
  const run = new Run(homes, { feeder, nodes, green: ['ann'] });
  run.now(gridDataOf(run, grid, { c1: 7n, subsidy: 20n, budget: 50_000n }));
  const period = 2n;
  const bids = [
    bidOf(ann, 'sell', 3000n, 100n),
    bidOf(bob, 'buy', 2000n, 150n),
    bidOf(cat, 'buy', 1000n, 140n),
    bidOf(dan, 'sell', 9000n, 300n),
  ];
  run.block(HOUR);
  run.quote(bids, { period });
  run.block(timesOf(period, 1).clear);
  run.sign(period, [
    [0, [ann, bob]],
    [1, [ann, cat]],
  ]);
  // Newer versions take the place of the one of this period before it is settled.
  run.now(gridDataOf(run, grid));
  run.close(period);
  const zero = { imp: 0n, exp: 0n };
  run.deliver(1n, { ann: zero, bob: zero, cat: zero, dan: zero });
  const end = endOf(period);
  const reads = { ann: [0n, 3000n], bob: [2000n, 0n], cat: [1000n, 0n] } as const;
  run.block(
    end,
    Object.entries(reads).map(([home, [imp, exp]]) =>
      readingOf(run.chain, home, { end, imp, exp, sequence: 9n }),
    ),
  );
  run.now(gridDataOf(run, grid));
  assert.ok(
    run.chain
      .world()
      .entries(GRID_DATA)
      .every(({ key }) => key.period > period),
  );
  run.block(end + 300_000n);
  run.block(settleOf(period));
  run.now(aboutContracts(run.chain, bob, { kind: 'confirm', period, numbers: [0] }));
  assert.equal(run.balance(ann).available, HUNDRED + 2000n * 125n + 40_000n);
  run.now(aboutContracts(run.chain, cat, { kind: 'confirm', period, numbers: [1] }));
  assert.equal(run.balance(ann).available, HUNDRED + 2000n * 125n + 1000n * 120n + 50_000n);
  assert.equal(run.balance(bob).available, HUNDRED - 2000n * 132n);
  assert.equal(run.balance(grid).available, 3000n * 7n - 50_000n);
});

test('1.13: the ranking reward is shared 3:2:1 over the grades, as far as the pool goes', () => {
  for (const [reward, shares] of [
    ['1', [500_000n, 333_333n, 166_667n, 0n]],
    ['1000', [50_000_000n, 33_333_333n, 16_666_667n, 0n]],
  ] as const) {
    const run = new Run(homes, { params: { rankingReward: reward } });
    run.quote([bidOf(dan, 'sell', 1000n, 100n)], { period: P });
    run.close(P);
    assert.deepEqual(
      [ann, bob, cat, dan].map((who) => run.balance(who).available - HUNDRED),
      shares,
    );
  }
});

test('settlement 3.1: a penalty is paid out of the lock of its contract, and shared', () => {
  for (const failing of ['ann', 'bob']) {
    const run = new Run(['ann', 'bob', 'cat'], {
      modules: { credit: true, penalty: true },
      params: { freeAtFullCredit: false },
    });
    run.quote([bidOf(ann, 'sell', 2000n, 100n), bidOf(bob, 'buy', 2000n, 150n)], { period: P });
    run.block(t1.clear);
    run.sign(P, [[0, [ann, bob]]]);
    run.close(P);
    const zero = { imp: 0n, exp: 0n };
    run.deliver(0n, { ann: zero, bob: zero, cat: zero });
    const [exp, imp] = failing === 'ann' ? [500n, 2000n] : [2000n, 500n];
    run.deliver(P, { ann: { imp: 0n, exp }, bob: { imp, exp: 0n }, cat: zero });
    const lineOf = (who: Person) =>
      run.chain.world().get(SETTLEMENTS, {
        market: MARKET,
        period: P as never,
        account: run.chain.id(who),
      }) ?? assert.fail('settled');
    const [a, b] = [lineOf(ann), lineOf(bob)];
    assert.ok(failing === 'ann' ? a.penalty > 0n && b.penaltyShare > 0n : b.penalty > 0n);
    assert.equal(
      run.balance(ann).available,
      HUNDRED - a.penalty + a.penaltyShare + (exp - 500n) * 80n,
    );
    assert.equal(
      run.balance(bob).available,
      HUNDRED - b.penalty + b.penaltyShare - 500n * 125n - (imp - 500n) * 300n,
    );
  }
});
