// Which boundary step is due next (consensus 5a.1): after the cursor, in the order (time, market,
// delivery period, step, part), up to a time. Periods where nothing is at stake are passed over by
// arithmetic: they have no record (consensus 5a.6f).
import { type ChainMs, largest, type PeriodIndex } from '../../../core/src/amount.js';
import { present } from '../../../core/src/assert.js';
import type { MarketConfig } from '../../../core/src/params.js';
import type { Chain } from '../chain.js';
import {
  CURSOR,
  type CursorRecord,
  ENROLLED,
  EXPIRE_EVERY_MS,
  type PeriodKey,
  type PeriodRecord,
  PERIODS,
  REPLAY,
} from '../schema.js';
import type { World } from '../world.js';
import { callTimes, STEPS, type StepName } from './timing.js';

export interface Due {
  readonly timeMs: ChainMs;
  readonly market: string;
  readonly period: PeriodIndex;
  readonly step: StepName;
  readonly part: number;
}

/** Periods back from now for which an outage moves the reading deadline (docs/decisions/0004). */
const OUTAGE_PERIODS = 96n;

export const cursorOf = (world: World): CursorRecord =>
  present(world.get(CURSOR, ''), 'the cursor is there from genesis');

function compareDue(a: Due, b: Due): number {
  if (a.timeMs !== b.timeMs) return a.timeMs < b.timeMs ? -1 : 1;
  if (a.market !== b.market) return a.market < b.market ? -1 : 1;
  if (a.period !== b.period) return a.period < b.period ? -1 : 1;
  return STEPS[a.step] - STEPS[b.step];
}

/** The next step with a time up to `upTo`, or undefined. */
export function nextDue(world: World, chain: Chain, upTo: ChainMs): Due | undefined {
  const cursor = cursorOf(world);
  const at = asDue(cursor);
  if (cursor.unfinished) return at && { ...at, part: cursor.part + 1 };
  let first: Due | undefined;
  const isAhead = (due: Due): boolean =>
    due.timeMs >= cursor.timeMs && (at === undefined || compareDue(due, at) > 0);
  const consider = (due: Due | undefined): void => {
    if (due === undefined || due.timeMs > upTo || !isAhead(due)) return;
    if (first === undefined || compareDue(due, first) < 0) first = due;
  };
  for (const market of chain.markets) {
    for (const { key, value } of world.entries(PERIODS, market.id)) {
      for (const due of stepsOf(market, key, value)) consider(due);
    }
    consider(nextMark(world, market, { cursorMs: cursor.timeMs, upTo, isAhead }));
  }
  consider(nextExpire(world, cursor.timeMs, upTo));
  return first;
}

function asDue(cursor: CursorRecord): Due | undefined {
  const step = (Object.keys(STEPS) as StepName[]).find((name) => STEPS[name] === cursor.step);
  return step && { ...cursor, step };
}

/** Steps that a period with a record still has before it. */
function stepsOf(market: MarketConfig, key: PeriodKey, p: PeriodRecord): readonly Due[] {
  const times = callTimes(market, key.period);
  const due = (step: StepName, timeMs: bigint): Due => ({
    ...key,
    step,
    timeMs: timeMs as ChainMs,
    part: 0,
  });
  const steps: Due[] = [];
  const open = p.status === 'declare' || p.status === 'reveal';
  if (p.live > 0 && p.status === 'declare') steps.push(due('closeOrders', times.close));
  if (p.live > 0 && open) {
    steps.push(due('markReveal', times.markReveal));
    steps.push(due('clear', times.clear));
  }
  if (p.status === 'cleared' && p.trades > 0) steps.push(due('pay', times.pay));
  steps.push(due('markReading', times.markReading));
  // Orders are cleared in the period before delivery, so none is open when settle comes.
  if (hasSubstance(p)) steps.push(due('settle', p.settleAtMs));
  return steps;
}

/** Something of the period is at stake: an order, a trade, a lock or a reading. */
const hasSubstance = (p: PeriodRecord): boolean => p.sealed > 0 || p.trades > 0 || p.readings > 0;

interface Span {
  readonly cursorMs: ChainMs;
  readonly upTo: ChainMs;
  /** The cursor has not passed it. Steps of one time follow each other by market and period. */
  readonly isAhead: (due: Due) => boolean;
}

/** markReading of a period without a record, where a meter is enrolled. */
function nextMark(world: World, market: MarketConfig, span: Span): Due | undefined {
  if ((world.get(ENROLLED, market.id)?.meters ?? 0) === 0) return undefined;
  const half = market.params.readingDeadlineMs / 2n;
  const newest = (span.upTo - half) / market.periodMs - 1n;
  const oldest = newest - OUTAGE_PERIODS + 1n;
  // One period earlier than the division says: the quotient of a negative number is cut upwards.
  const afterCursor = (span.cursorMs - half) / market.periodMs - 1n;
  for (let period = largest(largest(oldest, afterCursor), 0n); period <= newest; period++) {
    const key = { market: market.id, period: period as PeriodIndex };
    const timeMs = callTimes(market, key.period).markReading as ChainMs;
    const due: Due = { ...key, step: 'markReading', timeMs, part: 0 };
    if (span.isAhead(due) && world.get(PERIODS, key) === undefined) return due;
  }
  return undefined;
}

/** expire, where a transaction id has run out. Quarter hours without one are passed over. */
function nextExpire(world: World, cursorMs: ChainMs, upTo: ChainMs): Due | undefined {
  const [oldest] = world.oldGroups(REPLAY, upTo / EXPIRE_EVERY_MS);
  if (oldest === undefined) return undefined;
  const period = largest(oldest, cursorMs / EXPIRE_EVERY_MS) + 1n;
  const timeMs = (period * EXPIRE_EVERY_MS) as ChainMs;
  return { market: '', period: period as PeriodIndex, step: 'expire', timeMs, part: 0 };
}
