// Tokens, flags and forecasts of accounts as the state keeps them (market-neighbourhood 1.2). What
// they mean: market/neighbourhood/conduct.
import type { PeriodIndex } from '../../../../core/src/amount.js';
import type { MarketConfig } from '../../../../core/src/markets.js';
import {
  isSuspect,
  NO_FLAGS,
  NO_TOKENS_SPENT,
  spendToken,
  type TokenRules,
  tokensLeft,
  withFlag,
} from '../../../../market/src/neighbourhood/conduct.js';
import type { World } from '../../world.js';
import { type Conduct, MAX_FORECASTS } from './records.js';
import { CONDUCT, type ConductKey } from './tables.js';

const NEW: Conduct = {
  tokenDay: NO_TOKENS_SPENT.day,
  tokensSpent: NO_TOKENS_SPENT.spent,
  newestFlag: NO_FLAGS.newest,
  flagBits: NO_FLAGS.bits,
  wrongAuctions: 0,
  forecasts: [],
};

const conductOf = (world: World, key: ConductKey): Conduct => world.get(CONDUCT, key) ?? NEW;

const rulesOf = ({ params }: MarketConfig, timeMs: bigint): TokenRules => ({
  timeMs,
  tokensPerDay: params.tokensPerDay,
});

export interface Spending extends ConductKey {
  /** Chain time. */
  readonly timeMs: bigint;
}

/** Information tokens that the account has left today. */
export function tokensOf(world: World, market: MarketConfig, at: Spending): number {
  const { tokenDay: day, tokensSpent: spent } = conductOf(world, at);
  return tokensLeft({ day, spent }, rulesOf(market, at.timeMs));
}

/** One token less, where there is one. */
export function spend(world: World, market: MarketConfig, at: Spending): void {
  const key: ConductKey = { market: at.market, account: at.account };
  const conduct = conductOf(world, key);
  const { tokenDay: day, tokensSpent: spent } = conduct;
  const next = spendToken({ day, spent }, rulesOf(market, at.timeMs));
  if (next === undefined) return;
  world.set(CONDUCT, key, { ...conduct, tokenDay: next.day, tokensSpent: next.spent });
}

/** Whether bids for a delivery period are refused: the interval before it is now. */
export function isSuspectNow(
  world: World,
  market: MarketConfig,
  at: ConductKey & { readonly period: PeriodIndex },
): boolean {
  const { newestFlag: newest, flagBits: bits } = conductOf(world, at);
  return isSuspect({ newest, bits }, at.period - 1n, market.params.suspectAfter);
}

export function flag(world: World, key: ConductKey, period: PeriodIndex): void {
  const conduct = conductOf(world, key);
  const before = { newest: conduct.newestFlag, bits: conduct.flagBits };
  const { newest, bits } = withFlag(before, period);
  world.set(CONDUCT, key, { ...conduct, newestFlag: newest, flagBits: bits });
}

export function countWrongAuction(world: World, key: ConductKey): void {
  const conduct = conductOf(world, key);
  world.set(CONDUCT, key, { ...conduct, wrongAuctions: conduct.wrongAuctions + 1 });
}

/** The last forecast of a period counts; old ones that were never settled make room. */
export function setForecast(
  world: World,
  key: ConductKey,
  forecast: { readonly period: PeriodIndex; readonly netWh: bigint },
): void {
  const conduct = conductOf(world, key);
  const others = conduct.forecasts.filter(({ period }) => period !== forecast.period);
  const forecasts = [...others, forecast].slice(-MAX_FORECASTS);
  world.set(CONDUCT, key, { ...conduct, forecasts });
}

/** Takes the forecast of a settled period, and with it those of periods before. */
export function takeForecast(
  world: World,
  key: ConductKey,
  settled: PeriodIndex,
): bigint | undefined {
  const conduct = world.get(CONDUCT, key);
  if (conduct === undefined || conduct.forecasts.length === 0) return undefined;
  const found = conduct.forecasts.find(({ period }) => period === settled);
  const forecasts = conduct.forecasts.filter(({ period }) => period > settled);
  world.set(CONDUCT, key, { ...conduct, forecasts });
  return found?.netWh;
}
