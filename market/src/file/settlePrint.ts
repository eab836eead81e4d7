// What `market settle` prints for a period with payment "contract" (interfaces "papers/000"): every
// field of an account, the counter-entries, and the two ways to round: exact to six decimals, cut
// toward zero, or with the decimals of the paper's tables, half away from zero (market-call 21).
import { type ContractLine, netLossOf } from '../call/settle.js';
import type { CounterEntries } from '../invariants.js';
import { plus, printRatio, type Ratio, type Rounding, ratio } from '../ratio.js';
import { energyText, priceText } from './clearReport.js';
import { ENERGY_DECIMALS, type Scale } from './params.js';
import type { CreditState, FileAccount } from './settleAccounts.js';

export type RoundMode = 'exact' | 'paper';

/** Decimals of each kind of number, and how the last one comes about. */
interface Style {
  readonly rounding: Rounding;
  readonly money: number;
  readonly rewardRate: number;
  readonly lossRate: number;
}

const STYLES: Readonly<Record<RoundMode, Style>> = {
  exact: { rounding: 'cut', money: 6, rewardRate: 6, lossRate: 6 },
  paper: { rounding: 'half-away', money: 3, rewardRate: 2, lossRate: 3 },
};

export interface SettledAccount {
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

export interface SettleReport {
  /** Payment "contract" allocates no energy to single contracts. */
  readonly contracts: readonly never[];
  readonly accounts: readonly SettledAccount[];
  readonly reserve: string;
  readonly summary: { readonly grid: string; readonly fees: string; readonly rewardPool: string };
}

export interface SettledLine {
  readonly account: FileAccount;
  readonly credit: CreditState;
  readonly line: ContractLine;
}

/** Texts of one document: money and percentages in its scale and rounding. */
interface Printer {
  readonly money: (value: bigint | Ratio) => string;
  /** `paid` is what moves, `exact` what it is before its one division: tables round the latter. */
  readonly moneyOf: (paid: bigint, exact: Ratio) => string;
  readonly rate: (value: Ratio, name: 'rewardRate' | 'lossRate') => string;
}

function printerOf(mode: RoundMode, { priceDecimals }: Scale): Printer {
  const style = STYLES[mode];
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
  };
}

const RATIO_FORM = { exponent: 0, decimals: 6, rounding: 'cut' } as const;

/** The other side of what the accounts get and give (interfaces "Sums"); signed money. */
export function counterEntries(lines: readonly ContractLine[]): CounterEntries {
  let grid = 0n;
  let rewardPool = 0n;
  for (const { balance, reward } of lines) {
    grid += balance.charge - balance.credit;
    rewardPool -= reward;
  }
  return { grid, rewardPool, fees: 0n, reserve: 0n };
}

export function settleReport(
  lines: readonly SettledLine[],
  scale: Scale,
  mode: RoundMode,
): SettleReport {
  const printer = printerOf(mode, scale);
  const { grid, fees, rewardPool, reserve } = counterEntries(lines.map(({ line }) => line));
  return {
    contracts: [],
    accounts: lines.map((settled) => accountText(settled, scale, printer)),
    reserve: printer.money(reserve),
    summary: {
      grid: printer.money(grid),
      fees: printer.money(fees),
      rewardPool: printer.money(rewardPool),
    },
  };
}

function accountText(settled: SettledLine, scale: Scale, printer: Printer): SettledAccount {
  const { account, credit, line } = settled;
  const { balance, reward, exactReward } = line;
  const none = printer.money(0n);
  return {
    id: account.id,
    energyMoney: printer.money(line.energyMoney),
    gridEnergy: energyText(line.gridWh),
    gridMoney: printer.money(balance.declaredCash + balance.otherCash),
    shortfall: '0',
    penalty: none,
    penaltyShare: none,
    fees: none,
    reward: printer.moneyOf(reward, exactReward),
    net: printer.money(line.net),
    credit,
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
