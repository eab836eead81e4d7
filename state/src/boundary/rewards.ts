// Accuracy rewards and fines of a period (market-call 18, 19; settlement 3.3), the same in every
// market that has the module on: what is due to whom, and the pool that it comes from. Fines are
// charged where bills are; then the pool is looked at once, and what it lacks all share.
import {
  addMoney,
  least,
  MAX_AMOUNT,
  type Money,
  money,
  NO_MONEY,
  subMoney,
  type WattHour,
} from '../../../core/src/amount.js';
import { present } from '../../../core/src/assert.js';
import type { AccountId } from '../../../core/src/ids.js';
import { accuracy, rewardOf } from '../../../market/src/call/reward.js';
import { type ContractPrice, halfCost } from '../../../market/src/settle/rules.js';
import { cumulativeFloor } from '../../../market/src/shares.js';
import { payArrears } from '../ledger/arrears.js';
import { available } from '../ledger/ledger.js';
import { ACCOUNTS, type Position, SETTLEMENTS, type Settling } from '../schema.js';
import { charge, type Energy, orderKey } from './homes.js';
import type { MarketStep } from './step.js';

/** What an account said it would do on its side of a period, and the money of its trades. */
export type Declared = Pick<Position, 'side' | 'declaredWh' | 'amount'>;

/** Formula 7 over the declared energy; a substitute reading earns nothing, but may be fined. */
export function dueReward(
  { world, market }: MarketStep,
  account: AccountId,
  { declared, energy }: { readonly declared: Declared | undefined; readonly energy: Energy },
): Money {
  if (!market.params.reward || declared === undefined || declared.amount === 0n) return NO_MONEY;
  const { green } = present(world.get(ACCOUNTS, account), 'a home has its account');
  const { rewardFactorPpm, greenFactorPpm, coefficientFloorPpm } = market.params;
  const { side, declaredWh, amount } = declared;
  const meteredWh = side === 'sell' ? energy.exportWh : energy.importWh;
  const coefficient = accuracy({ declaredWh, meteredWh, floorPpm: coefficientFloorPpm });
  const due = rewardOf({ amount, coefficient, green, rewardFactorPpm, greenFactorPpm });
  return energy.quality === 'substitute' && due > 0n ? NO_MONEY : due;
}

/** Energy and price of a contract, as settlement sees it. */
interface Replacing {
  readonly energyWh: bigint;
  readonly price: ContractPrice;
}

/**
 * What of a position was declared before delivery: a contract that replaces one which failed is
 * made for what happened, so it says nothing of accuracy (market-bilateral L5).
 */
export function declaredOf(
  position: Position | undefined,
  replacing: readonly Replacing[],
): Declared | undefined {
  if (position === undefined) return undefined;
  const { side } = position;
  let [declaredWh, amount]: [bigint, bigint] = [position.declaredWh, position.amount];
  for (const { energyWh, price } of replacing) {
    declaredWh -= energyWh;
    amount -= halfCost(energyWh, side === 'sell' ? price.sellTwice : price.buyTwice);
  }
  return { side, declaredWh: declaredWh as WattHour, amount: amount as Money };
}

/** A reward that is negative, as everything that is paid to the pool: locks of the period first. */
export function chargeFine(step: MarketStep, account: AccountId, rewardDue: bigint): void {
  const amount = (rewardDue < 0n ? -rewardDue : 0n) as Money;
  charge(step, { account, creditor: step.chain.system.reward, amount, type: 'fine' });
}

/** Sum of rewards that are due, held within the range of money: it only divides the pool. */
const addCapped = (a: Money, b: bigint): Money => least(a + b, MAX_AMOUNT) as Money;

/** Counts what is due to a home; a fine is not. */
export const countDue = (progress: Settling, rewardDue: bigint): Settling =>
  rewardDue > 0n
    ? { ...progress, rewardsTotal: addCapped(progress.rewardsTotal, rewardDue) }
    : progress;

/** All fines are paid: what the pool has now is for the rewards, its own arrears apart. */
export function poolAtBarrier({ ledger, chain }: MarketStep): Money {
  // Gains of homes pay arrears when everything of the period is booked (settlement 3.2).
  ledger.takeGainers();
  ledger.noteGain(chain.system.reward);
  payArrears(ledger);
  return ledger.spendable(chain.system.reward);
}

/** Pays the reward of the next home in ascending id, and writes it into its settlement. */
export function payReward(step: MarketStep, account: AccountId, progress: Settling): Settling {
  const { world, ledger, chain } = step;
  const key = orderKey(step, account);
  const line = present(world.get(SETTLEMENTS, key), 'barrier 0 wrote every home');
  if (line.rewardDue <= 0n) {
    if (line.rewardDue < 0n) world.set(SETTLEMENTS, key, { ...line, reward: line.rewardDue });
    return progress;
  }
  const rewardsSoFar = addCapped(progress.rewardsSoFar, line.rewardDue);
  const reward = subMoney(scaled(rewardsSoFar, progress), progress.paidSoFar);
  const from = available(chain.system.reward);
  ledger.post({ type: 'reward', from, to: available(account), amount: reward });
  world.set(SETTLEMENTS, key, { ...line, reward });
  return { ...progress, rewardsSoFar, paidSoFar: addMoney(progress.paidSoFar, reward) };
}

/** Cumulative floor of the rewards up to an account, where the pool does not reach (3.3, 3.6). */
function scaled(soFar: Money, { rewardsTotal, poolAtBarrier: pool }: Settling): Money {
  if (rewardsTotal <= pool) return soFar;
  return money(cumulativeFloor(pool, soFar, rewardsTotal));
}
