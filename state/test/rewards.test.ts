// Rewards, fines, substitutes and debts at settlement, with the receipts that tell of them
// (settlement 3, market-call 15-19).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareBytes } from '../../core/src/bytes.js';
import { printFixed } from '../../core/src/decimal.js';
import type { Tx } from '../../core/src/tx.js';
import { ARREARS, arrearGroup, RECENT } from '../src/schema.js';
import type { Built } from '../src/transition.js';
import { type Person, PERIOD, person, QUICK, TestChain, testGenesis } from './harness.js';
import {
  type Bid,
  issueTo,
  linesOf,
  readingOf,
  redeemFrom,
  type Registers,
  revealOf,
  sealOf,
} from './trade.js';

const [CLOSE, MARK, CLEAR, PAY] = [300_000n, 375_000n, 600_000n, 780_000n];
const MIDDLE = 300_000n;
const [ann, bob, cat] = [person('ann'), person('bob'), person('cat')];
const HUNDRED = 100_000_000n;

const withHomes = (homes: readonly string[], change: object = {}): TestChain =>
  new TestChain(testGenesis(homes, change), QUICK);

/** Seals, opens, clears and pays the bids of period 1. */
function trade(chain: TestChain, bids: readonly Bid[]): void {
  const stands = (time: bigint, txs: readonly Tx[] = []): void =>
    assert.deepEqual(chain.block(time, txs).refused, []);
  stands(
    1n,
    bids.map((bid) => sealOf(chain, bid)),
  );
  stands(CLOSE);
  stands(
    CLOSE + 1n,
    bids.map((bid) => revealOf(chain, bid)),
  );
  for (const time of [MARK, CLEAR, PAY]) stands(time);
}

type Reads = Readonly<Record<string, Omit<Registers, 'end'>>>;

/** Readings at the end of period k, and its settlement. */
function settle(chain: TestChain, k: bigint, reads: Reads): Built {
  const end = (k + 1n) * PERIOD;
  const txs = Object.entries(reads).map(([name, r]) => readingOf(chain, name, { ...r, end }));
  assert.deepEqual(chain.block(end, txs).refused, []);
  chain.block(end + MIDDLE);
  return chain.block(end + CLEAR);
}

/** Settlement lines of a block by name. */
function settlements(chain: TestChain, built: Built, names: readonly string[]) {
  const lines = linesOf(built.receipts).filter(({ kind }) => kind === 'settlement');
  return Object.fromEntries(
    names.map((name) => {
      const id = chain.id(person(name));
      const own = lines.filter(({ account }) => compareBytes(account, id) === 0);
      assert.equal(own.length, 1, `one line of ${name}`);
      return [name, own[0]?.fields as Readonly<Record<string, bigint | string>>];
    }),
  );
}

const pool = (chain: TestChain): bigint => chain.balance(chain.at.chain.system.reward).available;
const zero = { imp: 0n, exp: 0n };

const bidOf = (who: Person, side: 'sell' | 'buy', wh: bigint): Bid => ({
  who,
  side,
  wh,
  price: 150n,
  period: 1n,
});

test('fines go into the pool before rewards come out of it', () => {
  const chain = withHomes(['ann', 'bob'], { pools: { reward: '0' } });
  trade(chain, [bidOf(ann, 'sell', 1000n), bidOf(bob, 'buy', 1000n)]);
  settle(chain, 0n, { ann: zero, bob: zero });
  // bob uses nothing: k = -1, its fine is b x A = 3,000; ann is exact and green: 3,240.
  const built = settle(chain, 1n, { ann: { imp: 0n, exp: 1000n }, bob: zero });
  const { ann: a, bob: b } = settlements(chain, built, ['ann', 'bob']);
  assert.deepEqual([b?.rewardDue, b?.reward], [-3000n, -3000n]);
  assert.deepEqual([a?.rewardDue, a?.reward], [3240n, 3000n]);
  assert.equal(pool(chain), 0n);
  assert.equal(chain.balance(ann).available, HUNDRED + 150_000n + 3000n);
});

test('a fine that is not paid does not fund the pool; paid later, it comes there', () => {
  const chain = withHomes(['ann', 'bob'], { pools: { reward: '0' } });
  trade(chain, [bidOf(ann, 'sell', 1000n), bidOf(bob, 'buy', 1000n)]);
  settle(chain, 0n, { ann: zero, bob: zero });
  const left = chain.balance(bob).available;
  chain.block(PERIOD + PAY, [redeemFrom(chain, chain.id(bob), left)]);
  const built = settle(chain, 1n, { ann: { imp: 0n, exp: 1000n }, bob: zero });
  const { ann: a, bob: b } = settlements(chain, built, ['ann', 'bob']);
  assert.deepEqual([a?.rewardDue, a?.reward, b?.arrears], [3240n, 0n, 3000n]);
  chain.block(3n * PERIOD, [issueTo(chain, chain.id(bob), 5000n)]);
  assert.deepEqual(chain.balance(bob), { available: 2000n, locked: 0n, arrears: 0n });
  assert.equal(pool(chain), 3000n);
});

test('a short pool is shared by cumulative floors in account order, to the last unit', () => {
  const names = ['ann', 'bob', 'cat', 'dan', 'eve', 'fay'];
  for (const units of [0n, 1n, 7n, 10_007n, 10_000_000n]) {
    const chain = withHomes(names, { pools: { reward: printFixed(units, 6) } });
    const start = pool(chain);
    const bids = names.map((n, i) => bidOf(person(n), i < 3 ? 'sell' : 'buy', 1000n + BigInt(i)));
    trade(chain, bids);
    settle(chain, 0n, Object.fromEntries(names.map((n) => [n, zero])));
    const reads = names.map((n, i): [string, Omit<Registers, 'end'>] => {
      const wh = 1000n + BigInt(i);
      return [n, i < 3 ? { imp: 0n, exp: wh } : { imp: wh, exp: 0n }];
    });
    const built = settle(chain, 1n, Object.fromEntries(reads));
    const lines = settlements(chain, built, names);
    const inOrder = names
      .toSorted((x, y) => compareBytes(chain.id(person(x)), chain.id(person(y))))
      .map((n) => lines[n] as Readonly<Record<string, bigint>>);
    const total = inOrder.reduce((sum, l) => sum + (l.rewardDue as bigint), 0n);
    assert.ok(total > 0n);
    let soFar = 0n;
    let paid = 0n;
    for (const line of inOrder) {
      soFar += line.rewardDue as bigint;
      const upTo = total > start ? (start * soFar) / total : soFar;
      assert.equal(line.reward, upTo - paid);
      paid = upTo;
    }
    assert.equal(paid, total > start ? start : total, 'the pool is used to the last unit');
    assert.equal(pool(chain), start - paid);
  }
});

test('a missing register: import as the most that was, export 0, no reward, but a fine', () => {
  const chain = withHomes(['ann', 'bob', 'cat']);
  // ann will not be read, bob will not either; cat is read and keeps the period open.
  trade(chain, [bidOf(ann, 'sell', 1000n), bidOf(bob, 'buy', 1000n)]);
  settle(chain, 0n, { ann: { imp: 70n, exp: 0n }, bob: { imp: 1200n, exp: 0n }, cat: zero });
  const before = { ann: chain.balance(ann).available, bob: chain.balance(bob).available };
  const built = settle(chain, 1n, { cat: zero });
  const lines = settlements(chain, built, ['ann', 'bob', 'cat']);
  const { ann: a, bob: b, cat: c } = lines;
  assert.deepEqual(
    [a?.quality, a?.importWh, a?.exportWh, a?.rewardDue],
    ['substitute', 70n, 0n, -3240n],
  );
  // 70 Wh for itself and the 1000 it sold, at retail; the lock of 370 a Wh covers nearly all.
  assert.equal(a?.gridCharge, 1070n * 300n);
  assert.equal(chain.balance(ann).available, before.ann + 150_000n + 220_000n - 321_000n - 3240n);
  // 1200 before, 1000 bought: 200 more at retail; accuracy would earn, a substitute does not.
  assert.deepEqual([b?.quality, b?.importWh, b?.rewardDue], ['substitute', 1200n, 0n]);
  assert.equal(chain.balance(bob).available, before.bob - 200n * 300n);
  assert.equal(c?.quality, 'metered');
  // The largest of the last 96 valid periods: what was substituted is none of them.
  const again = settle(chain, 2n, { cat: zero });
  assert.equal(settlements(chain, again, ['bob']).bob?.importWh, 1200n);
});

test('the largest import is remembered for 96 valid periods', () => {
  const chain = withHomes(['ann', 'bob']);
  let imp = 0n;
  for (let k = 0n; k < 97n; k++) {
    imp += k === 0n ? 4000n : 10n;
    settle(chain, k, { ann: { imp, exp: 0n }, bob: zero });
    if (k !== 95n) continue;

    const seen = chain.world().entries(RECENT);
    assert.ok(seen.some(({ value }) => value.importsWh.includes(4000n as never)));
  }
  const built = settle(chain, 97n, { bob: zero });
  assert.equal(settlements(chain, built, ['ann']).ann?.importWh, 10n);
});

test('debts are paid oldest first, by whatever comes in', () => {
  const chain = withHomes(['ann', 'bob'], { pools: { reward: '0' } });
  trade(chain, [bidOf(ann, 'sell', 1000n), bidOf(bob, 'buy', 1000n)]);
  const drain = (time: bigint): void => {
    const left = chain.balance(bob).available;
    chain.block(time, [redeemFrom(chain, chain.id(bob), left)]);
  };
  drain(PAY + 1n);
  // Period 0: 100 Wh at retail are owed to the grid. Period 1: a fine is owed to the pool.
  settle(chain, 0n, { ann: zero, bob: { imp: 100n, exp: 0n } });
  settle(chain, 1n, { ann: { imp: 0n, exp: 1000n }, bob: { imp: 100n, exp: 0n } });
  const owed = () =>
    chain
      .world()
      .entries(ARREARS, arrearGroup(chain.id(bob)))
      .map(({ value }) => [value.period, value.amount]);
  assert.deepEqual(owed(), [
    [0n, 30_000n],
    [1n, 3000n],
  ]);
  const pay = (amount: bigint): void => {
    const { timeMs } = chain.at.parent;
    chain.block(timeMs + 1n, [issueTo(chain, chain.id(bob), amount)]);
  };
  pay(29_999n);
  assert.deepEqual(owed(), [
    [0n, 1n],
    [1n, 3000n],
  ]);
  pay(2n);
  assert.deepEqual(owed(), [[1n, 2999n]]);
  assert.deepEqual(chain.balance(bob), { available: 0n, locked: 0n, arrears: 2999n });
  pay(3000n);
  assert.deepEqual(owed(), []);
  assert.deepEqual(chain.balance(bob), { available: 1n, locked: 0n, arrears: 0n });
});

test('feed-in of a home without an order pays its old debts', () => {
  const chain = withHomes(['ann', 'bob']);
  chain.block(1n, [redeemFrom(chain, chain.id(ann), HUNDRED)]);
  settle(chain, 0n, { ann: { imp: 100n, exp: 0n } });
  assert.deepEqual(chain.balance(ann), { available: 0n, locked: 0n, arrears: 30_000n });
  const built = settle(chain, 1n, { ann: { imp: 100n, exp: 300n } });
  assert.deepEqual(chain.balance(ann), { available: 0n, locked: 0n, arrears: 6000n });
  // The line says what is owed after that.
  assert.equal(settlements(chain, built, ['ann']).ann?.arrears, 6000n);
  settle(chain, 2n, { ann: { imp: 100n, exp: 400n } });
  assert.deepEqual(chain.balance(ann), { available: 2000n, locked: 0n, arrears: 0n });
});

test('in one settlement income comes before bills', () => {
  const chain = withHomes(['ann', 'bob']);
  chain.block(1n, [redeemFrom(chain, chain.id(ann), HUNDRED)]);
  const built = settle(chain, 0n, { ann: { imp: 100n, exp: 375n } });
  assert.deepEqual(chain.balance(ann), { available: 0n, locked: 0n, arrears: 0n });
  const { ann: a } = settlements(chain, built, ['ann']);
  assert.deepEqual([a?.gridCharge, a?.gridCredit, a?.arrears], [30_000n, 30_000n, 0n]);
});

test('the grid at its limit owes, and pays from whatever it gains, oldest first', () => {
  const money = { currency: 'CNY', priceDecimals: 3, gridCreditLimit: '10000' };
  const chain = withHomes(['ann', 'bob', 'cat'], { money });
  const grid = person('grid');
  // 200 Wh at feed-in: 16,000, of which 6,000 are beyond the limit.
  settle(chain, 0n, { ann: { imp: 0n, exp: 200n } });
  assert.deepEqual(chain.balance(grid), { available: -10_000n, locked: 0n, arrears: 6000n });
  assert.equal(chain.balance(ann).available, HUNDRED + 10_000n);
  settle(chain, 1n, { bob: { imp: 0n, exp: 0n }, ann: { imp: 0n, exp: 300n } });
  assert.equal(chain.balance(grid).arrears, 14_000n);
  // cat buys 30 Wh at retail in a period of its own: 9,000 go on to ann.
  settle(chain, 2n, { cat: { imp: 0n, exp: 0n } });
  settle(chain, 3n, { cat: { imp: 30n, exp: 0n } });
  assert.deepEqual(chain.balance(grid), { available: -10_000n, locked: 0n, arrears: 5000n });
  assert.equal(chain.balance(ann).available, HUNDRED + 10_000n + 9000n);
  // Issue squares the grid outside the chain: debts first, then its credit.
  const { timeMs } = chain.at.parent;
  chain.block(timeMs + 1n, [issueTo(chain, chain.id(grid), 7000n)]);
  assert.deepEqual(chain.balance(grid), { available: -8000n, locked: 0n, arrears: 0n });
  assert.equal(chain.balance(cat).available, HUNDRED - 9000n);
});
