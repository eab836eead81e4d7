// Times and parameters of a bilateral market: offsets in periods, windows, ranges, `beside`.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ChainMs, PeriodIndex } from '../../core/src/amount.js';
import { periodTimes, scheduleOf, tradingPeriod } from '../src/boundary/timing.js';
import { chainOf, MARKET } from './bilateral.js';
import { PERIOD } from './harness.js';

const marketOf = (offsets: object = {}) => {
  const [market] = chainOf({ homes: ['a'], offsets }).at.chain.markets;
  assert.ok(market);
  return market;
};

test('listing until 3 periods before delivery, reviewed 2 before, begun at its start', () => {
  const market = marketOf();
  const { windows, steps } = scheduleOf(market, 10n as PeriodIndex);
  const inPeriods = (ms: bigint): number => Number(ms) / Number(PERIOD);
  assert.deepEqual(
    windows.slice(1).map((w) => [w.name, inPeriods(w.startMs), inPeriods(w.endMs)]),
    [
      ['review', 7, 8],
      ['confirm', 8, 10],
    ],
  );
  assert.equal(windows[0]?.endMs, 7n * PERIOD);
  assert.deepEqual(
    steps.map(({ step, timeMs }) => [step, inPeriods(timeMs)]),
    [
      ['reviewed', 8],
      ['begun', 10],
    ],
  );
  assert.equal(periodTimes(market, 10n as PeriodIndex).settle, 11n * PERIOD + 600_000n);
  // A period belongs to the market once its listings are in.
  assert.equal(tradingPeriod(market, (7n * PERIOD) as ChainMs), 10n);
  assert.equal(tradingPeriod(market, (7n * PERIOD - 1n) as ChainMs), 9n);
});

test('offsets count periods and ms after the reading deadline; their ranges', () => {
  const market = marketOf({ review: 5, ballots: 60_000 });
  assert.deepEqual(market.offsets, [5n, 60_000n]);
  assert.equal(scheduleOf(market, 10n as PeriodIndex).steps[0]?.timeMs, 5n * PERIOD);
  for (const offsets of [{ review: 0 }, { review: 97 }, { ballots: 86_400_001 }, { ballots: 1 }])
    assert.throws(() => marketOf(offsets), { code: 'PARAM_RANGE' });
  assert.throws(() => marketOf({ gate: 1 }), { code: 'UNKNOWN_FIELD' });
});

/** Three bidding rounds within a quarter of an hour. */
const QUICK_ROUNDS = { commit: 0, reveal: 60_000, choose: 120_000, match: 180_000, every: 240_000 };

test('beside names markets of open orders, with the same periods', () => {
  const tariff = { feedIn: '0.5', retail: '0.75' };
  const more = [
    { id: 'spot', mechanism: 'uniform', params: tariff },
    { id: 'sealed', mechanism: 'call', params: tariff },
    { id: 'slow', mechanism: 'uniform', periodMs: 3_600_000, params: tariff },
    { id: 'other', mechanism: 'bilateral', params: tariff },
    // Both count their contracts from 0, and take no position for granted.
    { id: 'street', mechanism: 'neighbourhood', periodMs: 900_000, params: tariff },
    {
      id: 'quotes',
      mechanism: 'reputation',
      periodMs: 900_000,
      params: tariff,
      offsets: QUICK_ROUNDS,
    },
  ];
  const of = (beside: unknown) => chainOf({ homes: ['a'], more, params: { beside } });
  assert.deepEqual(of(['spot']).at.chain.markets[0]?.params.beside, ['spot']);
  for (const name of ['sealed', 'slow', 'other', 'street', 'quotes', 'nowhere', MARKET])
    assert.throws(() => of([name]), { code: 'PARAM_RANGE' }, name);
  for (const beside of ['spot', [1], ['Spot'], ['spot', 'spot']])
    assert.throws(() => of(beside), { code: 'GENESIS' });
});

test('defaults: fees on, no fee; another market has neither', () => {
  const { params } = marketOf();
  assert.equal(params.fees, true);
  assert.equal(params.handlingFee, 0n);
  assert.equal(params.adjudicationMs, 86_400_000n);
  assert.equal(params.penalty, true);
  const spot = { feedIn: '0.5', retail: '0.75', handlingFee: '1' };
  const more = [{ id: 'spot', mechanism: 'uniform', params: spot }];
  assert.throws(() => chainOf({ homes: ['a'], more }), { code: 'GENESIS' });
});
