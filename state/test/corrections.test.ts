// Corrections (settlement 3.5): a reading that came late, and registers that a centre puts right.
// Differences sum to zero, both versions stay, credit and shares do not move back.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ChainMs, PeriodIndex, Price, WattHour } from '../../core/src/amount.js';
import type { Side, Tx } from '../../core/src/tx.js';
import {
  ACCOUNTS,
  CORRECTIONS,
  OLD_SETTLEMENTS,
  type Settlement,
  SETTLEMENTS,
  SUPPLY,
} from '../src/schema.js';
import { PERIOD, person, QUICK, TestChain, testGenesis } from './harness.js';
import { readingOf, revealOf, sealOf } from './trade.js';

const START = 100_000_000n;

function chainOf(mechanism: string, homes: readonly string[], modules: object = {}): TestChain {
  const base = testGenesis(homes);
  const params = { feedIn: '0.08', retail: '0.30' };
  const markets = [{ id: 'spot', mechanism, params, modules }];
  return new TestChain({ ...base, markets }, QUICK);
}

function take(chain: TestChain, timeMs: bigint, txs: readonly Tx[] = []): void {
  const { refused } = chain.block(timeMs, txs);
  assert.deepEqual(
    refused.map(({ code }) => code),
    [],
  );
}

interface At {
  readonly end: bigint;
  readonly imp?: bigint;
  readonly exp?: bigint;
}
const read = (chain: TestChain, home: string, { end, imp = 0n, exp = 0n }: At): Tx =>
  readingOf(chain, home, { end: end * PERIOD, imp, exp });

const order = (chain: TestChain, who: string, side: Side, price: bigint): Tx =>
  chain.tx(person(who), 'order', {
    market: 'spot',
    period: 1n as PeriodIndex,
    side,
    energyWh: 1000n as WattHour,
    price: price as Price,
    type: '',
    reserve: undefined,
    right: undefined,
  });

const correctOf = (chain: TestChain, home: string, at: At): Tx =>
  chain.tx(person('centre'), 'correct', {
    market: 'spot',
    meter: chain.id(person(`${home} meter`)),
    endMs: (at.end * PERIOD) as ChainMs,
    importWh: (at.imp ?? 0n) as WattHour,
    exportWh: (at.exp ?? 0n) as WattHour,
    reason: 'meter exchanged',
  });

/** The settled period of a home. */
function lineOf(chain: TestChain, home: string, period = 1n): Settlement {
  const key = { market: 'spot', period: period as PeriodIndex, account: chain.id(person(home)) };
  const line = chain.world().get(SETTLEMENTS, key);
  assert.ok(line);
  return line;
}

const cash = (chain: TestChain, home: string): bigint =>
  chain.balance(person(home)).available - START;

/** A block at each moment at which the outage rule looks, until the period is settled. */
function settle(chain: TestChain, period: bigint): void {
  const end = (period + 1n) * PERIOD;
  take(chain, end + 300_000n);
  take(chain, end + 600_000n);
}

/** 1 kWh from sun to shade at 0.2 for period 1; both meters read zero where it begins. */
function traded(homes: readonly string[], modules: object = {}): TestChain {
  const chain = chainOf('uniform', homes, modules);
  take(chain, 1000n, [order(chain, 'sun', 'sell', 200n), order(chain, 'shade', 'buy', 200n)]);
  take(chain, 600_000n);
  take(
    chain,
    PERIOD + 1000n,
    homes.map((home) => read(chain, home, { end: 1n })),
  );
  take(chain, PERIOD + 300_000n);
  take(chain, PERIOD + 600_000n);
  return chain;
}

test('a late reading: the substitute is settled again, the difference sums to zero', () => {
  const chain = traded(['sun', 'shade']);
  // The seller's meter is silent: export 0, a default at full credit, the buyer pays retail.
  take(chain, 2n * PERIOD + 1000n, [read(chain, 'shade', { end: 2n, imp: 1000n })]);
  settle(chain, 1n);
  assert.equal(lineOf(chain, 'sun').quality, 'substitute');
  assert.equal(cash(chain, 'shade'), -1000n * 300n);
  assert.equal(cash(chain, 'sun'), 0n);
  // It was there all the time.
  const late = 2n * PERIOD + 700_000n;
  take(chain, late, [read(chain, 'sun', { end: 2n, exp: 1200n })]);
  assert.equal(chain.world().entries(CORRECTIONS).length, 1);
  take(chain, late + 1n);
  assert.equal(chain.world().entries(CORRECTIONS).length, 0);
  assert.equal(cash(chain, 'shade'), -1000n * 200n);
  assert.equal(cash(chain, 'sun'), 1000n * 200n + 200n * 80n);
  const line = lineOf(chain, 'sun');
  assert.deepEqual(
    [line.quality, line.version, line.exportWh, line.energyMoney, line.gridCredit],
    ['corrected', 2, 1200n, 200_000n, 16_000n],
  );
  assert.equal(lineOf(chain, 'shade').version, 2);
  assert.equal(lineOf(chain, 'shade').gridCharge, 0n);
  const old = chain.world().entries(OLD_SETTLEMENTS);
  // In the order of account ids, which are those of this genesis.
  assert.deepEqual(old.map(({ key, value }) => `${key.version} ${value.quality}`).sort(), [
    '1 metered',
    '1 substitute',
  ]);
  // Credit does not move back.
  assert.equal(chain.world().get(ACCOUNTS, chain.id(person('sun')))?.credit, 99);
  const supply = chain.world().get(SUPPLY, '');
  assert.equal(supply?.redeemed, 0n);
});

test('a gap: its energy is spread over the periods pro rata to time', () => {
  const chain = chainOf('uniform', ['sun', 'shade']);
  take(chain, 1n, []);
  take(chain, PERIOD + 1000n, [read(chain, 'sun', { end: 1n }), read(chain, 'shade', { end: 1n })]);
  for (let period = 1n; period <= 3n; period++) {
    const end = (period + 1n) * PERIOD;
    take(chain, end + 1000n, [read(chain, 'shade', { end: period + 1n })]);
    settle(chain, period);
    assert.equal(lineOf(chain, 'sun', period).quality, 'substitute');
  }
  // 1,000 Wh in, 10 Wh out, over periods 1 to 4; the last one is not settled yet.
  take(chain, 5n * PERIOD + 1000n, [
    read(chain, 'sun', { end: 5n, imp: 1000n, exp: 10n }),
    read(chain, 'shade', { end: 5n }),
  ]);
  take(chain, 5n * PERIOD + 2000n);
  settle(chain, 4n);
  const energies = [1n, 2n, 3n, 4n].map((period) => {
    const { importWh, exportWh, quality } = lineOf(chain, 'sun', period);
    return [importWh, exportWh, quality];
  });
  assert.deepEqual(energies, [
    [250n, 2n, 'corrected'],
    [250n, 3n, 'corrected'],
    [250n, 2n, 'corrected'],
    [250n, 3n, 'corrected'],
  ]);
  assert.equal(cash(chain, 'sun'), 10n * 80n - 1000n * 300n);
});

test('a penalty that proves wrong is returned; shares and credit stay', () => {
  const chain = traded(['sun', 'shade', 'third']);
  const account = chain.world().get(ACCOUNTS, chain.id(person('sun')));
  assert.equal(account?.credit, 100);
  // First default, free at full credit, so that the next one costs money.
  take(chain, 2n * PERIOD + 1000n, [
    read(chain, 'sun', { end: 2n }),
    read(chain, 'shade', { end: 2n, imp: 1000n }),
    read(chain, 'third', { end: 2n }),
  ]);
  settle(chain, 1n);
  const opens = 3n * PERIOD;
  const again = (who: string, side: Side): Tx => {
    const { body } = order(chain, who, side, 200n) as Tx & { kind: 'order' };
    return chain.tx(person(who), 'order', { ...body, period: 4n as PeriodIndex });
  };
  take(chain, opens + 1000n, [again('sun', 'sell'), again('shade', 'buy')]);
  take(chain, opens + 600_000n);
  const zero = (home: string, imp = 0n): Tx => read(chain, home, { end: 4n, imp });
  take(chain, 4n * PERIOD + 1000n, [zero('sun'), zero('shade', 1000n), zero('third')]);
  take(chain, 4n * PERIOD + 300_000n);
  take(chain, 4n * PERIOD + 600_000n);
  take(chain, 5n * PERIOD + 1000n, [
    read(chain, 'sun', { end: 5n }),
    read(chain, 'shade', { end: 5n, imp: 2000n }),
    read(chain, 'third', { end: 5n }),
  ]);
  settle(chain, 4n);
  const penalty = lineOf(chain, 'sun', 4n).penalty;
  assert.ok(penalty > 0n);
  const before = new Map(['sun', 'shade', 'third'].map((home) => [home, cash(chain, home)]));
  const moved = (home: string): bigint => cash(chain, home) - (before.get(home) ?? 0n);
  // The meter had been read wrong: it delivered everything.
  const at = 5n * PERIOD + 700_000n;
  take(chain, at, [correctOf(chain, 'sun', { end: 5n, exp: 1000n })]);
  take(chain, at + 1n);
  const victim = (penalty * 800_000n) / 1_000_000n;
  assert.equal(lineOf(chain, 'sun', 4n).penalty, 0n);
  assert.equal(moved('third'), 0n);
  // pool:reserve is empty, since third shared the rest: it gives nothing back.
  assert.equal(moved('sun'), 1000n * 200n + victim);
  assert.equal(moved('shade'), 1000n * 300n - 1000n * 200n - victim);
});

test('call: deviation and fine are settled again by the new registers', () => {
  const chain = chainOf('call', ['sun', 'shade']);
  const bids = [
    { who: person('sun'), side: 'sell' as const, wh: 1000n, price: 200n, period: 1n },
    { who: person('shade'), side: 'buy' as const, wh: 1000n, price: 200n, period: 1n },
  ];
  take(
    chain,
    1000n,
    bids.map((bid) => sealOf(chain, bid)),
  );
  take(
    chain,
    180_001n,
    bids.map((bid) => revealOf(chain, bid)),
  );
  take(chain, 215_000n);
  take(chain, 300_000n);
  take(chain, 780_000n);
  const homes = ['sun', 'shade'];
  take(
    chain,
    PERIOD + 1000n,
    homes.map((home) => read(chain, home, { end: 1n })),
  );
  take(chain, PERIOD + 300_000n);
  take(chain, PERIOD + 600_000n);
  take(chain, 2n * PERIOD + 1000n, [
    read(chain, 'sun', { end: 2n, exp: 500n }),
    read(chain, 'shade', { end: 2n, imp: 1000n }),
  ]);
  settle(chain, 1n);
  const before = cash(chain, 'sun');
  const fined = lineOf(chain, 'sun');
  take(chain, 2n * PERIOD + 700_000n, [correctOf(chain, 'sun', { end: 2n, exp: 1000n })]);
  take(chain, 2n * PERIOD + 700_001n);
  const line = lineOf(chain, 'sun');
  assert.equal(line.gridCharge, 0n);
  assert.ok(line.reward > fined.reward);
  assert.equal(cash(chain, 'sun') - before, fined.gridCharge + line.reward - fined.reward);
});

test('reward: that of the home itself is found again, nobody else gains or loses by it', () => {
  const chain = traded(['sun', 'shade'], { reward: true });
  take(chain, 2n * PERIOD + 1000n, [
    read(chain, 'sun', { end: 2n, exp: 400n }),
    read(chain, 'shade', { end: 2n, imp: 1000n }),
  ]);
  settle(chain, 1n);
  // sun, green: x = 400, x' = 600, k = -1/2: -200,000 x 0.0216 / 2. shade is exact: 4,000.
  assert.deepEqual([lineOf(chain, 'sun').reward, lineOf(chain, 'shade').reward], [-2160n, 4000n]);
  const [sun, shade] = [cash(chain, 'sun'), cash(chain, 'shade')];
  take(chain, 2n * PERIOD + 700_000n, [correctOf(chain, 'sun', { end: 2n, exp: 800n })]);
  take(chain, 2n * PERIOD + 700_001n);
  // k = 600 / 800: 200,000 x 0.0216 x 3 / 4.
  assert.deepEqual([lineOf(chain, 'sun').rewardDue, lineOf(chain, 'sun').reward], [3240n, 3240n]);
  assert.equal(lineOf(chain, 'shade').reward, 4000n);
  assert.equal(cash(chain, 'sun') - sun, 400n * 200n + 2160n + 3240n);
  assert.equal(cash(chain, 'shade') - shade, 400n * (300n - 200n));
});

test('a correction that cannot be is refused with its code', () => {
  const chain = traded(['sun', 'shade']);
  take(chain, 2n * PERIOD + 1000n, [
    read(chain, 'sun', { end: 2n, exp: 1000n }),
    read(chain, 'shade', { end: 2n, imp: 1000n }),
  ]);
  const at = 2n * PERIOD + 2000n;
  const refused = (tx: Tx): readonly string[] =>
    chain.build(at, [tx]).refused.map(({ code }) => code);
  const { body } = correctOf(chain, 'sun', { end: 2n, exp: 900n }) as Tx & { kind: 'correct' };
  assert.deepEqual(refused(chain.tx(person('sun'), 'correct', body)), ['NOT_ALLOWED']);
  assert.deepEqual(refused(correctOf(chain, 'sun', { end: 3n, exp: 900n })), ['NOT_FOUND']);
  assert.deepEqual(refused(correctOf(chain, 'sun', { end: 2n, exp: 1000n })), ['READING_REPLAYED']);
  assert.deepEqual(refused(correctOf(chain, 'sun', { end: 2n, exp: 4251n })), [
    'READING_IMPLAUSIBLE',
  ]);
  assert.deepEqual(refused(correctOf(chain, 'sun', { end: 1n, exp: 1001n })), ['READING_FALLING']);
});
