// The naive chain by itself: what settlement 6 says holds after any operations; a story by hand.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPrng, type Prng } from '../../sim/src/prng.js';
import { type Genesis, NaiveChain, type Operation, type Reading, type Trade } from './model.js';
import type { Rules } from './period.js';

const rules: Rules = {
  payment: 'delivered',
  allocation: 'fifo',
  feedIn: 300n,
  retail: 700n,
  balancing: true,
  reward: true,
  b: 20_000n,
  G: 1_080_000n,
  tolAbs: 0n,
  tolRel: 0n,
  wheeling: 10n,
  handling: 500n,
  credit: { c: 3, iMax: 8, minVolume: 1000n, suspendBelow: 60 },
  penalty: {
    k1: 5_000_000n,
    k2: 5_000_000n,
    g: 3_000_000n,
    mu: 800_000n,
    freeAtFull: true,
    pooled: false,
  },
};

const HOMES = ['a', 'b', 'c', 'd', 'e'];

const genesisOf = (balance: bigint, more: Partial<Genesis> = {}): Genesis => ({
  accounts: HOMES.map((id) => ({ id, balance, credit: { C: 90, D: 0, i: 0, n: 0 } })),
  poolReward: 5000n,
  gridLimit: 4_000_000n,
  markets: { open: { ...rules, handling: 0n }, pair: rules },
  ...more,
});

test('a contract by hand: locks, handling, delivered, penalty, wheeling, release', () => {
  const chain = new NaiveChain(genesisOf(10_000_000n));
  const terms = {
    id: 'k',
    market: 'pair',
    period: 1,
    seller: 'a',
    buyer: 'b',
    wh: 5000n,
    price: 600n,
  };
  assert.equal(chain.apply({ kind: 'confirm', terms, by: 'a' }), 'ok');
  assert.equal(chain.balances().a?.locked, 5000n * 610n + 500n);
  assert.equal(chain.apply({ kind: 'confirm', terms, by: 'b' }), 'ok');
  assert.equal(chain.balances().fees?.available, 1000n);
  const readings = HOMES.map((id): Reading => {
    return { id, out: id === 'a' ? 4000n : 0n, into: id === 'b' ? 5000n : 0n };
  });
  assert.equal(chain.apply({ kind: 'settle', market: 'pair', period: 1, readings }), 'ok');
  const { a, b, c, grid } = chain.balances();
  // C = 89, n = 0: ratio .422205814739; 80 % of the penalty to b, the rest to c, d, e alike.
  const penalty = 253_323n;
  assert.equal(a?.available, 10_000_000n - 500n + 2_400_000n - 40_000n - penalty);
  assert.equal(b?.available, 10_000_000n - 500n - 2_400_000n - 40_000n - 700_000n + 202_658n);
  assert.equal(c?.available, 10_000_000n + 16_888n);
  assert.equal(grid?.available, 700_000n + 80_000n);
  assert.deepEqual([a?.locked, b?.locked], [0n, 0n]);
  assert.equal(chain.fault(), undefined);
});

test('what no lock covers is owed, and gains pay it, oldest first', () => {
  const chain = new NaiveChain(genesisOf(1000n));
  const readings = HOMES.map((id): Reading => ({ id, out: 0n, into: id === 'a' ? 10n : 0n }));
  chain.apply({ kind: 'settle', market: 'open', period: 1, readings });
  assert.deepEqual(chain.balances().a, { available: 0n, locked: 0n, arrears: 6000n });
  assert.equal(chain.apply({ kind: 'transfer', from: 'a', to: 'b', amount: 0n }), 'IN_ARREARS');
  chain.apply({ kind: 'issue', to: 'a', amount: 6500n });
  assert.deepEqual(chain.balances().a, { available: 500n, locked: 0n, arrears: 0n });
  assert.equal(chain.balances().grid?.available, 7000n);
});

/** Any operation, sensible or not; clearing and settling stand in their order. */
function anyOperation(prng: Prng, chain: NaiveChain, step: number): Operation {
  const period = Math.floor(step / 12);
  const amount = BigInt(prng.below(3_000_000));
  const [from, to] = prng.shuffle(HOMES) as [string, string];
  const wh = BigInt(prng.between(1, 4000));
  const price = BigInt(prng.between(300, 700));
  const terms = { id: `k${step}`, market: 'pair', period, seller: from, buyer: to, wh, price };
  const readings = HOMES.map(
    (id): Reading => ({
      id,
      out: BigInt(prng.below(5000)),
      into: BigInt(prng.below(5000)),
      ...(prng.chance(0.3) ? { declared: wh } : {}),
    }),
  );
  switch (step % 12) {
    case 8:
      return { kind: 'clear', market: 'open', period, trades: anyTrades(prng, chain, step) };
    case 9:
      return { kind: 'begun', market: 'pair', period };
    case 10:
      return { kind: 'settle', market: 'open', period, readings };
    case 11:
      return { kind: 'settle', market: 'pair', period, readings };
  }
  const waiting = chain.waiting.find((w) => w.terms.period === period);
  const side = prng.chance(0.5) ? 'sell' : 'buy';
  const order = { id: `o${step}`, market: 'open', period, account: from, side, wh, price } as const;
  return prng.pick<Operation>([
    { kind: 'issue', to, amount },
    { kind: 'redeem', from, amount },
    { kind: 'transfer', from, to, amount },
    { kind: 'order', ...order },
    { kind: 'order', ...order },
    { kind: 'cancel', order: chain.orders[0]?.id ?? 'none' },
    { kind: 'confirm', terms, by: from },
    waiting === undefined
      ? { kind: 'replace', terms }
      : {
          kind: 'confirm',
          terms: waiting.terms,
          by: waiting.by === waiting.terms.seller ? waiting.terms.buyer : waiting.terms.seller,
        },
    prng.chance(0.1)
      ? { kind: 'readmit', account: [...chain.suspended][0] ?? from }
      : { kind: 'order', ...order },
  ]);
}

function anyTrades(prng: Prng, { orders }: NaiveChain, step: number): Trade[] {
  const buys = orders.filter(({ side }) => side === 'buy');
  return orders
    .filter(({ side }) => side === 'sell')
    .flatMap((sell, i): Trade[] => {
      const buy = buys[i];
      if (buy === undefined) return [];
      const most = sell.wh < buy.wh ? sell.wh : buy.wh;
      const twice = BigInt(prng.between(600, 1400));
      const wh = (most * BigInt(prng.between(1, 4))) / 4n;
      const ids = { id: `t${step}-${i}`, sellOrder: sell.id, buyOrder: buy.id };
      return [{ ...ids, wh, sell2: twice, buy2: twice }];
    });
}

test('any operations: money as issued, nobody below zero, locks of open things only', () => {
  const codes = new Map<string, number>();
  for (let seed = 1; seed <= 60; seed++) {
    const prng = createPrng(seed);
    const balance = BigInt(prng.below(6_000_000));
    const low = { C: 62, D: 0, i: 2, n: 0 };
    const accounts = HOMES.map((id) => ({ id, balance, credit: low }));
    const chain = new NaiveChain(genesisOf(balance, { accounts }));
    for (let step = 0; step < 240; step++) {
      const operation = anyOperation(prng, chain, step);
      const code = chain.apply(operation);
      codes.set(code, (codes.get(code) ?? 0) + 1);
      assert.equal(chain.fault(), undefined, `seed ${seed}, step ${step}, ${operation.kind}`);
    }
  }
  for (const code of ['ok', 'INSUFFICIENT_FUNDS', 'IN_ARREARS', 'SUSPENDED', 'DUPLICATE_ORDER'])
    assert.ok((codes.get(code) ?? 0) > 20, `${code}: ${codes.get(code)}`);
});
