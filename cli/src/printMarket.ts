// Tables of `busbar market` for people. With --json the report itself is printed.
import type { ClearReport } from '../../market/src/file/clearReport.js';
import type { ComparedBaseline, CompareReport } from '../../market/src/file/compare.js';
import type { InternalPriceReport } from '../../market/src/internalPrice/file.js';
import type { NeighbourhoodReport } from '../../market/src/neighbourhood/file.js';
import type { PaperAccount, SettleReport } from '../../market/src/file/settlePrint.js';
import { type Column, printLine, printTable } from './print.js';

/** A column that shows the field of its name. */
const field = <Row>(name: keyof Row & string, right = false): Column<Row> => ({
  title: name,
  of: (row) => String(row[name]),
  right,
});

type Trade = ClearReport['trades'][number];
const TWO_PRICES: readonly Column<Trade>[] = [field('buyPrice', true), field('sellPrice', true)];
const QUEUE: Column<Trade> = { title: 'queue', of: ({ queue }) => queue ?? '' };

/** References and adjusted quotes of the two-round auction. */
function printRound2({ references, steps = [] }: ClearReport): void {
  for (const { type, askMax, bidMin } of references === undefined ? [] : [references].flat()) {
    const of = type === undefined ? '' : ` (${type ?? 'no type'})`;
    const quotes = `highest ask ${askMax ?? 'none'}, lowest bid ${bidMin ?? 'none'}`;
    printLine(`References after round 1${of}: ${quotes}`);
  }
  const rows = steps.flatMap((step, i) =>
    Object.entries(step).map(([order, quote]) => ({ step: i + 1, order, quote })),
  );
  printTable('Quotes of round 2 (price per kWh)', rows, [
    field('step', true),
    field('order'),
    field('quote', true),
  ]);
}

/** Internal price: what sellers use and sell at it. */
function printGame(report: ClearReport): void {
  const { case: kind, price, consumption = {}, sale = {} }: Partial<InternalPriceReport> = report;
  if (kind === undefined) return;
  printLine(`Case ${kind}, internal price ${price}`);
  const rows = Object.keys(sale).map((id) => ({ id, use: consumption[id], sale: sale[id] }));
  printTable('Sellers (kWh)', rows, [field('id'), field('use', true), field('sale', true)]);
}

/** Log of the distributed auction. */
function printMessages(report: ClearReport): void {
  const { log = [] }: Partial<NeighbourhoodReport> = report;
  printTable('Messages of the auctioneers (kWh)', log, [
    field('round', true),
    field('name'),
    field('request'),
    field('from'),
    field('to'),
    field('energy', true),
  ]);
}

export function printClearing(report: ClearReport): void {
  printTable('Trades (kWh, price per kWh), in the order of matching', report.trades, [
    field('seller'),
    field('buyer'),
    field('energy', true),
    ...(report.trades.some(({ price }) => price === undefined)
      ? TWO_PRICES
      : [field<Trade>('price', true)]),
    field('round', true),
    ...(report.trades.some(({ auctioneer }) => auctioneer !== undefined)
      ? [field<Trade>('auctioneer')]
      : []),
    ...(report.trades.some(({ queue }) => queue !== undefined) ? [QUEUE] : []),
  ]);
  printRound2(report);
  printGame(report);
  printMessages(report);
  printTable('Rejected orders', report.rejected, [field('id'), field('code')]);
  printTable('Orders reduced (kWh)', report.reduced ?? [], [
    field('id'),
    field('code'),
    field('energy', true),
  ]);
  printTable('Rest with the grid (kWh, price per kWh)', report.grid, [
    field('account'),
    field('side'),
    field('energy', true),
    field('price', true),
  ]);
  printTable('Accounts (kWh, then money: a buyer pays, a seller gets)', report.accounts, [
    field('id'),
    field('traded', true),
    field('market', true),
    field('grid', true),
    field('total', true),
    field('gridOnly', true),
  ]);
  const { volume, buyersPay, sellersGet, gridOnlyBuyersPay, gridOnlySellersGet } = report.summary;
  printLine(`Volume ${volume} kWh`);
  printLine(`Buyers pay ${buyersPay}, with the grid alone ${gridOnlyBuyersPay}`);
  printLine(`Sellers get ${sellersGet}, with the grid alone ${gridOnlySellersGet}`);
  if (report.summary.surplus !== undefined) printLine(`Surplus ${report.summary.surplus}`);
  if (report.summary.cep !== null) printLine(`Equilibrium price ${report.summary.cep}`);
}

export type Compared = NonNullable<ComparedBaseline['result']>;

interface ComparedLine {
  readonly name: string;
  readonly code?: string;
  readonly result?: Compared;
}

/** Mechanisms, then sharing by coefficients. */
export const comparedLines = (report: CompareReport): readonly ComparedLine[] => [
  ...report.mechanisms.map(({ mechanism, ...rest }) => ({ name: mechanism, ...rest })),
  ...report.baselines.map(({ baseline, ...rest }) => ({ name: baseline, ...rest })),
];

/** Mechanisms side by side; the last line is the grid alone. */
export function comparisonRows(report: CompareReport): readonly (readonly string[])[] {
  const { mechanisms } = report;
  const rows = comparedLines(report).map(({ name, code, result }) =>
    result === undefined ? [name, code ?? ''] : [name, ...cellsOf(result)],
  );
  const some = mechanisms.find(({ result }) => result !== undefined)?.result;
  if (some === undefined) return rows;
  const { gridOnlyBuyersPay, gridOnlySellersGet } = some;
  const none = ['0', '', '', '0', gridOnlyBuyersPay, gridOnlySellersGet, '0', '0'];
  return [...rows, ['grid only', ...none]];
}

export const COMPARISON = [
  'mechanism',
  'volume',
  'average price',
  'least - most',
  'welfare',
  'buyers pay',
  'sellers get',
  'buyers save',
  'sellers gain',
] as const;

function cellsOf({ volume, prices, welfare, ...money }: Compared): readonly string[] {
  const range = prices.least === null ? '' : `${prices.least} - ${prices.most}`;
  const { buyersPay, sellersGet, buyersSave, sellersGain } = money;
  const price = prices.average ?? '';
  return [volume, price, range, welfare, buyersPay, sellersGet, buyersSave, sellersGain];
}

export function printComparison(report: CompareReport): void {
  printTable(
    'Mechanisms (kWh, price per kWh, money with the rest of the grid)',
    comparisonRows(report),
    COMPARISON.map((title, i) => ({ title, of: (row) => row[i] ?? '', right: i > 0 })),
  );
}

export function printSettlement({ contracts, accounts, reserve, summary }: SettleReport): void {
  const papers = accounts.filter((row): row is PaperAccount => row.traded !== undefined);
  if (papers.length > 0) printPaper(papers);
  printTable('Contracts (kWh, penalty price per kWh)', contracts, [
    field('id'),
    field('delivered', true),
    field('shortSeller', true),
    field('shortBuyer', true),
    field('penaltyPriceSeller', true),
    field('penaltyPriceBuyer', true),
  ]);
  printTable('Money of the period (income positive; penalty and fees are paid)', accounts, [
    field('id'),
    field('energyMoney', true),
    field('gridEnergy', true),
    field('gridMoney', true),
    field('shortfall', true),
    field('penalty', true),
    field('penaltyShare', true),
    field('fees', true),
    field('reward', true),
    field('net', true),
  ]);
  printTable('Credit after the period', accounts, [
    field('id'),
    { title: 'C', of: ({ credit }) => String(credit.C), right: true },
    { title: 'D', of: ({ credit }) => String(credit.D), right: true },
    { title: 'i', of: ({ credit }) => String(credit.i), right: true },
    { title: 'n', of: ({ credit }) => String(credit.n), right: true },
    { title: 'suspended', of: ({ suspended }) => (suspended === true ? 'yes' : '') },
  ]);
  const { grid, fees, rewardPool } = summary;
  printLine(`Grid ${grid}, reward pool ${rewardPool}, fees ${fees}, reserve ${reserve}`);
}

function printPaper(accounts: readonly PaperAccount[]): void {
  printTable('Trades and reward (kWh, price per kWh, money)', accounts, [
    field('id'),
    field('traded', true),
    field('averagePrice', true),
    field('amount', true),
    field('coefficient', true),
    field('reward', true),
    field('rewardRate', true),
    field('netIncome', true),
  ]);
  printTable('Balancing (kWh, money, percent)', accounts, [
    field('id'),
    field('deviation', true),
    field('balanceCash', true),
    field('balanceLoss', true),
    field('netLoss', true),
    field('lossRate', true),
  ]);
}
