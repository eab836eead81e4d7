// Tables of `busbar market` for people. With --json the report itself is printed.
import type { ClearReport } from '../../market/src/file/clearReport.js';
import type { SettleReport } from '../../market/src/file/settlePrint.js';
import { type Column, printLine, printTable } from './print.js';

/** A column that shows the field of its name. */
const field = <Row>(name: keyof Row & string, right = false): Column<Row> => ({
  title: name,
  of: (row) => String(row[name]),
  right,
});

export function printClearing(report: ClearReport): void {
  printTable('Trades (kWh, price per kWh), in the order of matching', report.trades, [
    field('seller'),
    field('buyer'),
    field('energy', true),
    field('price', true),
    field('round', true),
    { title: 'queue', of: ({ queue }) => queue ?? '' },
  ]);
  printTable('Rejected orders', report.rejected, [field('id'), field('code')]);
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
  if (report.summary.cep !== null) printLine(`Equilibrium price ${report.summary.cep}`);
}

export function printSettlement({ accounts, reserve, summary }: SettleReport): void {
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
  printTable('Money of the period (income positive)', accounts, [
    field('id'),
    field('energyMoney', true),
    field('gridMoney', true),
    field('reward', true),
    field('net', true),
  ]);
  const { grid, fees, rewardPool } = summary;
  printLine(`Grid ${grid}, reward pool ${rewardPool}, fees ${fees}, reserve ${reserve}`);
}
