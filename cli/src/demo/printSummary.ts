// The summary of a run as one JSON document, and as tables for people.
import { printLine, printTable } from '../print.js';
import { currency, dayTime, kWh, kWhMinimal, moneyMinimal, percent, price, whole } from './show.js';
import type { ByCoefficients } from './sharing.js';
import type { HomeLine, PeriodLine, Summary } from './summary.js';

export interface Totals {
  readonly boundWh: bigint;
  readonly tradedWh: bigint;
  readonly bill: bigint;
  readonly gridOnly: bigint;
  readonly shared: ByCoefficients;
  readonly reward: bigint;
  readonly voids: readonly PeriodLine[];
}

export function totalsOf({ periods, homes }: Summary): Totals {
  const sum = <T>(of: readonly T[], value: (one: T) => bigint): bigint =>
    of.reduce((total, one) => total + value(one), 0n);
  return {
    boundWh: sum(periods, (p) => p.boundWh),
    tradedWh: sum(periods, (p) => p.tradedWh),
    bill: sum(homes, (h) => h.bill),
    gridOnly: sum(homes, (h) => h.gridOnly),
    shared: {
      static: sum(homes, (h) => h.shared.static),
      dynamic: sum(homes, (h) => h.shared.dynamic),
    },
    reward: sum(homes, (h) => h.reward),
    voids: periods.filter((p) => p.isVoid),
  };
}

const rounded = (value: number, decimals: number): string =>
  Number.isNaN(value) ? '0' : String(Number(value.toFixed(decimals)));

/** Without a market, by coefficients (./sharing.ts). */
const sharedBills = (bills: ByCoefficients) => ({
  static: moneyMinimal(bills.static),
  dynamic: moneyMinimal(bills.dynamic),
});

/** Decimal strings in kWh and currency, as everywhere at the edges. */
export function summaryDocument(summary: Summary, report: string): object {
  const totals = totalsOf(summary);
  return {
    source: summary.source,
    rate: summary.rate,
    forecastError: String(summary.forecastError),
    wallSeconds: rounded(summary.wallSeconds, 1),
    energy: {
      traded: kWhMinimal(totals.tradedWh),
      bound: kWhMinimal(totals.boundWh),
      percentOfBound: percent(totals.tradedWh, totals.boundWh),
      sharedStatic: kWhMinimal(summary.sharedWh.static),
      sharedDynamic: kWhMinimal(summary.sharedWh.dynamic),
    },
    selfSufficiency: { alone: String(summary.alone), community: String(summary.community) },
    bills: {
      market: moneyMinimal(totals.bill),
      gridOnly: moneyMinimal(totals.gridOnly),
      ...sharedBills(totals.shared),
      saving: moneyMinimal(totals.gridOnly - totals.bill),
      rewards: moneyMinimal(totals.reward),
    },
    chain: {
      height: String(summary.height),
      blocks: summary.blocks,
      transactions: summary.txs,
      transactionsPerSecond: rounded(summary.txPerSecond, 2),
      finalityMs: {
        p50: rounded(summary.finalityMs.p50, 0),
        p99: rounded(summary.finalityMs.p99, 0),
      },
      refused: summary.refused,
      lost: summary.lost,
      lostKinds: summary.lostKinds,
    },
    voidPeriods: totals.voids.map(({ period }) => String(period)),
    stateRoots: summary.roots.map((root) => ({ ...root, height: String(root.height) })),
    supply: Object.fromEntries(Object.entries(summary.supply).map(([k, v]) => [k, String(v)])),
    checks: summary.checks,
    periods: summary.periods.map((p) => ({
      period: String(p.period),
      start: new Date(p.startMs).toISOString(),
      surplus: kWhMinimal(p.surplusWh),
      deficit: kWhMinimal(p.deficitWh),
      bound: kWhMinimal(p.boundWh),
      traded: kWhMinimal(p.tradedWh),
      trades: p.trades,
      bids: p.bids,
      opened: p.opened,
      price: p.price === undefined ? null : price(p.price),
      void: p.isVoid,
    })),
    homes: summary.homes.map(homeDocument),
    report,
  };
}

const homeDocument = (h: HomeLine): object => ({
  name: h.name,
  account: h.account,
  pv: h.hasPv,
  import: kWhMinimal(h.importWh),
  export: kWhMinimal(h.exportWh),
  bought: kWhMinimal(h.boughtWh),
  sold: kWhMinimal(h.soldWh),
  bill: moneyMinimal(h.bill),
  gridOnly: moneyMinimal(h.gridOnly),
  ...sharedBills(h.shared),
  saving: moneyMinimal(h.gridOnly - h.bill),
  reward: moneyMinimal(h.reward),
  forfeited: moneyMinimal(h.forfeited),
  selfSufficiency: String(h.selfSufficiency),
});

export function printSummary(summary: Summary, report: string): void {
  printHomes(summary);
  printFacts(summary);
  printTable('Checks', summary.checks, [
    { title: '', of: (check) => (check.ok ? 'ok' : 'FAILED') },
    { title: 'what', of: (check) => check.name },
    { title: 'found', of: (check) => check.detail },
  ]);
  printLine(`Report with plots: ${report}`);
}

function printHomes({ homes, source }: Summary): void {
  printLine();
  printTable(`Homes (${source})`, homes, [
    { title: 'home', of: (h) => h.name },
    { title: 'PV', of: (h) => (h.hasPv ? 'yes' : '') },
    { title: 'import kWh', of: (h) => kWh(h.importWh), right: true },
    { title: 'export kWh', of: (h) => kWh(h.exportWh), right: true },
    { title: 'bought', of: (h) => kWh(h.boughtWh), right: true },
    { title: 'sold', of: (h) => kWh(h.soldWh), right: true },
    { title: 'grid only', of: (h) => currency(h.gridOnly), right: true },
    { title: 'static', of: (h) => currency(h.shared.static), right: true },
    { title: 'dynamic', of: (h) => currency(h.shared.dynamic), right: true },
    { title: 'bill', of: (h) => currency(h.bill), right: true },
    { title: 'saved', of: (h) => currency(h.gridOnly - h.bill), right: true },
    { title: 'reward', of: (h) => currency(h.reward), right: true },
    { title: 'self-suff. %', of: (h) => h.selfSufficiency.toFixed(1), right: true },
  ]);
}

function printFacts(summary: Summary): void {
  const { boundWh, tradedWh, bill, gridOnly, shared, reward, voids } = totalsOf(summary);
  const { finalityMs, periods, sharedWh } = summary;
  const refused = Object.entries(summary.refused).map(([code, n]) => `${code} ${n}`);
  const late = Object.entries(summary.lostKinds).map(([kind, n]) => `${kind} ${n}`);
  const facts: readonly (readonly [string, string])[] = [
    ['energy traded', `${kWh(tradedWh)} of ${kWh(boundWh)} kWh (${percent(tradedWh, boundWh)} %)`],
    ['self-sufficiency', `${summary.alone} % each alone, ${summary.community} % as one`],
    ['bills', `${currency(bill)} in place of ${currency(gridOnly)} with the grid alone`],
    [
      'without a market',
      `static coefficients ${currency(shared.static)} (${kWh(sharedWh.static)} kWh shared), ` +
        `dynamic ${currency(shared.dynamic)} (${kWh(sharedWh.dynamic)} kWh)`,
    ],
    ['saved', `${currency(gridOnly - bill)}, of which rewards ${currency(reward)}`],
    [
      'blocks',
      `${summary.blocks} in ${summary.wallSeconds.toFixed(0)} s, height ${summary.height}`,
    ],
    ['final after', `p50 ${whole(finalityMs.p50)} ms, p99 ${whole(finalityMs.p99)} ms (wall)`],
    ['transactions', `${summary.txs}, ${summary.txPerSecond.toFixed(1)} per second`],
    [
      'not taken',
      `too late: ${late.join(', ') || 'none'}; refused: ${refused.join(', ') || 'none'}`,
    ],
    ['void periods', voidWords(voids, periods.length)],
  ];
  printTable(
    'The day',
    facts.map(([name, value]) => ({ name, value })),
    [
      { title: '', of: (f) => f.name },
      { title: '', of: (f) => f.value },
    ],
  );
}

function voidWords(voids: readonly PeriodLine[], of: number): string {
  const names = voids.map(({ period, startMs }) => `${period} (${dayTime(startMs)})`);
  return voids.length === 0 ? `none of ${of}` : `${voids.length}: ${names.join(', ')}`;
}
