// expire: forgets transaction ids whose window has ended, and settled periods that corrections can
// no longer reach (consensus 5a.5, settlement 3.5). A long step, in parts.
import type { ChainMs, PeriodIndex } from '../../../core/src/amount.js';
import type { MarketConfig } from '../../../core/src/params.js';
import {
  CLOSED,
  EXPIRE_EVERY_MS,
  type PeriodKey,
  periodGroup,
  POSITIONS,
  PERIODS,
  REGISTERS,
  REPLAY,
  SETTLEMENTS,
  TRADES,
} from '../schema.js';
import { keepMs } from './cursor.js';
import type { StepContext, StepResult } from './step.js';
import { callTimes } from './timing.js';

/** Ids that one part removes; each is far less work than an order. */
const PART_IDS = 4096;
const IDS_PER_WORK = 16;

export function expire(step: StepContext): StepResult {
  const { world, due } = step;
  const before = due.period * EXPIRE_EVERY_MS;
  let removed = 0;
  for (let group = world.oldestGroup(REPLAY); group !== undefined && group < due.period; group++) {
    for (const { key, value } of world.entries(REPLAY, group.toString())) {
      if (value.validUntil >= before) continue;
      if (removed === PART_IDS) return { work: PART_IDS / IDS_PER_WORK, unfinished: true };
      world.delete(REPLAY, key);
      removed += 1;
    }
  }
  const forgotten = step.chain.markets.reduce((sum, m) => sum + forgetPeriods(step, m), 0);
  dropEmptyPeriods(step);
  return { work: 1 + Math.ceil(removed / IDS_PER_WORK) + forgotten, unfinished: false };
}

/** Removes what is kept of settled periods past their days; gives the number of leaves. */
function forgetPeriods({ world, due }: StepContext, market: MarketConfig): number {
  const now = due.period * EXPIRE_EVERY_MS;
  let leaves = 0;
  for (const { key } of world.entries(CLOSED, market.id)) {
    const endMs = callTimes(market, key.period).deliveryEnd;
    if (endMs + keepMs(market) > now) break;
    leaves += forgetPeriod(world, key, callTimes(market, key.period).deliveryStart as ChainMs);
  }
  return leaves;
}

function forgetPeriod(world: StepContext['world'], key: PeriodKey, startMs: ChainMs): number {
  const group = periodGroup(key);
  let leaves = 1;
  for (const table of [POSITIONS, SETTLEMENTS] as const) {
    for (const entry of world.entries(table as typeof POSITIONS, group)) {
      world.delete(table as typeof POSITIONS, entry.key);
      leaves += 1;
    }
  }
  for (const entry of world.entries(TRADES, group)) {
    world.delete(TRADES, entry.key);
    leaves += 1;
  }
  for (const entry of world.entries(REGISTERS, startMs.toString())) {
    world.delete(REGISTERS, entry.key);
    leaves += 1;
  }
  world.delete(CLOSED, key);
  return leaves;
}

/** Periods that an outage gave a later deadline, and that no reading ever reached. */
function dropEmptyPeriods({ world, chain, due }: StepContext): void {
  const now = due.period * EXPIRE_EVERY_MS;
  for (const market of chain.markets) {
    for (const { key, value } of world.entries(PERIODS, market.id)) {
      const empty = value.sealed === 0 && value.readings === 0 && value.trades === 0;
      if (empty && value.settleAtMs < now) world.delete(PERIODS, key);
    }
  }
}

/** Number of the quarter hour that a time falls in. */
export const quarterOf = (timeMs: bigint): PeriodIndex => (timeMs / EXPIRE_EVERY_MS) as PeriodIndex;
