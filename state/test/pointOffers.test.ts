// Points bought from another participant (market-reputation 1.11): offered and locked, taken and
// reserved for a day, released by the seller or the issuer, or back where they came from.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ChainMs, Money } from '../../core/src/amount.js';
import { type Hash, sha256 } from '../../core/src/hash.js';
import { MAX_POINT_OFFERS } from '../../core/src/limits.js';
import type { Tx } from '../../core/src/tx.js';
import { OFFER_ENDS, POINT_OFFERS } from '../src/points/tables.js';
import { assertRestores } from './audit.js';
import { CleanRun } from './clean.js';
import { HOUR, person } from './harness.js';
import { transferOf } from './trade.js';

const START = 1_000_000_000_000n;
const DAY = 24n * HOUR;
const TERMS = sha256(new TextEncoder().encode('25.00 EUR to DE00 0000'));

interface Offered {
  readonly who?: string;
  readonly amount?: bigint;
  readonly until?: bigint;
  readonly market?: string;
}
const offerOf = (run: CleanRun, o: Offered = {}): Tx => {
  const { who = 'sun', amount = 500n, until = run.nowMs + DAY, market = '' } = o;
  const body = { market, amount: amount as Money, terms: TERMS, until: until as ChainMs };
  return run.chain.tx(person(who), 'offerPoints', body);
};
const takeOf = (run: CleanRun, who: string, offer: Hash, market = ''): Tx =>
  run.chain.tx(person(who), 'takePoints', { market, offer });
const releaseOf = (run: CleanRun, who: string, offer: Hash, market = ''): Tx =>
  run.chain.tx(person(who), 'releasePoints', { market, offer });

function offered(o: Offered = {}): { run: CleanRun; offer: Hash } {
  const run = new CleanRun();
  const tx = offerOf(run, o);
  run.block(1n, [tx]);
  return { run, offer: tx.id };
}
const balance = (run: CleanRun, who: string) => {
  const { available, locked } = run.chain.balance(person(who));
  return [available - START, locked];
};

test('offered, taken, released by the seller', () => {
  const { run, offer } = offered();
  assert.deepEqual(balance(run, 'sun'), [-500n, 500n]);
  run.refuses('NOT_RESERVED', releaseOf(run, 'sun', offer));
  run.now(takeOf(run, 'shade', offer));
  assert.deepEqual(balance(run, 'shade'), [0n, 0n], 'taking moves nothing');
  run.refuses('NOT_ALLOWED', releaseOf(run, 'shade', offer));
  run.refuses('POINTS_RESERVED', takeOf(run, 'coal', offer));
  run.now(releaseOf(run, 'sun', offer));
  assert.deepEqual(balance(run, 'shade'), [500n, 0n]);
  assert.deepEqual(balance(run, 'sun'), [-500n, 0n]);
  run.refuses('NOT_FOUND', releaseOf(run, 'sun', offer));
  assert.deepEqual(run.chain.world().entries(OFFER_ENDS), []);
});

test('the issuer may release, nobody else', () => {
  const { run, offer } = offered();
  run.now(takeOf(run, 'shade', offer));
  for (const who of ['coal', 'grid', 'v1']) run.refuses('NOT_ALLOWED', releaseOf(run, who, offer));
  run.now(releaseOf(run, 'centre', offer));
  assert.deepEqual(balance(run, 'shade'), [500n, 0n]);
});

test('not released in a day: back to the offer, and taken by another', () => {
  const { run, offer } = offered({ until: 3n * DAY });
  run.now(takeOf(run, 'shade', offer));
  const taken = run.nowMs;
  run.block(taken + DAY - 2n);
  run.refuses('POINTS_RESERVED', takeOf(run, 'coal', offer));
  run.block(taken + DAY - 1n);
  run.refuses('NOT_RESERVED', releaseOf(run, 'sun', offer));
  run.now(takeOf(run, 'coal', offer));
  run.now(releaseOf(run, 'sun', offer));
  assert.deepEqual(
    [balance(run, 'coal'), balance(run, 'shade')],
    [
      [500n, 0n],
      [0n, 0n],
    ],
  );
});

test('at its end the points go back, but for a reservation that still stands', () => {
  const { run, offer } = offered({ until: HOUR });
  const second = offerOf(run, { amount: 70n, until: HOUR });
  run.now(second);
  run.block(HOUR - 10n);
  run.now(takeOf(run, 'shade', second.id));
  run.block(HOUR - 1n);
  run.refuses('EXPIRED', takeOf(run, 'shade', offer));
  run.block(2n * HOUR);
  assert.deepEqual(balance(run, 'sun'), [-70n, 70n], 'the first is free, the second reserved');
  run.refuses('NOT_FOUND', takeOf(run, 'coal', offer));
  run.refuses('EXPIRED', takeOf(run, 'coal', second.id));
  assertRestores(run.chain);
  run.block(DAY + HOUR - 20n);
  assert.deepEqual(balance(run, 'sun'), [-70n, 70n]);
  run.block(DAY + 2n * HOUR);
  assert.deepEqual(balance(run, 'sun'), [0n, 0n]);
  assert.deepEqual(run.chain.world().entries(POINT_OFFERS), []);
  assert.deepEqual(run.chain.world().entries(OFFER_ENDS), []);
});

test('each refusal by its code', () => {
  const { run, offer } = offered();
  const refuses = (code: Parameters<CleanRun['refuses']>[0], o: Offered): void =>
    run.refuses(code, offerOf(run, o));
  refuses('UNKNOWN_MARKET', { market: 'spot' });
  refuses('AMOUNT_RANGE', { amount: 0n });
  refuses('EXPIRED', { until: run.nowMs + 1n });
  refuses('WINDOW_TOO_LONG', { until: run.nowMs + 1n + 7n * DAY + 1n });
  refuses('INSUFFICIENT_FUNDS', { amount: START - 500n + 1n });
  refuses('NOT_ALLOWED', { who: 'sun meter' });
  run.refuses('NOT_ALLOWED', takeOf(run, 'sun', offer));
  run.refuses('NOT_ALLOWED', takeOf(run, 'coal meter', offer));
  run.refuses('UNKNOWN_MARKET', takeOf(run, 'coal', offer, 'spot'));
  run.refuses('NOT_FOUND', takeOf(run, 'coal', TERMS));
  run.refuses('UNKNOWN_MARKET', releaseOf(run, 'sun', offer, 'spot'));
  run.refuses('NOT_FOUND', releaseOf(run, 'sun', TERMS));
  run.now(offerOf(run, { amount: START - 500n, until: run.nowMs + 1n + 7n * DAY }));
  run.refuses(
    'INSUFFICIENT_FUNDS',
    transferOf(run.chain, { from: person('sun'), to: run.id('coal'), amount: 1n }),
  );
});

test('whoever owes offers nothing; points that come back pay what is owed', () => {
  const run = new CleanRun();
  const keep = 50_000n;
  const amount = START - keep;
  run.block(1n, [offerOf(run, { who: 'coal', amount: keep, until: HOUR })]);
  run.now(transferOf(run.chain, { from: person('coal'), to: run.id('sun'), amount }));
  run.deliver(1n, { coal: [1000n, 0n] });
  assert.equal(run.chain.balance(person('coal')).arrears, 300_000n);
  run.refuses('ARREARS', offerOf(run, { who: 'coal', amount: 1n }));
  run.block(2n * HOUR);
  const { available, locked, arrears } = run.chain.balance(person('coal'));
  assert.deepEqual([available, locked, arrears], [0n, 0n, 250_000n]);
});

test('OPEN_LIMIT: so many live offers of an account and no more', () => {
  const run = new CleanRun();
  run.now(...Array.from({ length: MAX_POINT_OFFERS }, () => offerOf(run)));
  run.refuses('OPEN_LIMIT', offerOf(run));
  run.now(offerOf(run, { who: 'coal' }));
});

test('a suspended seller may still release, and offers no more', () => {
  const { run, offer } = offered();
  run.now(takeOf(run, 'shade', offer));
  const body = { market: '', account: run.id('sun'), reason: '' };
  run.now(run.chain.tx(person('centre'), 'suspend', body));
  run.refuses('SUSPENDED', offerOf(run));
  run.now(releaseOf(run, 'sun', offer));
  assert.deepEqual(balance(run, 'shade'), [500n, 0n]);
});
