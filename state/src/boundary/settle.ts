// settle: one delivery period, in the order of settlement 5, a barrier after each phase:
//   0 readings fixed, balancing with the grid, fines (they fund the pool first, settlement 3.3)
//   1 labels of clean energy moved, grants (left out where both are off)
//   2 rewards, scaled to the pool; locks released; arrears paid; the settlement line. What was
//     gained in 0 pays arrears here too: with whatever is free when all is booked (settlement 5)
// Payment "contract" (market-call 15-18): the traded energy was paid at `pay`.
import {
  addMoney,
  least,
  MAX_AMOUNT,
  money,
  type Money,
  NO_ENERGY,
  NO_MONEY,
  price,
  subMoney,
} from '../../../core/src/amount.js';
import { present } from '../../../core/src/assert.js';
import { compareBytes } from '../../../core/src/bytes.js';
import { balanceCash } from '../../../market/src/call/balance.js';
import { accuracy, rewardOf } from '../../../market/src/call/reward.js';
import { cumulativeFloor } from '../../../market/src/shares.js';
import type { AccountId } from '../../../core/src/ids.js';
import { hasCleanStep, produce } from '../certificates/clean.js';
import { recordArrears, payArrears } from '../ledger/arrears.js';
import { available } from '../ledger/ledger.js';
import {
  type Account,
  ACCOUNTS,
  CLOSED,
  type PeriodKey,
  PERIODS,
  type Position,
  POSITIONS,
  SETTLEMENTS,
  type Settling,
} from '../schema.js';
import {
  charge,
  type Energy,
  energyOf,
  type Home,
  homesOf,
  lineOf,
  orderKey,
  releasePosition,
} from './homes.js';
import { deliverByContract } from './deliveredByContract.js';
import { moveClean } from './moveClean.js';
import { finishPart, settlingOf } from './progress.js';
import { type MarketStep, PART_ACCOUNTS, type StepResult } from './step.js';

const BARRIER = { balance: 0, clean: 1, close: 2 } as const;

export function settle(step: MarketStep): StepResult {
  const { world, due } = step;
  const key = { market: due.market, period: due.period };
  const progress = settlingOf(world, key);
  if (progress.barrier === BARRIER.clean) return moveLabels(step, key, progress);
  const homes = homesOf(step);
  const rest = homes.filter(
    ({ account }) => progress.after === undefined || compareBytes(account, progress.after) > 0,
  );
  const part = rest.slice(0, PART_ACCOUNTS);
  const carry =
    progress.barrier === BARRIER.balance
      ? balanceAll(step, part, progress)
      : payAll(step, part, progress);
  const barrierDone = rest.length <= part.length;
  const work = part.length;
  if (!barrierDone)
    return finishPart(world, key, { after: part.at(-1)?.account, unfinished: true, work, carry });
  if (progress.barrier === BARRIER.balance) {
    const pool = step.ledger.spendable(step.chain.system.reward);
    const isClean = hasCleanStep(step.chain, step.market);
    if (isClean) deliverByContract(step);
    const trades = isClean ? (world.get(PERIODS, key)?.trades ?? 0) : 0;
    const barrier = isClean ? BARRIER.clean : BARRIER.close;
    const next = { ...carry, barrier, poolAtBarrier: pool };
    const end = { after: undefined, unfinished: true, work: work + trades, carry: next };
    return finishPart(world, key, end);
  }
  const record = present(world.get(PERIODS, key), 'a settled period has its record');
  world.delete(PERIODS, key);
  world.set(CLOSED, key, { ...record, status: 'settled' });
  return finishPart(world, key, { after: undefined, unfinished: false, work });
}

function moveLabels(step: MarketStep, key: PeriodKey, progress: Settling): StepResult {
  const { trade, work } = moveClean(step, progress.trade);
  const carry =
    trade === undefined ? { ...progress, barrier: BARRIER.close } : { ...progress, trade };
  return finishPart(step.world, key, { after: undefined, unfinished: true, work, carry });
}

/** Sum of rewards that are due, held within the range of money: it only divides the pool. */
const addCapped = (a: Money, b: bigint): Money => least(a + b, MAX_AMOUNT) as Money;

function balanceAll(step: MarketStep, part: readonly Home[], progress: Settling): Settling {
  let { rewardsTotal } = progress;
  for (const home of part) {
    const due = balanceHome(step, home);
    if (due > 0n) rewardsTotal = addCapped(rewardsTotal, due);
  }
  return { ...progress, rewardsTotal };
}

/** Balancing of one home, income before bills; gives the reward (a fine is already paid). */
function balanceHome(step: MarketStep, home: Home): Money {
  const { world, ledger, market, chain } = step;
  const { account } = home;
  const key = orderKey(step, account);
  const position = world.get(POSITIONS, key);
  const energy = energyOf(step, home, position);
  const tradedWh = position?.tradedWh ?? NO_ENERGY;
  const feedIn = price(market.params.feedIn);
  const retail = price(market.params.retail);
  const cash = balanceCash({ side: position?.side, tradedWh, ...energy, feedIn, retail });
  const owed = ledger.payUpTo({
    type: 'feed-in',
    from: available(chain.system.grid),
    to: available(account),
    amount: cash.credit,
  });
  recordArrears(ledger, { debtor: chain.system.grid, creditor: account, amount: owed });
  const rewardDue = market.params.reward ? dueReward(step, position, energy, account) : NO_MONEY;
  charge(step, {
    account,
    creditor: chain.system.grid,
    amount: cash.charge,
    type: 'grid-purchase',
  });
  const fine = rewardDue < 0n ? (-rewardDue as Money) : NO_MONEY;
  charge(step, { account, creditor: chain.system.reward, amount: fine, type: 'fine' });
  world.set(SETTLEMENTS, key, {
    side: position?.side,
    declaredWh: position?.declaredWh ?? NO_ENERGY,
    tradedWh,
    importWh: energy.importWh,
    exportWh: energy.exportWh,
    quality: energy.quality,
    gridCharge: cash.charge,
    gridCredit: cash.credit,
    energyMoney: 0n,
    shortfallWh: NO_ENERGY,
    penalty: NO_MONEY,
    penaltyShare: NO_MONEY,
    fees: NO_MONEY,
    credit: present(world.get(ACCOUNTS, account), 'a home has its account').credit,
    version: 1,
    rewardDue,
    reward: NO_MONEY,
  });
  const { meterId } = home;
  produce(step, { account, meterId, period: step.due.period, exportWh: energy.exportWh });
  return rewardDue;
}

/** Formula 7 over the declared energy; a substitute reading earns nothing, but may be fined. */
export function dueReward(
  { world, market }: MarketStep,
  position: Position | undefined,
  energy: Energy,
  account: AccountId,
): Money {
  if (position === undefined || position.amount === 0n) return NO_MONEY;
  const { green } = present(world.get(ACCOUNTS, account), 'a home has its account') as Account;
  const { rewardFactorPpm, greenFactorPpm, coefficientFloorPpm } = market.params;
  const meteredWh = position.side === 'sell' ? energy.exportWh : energy.importWh;
  const coefficient = accuracy({
    declaredWh: position.declaredWh,
    meteredWh,
    floorPpm: coefficientFloorPpm,
  });
  const due = rewardOf({
    amount: position.amount,
    coefficient,
    green,
    rewardFactorPpm,
    greenFactorPpm,
  });
  return energy.quality === 'substitute' && due > 0n ? NO_MONEY : due;
}

function payAll(step: MarketStep, part: readonly Home[], progress: Settling): Settling {
  const { ledger, world } = step;
  let { rewardsSoFar, paidSoFar } = progress;
  const before = part.map(({ account }) => ledger.balance(account));
  for (const { account } of part) {
    const key = orderKey(step, account);
    const line = present(world.get(SETTLEMENTS, key), 'barrier 0 wrote every home');
    let reward = line.rewardDue < 0n ? (line.rewardDue as Money) : NO_MONEY;
    if (line.rewardDue > 0n) {
      rewardsSoFar = addCapped(rewardsSoFar, line.rewardDue);
      reward = subMoney(scaled(rewardsSoFar, progress), paidSoFar);
      paidSoFar = addMoney(paidSoFar, reward);
    }
    world.set(SETTLEMENTS, key, { ...line, reward });
    releaseHome(step, account, reward);
    ledger.noteGain(account);
  }
  ledger.noteGain(step.chain.system.grid);
  payArrears(ledger);
  part.forEach(({ account }, i) => {
    lineOf(step, account, present(before[i], 'a balance per home'));
  });
  return { ...progress, rewardsSoFar, paidSoFar };
}

/** Cumulative floor of the rewards up to an account, where the pool does not reach (3.3, 3.6). */
function scaled(soFar: Money, { rewardsTotal, poolAtBarrier }: Settling): Money {
  if (rewardsTotal <= poolAtBarrier) return soFar;
  return money(cumulativeFloor(poolAtBarrier, soFar, rewardsTotal));
}

/** The reward is paid, and what is still locked for the period comes back. */
function releaseHome(step: MarketStep, account: AccountId, reward: Money): void {
  const { ledger, chain } = step;
  if (reward > 0n) {
    const from = available(chain.system.reward);
    ledger.post({ type: 'reward', from, to: available(account), amount: reward });
  }
  releasePosition(step, account);
}
