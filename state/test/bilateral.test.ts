// Negotiated contracts on a chain (market-bilateral L, V, G): one contract from its listing to its
// settlement with every balance by hand, what falls away, what is refused, replacements.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ChainMs, PeriodIndex, WattHour } from '../../core/src/amount.js';
import { ACCOUNTS, CREDITS } from '../src/schema.js';
import { LISTED } from '../src/schemaBilateral.js';
import { Pairs } from './bilateral.js';
import { PERIOD, person } from './harness.js';

const HOMES = ['a', 'b', 'c', 'd'];
const FEES = { params: { handlingFee: '1' } };
const UNIT = 1_000_000n;

test('a contract from listing to settlement: locks, fees, energy money, all by hand', () => {
  const p = new Pairs({ homes: HOMES, ...FEES });
  const { chain } = p;
  p.take(1000n, [
    chain.tx(person('b'), 'offer', {
      market: 'pairs',
      side: 'buy',
      energyWh: 80_000n as WattHour,
      price: undefined,
      firstPeriod: 6n as PeriodIndex,
      lastPeriod: 6n as PeriodIndex,
      until: (5n * PERIOD) as ChainMs,
    }),
  ]);
  const listing = p.list({ seller: 'a', buyer: 'b', kwh: 80, price: 640, period: 6n });
  p.take(2000n, [listing]);
  assert.equal(p.locked('a') + p.locked('b'), 0n, 'neither offer nor listing locks');
  assert.equal(p.state(listing), 'LISTED');
  const votes = ['v0', 'v1', 'v2', 'v3'].map((v) => p.ballot(v, listing));
  p.take(3000n, votes.slice(0, 2));
  assert.equal(p.state(listing), 'LISTED');
  p.take(4000n, votes.slice(2, 3));
  assert.equal(p.state(listing), 'APPROVED', 'three of four are a quorum');
  p.take(5000n, [p.confirm('b', listing)]);
  const lock = 80_000n * 640n;
  assert.equal(p.locked('b'), lock + UNIT);
  assert.equal(p.locked('a'), 0n);
  p.take(6000n, [p.confirm('a', listing), ...votes.slice(3)]);
  assert.equal(p.state(listing), 'CONTRACT');
  assert.deepEqual([p.locked('a'), p.locked('b')], [lock, lock]);
  assert.equal(chain.balance(chain.at.chain.system.fees).available, 2n * UNIT);
  // The review ends: who voted with the quorum has verified rightly.
  p.take(4n * PERIOD);
  assert.equal(chain.world().get(ACCOUNTS, chain.id(person('v3')))?.correct, 1);
  p.begin(6n, HOMES);
  // a makes 90, b uses 100: the contract is kept, the rest is the grid's.
  p.deliver(6n, { a: [0, 90], b: [100, 0], c: [0, 0], d: [5, 0] });
  assert.equal(p.gain('a'), lock + 10_000n * 500n - UNIT);
  assert.equal(p.gain('b'), -lock - 20_000n * 750n - UNIT);
  assert.equal(p.gain('c'), 0n);
  assert.equal(p.gain('d'), -5000n * 750n);
  assert.deepEqual([p.locked('a'), p.locked('b')], [0n, 0n]);
  assert.equal(chain.world().get(CREDITS, chain.id(person('a')))?.D, 1);
  assert.deepEqual(chain.world().entries(LISTED), []);
});
