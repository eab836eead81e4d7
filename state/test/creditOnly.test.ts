// `creditOnly` in a market of call (settlement 4.3): a default counts in the credit, and moves no
// money; who falls below `suspendBelow` is suspended as everywhere (market-bilateral 7, 8, G5).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ChainMs, PeriodIndex, WattHour } from '../../core/src/amount.js';
import type { Tx } from '../../core/src/tx.js';
import { ACCOUNTS, CREDITS, type Settlement, SETTLEMENTS } from '../src/schema.js';
import { readGenesis } from '../src/genesis/genesis.js';
import { assertRestores, Audit } from './audit.js';
import { PERIOD, person, QUICK, TestChain, testGenesis } from './harness.js';
import { type Bid, readingOf, revealOf, sealOf } from './trade.js';

const HOMES = ['ann', 'bob', 'cat'];
const [ann, bob, cat] = [person('ann'), person('bob'), person('cat')];
const [CLOSE, MARK, CLEAR, PAY] = [300_000n, 375_000n, 600_000n, 780_000n];

const genesisOf = (params: object): object =>
  testGenesis(HOMES, {
    markets: [
      {
        id: 'spot',
        mechanism: 'call',
        params: { feedIn: '0.08', retail: '0.30', ...params },
        offsets: { close: 300_000, clear: 600_000, pay: 780_000 },
      },
    ],
  });

/** Registers as they stand; every block is audited. */
class Spot {
  readonly chain: TestChain;
  private readonly audit: Audit;
  private readonly registers = new Map(HOMES.map((home) => [home, { imp: 0n, exp: 0n }]));

  constructor(params: object) {
    this.chain = new TestChain(genesisOf(params), QUICK);
    this.audit = new Audit(this.chain);
  }

  block(timeMs: bigint, txs: readonly Tx[] = []): void {
    const built = this.chain.block(timeMs, txs);
    assert.deepEqual(
      built.refused.map(({ code }) => code),
      [],
    );
    this.audit.check(built);
  }

  /** ann sells 1 kWh, 0.6 to bob and 0.4 to cat, in the period before delivery `period`. */
  trade(period: bigint): void {
    const at = (period - 1n) * PERIOD;
    const bid = (who: Bid['who'], side: Bid['side'], wh: bigint, price: bigint): Bid => {
      return { who, side, wh, price, period };
    };
    const bids = [
      bid(ann, 'sell', 1000n, 150n),
      bid(bob, 'buy', 600n, 160n),
      bid(cat, 'buy', 400n, 150n),
    ];
    this.block(
      at + 1n,
      bids.map((one) => sealOf(this.chain, one)),
    );
    this.block(at + CLOSE);
    this.block(
      at + CLOSE + 1n,
      bids.map((one) => revealOf(this.chain, one)),
    );
    for (const time of [MARK, CLEAR, PAY]) this.block(at + time);
  }

  /** What each home exports or imports in a period, and its settlement. */
  deliver(period: bigint, wh: readonly [exp: bigint, bob: bigint, cat: bigint]): void {
    const end = (period + 1n) * PERIOD;
    const [exp, bobs, cats] = wh;
    const moved = {
      ann: { imp: 0n, exp },
      bob: { imp: bobs, exp: 0n },
      cat: { imp: cats, exp: 0n },
    };
    for (const [home, by] of Object.entries(moved)) {
      const at = this.registers.get(home) ?? { imp: 0n, exp: 0n };
      this.registers.set(home, { imp: at.imp + by.imp, exp: at.exp + by.exp });
    }
    this.block(
      end,
      [...this.registers].map(([home, r]) => readingOf(this.chain, home, { ...r, end })),
    );
    this.block(end + 300_000n);
    this.block(end + CLEAR);
  }

  /** C, D, i of each home, and what it was short of in the period. */
  credits(period: bigint): readonly (readonly (number | bigint | undefined)[])[] {
    return HOMES.map((home) => {
      const id = this.chain.id(person(home));
      const counters = this.chain.world().get(CREDITS, id);
      const C = this.chain.world().get(ACCOUNTS, id)?.credit;
      return [C, counters?.D, counters?.i, this.line(home, period)?.shortfallWh];
    });
  }

  line(home: string, period: bigint): Settlement | undefined {
    const key = { market: 'spot', period: period as PeriodIndex };
    return this.chain.world().get(SETTLEMENTS, { ...key, account: this.chain.id(person(home)) });
  }
}

/** By name: ids are of a chain, and these are two. */
const balances = ({ chain }: Spot) => {
  const { grid, reward, reserve } = chain.at.chain.system;
  return [...HOMES.map(person), grid, reward, reserve].map((who) => chain.balance(who));
};

test('a default in call costs credit, trade by trade, and not a unit of money', () => {
  const runs = [{ creditOnly: true }, {}].map((params) => {
    const s = new Spot(params);
    s.trade(1n);
    s.deliver(0n, [0n, 0n, 0n]);
    // ann is 101 Wh short of its second trade; bob 100 of 600, which is within the band.
    s.deliver(1n, [899n, 500n, 400n]);
    return s;
  });
  const [judged, plain] = runs as [Spot, Spot];
  assert.deepEqual(judged.credits(1n), [
    [99, 0, 1, 101n],
    // Performed, but less than minVolume: it counts for nothing.
    [100, undefined, undefined, 100n],
    [100, undefined, undefined, 0n],
  ]);
  assert.equal(judged.line('ann', 1n)?.credit, 99);
  assert.deepEqual(
    plain.credits(1n).map(([C]) => C),
    [100, 100, 100],
  );
  assert.deepEqual(
    plain.credits(1n).map(([, , , short]) => short),
    [0n, 0n, 0n],
  );
  assert.deepEqual(balances(judged), balances(plain));
  assertRestores(judged.chain);
});

test('credit comes back after `c` periods, and falls by Fibonacci until the account is out', () => {
  const s = new Spot({ creditOnly: true, c: 2, minVolume: '0.1', suspendBelow: 99 });
  // cat takes nothing of its 400 Wh, then all of it twice, then nothing twice.
  const cats = [0n, 400n, 400n, 0n, 0n].map((wh, i) => {
    const period = 1n + 3n * BigInt(i);
    s.trade(period);
    s.deliver(period - 1n, [0n, 0n, 0n]);
    s.deliver(period, [1000n, 600n, wh]);
    return s.credits(period)[2]?.[0];
  });
  // 99 (i = 1), 99 (D = 1), 100 (D = 2: compensated), 99, 98 (U_2 = 1): below 99.
  assert.deepEqual(cats, [99, 99, 100, 99, 98]);
  const owner = s.chain.world().get(ACCOUNTS, s.chain.id(cat));
  assert.equal(owner?.status, 'suspended');
  const bid: Bid = { who: cat, side: 'buy', wh: 400n, price: 150n, period: 18n };
  const built = s.chain.build(17n * PERIOD + 1n, [sealOf(s.chain, bid)]);
  assert.deepEqual(
    built.refused.map(({ code }) => code),
    ['SUSPENDED'],
  );
});

test('a missing reading of a seller is a default; a correction moves no credit', () => {
  const s = new Spot({ creditOnly: true });
  s.trade(1n);
  s.deliver(0n, [0n, 0n, 0n]);
  s.deliver(1n, [400n, 600n, 400n]);
  assert.deepEqual(s.credits(1n)[0], [99, 0, 1, 600n]);
  const { timeMs } = s.chain.at.parent;
  s.block(timeMs + 1n, [
    s.chain.tx(person('centre'), 'correct', {
      market: 'spot',
      meter: s.chain.id(person('ann meter')),
      endMs: (2n * PERIOD) as ChainMs,
      importWh: 0n as WattHour,
      exportWh: 950n as WattHour,
      reason: 'read wrongly',
    }),
  ]);
  s.block(timeMs + 2n);
  assert.deepEqual(s.credits(1n)[0], [99, 0, 1, 50n]);
  assert.equal(s.line('ann', 1n)?.version, 2);
});

test('creditOnly is of call alone; its credit has the parameters of market-bilateral', () => {
  const base = testGenesis(HOMES);
  const uniform = { id: 'spot', mechanism: 'uniform' };
  const params = { feedIn: '0.08', retail: '0.30', creditOnly: true };
  const other = { ...base, markets: [{ ...uniform, params }] };
  assert.throws(() => readGenesis(other), /creditOnly: has no meaning in a market of uniform/);
  assert.throws(() => readGenesis(genesisOf({ creditOnly: 1 })), /creditOnly/);
  assert.throws(() => readGenesis(genesisOf({ creditOnly: true, k1: '5' })), /k1/);
  const read = readGenesis(genesisOf({ creditOnly: true, c: 7, tolAbs: '0.2' }));
  assert.equal(read.markets[0]?.params.compensationPeriods, 7);
});
