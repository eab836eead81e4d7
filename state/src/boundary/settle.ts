// settle: one delivery period, in the order of settlement 5, a barrier after each phase:
//   0 readings fixed, balancing with the grid, fines (they fund the pool first, settlement 3.3)
//   1 rewards, scaled to the pool; locks released; arrears paid; the settlement line. What was
//     gained in 0 pays arrears here too: with whatever is free when all is booked (settlement 5)
// Payment "contract" (market-call 15-18): the traded energy was paid at `pay`.
import {
  addMoney,
  largest,
  least,
  MAX_AMOUNT,
  money,
  type Money,
  NO_ENERGY,
  NO_MONEY,
  price,
  subMoney,
  type WattHour,
} from '../../../core/src/amount.js';
import { present } from '../../../core/src/assert.js';
import { compareBytes } from '../../../core/src/bytes.js';
import { balanceCash } from '../../../market/src/call/balance.js';
import { accuracy, rewardOf } from '../../../market/src/call/reward.js';
import { cumulativeFloor } from '../../../market/src/shares.js';
import type { AccountId } from '../../../core/src/ids.js';
import { recordArrears, payArrears } from '../ledger/arrears.js';
import { available, type EntryType, locked } from '../ledger/ledger.js';
import {
  type Account,
  ACCOUNTS,
  type Balance,
  CLOSED,
  METERS,
  type OrderKey,
  PERIODS,
  type Position,
  POSITIONS,
  RECENT,
  type Settlement,
  SETTLEMENTS,
  type Settling,
} from '../schema.js';
import { isEnrolled } from '../tx/context.js';
import { limitOf } from '../tx/orders.js';
import { meteredOf } from '../tx/reading.js';
import { finishPart, settlingOf } from './progress.js';
import { type MarketStep, PART_ACCOUNTS, type StepResult } from './step.js';
import { callTimes } from './timing.js';

interface Home {
  readonly account: AccountId;
  readonly meterId: AccountId;
}

/** Periods whose imports a substitute looks back on. */
const RECENT_PERIODS = 96;

export function settle(step: MarketStep): StepResult {
  const { world, due } = step;
  const key = { market: due.market, period: due.period };
  const progress = settlingOf(world, key);
  const homes = homesOf(step);
  const rest = homes.filter(
    ({ account }) => progress.after === undefined || compareBytes(account, progress.after) > 0,
  );
  const part = rest.slice(0, PART_ACCOUNTS);
  const carry =
    progress.barrier === 0 ? balanceAll(step, part, progress) : payAll(step, part, progress);
  const barrierDone = rest.length <= part.length;
  const work = part.length;
  if (!barrierDone)
    return finishPart(world, key, { after: part.at(-1)?.account, unfinished: true, work, carry });
  if (progress.barrier === 0) {
    const pool = step.ledger.spendable(step.chain.system.reward);
    const next = { ...carry, barrier: 1, poolAtBarrier: pool };
    return finishPart(world, key, { after: undefined, unfinished: true, work, carry: next });
  }
  const record = present(world.get(PERIODS, key), 'a settled period has its record');
  world.delete(PERIODS, key);
  world.set(CLOSED, key, { ...record, status: 'settled' });
  return finishPart(world, key, { after: undefined, unfinished: false, work });
}

/** Every participant whose meter this market settles in the period, in ascending id. */
function homesOf({ world, chain, market, due }: MarketStep): readonly Home[] {
  return world
    .entries(METERS)
    .filter(({ value }) => isEnrolled(chain, value, { market, period: due.period }))
    .map(({ key, value }) => ({ account: value.participant, meterId: key }))
    .sort((a, b) => compareBytes(a.account, b.account));
}

const orderKey = ({ due }: MarketStep, account: AccountId): OrderKey => ({
  market: due.market,
  period: due.period,
  account,
});

interface Energy {
  readonly importWh: WattHour;
  readonly exportWh: WattHour;
  readonly quality: Settlement['quality'];
}

/** Metered energy, or the substitute: silence never pays (meters-and-grid "Missing"). */
function energyOf(step: MarketStep, home: Home, position: Position | undefined): Energy {
  const times = callTimes(step.market, step.due.period);
  const ends = { startMs: times.deliveryStart, endMs: times.deliveryEnd };
  const metered = meteredOf(step, home.meterId, ends);
  const recent = step.world.get(RECENT, home.meterId)?.importsWh ?? [];
  if (metered !== undefined) {
    const importsWh = [...recent, metered.importWh].slice(-RECENT_PERIODS);
    step.world.set(RECENT, home.meterId, { importsWh });
    return { ...metered, quality: 'metered' };
  }
  const bought = position?.side === 'buy' ? position.tradedWh : NO_ENERGY;
  const most = recent.reduce((so, wh) => largest(so, wh), bought);
  // Periods of a market before this one may have been longer.
  const owner = present(step.world.get(ACCOUNTS, home.account), 'a home has its account');
  const importWh = least(most, limitOf(owner, step.market, 'buy'));
  return { importWh, exportWh: NO_ENERGY, quality: 'substitute' };
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
    rewardDue,
    reward: NO_MONEY,
  });
  return rewardDue;
}

/** Formula 7 over the declared energy; a substitute reading earns nothing, but may be fined. */
function dueReward(
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

interface Charge {
  readonly account: AccountId;
  readonly creditor: AccountId;
  readonly amount: Money;
  readonly type: EntryType;
}

/** Locks of the period, then available balance, then arrears (settlement 3.1). */
function charge(step: MarketStep, { account, creditor, amount, type }: Charge): void {
  const { world, ledger } = step;
  const key = orderKey(step, account);
  const position = world.get(POSITIONS, key);
  let rest = amount;
  if (position !== undefined && position.lock > 0n && rest > 0n) {
    const fromLock = position.lock < rest ? position.lock : rest;
    ledger.post({ type, from: locked(account), to: available(creditor), amount: fromLock });
    world.set(POSITIONS, key, { ...position, lock: subMoney(position.lock, fromLock) });
    rest = subMoney(rest, fromLock);
  }
  rest = ledger.payUpTo({ type, from: available(account), to: available(creditor), amount: rest });
  recordArrears(ledger, { debtor: account, creditor, amount: rest });
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
  const { world, ledger, chain } = step;
  const key = orderKey(step, account);
  if (reward > 0n) {
    const from = available(chain.system.reward);
    ledger.post({ type: 'reward', from, to: available(account), amount: reward });
  }
  const position = world.get(POSITIONS, key);
  if (position !== undefined && position.lock > 0n) {
    const amount = position.lock;
    ledger.post({ type: 'unlock', from: locked(account), to: available(account), amount });
    world.set(POSITIONS, key, { ...position, lock: NO_MONEY });
  }
}

/** The settlement line: what was due beside what was paid says whether rewards were scaled. */
function lineOf(step: MarketStep, account: AccountId, before: Balance): void {
  const { world, ledger, due } = step;
  const line = present(world.get(SETTLEMENTS, orderKey(step, account)), 'a settled home');
  ledger.line({
    kind: 'settlement',
    account,
    before,
    fields: [
      due.market,
      due.period,
      line.side ?? '',
      line.declaredWh,
      line.tradedWh,
      line.importWh,
      line.exportWh,
      line.quality,
      line.gridCharge,
      line.gridCredit,
      line.rewardDue,
      line.reward,
      ledger.balance(account).arrears,
    ],
  });
}
