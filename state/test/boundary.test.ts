// Boundary steps at their limits: long steps in parts, steps left over, outages, the edges of the
// cursor's arithmetic, and what expire forgets (consensus 5a).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ChainMs } from '../../core/src/amount.js';
import { keyText, toHex, utf8ToBytes } from '../../core/src/bytes.js';
import { tryDecode } from '../../core/src/codec/codec.js';
import { sha256 } from '../../core/src/hash.js';
import { type SystemTx, systemTxField, type Tx } from '../../core/src/tx.js';
import { cursorOf, nextDue } from '../src/boundary/cursor.js';
import { STEPS } from '../src/boundary/timing.js';
import {
  CLOSED,
  HISTORY,
  PERIODS,
  POSITIONS,
  REGISTERS,
  REPLAY,
  SETTLEMENTS,
  TRADES,
} from '../src/schema.js';
import type { Built } from '../src/transition.js';
import { assertRestores, Audit } from './audit.js';
import { PERIOD, person, QUICK, TestChain, testGenesis } from './harness.js';
import { type Bid, issueTo, linesOf, readingOf, revealOf, sealOf } from './trade.js';

const [CLOSE, MARK, CLEAR, PAY] = [300_000n, 375_000n, 600_000n, 780_000n];
const DAY = 86_400_000n;
const START = 1_767_225_600_000n;

const market = (id: string, change: object = {}): object => ({
  id,
  mechanism: 'call',
  params: { feedIn: '0.08', retail: '0.30', ...change },
  offsets: { close: 300_000, clear: 600_000, pay: 780_000 },
});
const chainOf = (homes: readonly string[], change: object = {}): TestChain =>
  new TestChain(testGenesis(homes, change), QUICK);

const stepsOf = ({ block }: Built): readonly SystemTx[] =>
  block.systemTxs.map((bytes) => {
    const tx = tryDecode(systemTxField, bytes, { maxBytes: 256 });
    return tx ?? assert.fail('not a system transaction');
  });
const named = (name: keyof typeof STEPS, steps: readonly SystemTx[]): readonly SystemTx[] =>
  steps.filter(({ step }) => step === STEPS[name]);

/** ann sells to bob for period m, whose orders are taken from `opens` on. */
function tradeIn(chain: TestChain, opens: bigint): void {
  const period = opens / PERIOD + 1n;
  const sell: Bid = { who: person('ann'), side: 'sell', wh: 1000n, price: 100n, period };
  const buy: Bid = { ...sell, who: person('bob'), side: 'buy', price: 200n };
  chain.block(opens + 1n, [sealOf(chain, sell), sealOf(chain, buy)]);
  chain.block(opens + CLOSE);
  chain.block(opens + CLOSE + 1n, [revealOf(chain, sell), revealOf(chain, buy)]);
  for (const offset of [MARK, CLEAR, PAY]) chain.block(opens + offset);
}

const spanTo = (chain: TestChain, time: bigint) => ({
  parentMs: chain.at.parent.timeMs,
  upTo: time as ChainMs,
});

test('at genesis nothing is due, also far from zero and at a boundary', () => {
  for (const time of [0n, PERIOD, START, (1n << 52n) - ((1n << 52n) % PERIOD)]) {
    const chain = chainOf(['ann', 'bob'], { time: Number(time) });
    assert.equal(nextDue(chain.world(), chain.at.chain, spanTo(chain, time)), undefined);
    assert.deepEqual(stepsOf(chain.block(time + 1n)), []);
    tradeIn(chain, time + PERIOD);
    const [trade] = chain.world().entries(TRADES);
    assert.equal(trade?.value.price, 150n, `from ${time}`);
  }
});

test('a step is taken by the first block at its time, not a millisecond earlier', () => {
  for (const start of [0n, START]) {
    const chain = chainOf(['ann', 'bob'], { time: Number(start) });
    const period = start / PERIOD + 1n;
    const sell: Bid = { who: person('ann'), side: 'sell', wh: 1000n, price: 100n, period };
    chain.block(start + 1n, [sealOf(chain, sell)]);
    const expected: [keyof typeof STEPS, bigint][] = [
      ['closeOrders', CLOSE],
      ['markReveal', MARK],
      ['clear', CLEAR],
      // Orders were for the next period; delivery ends two periods after the start.
      ['markReading', PERIOD + 300_000n],
      ['expire', 5n * PERIOD],
    ];
    for (const [name, offset] of expected) {
      assert.deepEqual(named(name, stepsOf(chain.block(start + offset - 1n))), [], name);
      const [step] = named(name, stepsOf(chain.block(start + offset)));
      assert.ok(step, name);
      assert.deepEqual(named(name, stepsOf(chain.block(start + offset + 1n))), [], name);
      assert.equal(cursorOf(chain.world()).timeMs, start + offset);
    }
  }
});

test('void: from the last quarter of the reveal window, and from the start of delivery', () => {
  const outcome = (...times: readonly bigint[]): string | undefined => {
    const chain = chainOf(['ann', 'bob']);
    const sell: Bid = { who: person('ann'), side: 'sell', wh: 1000n, price: 100n, period: 1n };
    chain.block(1n, [sealOf(chain, sell)]);
    for (const time of times) {
      const opens = time >= CLOSE && time < CLEAR ? [revealOf(chain, sell)] : [];
      assert.deepEqual(chain.block(time, opens).refused, []);
    }
    const { locked } = chain.balance(person('ann'));
    assert.equal(locked, 0n);
    return chain.world().entries(POSITIONS)[0]?.value.outcome;
  };
  assert.equal(outcome(MARK, CLEAR), 'UNMATCHED');
  // The window is 300 s; its last quarter begins at 225 s.
  assert.equal(outcome(CLOSE + 224_999n, CLEAR), 'UNMATCHED');
  assert.equal(outcome(CLOSE + 225_000n, CLEAR), 'VOID');
  assert.equal(outcome(CLEAR), 'VOID');
  assert.equal(outcome(MARK, PERIOD - 1n), 'UNMATCHED');
  assert.equal(outcome(MARK, PERIOD), 'VOID');
});

test('two markets with one time: each marks its reading window', () => {
  const homes = testGenesis(['ann', 'bob']) as { accounts: { meter: object }[] };
  const accounts = homes.accounts.map((account, i) => ({
    ...account,
    meter: { ...account.meter, market: ['alpha', 'beta'][i] },
  }));
  const chain = chainOf([], { accounts, markets: [market('alpha'), market('beta')] });
  const late = 2n * PERIOD - 1n;
  const marks = named('markReading', stepsOf(chain.block(late)));
  assert.deepEqual(
    marks.map((m) => m.market),
    ['alpha', 'beta'],
  );
  const moved = chain.world().entries(PERIODS);
  assert.deepEqual(moved.map(({ key, value }) => [key.market, value.settleAtMs]).sort(), [
    ['alpha', late + 600_000n],
    ['beta', late + 600_000n],
  ]);
});

test('after a year the newest 96 periods are marked, and the steps do not pile up', () => {
  for (const start of [0n, START]) {
    const chain = chainOf(['ann', 'bob'], {
      time: Number(start),
      consensus: { maxBoundarySteps: 1024 },
    });
    tradeIn(chain, start);
    const back = start + 365n * DAY;
    const built = chain.block(back);
    const steps = stepsOf(built);
    assert.equal(named('markReading', steps).length, 97, '96 without a record, and the traded one');
    assert.ok(steps.length < 110, `${steps.length} steps`);
    assert.equal(named('expire', steps).length, 1);
    // The trade's locks wait for the moved deadline, and then go.
    assert.deepEqual(named('settle', steps), []);
    chain.block(back + 300_000n);
    chain.block(back + 600_000n);
    assert.equal(chain.balance(person('ann')).locked, 0n);
    const open = chain.world().entries(PERIODS);
    assert.equal(open.length, 96);
    assert.ok(open.every(({ value }) => value.settleAtMs === back + 600_000n));
    assert.deepEqual(chain.build(back + 600_001n).block.systemTxs, []);
  }
});

test('the same steps come in one block or in many, and leave the same state', () => {
  const after = (maxBoundarySteps: number): { roots: string[]; blocks: number } => {
    const chain = chainOf(['ann', 'bob'], { consensus: { maxBoundarySteps } });
    // The parameter is part of the chain's id, and so of every path: compare what was paid.
    tradeIn(chain, 0n);
    const audit = new Audit(chain);
    let time = 3n * DAY;
    let last = cursorOf(chain.world());
    let blocks = 0;
    for (; ; time += 1n, blocks++) {
      const send = issueTo(chain, chain.id(person('ann')), 1n, { from: time, until: time });
      const built = chain.block(time, [send]);
      audit.check(built);
      const cursor = cursorOf(chain.world());
      assert.ok(cursor.timeMs >= last.timeMs, 'the cursor never goes back');
      last = cursor;
      const steps = built.block.systemTxs.length;
      assert.ok(steps <= maxBoundarySteps);
      const leftOver = nextDue(chain.world(), chain.at.chain, spanTo(chain, time)) !== undefined;
      assert.equal(built.txs.length, leftOver ? 0 : 1, 'no ordinary transactions before the rest');
      if (!leftOver) break;
    }
    const roots = [person('ann'), person('bob'), person('grid')].map((who) =>
      JSON.stringify(chain.balance(who), (_, v) => (typeof v === 'bigint' ? String(v) : v)),
    );
    return { roots, blocks };
  };
  const [one, many] = [after(1024), after(7)];
  assert.equal(one.blocks, 0);
  assert.ok(many.blocks > 10);
  assert.deepEqual(many.roots, one.roots);
});

const town = Array.from({ length: 600 }, (_, i) => `home ${i}`);

/** Homes that are about to trade in period 1. */
function openedTown(names: readonly string[], consensus: object = {}): TestChain {
  const chain = chainOf(names, { consensus: { maxBlockBytes: 4_000_000, ...consensus } });
  const bids = names.map((name, i): Bid => {
    const side = i % 50 === 0 ? 'sell' : 'buy';
    return { who: person(name), side, wh: side === 'sell' ? 4000n : 80n, price: 150n, period: 1n };
  });
  const all = (make: (bid: Bid) => Tx): Tx[] => bids.map(make);
  assert.deepEqual(
    chain.block(
      1n,
      all((bid) => sealOf(chain, bid)),
    ).refused,
    [],
  );
  chain.block(CLOSE);
  chain.block(
    CLOSE + 1n,
    all((bid) => revealOf(chain, bid)),
  );
  chain.block(MARK);
  return chain;
}

/** Readings of every twentieth home: some sellers with what they sold, some buyers. */
const read = (chain: TestChain, end: bigint): Tx[] =>
  town
    .map((name, i) => ({ name, i }))
    .filter(({ i }) => i % 20 === 0 || i % 50 === 0)
    .map(({ name, i }) => {
      const n = end / PERIOD - 1n;
      const [imp, exp] = i % 50 === 0 ? [0n, 4000n] : [80n, 0n];
      return readingOf(chain, name, { end, imp: imp * n, exp: exp * n });
    });

test('600 homes: pay and settle in parts, to the same state whatever the blocks', {
  timeout: 120_000,
}, () => {
  const run = (round: number): { root: string; parts: string[] } => {
    const chain = openedTown(town);
    const parts: string[] = [];
    let time = CLEAR;
    const go = (until: bigint): void => {
      for (time = until; ; time += 1n) {
        const built = chain.block(time, [], round);
        for (const { step, part } of stepsOf(built))
          if (step === STEPS.pay || step === STEPS.settle) parts.push(`${step}/${part}`);
        const due = nextDue(chain.world(), chain.at.chain, spanTo(chain, time));
        if (due === undefined) break;
      }
    };
    go(CLEAR);
    go(PAY);
    assert.deepEqual(chain.block(PERIOD, read(chain, PERIOD)).refused, []);
    chain.block(PERIOD + 300_000n);
    go(PERIOD + 600_000n);
    assert.deepEqual(chain.block(2n * PERIOD, read(chain, 2n * PERIOD)).refused, []);
    chain.block(2n * PERIOD + 300_000n);
    go(2n * PERIOD + 600_000n);
    const world = chain.world();
    assert.equal(world.entries(SETTLEMENTS, 'spot/1').length, 600);
    assert.ok(world.entries(POSITIONS, 'spot/1').every(({ value }) => value.lock === 0n));
    assertRestores(chain);
    // Block hashes and ids of transactions follow the times of blocks: all the rest is compared.
    const leaves = [...chain.leaves.values()].filter(
      ({ kind }) => kind !== HISTORY.kind && kind !== REPLAY.kind,
    );
    const rows = leaves.map(({ kind, key, value }) => `${kind}/${toHex(key)}/${toHex(value)}`);
    const rewarded = world.entries(SETTLEMENTS, 'spot/1').filter(({ value }) => value.reward > 0n);
    assert.ok(rewarded.length > 20);
    return { root: toHex(sha256(utf8ToBytes(rows.sort().join()))), parts };
  };
  const [one, split] = [run(0), run(7)];
  // 588 buyers in two parts; two settles of two parts in each of two barriers.
  const settle = ['1/0', '1/1', '1/2', '1/3'];
  assert.deepEqual(one.parts, ['2/0', '2/1', ...settle, ...settle]);
  assert.deepEqual(split.parts, one.parts);
  assert.equal(split.root, one.root);
});

test('work: a block takes exactly the prefix that fits, and at least one step', () => {
  const chain = openedTown(town.slice(0, 20), { maxBoundaryWork: 1000 });
  // Round 5: 31 of work. clear is 20, pay 19 (all but the one seller).
  const first = stepsOf(chain.block(PAY, [], 5));
  assert.deepEqual(
    first.map(({ step }) => step),
    [STEPS.clear],
  );
  const second = stepsOf(chain.block(PAY + 1n, [], 5));
  assert.deepEqual(
    second.map(({ step }) => step),
    [STEPS.pay],
  );
  // Round 6: 15 of work, less than either; one step is taken all the same.
  const late = openedTown(town.slice(0, 20), { maxBoundaryWork: 1000 });
  assert.equal(stepsOf(late.build(PAY, [], 6)).length, 1);
  assert.equal(stepsOf(late.build(PAY, [], 4)).length, 2);
});

test('no reading revives a period whose moved deadline has passed', () => {
  const chain = chainOf(['ann', 'bob']);
  const back = 2n * PERIOD - 1n;
  chain.block(back);
  const deadline = back + 600_000n;
  assert.equal(chain.world().entries(PERIODS)[0]?.value.settleAtMs, deadline);
  const late = readingOf(chain, 'ann', { end: PERIOD, imp: 500n, exp: 0n });
  chain.block(deadline, [late]);
  const world = chain.world();
  assert.equal(
    world.get(REGISTERS, { meter: late.sender, endMs: PERIOD as ChainMs })?.importWh,
    500n,
  );
  const period = world.entries(PERIODS).find(({ key }) => key.period === 0n);
  assert.equal(period?.value.readings, 0);
  // expire drops it: nothing of it is left to iterate over.
  for (let k = 3n; k <= 9n; k++)
    for (const offset of [0n, 300_000n]) chain.block(k * PERIOD + offset);
  assert.deepEqual(chain.world().entries(PERIODS), []);
});

test('expire removes ids with their window, in parts, and nothing that is needed', () => {
  const chain = chainOf(['ann', 'bob'], { consensus: { maxBlockBytes: 4_000_000 } });
  const ann = chain.id(person('ann'));
  const send = (until: bigint): Tx => issueTo(chain, ann, 1n, { from: 0n, until });
  for (let n = 1n; n <= 4200n; n++) chain.block(n, [send(PERIOD - 1n)]);
  // The ids of a block go together, when the last of its windows has ended.
  const [early, late] = [send(PERIOD - 1n), send(PERIOD)];
  chain.block(4201n, [early, late]);
  assert.deepEqual(named('expire', stepsOf(chain.block(PERIOD - 1n))), []);
  const steps = named('expire', stepsOf(chain.block(PERIOD)));
  assert.deepEqual(
    steps.map(({ part }) => part),
    [0, 1],
  );
  assert.equal(chain.world().entries(REPLAY).length, 1);
  for (const tx of [early, late])
    assert.equal(chain.world().isMember(REPLAY, keyText(tx.id)), true, 'still remembered');
  // Silence for a day: one expire for them all, at the quarter hour that frees them.
  const [step, ...more] = named('expire', stepsOf(chain.block(DAY)));
  assert.equal(step?.period, 2n);
  assert.deepEqual(more, []);
  assert.equal(chain.world().entries(REPLAY).length, 0);
  assert.equal(chain.world().isMember(REPLAY, keyText(late.id)), false);
});

test('settled periods and old registers go when corrections cannot reach them', () => {
  const markets = [market('spot', { correctionDays: 1 })];
  const chain = chainOf(['ann', 'bob'], { markets });
  tradeIn(chain, 0n);
  let n = 0n;
  const step = (k: bigint): void => {
    const readings = ['ann', 'bob'].map((name) =>
      readingOf(chain, name, { end: k * PERIOD, imp: 10n * k, exp: 0n }),
    );
    chain.block(k * PERIOD, readings);
    chain.block(k * PERIOD + 300_000n);
    chain.block(k * PERIOD + 600_000n);
    n = k;
  };
  // A gap: two periods are never settled, and the register at its start belongs to none.
  for (let k = 1n; k <= 110n; k++) if (k < 5n || k > 6n) step(k);
  const world = chain.world();
  const oldest = world.entries(CLOSED, 'spot')[0]?.key.period;
  assert.equal(oldest, n - 96n);
  for (const table of [TRADES, POSITIONS])
    assert.deepEqual(world.entries(table as typeof TRADES, 'spot/1'), []);
  const kept = world.entries(SETTLEMENTS).map(({ key }) => key.period);
  assert.ok(kept.every((period) => period >= (oldest as bigint)));
  // The register at the start of the oldest kept period is there, and none before it.
  const ends = world.entries(REGISTERS).map(({ key }) => key.endMs);
  assert.equal(
    ends.reduce((a, b) => (a < b ? a : b)),
    (oldest as bigint) * PERIOD,
  );
  assert.ok(linesOf(chain.block(n * PERIOD + PAY).receipts).length === 0);
});
