// What `market settle` prints (interfaces "market settle", "papers/000"): contracts, accounts with
// the columns of their way of paying, the counter-entries; exact to six decimals, cut toward zero,
// or with the decimals of the papers' tables, half away from zero (market-call 21).
import { present } from '../../../core/src/assert.js';
import { type ContractLine, netLossOf } from '../call/settle.js';
import { plus, printRatio, type Ratio, type Rounding, ratio } from '../ratio.js';
import type { CreditState } from '../settle/credit.js';
import { TRILLION } from '../settle/penalty.js';
import type { SettledContract, SettledLine, SettledPeriod } from '../settle/period.js';
import type { ContractPrice, Payment } from '../settle/rules.js';
import { energyText, priceText } from './clearReport.js';
import { ENERGY_DECIMALS, type Scale } from './params.js';
import type { FilePeriod } from './settleAccounts.js';
import type { SettleParams } from './settleParams.js';

export type RoundMode = 'exact' | 'paper';

/** Decimals of each kind of number, and how the last one comes about. */
interface Style {
  readonly rounding: Rounding;
  readonly money: number;
  /** Penalty prices. */
  readonly price: number;
  readonly rewardRate: number;
  readonly lossRate: number;
}

const EXACT: Style = { rounding: 'cut', money: 6, price: 6, rewardRate: 6, lossRate: 6 };
/** The tables of papers/000 for payment "contract", of papers/004 for "delivered". */
const PAPER: Readonly<Record<Payment, Style>> = {
  contract: { rounding: 'half-away', money: 3, price: 3, rewardRate: 2, lossRate: 3 },
  delivered: { rounding: 'half-away', money: 2, price: 2, rewardRate: 2, lossRate: 2 },
};

export interface ContractRow {
  readonly id: string;
  readonly delivered: string;
  readonly shortSeller: string;
  readonly shortBuyer: string;
  readonly penaltyPriceSeller: string;
  readonly penaltyPriceBuyer: string;
}

export interface AccountRow {
  readonly id: string;
  readonly energyMoney: string;
  readonly gridEnergy: string;
  readonly gridMoney: string;
  readonly shortfall: string;
  readonly penalty: string;
  readonly penaltyShare: string;
  readonly fees: string;
  readonly reward: string;
  readonly net: string;
  readonly credit: CreditState;
  /** Only where it is: from the next period on. */
  readonly suspended?: true;
}

/** The columns of papers/000. */
export interface PaperColumns {
  readonly traded: string;
  readonly averagePrice: string;
  readonly amount: string;
  readonly coefficient: string;
  readonly rewardRate: string;
  readonly netIncome: string;
  readonly deviation: string;
  readonly balanceCash: string;
  readonly balanceLoss: string;
  readonly netLoss: string;
  readonly lossRate: string;
}

export type PaperAccount = AccountRow & PaperColumns;
/** Payment "contract" has the columns, "delivered" has none of them. */
export type SettledAccount = AccountRow & Partial<PaperColumns>;

export interface SettleReport {
  readonly contracts: readonly ContractRow[];
  readonly accounts: readonly SettledAccount[];
  readonly reserve: string;
  readonly summary: { readonly grid: string; readonly fees: string; readonly rewardPool: string };
}

export interface SettledFile {
  readonly file: FilePeriod;
  readonly period: SettledPeriod;
  /** Per account, after the period. */
  readonly suspended: readonly boolean[];
  readonly params: SettleParams;
  readonly mode: RoundMode;
}

/** Texts of one document: money and percentages in its scale and rounding. */
interface Printer {
  readonly money: (value: bigint | Ratio) => string;
  /** `paid` is what moves, `exact` what it is before its one division: tables round the latter. */
  readonly moneyOf: (paid: bigint, exact: Ratio) => string;
  readonly rate: (value: Ratio, name: 'rewardRate' | 'lossRate') => string;
  /** Penalty price of a ratio at scale 10^12. */
  readonly penaltyPrice: (ratio12: bigint, priceTwice: bigint) => string;
}

function printerOf(mode: RoundMode, payment: Payment, { priceDecimals }: Scale): Printer {
  const style = mode === 'exact' ? EXACT : PAPER[payment];
  const { rounding } = style;
  const exponent = priceDecimals + ENERGY_DECIMALS;
  const money = (value: bigint | Ratio): string =>
    printRatio(typeof value === 'bigint' ? ratio(value) : value, {
      exponent,
      decimals: style.money,
      rounding,
    });
  return {
    money,
    moneyOf: (paid, exact) => money(mode === 'exact' ? paid : exact),
    rate: (value, name) => printRatio(value, { exponent: 0, decimals: style[name], rounding }),
    penaltyPrice: (ratio12, priceTwice) =>
      printRatio(ratio(ratio12 * priceTwice, 2n * TRILLION), {
        exponent: priceDecimals,
        decimals: style.price,
        rounding,
      }),
  };
}

const RATIO_FORM = { exponent: 0, decimals: 6, rounding: 'cut' } as const;

export function settleReport({ file, period, suspended, params, mode }: SettledFile): SettleReport {
  const { scale } = params.market;
  const printer = printerOf(mode, params.rules.payment, scale);
  const { grid, fees, rewardPool, reserve } = period.counter;
  return {
    contracts: file.contracts.map(({ id, price }, i) =>
      contractRow(id, price, { one: present(period.contracts[i], 'a contract each'), printer }),
    ),
    accounts: file.accounts.map(({ id }, i): SettledAccount => {
      const line = present(period.accounts[i], 'a line each');
      return {
        ...accountRow(id, line, printer),
        ...(suspended[i] === true ? { suspended: true } : {}),
        ...(line.contractLine && paperColumns(line.contractLine, scale, printer)),
      };
    }),
    reserve: printer.money(reserve),
    summary: {
      grid: printer.money(grid),
      fees: printer.money(fees),
      rewardPool: printer.money(rewardPool),
    },
  };
}

function contractRow(
  id: string,
  { sellTwice, buyTwice }: ContractPrice,
  { one, printer }: { readonly one: SettledContract; readonly printer: Printer },
): ContractRow {
  return {
    id,
    delivered: energyText(one.deliveredWh),
    shortSeller: energyText(one.shortSellerWh),
    shortBuyer: energyText(one.shortBuyerWh),
    penaltyPriceSeller: printer.penaltyPrice(one.ratioSeller, sellTwice),
    penaltyPriceBuyer: printer.penaltyPrice(one.ratioBuyer, buyTwice),
  };
}

function accountRow(id: string, line: SettledLine, printer: Printer): AccountRow {
  const exactReward = line.contractLine?.exactReward ?? ratio(line.reward);
  return {
    id,
    energyMoney: printer.money(line.energyMoney),
    gridEnergy: energyText(line.gridWh),
    gridMoney: printer.money(line.gridMoney),
    shortfall: energyText(line.shortfallWh),
    penalty: printer.money(line.penalty),
    penaltyShare: printer.money(line.penaltyShare),
    fees: printer.money(line.fees),
    reward: printer.moneyOf(line.reward, exactReward),
    net: printer.money(line.net),
    credit: line.credit,
  };
}

function paperColumns(line: ContractLine, scale: Scale, printer: Printer): PaperColumns {
  const { balance, reward, exactReward } = line;
  return {
    traded: energyText(line.tradedWh),
    averagePrice: priceText(line.averagePrice, scale),
    amount: printer.money(line.amount),
    coefficient: printRatio(line.coefficient, RATIO_FORM),
    rewardRate: printer.rate(line.rewardRate, 'rewardRate'),
    netIncome: printer.moneyOf(line.amount + reward, plus(ratio(line.amount), exactReward)),
    deviation: energyText(balance.deviationWh),
    balanceCash: printer.money(balance.declaredCash),
    balanceLoss: printer.money(line.balanceLoss),
    netLoss: printer.moneyOf(netLossOf(line), line.exactNetLoss),
    lossRate: printer.rate(line.lossRate, 'lossRate'),
  };
}
