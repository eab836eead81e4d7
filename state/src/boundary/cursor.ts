// Which boundary step is due next (consensus 5a.1): after the cursor, in the order (time, market,
// delivery period, step, part), up to a time. Periods where nothing is at stake are passed over by
// arithmetic: they have no record (consensus 5a.6f).
import { type ChainMs, largest, type PeriodIndex } from '../../../core/src/amount.js';
import { present } from '../../../core/src/assert.js';
import type { MarketConfig } from '../../../core/src/markets.js';
import { type Chain, marketOf } from '../chain.js';
import {
  CORRECTIONS,
  CURSOR,
  type CursorRecord,
  ENROLLED,
  EXPIRE_EVERY_MS,
  type PeriodKey,
  type PeriodRecord,
  PERIODS,
  REPLAY,
} from '../schema.js';
import { OFFER_ENDS } from '../points/tables.js';
import type { World } from '../world.js';
import { CHAIN } from '../markets/registry.js';
import { periodTimes, scheduleOf, type StepName, stepNumber, stepOf } from './timing.js';

export interface Due {
  readonly timeMs: ChainMs;
  readonly market: string;
  readonly period: PeriodIndex;
  readonly step: StepName;
  /** 1 where the step has none. */
  readonly biddingRound: number;
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
  return stepNumber(a.step, a.biddingRound) - stepNumber(b.step, b.biddingRound);
}

/** Times between the block before and the one that is made. */
export interface BlockSpan {
  readonly parentMs: ChainMs;
  readonly upTo: ChainMs;
}

/** The next step with a time up to `upTo`, or undefined. */
export function nextDue(
  world: World,
  chain: Chain,
  { parentMs, upTo }: BlockSpan,
): Due | undefined {
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
    for (const due of CHAIN[market.mechanism].laterSteps?.(world, market) ?? []) consider(due);
    consider(nextMark(world, market, { cursorMs: cursor.timeMs, upTo, isAhead }));
  }
  consider(nextExpire(world, cursor.timeMs, upTo));
  consider(nextCorrection(world, chain, parentMs));
  return first;
}

function asDue(cursor: CursorRecord): Due | undefined {
  const named = stepOf(cursor.step);
  return named && { ...cursor, ...named };
}

/** Steps that a period with a record still has before it. */
function stepsOf(market: MarketConfig, key: PeriodKey, p: PeriodRecord): readonly Due[] {
  const due = (step: StepName, timeMs: bigint, biddingRound = 1): Due => ({
    ...key,
    step,
    biddingRound,
    timeMs: timeMs as ChainMs,
    part: 0,
  });
  const mechanism = CHAIN[market.mechanism];
  const steps = scheduleOf(market, key.period)
    .steps.filter(({ step }) => mechanism.isAtStake(step, p))
    .map(({ step, timeMs, biddingRound }) => due(step, timeMs, biddingRound));
  steps.push(due('markReading', periodTimes(market, key.period).markReading));
  // Orders are cleared in the period before delivery, so none is open when settle comes.
  if (hasSubstance(p)) steps.push(due('settle', p.settleAtMs));
  return steps;
}

/** Something of the period is at stake: an order, a trade, a lock or a reading. */
const hasSubstance = (p: PeriodRecord): boolean => p.sealed > 0 || p.trades > 0 || p.readings > 0;

/** Whether the cursor stands at the step or behind it. */
export function hasPassed(world: World, step: Omit<Due, 'part' | 'timeMs'> & { timeMs: bigint }) {
  const cursor = cursorOf(world);
  const at = asDue(cursor);
  const due: Due = { ...step, timeMs: step.timeMs as ChainMs, part: 0 };
  return at !== undefined && !cursor.unfinished && compareDue(due, at) <= 0;
}

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
    const timeMs = periodTimes(market, key.period).markReading as ChainMs;
    const due: Due = { ...key, step: 'markReading', biddingRound: 1, timeMs, part: 0 };
    if (span.isAhead(due) && world.get(PERIODS, key) === undefined) return due;
  }
  return undefined;
}

/** correct, as soon as something waits that nothing holds (consensus 5a.1b). */
function nextCorrection(world: World, chain: Chain, parentMs: ChainMs): Due | undefined {
  const first = world.entries(CORRECTIONS).find(({ key }) => !isHeld(world, chain, key));
  if (first === undefined) return undefined;
  const { market, period } = first.key;
  const timeMs = (parentMs + 1n) as ChainMs;
  return { market, period, step: 'correct', biddingRound: 1, timeMs, part: 0 };
}

function isHeld(world: World, chain: Chain, key: PeriodKey): boolean {
  const market = present(marketOf(chain, key.market), 'a correction has its market');
  return CHAIN[market.mechanism].holdsCorrections?.(world, key) ?? false;
}

/**
 * expire, where a transaction id has run out or an offer of points has ended. Quarter hours without
 * either are passed over.
 */
function nextExpire(world: World, cursorMs: ChainMs, upTo: ChainMs): Due | undefined {
  const [id] = world.oldGroups(REPLAY, upTo / EXPIRE_EVERY_MS);
  const [end] = world.oldGroups(OFFER_ENDS, upTo / EXPIRE_EVERY_MS);
  const oldest = id === undefined || (end !== undefined && end < id) ? end : id;
  if (oldest === undefined) return undefined;
  const period = largest(oldest, cursorMs / EXPIRE_EVERY_MS) + 1n;
  const timeMs = (period * EXPIRE_EVERY_MS) as ChainMs;
  const at = { market: '', period: period as PeriodIndex, timeMs };
  return { ...at, step: 'expire', biddingRound: 1, part: 0 };
}
