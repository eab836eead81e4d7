// One delivery period of a market with payment "contract" (papers/000; market-call 12-20,
// settlement 4.1): energy money by contract, balancing with the grid, accuracy reward. Pure: the
// chain calls the parts per account, files call settleContracts for everybody.
import {
  divHalfAway,
  type Money,
  money,
  NO_MONEY,
  type Price,
  type WattHour,
  wattHours,
} from '../../../core/src/amount.js';
import { assert } from '../../../core/src/assert.js';
import type { Side } from '../../../core/src/tx.js';
import { minus, type Ratio, ratio } from '../ratio.js';
import { type Balance, balanceCash, balanceLoss } from './balance.js';
import { accuracy, exactReward, rewardOf } from './reward.js';

export { balanceCash } from './balance.js';
export { accuracy, rewardOf } from './reward.js';

export interface ContractRules {
  /** Price step, in the unit of prices. */
  readonly tick: bigint;
  readonly feedIn: Price;
  readonly retail: Price;
  readonly balancing: boolean;
  readonly reward: boolean;
  readonly rewardFactorPpm: bigint;
  readonly greenFactorPpm: bigint;
  /** Absent: no floor. */
  readonly coefficientFloorPpm?: bigint | undefined;
  /** "rounded-average" is how the printed tables were made (E5). */
  readonly amountBasis: 'exact' | 'rounded-average';
}

export interface ContractAccount {
  /** Side of its contracts, or its role where it has none. */
  readonly side?: Side | undefined;
  readonly green: boolean;
  /** Absent: no reward. */
  readonly declaredWh?: WattHour | undefined;
  readonly importWh: WattHour;
  readonly exportWh: WattHour;
  /** Sum of its contracts. */
  readonly contractWh: WattHour;
  /** Sum of energy x price of its contracts. */
  readonly contractMoney: Money;
  /** Replaces T in amount, deviation and balancing (the misprinted 138 kWh, E2). */
  readonly tradedOverrideWh?: WattHour | undefined;
}

/** Money signed with income positive where a sign is possible; exact where a Ratio. */
export interface ContractLine {
  readonly energyMoney: Money;
  readonly tradedWh: WattHour;
  readonly averagePrice: Price;
  /** A of formula 6, not negative. */
  readonly amount: Money;
  readonly balance: Balance;
  /** Energy that went over the grid's account: deviation either way, and the other register. */
  readonly gridWh: WattHour;
  readonly balanceLoss: Money;
  readonly coefficient: Ratio;
  readonly reward: Money;
  readonly exactReward: Ratio;
  /** Percent of the amount. */
  readonly rewardRate: Ratio;
  /** balanceLoss - reward, before rounding. */
  readonly exactNetLoss: Ratio;
  /** Percent of T x average price. */
  readonly lossRate: Ratio;
  /** energyMoney + cash of both registers + reward, signed money. */
  readonly net: bigint;
}

const ZERO = ratio(0n);
const NO_BALANCE: Omit<Balance, 'deviationWh'> = {
  declaredCash: NO_MONEY,
  otherCash: NO_MONEY,
  charge: NO_MONEY,
  credit: NO_MONEY,
};

/** The period of one account. */
export function settleContracts(account: ContractAccount, rules: ContractRules): ContractLine {
  const { side, contractWh, contractMoney } = account;
  assert(side !== undefined || contractWh === 0n, 'contracts are on a side');
  const tradedWh = account.tradedOverrideWh ?? contractWh;
  const averagePrice = averagePriceOf(account, rules.tick);
  const energyMoney = side === 'buy' ? money(-contractMoney) : contractMoney;
  const full = balanceCash({ ...account, ...rules, tradedWh });
  const balance = rules.balancing ? full : { ...NO_BALANCE, deviationWh: full.deviationWh };
  const amount = amountOf(account, rules, averagePrice);
  const rewarded = rewardParts(account, rules, amount);
  const { deviationWh } = balance;
  // An opportunity cost against an average price wants trades (rule 17).
  const isWeighed = rules.balancing && side !== undefined && contractWh > 0n;
  const loss = isWeighed ? balanceLoss({ side, deviationWh, averagePrice, ...rules }) : NO_MONEY;
  const exactNetLoss = minus(ratio(loss), rewarded.exactReward);
  return {
    energyMoney,
    tradedWh,
    averagePrice,
    amount,
    balance,
    gridWh: rules.balancing ? gridEnergy(account, deviationWh) : wattHours(0n),
    balanceLoss: loss,
    ...rewarded,
    exactNetLoss,
    lossRate: percent(exactNetLoss, tradedWh * averagePrice),
    net: energyMoney + balance.declaredCash + balance.otherCash + rewarded.reward,
  };
}

/** Money over energy of the real contracts, half away from zero to the tick. */
function averagePriceOf({ contractWh, contractMoney }: ContractAccount, tick: bigint): Price {
  if (contractWh === 0n) return 0n as Price;
  return (divHalfAway(contractMoney, contractWh * tick) * tick) as Price;
}

/** A (rule 13). With an override the exact sum shrinks or grows in proportion. */
function amountOf(account: ContractAccount, rules: ContractRules, averagePrice: Price): Money {
  const { contractWh, contractMoney, tradedOverrideWh } = account;
  if (rules.amountBasis === 'rounded-average')
    return money((tradedOverrideWh ?? contractWh) * averagePrice);
  if (tradedOverrideWh === undefined || contractWh === 0n) return contractMoney;
  return money((contractMoney * tradedOverrideWh) / contractWh);
}

type Rewarded = Pick<ContractLine, 'coefficient' | 'reward' | 'exactReward' | 'rewardRate'>;

function rewardParts(account: ContractAccount, rules: ContractRules, amount: Money): Rewarded {
  const { side, declaredWh, green } = account;
  if (!rules.reward || declaredWh === undefined || side === undefined)
    return { coefficient: ZERO, reward: NO_MONEY, exactReward: ZERO, rewardRate: ZERO };
  const meteredWh = side === 'sell' ? account.exportWh : account.importWh;
  const floorPpm = rules.coefficientFloorPpm;
  const coefficient = accuracy({ declaredWh, meteredWh, floorPpm });
  const input = { ...rules, amount, coefficient, green };
  const exact = exactReward(input);
  return {
    coefficient,
    reward: rewardOf(input),
    exactReward: exact,
    rewardRate: percent(exact, amount),
  };
}

const percent = (part: Ratio, whole: bigint): Ratio =>
  whole === 0n ? ZERO : ratio(part.num * 100n, part.den * whole);

function gridEnergy(account: ContractAccount, deviationWh: WattHour): WattHour {
  const { side, importWh, exportWh } = account;
  const other = (side === 'buy' ? 0n : importWh) + (side === 'sell' ? 0n : exportWh);
  return wattHours((deviationWh < 0n ? -deviationWh : deviationWh) + other);
}

/** netLoss as signed money: the balance loss less the reward that is really paid. */
export const netLossOf = (line: ContractLine): bigint => line.balanceLoss - line.reward;
