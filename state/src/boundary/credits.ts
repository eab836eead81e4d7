// Credit of an account as the state keeps it over a period (market-bilateral 7, 8, G5, G6): read
// before it, written after it. What a period does to it is judged in market/settle.
import type { ChainMs, WattHour } from '../../../core/src/amount.js';
import { present } from '../../../core/src/assert.js';
import type { AccountId } from '../../../core/src/ids.js';
import type { MarketParams } from '../../../core/src/markets.js';
import type { CreditState, CreditStep } from '../../../market/src/settle/credit.js';
import type { CreditRules, Tolerance } from '../../../market/src/settle/rules.js';
import { ACCOUNTS, CREDITS } from '../schema.js';
import type { World } from '../world.js';
import type { MarketStep } from './step.js';

/** Counters of an account that has none. */
const NO_CREDITS = { D: 0, i: 0, n: 0, readmitMs: 0n as ChainMs };

export const creditRulesOf = (p: MarketParams): CreditRules => ({
  c: p.compensationPeriods,
  iMax: p.deductionMax,
  minVolumeWh: p.minVolumeWh as WattHour,
  suspendBelow: p.suspendBelow,
});

export const toleranceOf = (p: MarketParams): Tolerance => ({
  tolAbsWh: p.tolAbsWh as WattHour,
  tolRelPpm: p.tolRelPpm,
});

export function creditOf(world: World, account: AccountId): CreditState {
  const owner = present(world.get(ACCOUNTS, account), 'a home has its account');
  const { D, i, n } = world.get(CREDITS, account) ?? NO_CREDITS;
  return { C: owner.credit, D, i, n };
}

/** The credit after a period, and who falls below `suspendBelow` from the next one on. */
export function keepCredit(step: MarketStep, account: AccountId, of: CreditStep): void {
  const { world } = step;
  const { C, D, i, n } = of.after;
  const owner = present(world.get(ACCOUNTS, account), 'a home has its account');
  const status = of.suspend ? 'suspended' : owner.status;
  if (owner.credit !== C || owner.status !== status)
    world.set(ACCOUNTS, account, { ...owner, credit: C, status });
  const before = world.get(CREDITS, account);
  const falls = of.suspend && owner.status === 'active';
  const readmitMs = falls ? readmitTime(step) : (before ?? NO_CREDITS).readmitMs;
  if (D + i + n > 0 || before !== undefined) world.set(CREDITS, account, { D, i, n, readmitMs });
}

const readmitTime = ({ market, due, chain }: MarketStep): ChainMs => {
  const end = (due.period + 1n) * market.periodMs;
  return (end + BigInt(chain.consensus.readmitAfterPeriods) * market.periodMs) as ChainMs;
};
