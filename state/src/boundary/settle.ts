// settle: one delivery period, in the order of settlement 5, a barrier after each phase:
//   0 readings fixed, balancing with the grid, fines (they fund the pool first, settlement 3.3)
//   1 rewards, scaled to the pool; locks released; arrears paid; the settlement line
// Payment "contract" (market-call 15-18): the traded energy was paid at `pay`.
import {
  addMoney,
  largest,
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
import type { AccountId } from '../../../core/src/ids.js';
import { recordArrears, payArrears } from '../ledger/arrears.js';
import { available, type EntryType, locked } from '../ledger/ledger.js';
import {
  type Account,
  ACCOUNTS,
  CLOSED,
  type Meter,
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
import { marketOfMeter } from '../tx/context.js';
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
function homesOf({ world, due }: MarketStep): readonly Home[] {
  return world
    .entries(METERS)
    .filter(({ value }) => marketOfMeter(value, due.period) === due.market)
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
  const importWh = recent.reduce((most, wh) => largest(most, wh), bought);
  return { importWh, exportWh: NO_ENERGY, quality: 'substitute' };
}

function balanceAll(step: MarketStep, part: readonly Home[], progress: Settling): Settling {
  let { rewardsTotal } = progress;
  for (const home of part) {
    const due = balanceHome(step, home);
    if (due > 0n) rewardsTotal = addMoney(rewardsTotal, due);
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
  let { rewardsSoFar, paidSoFar } = progress;
  for (const home of part) {
    const key = orderKey(step, home.account);
    const line = present(step.world.get(SETTLEMENTS, key), 'barrier 0 wrote every home');
    let reward = line.rewardDue < 0n ? (line.rewardDue as Money) : NO_MONEY;
    if (line.rewardDue > 0n) {
      rewardsSoFar = addMoney(rewardsSoFar, line.rewardDue as Money);
      reward = subMoney(scaled(rewardsSoFar, progress), paidSoFar);
      paidSoFar = addMoney(paidSoFar, reward);
    }
    finishHome(step, home.account, { ...line, reward });
  }
  payArrears(step.ledger);
  return { ...progress, rewardsSoFar, paidSoFar };
}

/** Cumulative floor of the rewards up to an account, where the pool does not reach (3.3, 3.6). */
function scaled(soFar: Money, { rewardsTotal, poolAtBarrier }: Settling): Money {
  if (rewardsTotal <= poolAtBarrier) return soFar;
  return money((poolAtBarrier * soFar) / rewardsTotal);
}

function finishHome(step: MarketStep, account: AccountId, line: Settlement): void {
  const { world, ledger, chain, due } = step;
  const key = orderKey(step, account);
  const before = ledger.balance(account);
  if (line.reward > 0n) {
    const from = available(chain.system.reward);
    ledger.post({ type: 'reward', from, to: available(account), amount: line.reward as Money });
  }
  const position = world.get(POSITIONS, key);
  if (position !== undefined && position.lock > 0n) {
    const amount = position.lock;
    ledger.post({ type: 'unlock', from: locked(account), to: available(account), amount });
    world.set(POSITIONS, key, { ...position, lock: NO_MONEY });
  }
  world.set(SETTLEMENTS, key, line);
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
      line.reward,
      ledger.balance(account).arrears,
    ],
  });
}

/** Meter of a home, for readers of the state. */
export const isSettledHere = (meter: Meter, market: string, period: bigint): boolean =>
  marketOfMeter(meter, period) === market;
