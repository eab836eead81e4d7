// Balancing, accuracy and reward of one account (market-call 13-20).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { MAX_AMOUNT, type Money } from '../../core/src/amount.js';
import { balanceLoss } from '../src/call/balance.js';
import {
  accuracy,
  balanceCash,
  type ContractAccount,
  type ContractRules,
  rewardOf,
  settleContracts,
} from '../src/call/settle.js';
import { ratio } from '../src/ratio.js';
import { mill, wh } from './books.js';

const grid = { feedIn: mill(300), retail: mill(700) };
const registers = (importWh: number, exportWh: number) => ({
  importWh: wh(importWh),
  exportWh: wh(exportWh),
});
const cash = (side: 'sell' | 'buy' | undefined, traded: number, energy: [number, number]) => {
  const { declaredCash, otherCash, charge, credit } = balanceCash({
    ...grid,
    side,
    tradedWh: wh(traded),
    ...registers(...energy),
  });
  return [declaredCash, otherCash, charge, credit].map(Number);
};

test('producer: surplus at feed-in, shortfall at retail, import besides (rule 16)', () => {
  assert.deepEqual(cash('sell', 100, [0, 130]), [9000, 0, 0, 9000]);
  assert.deepEqual(cash('sell', 100, [10, 70]), [-21000, -7000, 28000, 0]);
  assert.deepEqual(cash('sell', 100, [10, 130]), [9000, -7000, 7000, 9000]);
});

test('consumer: more at retail, no refund for less, export besides (rule 15)', () => {
  assert.deepEqual(cash('buy', 100, [130, 0]), [-21000, 0, 21000, 0]);
  assert.deepEqual(cash('buy', 100, [70, 10]), [0, 3000, 0, 3000]);
});

test('no order: T = 0 on both registers', () => {
  assert.deepEqual(cash(undefined, 0, [10, 20]), [0, -1000, 7000, 6000]);
});

const kOf = (declared: number, metered: number, floorPpm?: bigint): number => {
  const k = accuracy({ declaredWh: wh(declared), meteredWh: wh(metered), floorPpm });
  return Number((k.num * 1_000_000n) / k.den);
};

test('accuracy against the declared energy (rule 18): the cells of table 4', () => {
  assert.equal(kOf(154_000, 144_900), 937_198);
  assert.equal(kOf(154_000, 131_100), 825_324);
  assert.equal(kOf(125_000, 131_250), 950_000);
  assert.equal(kOf(125_000, 118_750), 947_368);
});

test('accuracy at the ends: exact, double, half, nothing, and the floor (A4)', () => {
  assert.equal(kOf(100, 100), 1_000_000);
  assert.equal(kOf(100, 200), 0);
  assert.equal(kOf(100, 50), 0);
  assert.equal(kOf(100, 300, -1_000_000n), -1_000_000);
  assert.equal(kOf(100, 301, -1_000_000n), -1_000_000);
  assert.equal(kOf(100, 299, -1_000_000n), -990_000);
  assert.equal(kOf(100, 0, -1_000_000n), -1_000_000);
  assert.equal(kOf(100, 0, -500_000n), -500_000);
  assert.equal(kOf(100, 0, -200_000_000n), -200_000_000);
  assert.equal(kOf(100, 0), -100_000_000);
});

const factors = { rewardFactorPpm: 20_000n, greenFactorPpm: 1_080_000n };

test('reward: 2.00 % and 2.16 %, a fine below zero, cut toward zero at the end (formula 7)', () => {
  const reward = (amount: number, k: [bigint, bigint], green: boolean): bigint =>
    rewardOf({ amount: BigInt(amount) as Money, coefficient: ratio(...k), green, ...factors });
  assert.equal(reward(10_000, [1n, 1n], false), 200n);
  assert.equal(reward(10_000, [1n, 1n], true), 216n);
  assert.equal(reward(99, [1n, 1n], false), 1n);
  assert.equal(reward(99, [-1n, 1n], false), -1n);
  assert.equal(reward(10_000, [-1n, 2n], true), -108n);
});

test('a reward stays within the range of money whatever the coefficient', () => {
  const input = { amount: MAX_AMOUNT as Money, green: true, ...factors };
  assert.equal(rewardOf({ ...input, coefficient: ratio(-1_000_000n) }), -MAX_AMOUNT);
});

test('balance loss is an opportunity cost against the average price (rule 17)', () => {
  const loss = (side: 'sell' | 'buy', d: number): number =>
    Number(
      balanceLoss({ side, deviationWh: BigInt(d) as never, averagePrice: mill(478), ...grid }),
    );
  assert.equal(loss('sell', 6900), 1_228_200);
  assert.equal(loss('sell', -6900), 1_531_800);
  assert.equal(loss('buy', 1000), 222_000);
  assert.equal(loss('buy', -1000), 478_000);
});

const rules: ContractRules = {
  ...grid,
  ...factors,
  tick: 1n,
  balancing: true,
  reward: true,
  coefficientFloorPpm: -1_000_000n,
  amountBasis: 'exact',
};

const consumer: ContractAccount = {
  side: 'buy',
  green: true,
  declaredWh: wh(125_000),
  ...registers(118_750, 0),
  contractWh: wh(125_000),
  contractMoney: 66_146_000n as Money,
};

test('switched off, balancing and reward move nothing', () => {
  const off = settleContracts(consumer, { ...rules, balancing: false, reward: false });
  assert.equal(off.net, -66_146_000n);
  assert.deepEqual(off.balanceLoss, 0n);
  assert.deepEqual(off.reward, 0n);
});

test('an account without a declaration gets no reward', () => {
  const { reward, coefficient } = settleContracts({ ...consumer, declaredWh: undefined }, rules);
  assert.deepEqual([reward, coefficient.num], [0n, 0n]);
});

test('loss falls with the deviation becoming small, and an accurate account gains', () => {
  const lossAt = (metered: number): bigint =>
    settleContracts({ ...consumer, ...registers(metered, 0) }, rules).exactNetLoss.num;
  assert.ok(lossAt(125_000) < 0n);
  assert.ok(lossAt(118_750) > 0n);
  for (let metered = 125_000; metered < 150_000; metered += 500) {
    const [near, far] = [metered, metered + 500].map((m) =>
      settleContracts({ ...consumer, ...registers(m, 0) }, rules),
    );
    const lossOf = (line: typeof near): number =>
      Number(line?.exactNetLoss.num) / Number(line?.exactNetLoss.den);
    assert.ok(lossOf(near) < lossOf(far));
  }
});

test('the loss rate is of T x average price in both bases (rule 20)', () => {
  for (const amountBasis of ['exact', 'rounded-average'] as const) {
    const { lossRate, exactNetLoss } = settleContracts(consumer, { ...rules, amountBasis });
    const rate = (exactNetLoss.num * 100n * lossRate.den) / (exactNetLoss.den * lossRate.num);
    assert.equal(rate, 125_000n * 529n);
  }
});

test('net is the sum of its parts, charge and credit those of the grid', () => {
  const energy = fc.integer({ min: 0, max: 500_000 });
  const arbitrary = fc.record({
    side: fc.constantFrom('sell' as const, 'buy' as const),
    metered: fc.tuple(energy, energy),
    declared: energy,
    traded: fc.integer({ min: 1, max: 500_000 }),
    price: fc.integer({ min: 0, max: 2000 }),
  });
  fc.assert(
    fc.property(arbitrary, ({ side, metered, declared, traded, price }) => {
      const line = settleContracts(
        {
          ...consumer,
          side,
          ...registers(...metered),
          declaredWh: wh(declared),
          contractWh: wh(traded),
          contractMoney: BigInt(traded * price) as Money,
        },
        rules,
      );
      const { balance, energyMoney, reward, net } = line;
      assert.equal(net, energyMoney + balance.credit - balance.charge + reward);
      assert.equal(balance.credit - balance.charge, balance.declaredCash + balance.otherCash);
      assert.equal(energyMoney, (side === 'sell' ? 1n : -1n) * line.amount);
      const most = (line.amount * 216n) / 10_000n;
      assert.ok(reward <= most && reward >= -most);
    }),
  );
});
