// The window of reputation (market-reputation 1.5, 1.13): at close, delivery periods whose ratings
// have ended enter it as a whole, the oldest leave, and every node is judged anew.
import { compareBytes, keyText } from '../../../../core/src/bytes.js';
import type { PeriodIndex } from '../../../../core/src/amount.js';
import type { AccountId } from '../../../../core/src/ids.js';
import {
  activityOf,
  ATTITUDE_PERIODS,
  attitudeOf,
} from '../../../../market/src/reputation/activity.js';

import {
  countersOf,
  isGood,
  penaltiesOf,
  reputationOf,
} from '../../../../market/src/reputation/reputation.js';
import type { MarketStep } from '../../boundary/step.js';
import type { PeriodKey } from '../../schema.js';
import { contractsByParty, contractsOf, deliveryPeriod, putDeliveryPeriod } from './contracts.js';
import { NEW_STANDING } from './nodes.js';
import { quotesOf } from './quotes.js';
import type { Contract, Quote, Standing } from './records.js';
import { BIDDINGS, DELIVERY_PERIODS, PRICES, QUOTES, STANDINGS } from './tables.js';

export { ATTITUDE_PERIODS };

type Entry = Standing['window'][number];

/** Gives how many accounts were touched. */
export function enterWindow(step: MarketStep): number {
  const { world, market, due } = step;
  const ended = world
    .entries(DELIVERY_PERIODS, market.id)
    .filter(({ value }) => !value.isCounted && value.ratingsEndMs > 0n)
    .filter(({ value }) => value.ratingsEndMs <= due.timeMs);
  if (ended.length === 0) return 0;
  const fresh = new Map<string, { account: AccountId; entries: Entry[] }>();
  for (const { key } of ended) {
    for (const { account, entry } of entriesOf(step, key)) {
      const of = fresh.get(keyText(account)) ?? { account, entries: [] };
      of.entries.push(entry);
      fresh.set(keyText(account), of);
    }
    forget(step, key);
  }
  const prices = world.get(PRICES, market.id);
  const entered = [...(prices?.entered ?? []), ...ended.map(({ key }) => key.period)];
  const kept = entered.slice(-Math.max(market.params.windowPeriods, ATTITUDE_PERIODS));
  if (prices !== undefined) world.set(PRICES, market.id, { ...prices, entered: kept });
  return judgeAll(step, { fresh, kept });
}

function* entriesOf(
  step: MarketStep,
  key: PeriodKey,
): Iterable<{ readonly account: AccountId; readonly entry: Entry }> {
  const byParty = contractsByParty(contractsOf(step.world, key));
  for (const { key: at, quote } of quotesOf(step.world, key)) {
    const own = byParty.get(keyText(at.account)) ?? [];
    const entry = entryOf(key.period, quote, own);
    if (entry !== undefined) yield { account: at.account, entry };
  }
}

/** Those that became ACTIVE. */
const NEVER_ACTIVE: readonly Contract['state'][] = ['PROPOSED', 'CANCELLED'];

function entryOf(period: PeriodIndex, quote: Quote, own: readonly Contract[]): Entry | undefined {
  const active = own.filter(({ state }) => !NEVER_ACTIVE.includes(state));
  const good = active.filter((contract) => {
    const said = quote.side === 'sell' ? contract.sellerIsGood : contract.buyerIsGood;
    // By the contract as curtailment lowered it (1.9 step 4).
    const { deliveredWh, energyWh: contractWh } = contract;
    return isGood(contract.disputed ? undefined : said, { deliveredWh, contractWh });
  }).length;
  const { unsigned, stood } = quote;
  const counters = countersOf({ good, deals: active.length, unsigned, standingRounds: stood });
  if (counters === undefined) return undefined;
  const activity = activityOf({
    bid: true,
    matched: active.length > 0,
    declined: quote.hasDeclined,
    notConfirmed: quote.notConfirmed,
  });
  return { period, ...counters, activity };
}

/** Quotes and boards of a period that has been counted; contracts stay for corrections. */
function forget({ world }: MarketStep, key: PeriodKey): void {
  for (const { key: at } of quotesOf(world, key)) world.delete(QUOTES, at);
  const group = `${key.market}/${key.period}`;
  for (const { key: at } of world.entries(BIDDINGS, group)) world.delete(BIDDINGS, at);
  putDeliveryPeriod(world, key, { ...deliveryPeriod(world, key), isCounted: true });
}

interface Judging {
  readonly fresh: ReadonlyMap<string, { readonly account: AccountId; readonly entries: Entry[] }>;
  readonly kept: readonly PeriodIndex[];
}

function judgeAll(step: MarketStep, { fresh, kept }: Judging): number {
  const { world, market } = step;
  const known = world.entries(STANDINGS, market.id).map(({ key }) => key.account);
  const isKnown = new Set(known.map(keyText));
  const added = [...fresh.values()].map(({ account }) => account);
  const all = [...known, ...added.filter((account) => !isKnown.has(keyText(account)))];
  for (const account of all.sort(compareBytes)) {
    const entries = fresh.get(keyText(account))?.entries ?? [];
    judge(step, account, { entries, kept });
  }
  return all.length;
}

function judge(
  step: MarketStep,
  account: AccountId,
  { entries, kept }: { readonly entries: readonly Entry[]; readonly kept: readonly PeriodIndex[] },
): void {
  const { world, ledger, market } = step;
  const { windowPeriods, graceUnmatched, graceUnsigned } = market.params;
  const before = world.get(STANDINGS, { market: market.id, account }) ?? NEW_STANDING;
  const window = [...before.window, ...entries].filter(({ period }) => kept.includes(period));
  const counted = kept.slice(-windowPeriods);
  const inWindow = window.filter(({ period }) => counted.includes(period));
  const penalties = penaltiesOf(inWindow, {
    graceUnmatched: BigInt(graceUnmatched),
    graceUnsigned: BigInt(graceUnsigned),
  });
  const ppm = reputationOf(inWindow, penalties);
  const next: Standing = {
    reputation: ppm,
    penalties: penalties,
    window,
  };
  world.set(STANDINGS, { market: market.id, account }, next);
  for (const { period, activity } of entries) {
    const fields = [market.id, period, next.reputation, activity, attitudeNow(next, kept)];
    ledger.line({ kind: 'standing', account, fields });
  }
}

/** Attitude over the last periods that have entered. */
function attitudeNow(standing: Standing, kept: readonly PeriodIndex[]) {
  const last = kept.slice(-ATTITUDE_PERIODS);
  return attitudeOf(
    standing.window.filter(({ period }) => last.includes(period)).map(({ activity }) => activity),
  );
}
