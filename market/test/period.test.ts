// One delivery period (settlement 4, 5; market-bilateral 4-12, G7-G10): money, sharing, fees.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Money } from '../../core/src/amount.js';
import { periodFault } from '../src/settle/check.js';
import {
  type PeriodAccount,
  type PeriodContract,
  type SettledPeriod,
  settlePeriod,
} from '../src/settle/period.js';
import { meanPrice, onePrice, type PeriodRules, twoPrices } from '../src/settle/rules.js';
import { type Penalty, sharePenalties } from '../src/settle/sharing.js';
import { mill, wh } from './books.js';

const MILLION = 1_000_000n;
const paper: PeriodRules = {
  payment: 'delivered',
  allocation: 'fifo',
  tick: 1n,
  feedIn: mill(500),
  retail: mill(750),
  balancing: true,
  reward: true,
  rewardFactorPpm: 20_000n,
  greenFactorPpm: 1_080_000n,
  coefficientFloorPpm: -MILLION,
  amountBasis: 'exact',
  tolAbsWh: wh(0),
  tolRelPpm: 0n,
  wheeling: mill(0),
  handling: 0n as Money,
  credit: { c: 10, iMax: 8, minVolumeWh: wh(1000), suspendBelow: 60 },
  penalty: {
    k1Ppm: 5n * MILLION,
    k2Ppm: 5n * MILLION,
    gPpm: 3n * MILLION,
    muPpm: 800_000n,
    freeAtFullCredit: true,
    sharing: 'per-penalty',
  },
};

const home = (out: number, into: number, C = 90, rest: Partial<PeriodAccount> = {}) => ({
  exportWh: wh(out),
  importWh: wh(into),
  green: false,
  credit: { C, D: 0, i: 0, n: 0 },
  suspended: false,
  ...rest,
});

const contract = (energy: number, rest: Partial<PeriodContract> = {}): PeriodContract => ({
  seller: 0,
  buyer: 1,
  energyWh: BigInt(energy),
  price: onePrice(mill(600)),
  kind: 'trade',
  bothWheel: false,
  ...rest,
});

function settled(
  accounts: readonly PeriodAccount[],
  contracts: readonly PeriodContract[],
  rules: Partial<PeriodRules> = {},
): SettledPeriod {
  const input = { accounts, contracts, rules: { ...paper, ...rules } };
  const period = settlePeriod(input);
  assert.equal(periodFault(input, period), undefined);
  return period;
}

const net = (period: SettledPeriod): readonly number[] =>
  period.accounts.map((account) => Number(account.net));

test('delivered x price; rest to the grid once per meter, both registers (rules 4, 11)', () => {
  const { accounts, counter } = settled([home(9000, 500), home(200, 12_000)], [contract(10_000)], {
    penalty: undefined,
  });
  assert.deepEqual(
    accounts.map(({ energyMoney, gridWh, gridMoney }) => [energyMoney, gridWh, gridMoney]),
    [
      [5_400_000n, 500n, -375_000n],
      [-5_400_000n, 3200n, -2_150_000n],
    ],
  );
  assert.equal(counter.grid, 2_525_000n);
});

test('partial settlement of the neighbourhood: delivered paid, the rest refunded', () => {
  const vectors = JSON.parse(
    readFileSync(new URL('../../../test/vectors/dpoa/escrow.json', import.meta.url), 'utf8'),
  ) as { escrow: { price: number; qty: number; delivered: number; result: { paid: number } } };
  const { price, qty, delivered, result } = vectors.escrow;
  const { contracts } = settled(
    [home(delivered, 0), home(0, qty)],
    [contract(qty, { price: onePrice(mill(price)) })],
    { allocation: 'pro-rata', credit: undefined, penalty: undefined },
  );
  assert.equal(Number(contracts[0]?.buyerPays), result.paid);
});

test('a free default takes away the claim on the penalty of the other (rules 9, 10)', () => {
  const both = settled([home(0, 0, 100), home(0, 0, 90), home(0, 0, 80)], [contract(5000)]);
  const [seller, buyer, other] = both.accounts;
  assert.equal(seller?.penalty, 0n);
  assert.ok((buyer?.penalty ?? 0n) > 0n);
  assert.deepEqual([seller?.penaltyShare, buyer?.penaltyShare], [0n, 0n]);
  assert.equal(other?.penaltyShare, buyer?.penalty);
  assert.deepEqual(
    both.accounts.map(({ credit }) => credit.C),
    [99, 89, 80],
  );
});

test('freeAtFullCredit false: the price of the credit after deduction (D8)', () => {
  const { contracts } = settled([home(0, 0, 100), home(0, 5000)], [contract(5000)], {
    penalty: { ...(paper.penalty as NonNullable<PeriodRules['penalty']>), freeAtFullCredit: false },
  });
  assert.equal(contracts[0]?.ratioSeller, 130106686991n);
});

test('one step of credit for two defaults, a penalty for each (G2)', () => {
  const { accounts, contracts } = settled(
    [home(0, 0), home(0, 9000), home(0, 0, 50)],
    [contract(4000), contract(5000)],
  );
  assert.equal(accounts[0]?.credit.C, 89);
  assert.ok(contracts.every(({ penaltySeller }) => penaltySeller > 0n));
});

test('nobody to share: to the reserve; suspended, C = 0 and the parties share nothing (G7)', () => {
  const share = (others: readonly PeriodAccount[]): readonly bigint[] => {
    const { accounts, counter } = settled([home(0, 0), home(0, 5000), ...others], [contract(5000)]);
    return [counter.reserve, ...accounts.map(({ penaltyShare }) => penaltyShare)];
  };
  const [alone = 0n, , victim = 0n] = share([]);
  assert.ok(alone > 0n);
  assert.deepEqual(share([home(0, 0, 0), home(0, 0, 70, { suspended: true })]), [
    alone,
    0n,
    victim,
    0n,
    0n,
  ]);
  assert.deepEqual(share([home(0, 0, 60)]), [0n, 0n, victim, alone]);
});

test('a node that falls below suspendBelow still shares in that period (G5)', () => {
  const { accounts } = settled(
    [home(0, 0), home(0, 5000), home(0, 0, 60), home(0, 5000, 70)],
    [contract(5000), contract(5000, { seller: 2, buyer: 3 })],
  );
  assert.equal(accounts[2]?.step?.suspend, true);
  assert.ok((accounts[2]?.penaltyShare ?? 0n) > 0n);
});

test('replacements move no credit and cost no penalty (rule 3)', () => {
  const { accounts, contracts } = settled(
    [home(0, 0), home(0, 5000), home(0, 0)],
    [contract(5000, { kind: 'replacement' })],
  );
  assert.deepEqual(accounts[0]?.credit, home(0, 0).credit);
  assert.deepEqual(contracts[0]?.penaltySeller, 0n);
});

test('wheeling: the buyer, in the bilateral market each side; congestion; handling', () => {
  const fees = (rest: Partial<PeriodContract>) => {
    const { accounts, counter } = settled([home(4000, 0), home(0, 4000)], [contract(5000, rest)], {
      wheeling: mill(10),
      handling: 7n as Money,
      penalty: undefined,
    });
    return [...accounts.map((account) => Number(account.fees)), Number(counter.fees)];
  };
  assert.deepEqual(fees({}), [7, 40_007, 14]);
  assert.deepEqual(fees({ bothWheel: true }), [40_007, 40_007, 14]);
  assert.deepEqual(fees({ congestion: 3n }), [7, 52_007, 14]);
});

test('half a tick: floored for the seller, and the buyer pays the same (reputation 0)', () => {
  const rules = { wheeling: mill(10), penalty: undefined };
  const odd = contract(1501, { price: meanPrice(191n) });
  const { contracts } = settled([home(1501, 0), home(0, 1501)], [odd], rules);
  assert.deepEqual(
    [contracts[0]?.sellerGets, contracts[0]?.buyerPays, contracts[0]?.wheelingBuyer],
    [143345n, 143345n, 15010n],
  );
});

test('two prices: the surplus of what was delivered goes to the reserve', () => {
  const two = contract(1000, { price: twoPrices(2n * 400n, 2n * 450n) });
  const period = settled([home(800, 0), home(0, 1000)], [two], { penalty: undefined });
  assert.equal(period.counter.reserve, 40_000n);
  assert.deepEqual(net(period), [320_000, -360_000 - 150_000]);
});

test('payment "contract": contracts paid in full; creditOnly moves credit, no money', () => {
  const rules = { payment: 'contract', penalty: undefined, reward: false } as const;
  const accounts = [home(4000, 0), home(0, 5000)];
  const plain = settled(accounts, [contract(5000)], { ...rules, credit: undefined });
  assert.deepEqual(net(plain), [3_000_000 - 750_000, -3_000_000]);
  const judged = settled(accounts, [contract(5000)], rules);
  assert.deepEqual(net(judged), net(plain));
  assert.deepEqual(
    judged.accounts.map(({ credit }) => [credit.C, credit.D, credit.i]),
    [
      [89, 0, 1],
      [90, 1, 0],
    ],
  );
  assert.throws(() => settled(accounts, [], { ...rules, penalty: paper.penalty }), /costs once/);
});

test('reward beside payment "delivered" where declared, by formula 7', () => {
  const declared = { declaredWh: wh(5000) };
  const { accounts, counter } = settled(
    [home(5000, 0, 90, declared), home(0, 5000)],
    [contract(5000)],
  );
  assert.deepEqual([accounts[0]?.reward, accounts[1]?.reward], [60_000n, 0n]);
  assert.equal(counter.rewardPool, -60_000n);
});

test('the order of contracts of other parties changes nobody (G10)', () => {
  const accounts = [home(0, 0), home(0, 5000), home(3000, 0, 95), home(0, 1000, 97), home(0, 0)];
  const [a, b] = [contract(5000), contract(4000, { seller: 2, buyer: 3 })];
  const [one, two] = [settled(accounts, [a, b]), settled(accounts, [b, a])];
  assert.deepEqual(one.accounts, two.accounts);
});

/** Formula 10 by cumulative floors, contract by contract. */
function byFormula(credits: readonly number[], penalties: readonly Penalty[], mu: bigint) {
  const shares = credits.map(() => 0n);
  for (const { seller, buyer, both, penaltySeller, penaltyBuyer } of penalties) {
    const parts = both ? [0n, 0n] : [penaltyBuyer, penaltySeller].map((t) => (t * mu) / MILLION);
    [seller, buyer].forEach((party, i) => {
      shares[party] = (shares[party] as bigint) + (parts[i] as bigint);
    });
    const pot = penaltySeller + penaltyBuyer - (parts[0] as bigint) - (parts[1] as bigint);
    const weights = credits.map((C, k) => (k === seller || k === buyer ? 0n : BigInt(C)));
    const total = weights.reduce((sum, weight) => sum + weight, 0n);
    let [before, upTo] = [0n, 0n];
    for (const [k, weight] of weights.entries()) {
      upTo += weight;
      if (total > 0n)
        shares[k] = (shares[k] as bigint) + (pot * upTo) / total - (pot * before) / total;
      before = upTo;
    }
  }
  return shares;
}

test('shares by maintained sums are those of formula 10, any pots and credits', () => {
  const credit = fc.oneof(fc.integer({ min: 0, max: 100 }), fc.constantFrom(0, 1, 100));
  const amount = fc.oneof(
    fc.constant(0n),
    fc.bigInt({ min: 0n, max: 1n << 62n }),
    fc.nat(500).map(BigInt),
  );
  const any = fc.array(credit, { minLength: 2, maxLength: 120, size: 'max' }).chain((credits) => {
    const party = fc.nat(credits.length - 1);
    const penalty = fc.record({
      seller: party,
      buyer: party,
      both: fc.boolean(),
      penaltySeller: amount,
      penaltyBuyer: amount,
    });
    const rows = fc.array(
      penalty.filter(({ seller, buyer }) => seller !== buyer),
      { maxLength: 12 },
    );
    return fc.tuple(fc.constant(credits), rows);
  });
  fc.assert(
    fc.property(any, ([credits, penalties]) => {
      const rules = { muPpm: 800_000n, sharing: 'per-penalty' } as const;
      const { shares, reserve } = sharePenalties({ credits, penalties }, rules);
      assert.deepEqual(shares, byFormula(credits, penalties, rules.muPpm));
      const paid = penalties.reduce((sum, p) => sum + p.penaltySeller + p.penaltyBuyer, 0n);
      assert.equal(
        shares.reduce((sum, share) => sum + share, reserve),
        paid,
      );
    }),
    { numRuns: 300 },
  );
});

test('a checker that finds nothing is no checker: planted faults are named', () => {
  const input = {
    accounts: [home(4000, 0), home(0, 5000), home(0, 0)],
    contracts: [contract(5000)],
    rules: paper,
  };
  const sound = settlePeriod(input);
  const [line, ...lines] = sound.accounts;
  const [one] = sound.contracts;
  if (line === undefined || one === undefined) throw assert.fail('a period of one contract');
  const faults = (change: Partial<SettledPeriod>): string | undefined =>
    periodFault(input, { ...sound, ...change });
  const withLine = (change: object) => faults({ accounts: [{ ...line, ...change }, ...lines] });
  const withContract = (change: object) => faults({ contracts: [{ ...one, ...change }] });
  assert.match(withLine({ net: line.net + 1n }) ?? '', /net is not the sum/);
  assert.match(withLine({ penaltyShare: 1n, net: line.net + 1n }) ?? '', /shares and the reserve/);
  assert.match(withLine({ gridWh: 1n }) ?? '', /lost or used twice/);
  assert.match(withLine({ credit: { ...line.credit, C: 101 } }) ?? '', /outside/);
  assert.match(withLine({ credit: { ...line.credit, n: 1 } }) ?? '', /moved n/);
  assert.match(withContract({ deliveredWh: 4001n }) ?? '', /than allocated/);
  assert.match(withContract({ offerWh: 5000n, shortSellerWh: 0n }) ?? '', /than metered/);
  assert.match(withContract({ penaltyBuyer: 1n }) ?? '', /without a default/);
  const { counter } = sound;
  assert.match(faults({ counter: { ...counter, grid: counter.grid + 1n } }) ?? '', /residue/);
});
