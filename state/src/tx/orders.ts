// Periods as the order transactions share them: which phase a time is in, and the counts of bids.
// What bids lock: locks.ts; what stands against one: standing.ts.
import type { ChainMs, PeriodIndex } from '../../../core/src/amount.js';
import { present } from '../../../core/src/assert.js';
import type { ErrorCode } from '../../../core/src/errors.js';
import type { Hash } from '../../../core/src/hash.js';
import { sealedBidHash } from '../../../core/src/seal.js';
import type { TxOf } from '../../../core/src/tx.js';
import { equalBytes } from '../../../core/src/bytes.js';
import type { MarketConfig } from '../../../core/src/markets.js';
import type { Chain } from '../chain.js';
import { periodTimes, type PhaseName, windowOf } from '../boundary/timing.js';
import { type OrderKey, type PeriodKey, type PeriodRecord, PERIODS } from '../schema.js';
import type { World } from '../world.js';
import type { CheckContext } from './context.js';

/** Why the time is not in that phase of the period, or undefined where it is. */
export function refusePhase(
  market: MarketConfig,
  at: { readonly period: PeriodIndex; readonly timeMs: ChainMs; readonly biddingRound?: number },
  wanted: PhaseName,
): ErrorCode | undefined {
  const { period, timeMs, biddingRound = 1 } = at;
  const { opens, deliveryStart } = periodTimes(market, period);
  if (timeMs < opens || timeMs >= deliveryStart) return 'WRONG_PERIOD';
  const window = windowOf(market, period, wanted, biddingRound);
  if (window === undefined) return 'WRONG_MECHANISM';
  return timeMs >= window.startMs && timeMs < window.endMs ? undefined : 'WRONG_PHASE';
}

/** The record of a period, made where there is none yet. */
export function openPeriod(world: World, market: MarketConfig, key: PeriodKey): PeriodRecord {
  const fresh: PeriodRecord = {
    sealed: 0,
    revealed: 0,
    live: 0,
    readings: 0,
    trades: 0,
    status: 'declare',
    void: false,
    settleAtMs: periodTimes(market, key.period).settle as ChainMs,
  };
  return world.get(PERIODS, key) ?? fresh;
}

/** Whether an opening is of the sealed bid with that hash (conventions "Sealed bid"). */
export const isOpening = (
  { chainId }: Chain,
  { body, sender }: Pick<TxOf<'revealBid'>, 'body' | 'sender'>,
  hash: Hash,
): boolean => equalBytes(sealedBidHash({ ...body, chainId, account: sender }), hash);

/** Why a sealed bid may not be opened by this: round, phase, and whether it is the one sealed. */
export function refuseOpening(
  { chain, timeMs }: CheckContext,
  market: MarketConfig,
  opening: {
    readonly tx: TxOf<'revealBid'>;
    readonly bid: { readonly revealed: boolean; readonly hash: Hash } | undefined;
  },
): ErrorCode | undefined {
  const { tx, bid } = opening;
  if (tx.body.biddingRound !== 1) return 'BAD_ENCODING';
  const phase = refusePhase(market, { period: tx.body.period, timeMs }, 'reveal');
  if (phase !== undefined) return phase;
  if (bid === undefined) return 'NO_ORDER';
  if (bid.revealed) return 'ALREADY_REVEALED';
  return isOpening(chain, tx, bid.hash) ? undefined : 'COMMITMENT_MISMATCH';
}

/** What a period is called without the account of an order in it. */
const periodOf = ({ market, period }: PeriodKey): PeriodKey => ({ market, period });

/**
 * One live bid more or less in the counts of its period. Gives the record, or undefined where the
 * period is forgotten: nothing has happened in it but what was taken back.
 */
export function countLive(
  world: World,
  market: MarketConfig,
  { key, change }: { readonly key: OrderKey; readonly change: 1 | -1 },
): PeriodRecord | undefined {
  const at = periodOf(key);
  const period = openPeriod(world, market, at);
  const next = { ...period, live: period.live + change, sealed: period.sealed + change };
  if (next.live === 0 && next.readings === 0 && next.trades === 0) {
    world.delete(PERIODS, at);
    return undefined;
  }
  world.set(PERIODS, at, next);
  return next;
}

/** One sealed bid more that was opened. */
export function countRevealed(world: World, key: OrderKey): void {
  const at = periodOf(key);
  const period = present(world.get(PERIODS, at), 'a bid has its period');
  world.set(PERIODS, at, { ...period, revealed: period.revealed + 1 });
}
