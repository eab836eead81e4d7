// One period of the call market through blocks: seal, reveal, clear, pay, read, settle.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Money, PeriodIndex, Price, WattHour } from '../../core/src/amount.js';
import { sealedBidHash } from '../../core/src/seal.js';
import type { Side, Tx } from '../../core/src/tx.js';
import { rootOf } from '../src/tree/tree.js';
import { POSITIONS, SETTLEMENTS, TABLES, TRADES } from '../src/schema.js';
import { restoreState } from '../src/genesis/start.js';
import { type Person, person, PERIOD, QUICK, TestChain, testGenesis } from './harness.js';
import type { TreeNode } from '../src/tree/tree.js';

interface Bid {
  readonly who: Person;
  readonly side: Side;
  readonly wh: bigint;
  readonly price: bigint;
}

const nonce = new Uint8Array(16).fill(7);

function bodies(chain: TestChain, bid: Bid, period: bigint): { seal: Tx; reveal: Tx } {
  const common = {
    market: 'spot',
    period: period as PeriodIndex,
    biddingRound: 1,
    side: bid.side,
    energyWh: bid.wh as WattHour,
  };
  const price = bid.price as Price;
  const chainId = chain.at.chain.chainId;
  const hash = sealedBidHash({ ...common, price, nonce, chainId, account: chain.id(bid.who) });
  return {
    seal: chain.tx(bid.who, 'sealBid', { ...common, hash }),
    reveal: chain.tx(bid.who, 'revealBid', { ...common, price, nonce, activate: false }),
  };
}

const reading = (chain: TestChain, who: Person, r: { end: bigint; imp: bigint; exp: bigint }): Tx =>
  chain.tx(who, 'reading', {
    market: '',
    endMs: r.end as never,
    importWh: r.imp as WattHour,
    exportWh: r.exp as WattHour,
    sequence: r.end / PERIOD,
  });

test('one order to one settled trade', () => {
  const chain = new TestChain(testGenesis(['ann', 'bob']));
  const [ann, bob] = [person('ann'), person('bob')];
  const sell = bodies(chain, { who: ann, side: 'sell', wh: 1000n, price: 100n }, 1n);
  const buy = bodies(chain, { who: bob, side: 'buy', wh: 800n, price: 200n }, 1n);
  assert.deepEqual(chain.block(1000n, [sell.seal, buy.seal]).refused, []);
  // Bond: 17 kW x 15 min x (0.30 - 0.08).
  assert.equal(chain.balance(ann).locked, 4250n * 220n);
  const early = chain.block(2000n, [sell.reveal]);
  assert.deepEqual(
    early.refused.map((r) => r.code),
    ['WRONG_PHASE'],
  );
  const revealed = chain.block(300_000n, [sell.reveal, buy.reveal]);
  assert.deepEqual(revealed.refused, []);
  assert.equal(chain.balance(bob).locked, 800n * 200n);
  chain.block(400_000n);
  chain.block(600_000n);
  const [trade] = chain.world().entries(TRADES, 'spot/1');
  assert.equal(trade?.value.energyWh, 800n);
  assert.equal(trade?.value.price, 150n);
  assert.equal(chain.balance(bob).locked, 800n * 150n);
  chain.block(780_000n);
  assert.equal(chain.balance(bob).locked, 0n);
  assert.equal(chain.balance(ann).locked, 800n * 220n + 800n * 150n);
  // Delivery 1: ann exports 900 and imports 10, bob imports 700.
  const start = [
    reading(chain, person('ann meter'), { end: PERIOD, imp: 5n, exp: 6n }),
    reading(chain, person('bob meter'), { end: PERIOD, imp: 1n, exp: 0n }),
  ];
  assert.deepEqual(chain.block(PERIOD, start).refused, []);
  const end = [
    reading(chain, person('ann meter'), { end: 2n * PERIOD, imp: 15n, exp: 906n }),
    reading(chain, person('bob meter'), { end: 2n * PERIOD, imp: 701n, exp: 0n }),
  ];
  assert.deepEqual(chain.block(2n * PERIOD, end).refused, []);
  chain.block(2n * PERIOD + 300_000n);
  chain.block(2n * PERIOD + 600_000n);
  const settled = chain
    .world()
    .entries(SETTLEMENTS, 'spot/1')
    .map((e) => e.value);
  assert.equal(settled.length, 2);
  const hundred = 100_000_000n;
  const reward = (amount: bigint, num: bigint, den: bigint, green: boolean): bigint =>
    (amount * num * (green ? 1_080_000n : 1_000_000n) * 20_000n) / (den * 10n ** 12n);
  const amount = 800n * 150n;
  const annReward = reward(amount, 800n, 900n, true);
  const bobReward = reward(amount, 600n, 700n, false);
  const annFirst = 6n * 80n - 5n * 300n; // delivery 0, no order
  assert.equal(
    chain.balance(ann).available,
    hundred + annFirst + amount + 100n * 80n - 10n * 300n + annReward,
  );
  assert.equal(chain.balance(bob).available, hundred - 300n - amount + bobReward);
  assert.equal(chain.balance(ann).locked + chain.balance(bob).locked, 0n);
  assert.equal(
    chain
      .world()
      .entries(POSITIONS, 'spot/1')
      .every((p) => p.value.lock === (0n as Money)),
    true,
  );
});

test('an unopened bid loses its bond to the reward pool', () => {
  const chain = new TestChain(testGenesis(['ann', 'bob']));
  const sell = bodies(chain, { who: person('ann'), side: 'sell', wh: 1000n, price: 100n }, 1n);
  chain.block(1000n, [sell.seal]);
  chain.block(400_000n);
  chain.block(600_000n);
  assert.equal(chain.balance(person('ann')).available, 100_000_000n - 4250n * 220n);
  assert.equal(chain.balance(chain.at.chain.system.reward).available, 100_000_000n + 4250n * 220n);
});

test('a stop across the reveal window voids the period and returns every lock and bond', () => {
  const chain = new TestChain(testGenesis(['ann', 'bob']));
  const sell = bodies(chain, { who: person('ann'), side: 'sell', wh: 1000n, price: 100n }, 1n);
  chain.block(1000n, [sell.seal]);
  chain.block(540_000n);
  chain.block(600_000n);
  assert.equal(chain.balance(person('ann')).available, 100_000_000n);
  assert.equal(chain.world().entries(POSITIONS, 'spot/1')[0]?.value.outcome, 'VOID');
});

test('a node that restarts from its leaves has the same root', () => {
  const chain = new TestChain(testGenesis(['ann', 'bob']));
  const sell = bodies(chain, { who: person('ann'), side: 'sell', wh: 1000n, price: 100n }, 1n);
  chain.block(1000n, [sell.seal]);
  const leaves: { kind: number; key: Uint8Array; value: Uint8Array }[] = [];
  const stored = new Map<string, { kind: number; key: Uint8Array; value: Uint8Array }>();
  const fresh = new TestChain(testGenesis(['ann', 'bob']));
  const genesis = fresh.at as unknown as { writes: readonly (typeof leaves)[number][] };
  for (const w of genesis.writes) stored.set(`${w.kind}/${w.key.join()}`, w);
  for (const w of fresh.block(1000n, [sell.seal]).writes) {
    if (w.value === undefined) stored.delete(`${w.kind}/${w.key.join()}`);
    else stored.set(`${w.kind}/${w.key.join()}`, { ...w, value: w.value });
  }
  const restored = restoreState(stored.values());
  assert.ok(restored);
  assert.deepEqual(rootOf(restored.tree as TreeNode), rootOf(chain.at.tree));
  assert.ok(TABLES.length > 20);
});

test('of equal quotes the earlier trades, and a replaced bid takes its new time', () => {
  const names = ['ann', 'bob', 'cat', 'dan'];
  const tradesWith = (replaced: readonly string[]): readonly string[] => {
    const chain = new TestChain(testGenesis(names), QUICK);
    const sellers = names.slice(0, 3).map((name): Bid & { name: string } => {
      return { name, who: person(name), side: 'sell', wh: 1000n, price: 100n };
    });
    const buyer: Bid = { who: person('dan'), side: 'buy', wh: 1500n, price: 200n };
    const pairs = [...sellers, buyer].map((bid) => bodies(chain, bid, 1n));
    // cat, then bob, then ann: not the order of their ids, nor of their openings.
    chain.block(1n, pairs.map(({ seal }) => seal).reverse());
    for (const bid of sellers.filter(({ name }) => replaced.includes(name)))
      chain.block(chain.at.parent.timeMs + 1n, [bodies(chain, bid, 1n).seal]);
    chain.block(300_000n);
    chain.block(
      300_001n,
      pairs.map(({ reveal }) => reveal),
    );
    chain.block(375_000n);
    chain.block(600_000n);
    const traded = chain.world().entries(TRADES, 'spot/1');
    return traded.map(({ value }) => {
      const of = names.find((name) => chain.id(person(name)).join() === value.seller.join());
      return `${of} ${value.energyWh}`;
    });
  };
  // dan is of the class of bob, neither green: round 2 takes all by price, then by time.
  assert.deepEqual(tradesWith([]), ['cat 1000', 'bob 500']);
  assert.deepEqual(tradesWith(['cat']), ['bob 1000', 'ann 500']);
  assert.deepEqual(tradesWith(['cat', 'bob']), ['ann 1000', 'bob 500']);
});
