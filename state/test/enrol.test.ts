// A meter that changes its market is settled in one market at a time, for every period, and nothing
// that is locked for it is left behind (settlement 1.5).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ChainMs, PeriodIndex, WattHour } from '../../core/src/amount.js';
import type { Tx } from '../../core/src/tx.js';
import { METERS, POSITIONS, SETTLEMENTS } from '../src/schema.js';
import { isEnrolled } from '../src/tx/context.js';
import { Audit } from './audit.js';
import { HOUR, PERIOD, person, QUICK, TestChain, testGenesis } from './harness.js';
import { assertRefused } from './refused.js';
import { type Bid, readingOf, revealOf, sealOf } from './trade.js';

const [ann, bob] = [person('ann'), person('bob')];
const params = { feedIn: '0.08', retail: '0.30' };
const quarter = {
  id: 'quarter',
  mechanism: 'call',
  params,
  offsets: { close: 300_000, clear: 600_000, pay: 780_000 },
};
const hour = { ...quarter, id: 'hour', periodMs: 3_600_000 };
const other = { ...quarter, id: 'other' };

function chainOf(markets: readonly object[], market = 'quarter'): TestChain {
  const plain = testGenesis(['ann', 'bob']) as { accounts: { meter: object }[] };
  const accounts = plain.accounts.map((a) => ({ ...a, meter: { ...a.meter, market } }));
  return new TestChain({ ...plain, accounts, markets }, QUICK);
}

const enrol = (chain: TestChain, market: string, who = ann): Tx =>
  chain.tx(who, 'enrol', { market, node: '' });
const bidOf = (market: string, period: bigint): Bid => ({
  who: ann,
  side: 'sell',
  wh: 1000n,
  price: 100n,
  period,
  market,
});

const meterOf = (chain: TestChain, name: string) => {
  const id = chain.id(person(`${name} meter`));
  return chain.world().get(METERS, id) ?? assert.fail('no meter');
};

test('a change comes with the first period after what the old market has opened', () => {
  const cases: [string, string, bigint, bigint][] = [
    // At 0:01 orders for [0:15, 0:30) are open: free from 0:30 on.
    ['quarter', 'other', 60_000n, 2n * PERIOD],
    ['quarter', 'hour', 60_000n, HOUR],
    ['quarter', 'hour', 3n * PERIOD, 2n * HOUR],
    ['hour', 'quarter', 60_000n, 2n * HOUR],
  ];
  for (const [from, to, timeMs, startsMs] of cases) {
    const chain = chainOf([quarter, other, hour], from);
    assert.deepEqual(chain.block(timeMs, [enrol(chain, to)]).refused, []);
    const meter = meterOf(chain, 'ann');
    // Every quarter of an hour belongs to one market, whatever its periods are.
    for (let at = PERIOD; at < 12n * PERIOD; at += PERIOD) {
      const settles = chain.at.chain.markets
        .filter((market) => {
          const period = (at / market.periodMs) as PeriodIndex;
          return isEnrolled(chain.at.chain, meter, { market, period });
        })
        .map(({ id }) => id);
      assert.deepEqual(settles, [at < startsMs ? from : to], `${from} to ${to}, at ${at}`);
    }
  }
});

test('periods that overlap the change belong to neither market', () => {
  const [long, odd] = [
    { ...quarter, id: 'long', periodMs: 2_400_000 },
    { ...quarter, id: 'odd', periodMs: 3_000_000 },
  ];
  const chain = chainOf([long, odd], 'long');
  chain.block(1n, [enrol(chain, 'odd')]);
  const meter = meterOf(chain, 'ann');
  const [l, o] = chain.at.chain.markets;
  assert.ok(l && o);
  const is = (market: typeof l, period: bigint): boolean =>
    isEnrolled(chain.at.chain, meter, { market, period: period as PeriodIndex });
  // long: 0..80 minutes are its own, [80, 120) overlaps [100, 150), the first of odd.
  assert.deepEqual([is(l, 1n), is(l, 2n), is(o, 1n), is(o, 2n)], [true, false, false, true]);
});

test('orders and readings follow the meter', () => {
  const chain = chainOf([quarter, hour]);
  chain.block(60_000n, [enrol(chain, 'hour')]);
  const seal = (market: string, period: bigint): Tx => sealOf(chain, bidOf(market, period));
  // The old market still has the quarters up to the hour; the new one is not there yet.
  assert.deepEqual(chain.build(61_000n, [seal('quarter', 1n)]).refused, []);
  const timeMs = 2n * PERIOD + 1n;
  chain.block(2n * PERIOD);
  assert.deepEqual(chain.build(timeMs, [seal('quarter', 3n)]).refused, []);
  chain.block(3n * PERIOD);
  const late = seal('quarter', 4n);
  assertRefused(chain, { tx: late, timeMs: 3n * PERIOD + 1n, code: 'NOT_ENROLLED' });
  const read = (end: bigint): Tx =>
    readingOf(chain, 'ann', { end, imp: 0n, exp: 0n, sequence: end });
  chain.block(HOUR);
  assert.deepEqual(chain.block(HOUR + 1n, [read(HOUR)]).refused, []);
  const between = read(HOUR + PERIOD);
  chain.block(HOUR + PERIOD);
  assertRefused(chain, { tx: between, timeMs: HOUR + PERIOD + 1n, code: 'READING_PERIOD' });
  chain.block(2n * HOUR);
  assert.deepEqual(chain.build(2n * HOUR + 1n, [read(2n * HOUR)]).refused, []);
});

test('no second change before the last period of the first market is settled', () => {
  const chain = chainOf([quarter, other]);
  const audit = new Audit(chain);
  const block = (time: bigint, txs: readonly Tx[] = []): void => {
    const built = chain.block(time, txs);
    assert.deepEqual(built.refused, []);
    audit.check(built);
  };
  // The last period in the old market is 1: ann sells in it to bob.
  const sell = bidOf('quarter', 1n);
  const buy: Bid = { ...sell, who: bob, side: 'buy', price: 200n };
  block(1n, [sealOf(chain, sell), sealOf(chain, buy)]);
  block(2n, [enrol(chain, 'other')]);
  assertRefused(chain, { tx: enrol(chain, 'quarter'), timeMs: 3n, code: 'OPEN_CONTRACTS' });
  block(300_000n);
  block(300_001n, [revealOf(chain, sell), revealOf(chain, buy)]);
  for (const time of [375_000n, 600_000n, 780_000n]) block(time);
  const end = 2n * PERIOD;
  const reads = (at: bigint): Tx[] =>
    ['ann', 'bob'].map((name) =>
      readingOf(chain, name, { end: at, imp: 0n, exp: 1000n * (at / end) }),
    );
  block(PERIOD, reads(PERIOD));
  block(PERIOD + 300_000n);
  block(PERIOD + 600_000n);
  block(end, reads(end));
  // In the new market already, and the old one still holds proceeds and collateral.
  assert.equal(chain.balance(ann).locked, 1000n * 220n + 1000n * 150n);
  for (const timeMs of [end + 1n, end + 599_999n])
    assertRefused(chain, { tx: enrol(chain, 'quarter'), timeMs, code: 'OPEN_CONTRACTS' });
  block(end + 300_000n);
  block(end + 600_000n, [enrol(chain, 'quarter')]);
  assert.equal(chain.balance(ann).locked, 0n);
  assert.equal(chain.world().entries(SETTLEMENTS, 'quarter/1').length, 2);
  assert.ok(
    chain
      .world()
      .entries(POSITIONS)
      .every(({ value }) => value.lock === 0n),
  );
});

test('a meter that was in no market reads the start of its first period', () => {
  const plain = testGenesis(['ann', 'bob']) as { accounts: { meter: object }[] };
  const accounts = plain.accounts.map((a, i) =>
    i === 0 ? { ...a, meter: { ...a.meter, market: undefined, import: '5', export: '5' } } : a,
  );
  const chain = new TestChain({ ...plain, accounts }, QUICK);
  const early = readingOf(chain, 'ann', { end: PERIOD, imp: 5000n, exp: 5000n });
  assertRefused(chain, { tx: early, timeMs: PERIOD, code: 'READING_PERIOD' });
  chain.block(PERIOD + 1n, [enrol(chain, 'spot')]);
  assert.equal(meterOf(chain, 'ann').fromPeriod, 2n);
  const read = (end: bigint, imp: bigint): Tx => readingOf(chain, 'ann', { end, imp, exp: 5000n });
  chain.block(2n * PERIOD, [read(2n * PERIOD, 5100n)]);
  chain.block(2n * PERIOD + 300_000n);
  assert.deepEqual(chain.block(3n * PERIOD, [read(3n * PERIOD, 5130n)]).refused, []);
  chain.block(3n * PERIOD + 300_000n);
  chain.block(3n * PERIOD + 600_000n);
  const account = chain.id(ann);
  const period = 2n as PeriodIndex;
  const line = chain.world().get(SETTLEMENTS, { market: 'spot', period, account });
  assert.deepEqual([line?.quality, line?.importWh], ['metered', 30n]);
});

test('a substitute is never more than the connection carries in a period', () => {
  const chain = chainOf([hour, quarter], 'hour');
  const block = (time: bigint, txs: readonly Tx[] = []): void =>
    assert.deepEqual(chain.block(time, txs).refused, []);
  const read = (name: string, end: bigint, imp: bigint): Tx =>
    readingOf(chain, name, { end, imp, exp: 0n });
  // 17 kW for an hour: four times what a quarter can carry.
  block(HOUR, [read('ann', HOUR, 17_000n), enrol(chain, 'quarter'), enrol(chain, 'quarter', bob)]);
  for (const offset of [300_000n, 600_000n]) block(HOUR + offset);
  const starts = 3n * HOUR;
  assert.equal(meterOf(chain, 'ann').fromPeriod * PERIOD, starts);
  block(starts - 1n);
  block(starts, [read('bob', starts, 0n)]);
  block(starts + 300_000n);
  block(starts + PERIOD, [read('bob', starts + PERIOD, 0n)]);
  block(starts + PERIOD + 300_000n);
  block(starts + PERIOD + 600_000n);
  const line = chain.world().get(SETTLEMENTS, {
    market: 'quarter',
    period: (starts / PERIOD) as PeriodIndex,
    account: chain.id(ann),
  });
  assert.deepEqual([line?.quality, line?.importWh], ['substitute', 4250n as WattHour]);
  assert.equal(meterOf(chain, 'bob').endMs, (starts + PERIOD) as ChainMs);
});
