// The summary of a run: energy against the physical bound, bills against the grid alone, rewards,
// and what the chain did; and the checks that say whether the run was right. Pure.
import type { Collected } from './collect.js';
import { balanceOf, type Profiles, selfSufficiency, sumOf } from './profiles.js';
import { quantile, type RunRecord } from './record.js';
import type { OutboxCounts } from './outbox.js';
import { type ByCoefficients, shareDay } from './sharing.js';
import type { PeriodNews, Trade } from './watch.js';

export interface PeriodLine {
  readonly period: bigint;
  /** Start of delivery, chain ms. */
  readonly startMs: number;
  readonly surplusWh: bigint;
  readonly deficitWh: bigint;
  readonly boundWh: bigint;
  readonly tradedWh: bigint;
  readonly trades: number;
  /** Bids that homes had, and those that were opened in time. */
  readonly bids: number;
  readonly opened: number;
  /** Mean price, base units per kWh; undefined: no trade. */
  readonly price: bigint | undefined;
  readonly isVoid: boolean;
}

/** Money in base units; a bill is what the home pays, below 0 what it gets. */
export interface HomeLine {
  readonly name: string;
  readonly account: string;
  readonly hasPv: boolean;
  readonly importWh: bigint;
  readonly exportWh: bigint;
  readonly boughtWh: bigint;
  readonly soldWh: bigint;
  readonly bill: bigint;
  readonly gridOnly: bigint;
  /** Without a market, shared by coefficients. */
  readonly shared: ByCoefficients;
  readonly reward: bigint;
  /** Bonds of bids that were not opened. */
  readonly forfeited: bigint;
  /** Percent of its load without the grid, alone. */
  readonly selfSufficiency: number;
}

export interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
}

export interface Summary {
  readonly source: string;
  readonly rate: number;
  readonly wallSeconds: number;
  readonly forecastError: number;
  readonly periods: readonly PeriodLine[];
  readonly homes: readonly HomeLine[];
  /** What coefficients would have let neighbours use, Wh. */
  readonly sharedWh: ByCoefficients;
  readonly alone: number;
  readonly community: number;
  readonly blocks: number;
  readonly height: bigint;
  readonly txs: number;
  readonly txPerSecond: number;
  readonly finalityMs: { readonly p50: number; readonly p99: number };
  readonly latenciesMs: readonly number[];
  readonly refused: Readonly<Record<string, number>>;
  readonly lost: number;
  readonly lostKinds: Readonly<Record<string, number>>;
  readonly roots: Collected['roots'];
  readonly supply: Collected['supply'];
  readonly checks: readonly Check[];
}

export interface SummaryInput {
  readonly profiles: Profiles;
  readonly periods: readonly bigint[];
  readonly periodMs: number;
  /** In the order of the homes of the profiles. */
  readonly accounts: readonly string[];
  readonly collected: Collected;
  readonly record: RunRecord;
  readonly counts: OutboxCounts;
  readonly retail: bigint;
  readonly feedIn: bigint;
  /** How the energy of a trade is paid (settlement 4.1). */
  readonly payment: string;
  readonly mechanism: string;
  /** What a home had at the start, base units of money. */
  readonly startBalance: bigint;
  /** Bond of a bid of either side. */
  readonly bond: bigint;
  readonly rate: number;
  readonly wallSeconds: number;
  readonly forecastError: number;
  /** How many homes wanted to bid for a period. */
  readonly bidsOf: (period: bigint) => number;
}

const SEALED: ReadonlySet<string> = new Set(['call', 'neighbourhood', 'reputation']);
const PARTIAL: ReadonlySet<string> = new Set(['neighbourhood', 'reputation', 'bilateral']);

const energyOf = (trades: readonly Trade[]): bigint => sumOf(trades.map((t) => t.energyWh));
const moneyOf = (trades: readonly Trade[]): bigint =>
  sumOf(trades.map((t) => t.energyWh * t.price));

export function summarise(input: SummaryInput): Summary {
  const { profiles, collected, record, counts } = input;
  const own = selfSufficiency(profiles);
  const periods = input.periods.map((period, i) => periodLine(input, period, i));
  const { bills, usedWh: sharedWh } = shareDay(profiles, input);
  const homes = input.accounts.map((_, i) => ({
    ...homeLine(input, i, own.homes[i] ?? 0),
    shared: bills[i] ?? { static: 0n, dynamic: 0n },
  }));
  const { latenciesMs } = counts;
  return {
    source: profiles.source,
    rate: input.rate,
    wallSeconds: input.wallSeconds,
    forecastError: input.forecastError,
    periods,
    homes,
    sharedWh,
    alone: own.alone,
    community: own.community,
    blocks: record.blocks,
    height: collected.height,
    txs: record.txs,
    txPerSecond: record.txs / Math.max(1, input.wallSeconds),
    finalityMs: { p50: quantile(latenciesMs, 0.5), p99: quantile(latenciesMs, 0.99) },
    latenciesMs,
    refused: counts.refused,
    lost: counts.lost,
    lostKinds: counts.lostKinds,
    roots: collected.roots,
    supply: collected.supply,
    checks: checksOf(input, { periods, homes }),
  };
}

const newsOf = (input: SummaryInput, period: bigint): PeriodNews | undefined =>
  input.collected.periods.get(period);

function periodLine(input: SummaryInput, period: bigint, index: number): PeriodLine {
  const news = newsOf(input, period);
  const trades = news?.trades ?? [];
  const tradedWh = energyOf(trades);
  return {
    period,
    startMs: Number(period) * input.periodMs,
    ...balanceOf(input.profiles, index),
    tradedWh,
    trades: trades.length,
    bids: input.bidsOf(period),
    opened: openedOf(input.mechanism, news),
    price: tradedWh === 0n ? undefined : moneyOf(trades) / tradedWh,
    isVoid: news?.isVoid ?? false,
  };
}

/** Bids that stood in the market; of those who agree in pairs, who has a contract. */
function openedOf(mechanism: string, news: PeriodNews | undefined): number {
  if (mechanism === 'bilateral')
    return new Set(news?.trades?.flatMap(({ seller, buyer }) => [seller, buyer])).size;
  return (SEALED.has(mechanism) ? news?.revealed : news?.sealed) ?? 0;
}

function homeLine(
  input: SummaryInput,
  index: number,
  selfSufficient: number,
): Omit<HomeLine, 'shared'> {
  const { profiles, accounts, collected, retail, feedIn } = input;
  const profile = profiles.homes[index];
  const account = accounts[index] ?? '';
  const all = input.periods.flatMap((period) => newsOf(input, period)?.trades ?? []);
  const bought = all.filter(({ buyer }) => buyer === account);
  const sold = all.filter(({ seller }) => seller === account);
  const lines = [...collected.settled.values()].flatMap((of) =>
    of.filter((line) => line.account === account),
  );
  const reward = sumOf(lines.map((line) => line.reward));
  const unopened = input.periods.filter((p) => newsOf(input, p)?.unopened.includes(account));
  const forfeited = collected.forfeits?.get(account) ?? input.bond * BigInt(unopened.length);
  const conduct = sumOf(lines.map((line) => line.conduct));
  const energyBill =
    input.payment === 'contract'
      ? moneyOf(bought) - moneyOf(sold)
      : -sumOf(lines.map((line) => line.energyMoney));
  const grid = sumOf(lines.map((line) => line.gridCharge - line.gridCredit));
  const importWh = sumOf(profile?.importWh ?? []);
  const exportWh = sumOf(profile?.exportWh ?? []);
  return {
    name: profile?.name ?? '',
    account,
    hasPv: profile?.hasPv ?? false,
    importWh,
    exportWh,
    boughtWh: energyOf(bought),
    soldWh: energyOf(sold),
    bill: energyBill + grid - reward - conduct + forfeited,
    gridOnly: importWh * retail - exportWh * feedIn,
    reward,
    forfeited,
    selfSufficiency: selfSufficient,
  };
}

interface Lines {
  readonly periods: readonly PeriodLine[];
  readonly homes: readonly HomeLine[];
}

const named = (periods: readonly PeriodLine[]): string =>
  periods.map(({ period }) => String(period)).join(', ');

function checksOf(input: SummaryInput, lines: Lines): readonly Check[] {
  // Some rules of the neighbourhood leave the marginal pair out, and reputation bounds partners.
  const isComplete = input.forecastError === 0 && !PARTIAL.has(input.mechanism);
  const perfect = isComplete ? [reachesBound(lines)] : [];
  return [
    sameRoots(input),
    withinBound(lines),
    ...perfect,
    energyConserved(input),
    moneyConserved(input),
    billsAreBalances(input, lines),
  ];
}

function sameRoots({ collected }: SummaryInput): Check {
  const distinct = new Set(collected.roots.map(({ stateRoot, hash }) => `${stateRoot}/${hash}`));
  const [first] = collected.roots;
  const ok = distinct.size === 1;
  const detail = ok
    ? `${first?.stateRoot} at height ${collected.height} on ${collected.roots.length} nodes`
    : collected.roots.map(({ name, stateRoot }) => `${name} ${stateRoot}`).join(', ');
  return { name: 'all nodes end with the same state root', ok, detail };
}

function withinBound({ periods }: Lines): Check {
  const beyond = periods.filter(({ tradedWh, boundWh }) => tradedWh > boundWh);
  const ok = beyond.length === 0;
  const detail = ok ? `${periods.length} periods` : `beyond in ${named(beyond)}`;
  return { name: 'energy traded never exceeds min(surplus, deficit)', ok, detail };
}

/** Of periods whose bids all came in time; what a slow machine missed is named, but no mistake. */
function reachesBound({ periods }: Lines): Check {
  const below = periods.filter((p) => !p.isVoid && p.tradedWh < p.boundWh);
  const wrong = below.filter(({ bids, opened }) => opened >= bids);
  const late = below.filter(({ bids, opened }) => opened < bids);
  const ok = wrong.length === 0;
  const missed = late.length === 0 ? '' : `, but where bids came too late: ${named(late)}`;
  const detail = ok ? `in every period that is not void${missed}` : `below in ${named(wrong)}`;
  return { name: 'energy traded reaches min(surplus, deficit)', ok, detail };
}

/** Sold = bought in each settled period, and what was settled is what the meters counted. */
function energyConserved({ collected, profiles, periods, accounts }: SummaryInput): Check {
  const wrong = periods.filter((period, i) => {
    const lines = collected.settled.get(period) ?? [];
    const of = (side: string): bigint =>
      sumOf(lines.filter((line) => line.side === side).map((line) => line.tradedWh));
    const metered = lines.filter(({ quality }) => quality === 'metered');
    const asMetered = metered.every((line) => {
      const home = profiles.homes[accounts.indexOf(line.account)];
      return home?.importWh[i] === line.importWh && home.exportWh[i] === line.exportWh;
    });
    return of('sell') !== of('buy') || !asMetered;
  });
  const unsettled = periods.filter((period) => collected.settled.get(period)?.length === 0);
  const substitutes = [...collected.settled.values()]
    .flat()
    .filter(({ quality }) => quality !== 'metered').length;
  const ok = wrong.length === 0;
  const detail = ok
    ? `sold = bought, settled = metered; ${substitutes} substitutes, ${unsettled.length} unsettled`
    : `not in ${wrong.map(String).join(', ')}`;
  return { name: 'energy is conserved', ok, detail };
}

function moneyConserved({ collected }: SummaryInput): Check {
  const { issued, redeemed, accounts } = collected.supply;
  const ok = accounts === issued - redeemed;
  const detail = `issued ${issued} - redeemed ${redeemed} = accounts ${accounts}`;
  return { name: 'money is conserved', ok, detail };
}

/** A home's balance fell by its bill, to the last unit. */
function billsAreBalances({ collected, startBalance }: SummaryInput, { homes }: Lines): Check {
  const wrong = homes.filter(
    ({ account, bill }) => collected.balances.get(account) !== startBalance - bill,
  );
  const ok = wrong.length === 0;
  const detail = ok ? `${homes.length} homes` : wrong.map(({ name }) => name).join(', ');
  return { name: 'balances moved by the bills', ok, detail };
}
