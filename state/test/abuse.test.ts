// What somebody may try, and what it comes to (docs/guide/abuse.md): the rows that have no test of
// their own elsewhere.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PeriodIndex, Price, WattHour } from '../../core/src/amount.js';
import type { Tx } from '../../core/src/tx.js';
import { PERIOD, person, QUICK, TestChain, testGenesis } from './harness.js';
import { type Bid, bodiesOf, readingOf, sealOf } from './trade.js';

const BIDS: readonly Bid[] = [
  { who: person('ann'), side: 'buy', wh: 1000n, price: 200n, period: 1n },
  { who: person('bob'), side: 'buy', wh: 1000n, price: 200n, period: 1n },
];

const codes = (chain: TestChain, timeMs: bigint, txs: readonly Tx[]): readonly string[] =>
  chain.build(timeMs, txs).refused.map(({ code }) => code);

test("a sealed bid that was copied cannot be opened, and costs the copier's bond", () => {
  const chain = new TestChain(testGenesis(['ann', 'bob']), QUICK);
  const [ann, bob] = BIDS as [Bid, Bid];
  const opened = bodiesOf(chain, ann);
  const copied = chain.tx(bob.who, 'sealBid', opened.seal);
  chain.block(1000n, [sealOf(chain, ann), copied]);
  const bond = chain.balance(bob.who).locked;
  // Whoever copies a commitment copies the account in it: the opening of ann is none of bob's.
  const reveal = chain.tx(bob.who, 'revealBid', opened.reveal);
  chain.block(300_001n);
  assert.deepEqual(codes(chain, 301_000n, [reveal]), ['COMMITMENT_MISMATCH']);
  const pool = chain.at.chain.system.reward;
  const before = chain.balance(pool).available;
  chain.block(301_000n, [chain.tx(ann.who, 'revealBid', opened.reveal)]);
  chain.block(375_000n);
  chain.block(600_000n);
  assert.equal(chain.balance(pool).available - before, bond);
  assert.equal(chain.balance(bob.who).locked, 0n);
});

test('one balance does not cover two orders', () => {
  const base = testGenesis(['ann', 'bob']) as { accounts: object[] };
  const params = { feedIn: '0.08', retail: '0.30' };
  const chain = new TestChain(
    {
      ...base,
      accounts: base.accounts.map((account) => ({ ...account, balance: '0.5' })),
      markets: [{ id: 'spot', mechanism: 'continuous', params }],
    },
    QUICK,
  );
  const order = (period: bigint): Tx =>
    chain.tx(person('ann'), 'order', {
      market: 'spot',
      period: period as PeriodIndex,
      side: 'buy',
      energyWh: 1000n as WattHour,
      price: 200n as Price,
      type: '',
      reserve: undefined,
      right: undefined,
    });
  const { refused } = chain.block(1000n, [order(50n), order(51n)]);
  assert.deepEqual(
    refused.map(({ code }) => code),
    ['INSUFFICIENT_FUNDS'],
  );
  assert.equal(chain.balance(person('ann')).locked, 300_000n);
});

test('an empty reward pool pays nothing, and the line says what was due', () => {
  const chain = new TestChain({ ...testGenesis(['ann', 'bob']), pools: { reward: '0' } }, QUICK);
  const bids: readonly Bid[] = [
    { who: person('ann'), side: 'sell', wh: 1000n, price: 200n, period: 1n },
    { who: person('bob'), side: 'buy', wh: 1000n, price: 200n, period: 1n },
  ];
  chain.block(
    1000n,
    bids.map((bid) => sealOf(chain, bid)),
  );
  chain.block(
    300_001n,
    bids.map((bid) => chain.tx(bid.who, 'revealBid', bodiesOf(chain, bid).reveal)),
  );
  for (const ms of [375_000n, 600_000n, 780_000n]) chain.block(ms);
  const both = (end: bigint, imp: bigint, exp: bigint): readonly Tx[] => [
    readingOf(chain, 'ann', { end: end * PERIOD, imp: 0n, exp }),
    readingOf(chain, 'bob', { end: end * PERIOD, imp, exp: 0n }),
  ];
  chain.block(PERIOD + 1000n, both(1n, 0n, 0n));
  chain.block(PERIOD + 300_000n);
  chain.block(2n * PERIOD + 1000n, both(2n, 1000n, 1000n));
  chain.block(2n * PERIOD + 300_000n);
  chain.block(2n * PERIOD + 600_000n);
  assert.equal(chain.balance(person('ann')).available, 100_000_000n + 200_000n);
  assert.equal(chain.balance(person('bob')).available, 100_000_000n - 200_000n);
});
