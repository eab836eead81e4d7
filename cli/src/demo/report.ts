// The report of a run: one HTML file that needs nothing from anywhere, with plots as inline SVG.
import { totalsOf } from './printSummary.js';
import { BLUE, GREEN, GREY, ORANGE, page, table } from './page.js';
import { escapeHtml, plot } from './plot.js';
import { currency, dayTime, kWh, percent, price, timeOfDay, whole } from './show.js';
import type { HomeLine, Summary } from './summary.js';

const KWH = 1000;
const CURRENCY = 1_000_000;

export function reportOf(summary: Summary): string {
  const title = `Busbar demo: ${summary.homes.length} homes, ${summary.source}`;
  const body = [
    facts(summary),
    '<h2>Energy</h2>',
    energyPlot(summary),
    pricePlot(summary),
    '<h2>Homes</h2>',
    billsPlot(summary),
    sufficiencyPlot(summary),
    homesTable(summary),
    '<h2>Chain</h2>',
    finalityPlot(summary),
    checksTable(summary),
  ];
  return page(title, body);
}

function facts(summary: Summary): string {
  const { boundWh, tradedWh, bill, gridOnly, shared, reward, voids } = totalsOf(summary);
  const { sharedWh } = summary;
  const { p50, p99 } = summary.finalityMs;
  const names = voids.map(({ period, startMs }) => `${period} (${dayTime(startMs)})`).join(', ');
  const lines = [
    `${kWh(tradedWh)} kWh traded of ${kWh(boundWh)} kWh that neighbours could have traded ` +
      `(${percent(tradedWh, boundWh)} %).`,
    `Without the grid: ${summary.alone} % of the load with each home alone, ` +
      `${summary.community} % as one community.`,
    `Bills ${currency(bill)} in place of ${currency(gridOnly)} with the grid alone; rewards ` +
      `${currency(reward)}.`,
    `Without a market, shared by coefficients: static ${currency(shared.static)} ` +
      `(${kWh(sharedWh.static)} kWh), dynamic ${currency(shared.dynamic)} ` +
      `(${kWh(sharedWh.dynamic)} kWh).`,
    `${summary.blocks} blocks and ${summary.txs} transactions in ` +
      `${summary.wallSeconds.toFixed(0)} s at rate ${summary.rate}; final after ${whole(p50)} ms ` +
      `(p50), ${whole(p99)} ms (p99).`,
    voids.length === 0 ? 'No void period.' : `Void periods: ${names}.`,
  ];
  return `<ul>${lines.map((line) => `<li>${escapeHtml(line)}</li>`).join('')}</ul>`;
}

function energyPlot({ periods }: Summary): string {
  return plot({
    title: 'Energy traded between neighbours, and the most that physics allows',
    unit: 'kWh per period',
    label: (i) => timeOfDay(periods[i]?.startMs ?? 0),
    series: [
      {
        name: 'traded',
        colour: GREEN,
        kind: 'bars',
        values: periods.map((p) => Number(p.tradedWh) / KWH),
      },
      {
        name: 'surplus',
        colour: ORANGE,
        kind: 'line',
        values: periods.map((p) => Number(p.surplusWh) / KWH),
      },
      {
        name: 'deficit',
        colour: BLUE,
        kind: 'line',
        values: periods.map((p) => Number(p.deficitWh) / KWH),
      },
    ],
  });
}

function pricePlot({ periods }: Summary): string {
  return plot({
    title: 'Mean price of the trades',
    unit: 'currency per kWh',
    label: (i) => timeOfDay(periods[i]?.startMs ?? 0),
    series: [
      {
        name: 'price',
        colour: BLUE,
        kind: 'points',
        values: periods.map((p) => (p.price === undefined ? undefined : Number(p.price) / 1000)),
      },
    ],
  });
}

function billsPlot({ homes }: Summary): string {
  const of = (value: (home: HomeLine) => bigint): readonly number[] =>
    homes.map((home) => Number(value(home)) / CURRENCY);
  return plot({
    title: 'Bill of the day; below zero the home is paid',
    unit: 'currency',
    label: (i) => homes[i]?.name ?? '',
    series: [
      { name: 'with the grid alone', colour: GREY, kind: 'bars', values: of((h) => h.gridOnly) },
      {
        name: 'static coefficients',
        colour: ORANGE,
        kind: 'bars',
        values: of((h) => h.shared.static),
      },
      {
        name: 'dynamic coefficients',
        colour: BLUE,
        kind: 'bars',
        values: of((h) => h.shared.dynamic),
      },
      { name: 'in the market', colour: GREEN, kind: 'bars', values: of((h) => h.bill) },
    ],
  });
}

function sufficiencyPlot({ homes, community }: Summary): string {
  return plot({
    title: 'Load that needs no grid',
    unit: 'percent',
    label: (i) => homes[i]?.name ?? '',
    series: [
      {
        name: 'each home alone',
        colour: BLUE,
        kind: 'bars',
        values: homes.map((h) => h.selfSufficiency),
      },
      {
        name: 'the community as one',
        colour: GREEN,
        kind: 'line',
        values: homes.map(() => community),
      },
    ],
  });
}

const BINS = 30;

function finalityPlot({ latenciesMs }: Summary): string {
  const most = Math.max(1, ...latenciesMs);
  const bins = Array.from({ length: BINS }, () => 0);
  for (const ms of latenciesMs) {
    const bin = Math.min(BINS - 1, Math.floor((ms / most) * BINS));
    bins[bin] = (bins[bin] ?? 0) + 1;
  }
  return plot({
    title: 'Wall time from handing in to seen in a final block',
    unit: 'transactions by ms',
    label: (i) => whole((i * most) / BINS),
    series: [{ name: 'transactions', colour: BLUE, kind: 'bars', values: bins }],
  });
}

const homesTable = ({ homes }: Summary): string =>
  table(
    [
      ...['home', 'PV', 'import kWh', 'export kWh', 'bought', 'sold', 'grid only', 'static'],
      ...['dynamic', 'bill', 'reward'],
    ],
    homes.map((h) => [
      h.name,
      h.hasPv ? 'yes' : '',
      kWh(h.importWh),
      kWh(h.exportWh),
      kWh(h.boughtWh),
      kWh(h.soldWh),
      currency(h.gridOnly),
      currency(h.shared.static),
      currency(h.shared.dynamic),
      currency(h.bill),
      currency(h.reward),
    ]),
  );

function checksTable({ checks, roots, periods }: Summary): string {
  const rows = checks.map(
    ({ name, ok, detail }) =>
      `<tr><td class="${ok ? 'ok' : 'bad'}">${ok ? 'ok' : 'FAILED'}</td>` +
      `<td>${escapeHtml(name)}</td><td><code>${escapeHtml(detail)}</code></td></tr>`,
  );
  const nodes = roots.map((root) => [root.name, String(root.height), root.stateRoot]);
  const detail = periods.map((p) => [
    String(p.period),
    dayTime(p.startMs),
    kWh(p.boundWh),
    kWh(p.tradedWh),
    p.price === undefined ? '' : price(p.price),
    p.isVoid ? 'void' : '',
  ]);
  const head = ['period', 'delivery from', 'bound kWh', 'traded kWh', 'price', ''];
  return (
    `<table>${rows.join('')}</table><h2>State roots</h2>` +
    `${table(['node', 'height', 'state root'], nodes)}<h2>Periods</h2>${table(head, detail)}`
  );
}
