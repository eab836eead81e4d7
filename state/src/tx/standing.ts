// What may stand against a bid or an order besides the rules of its market: enrolment, its size and
// price, room in the book, debts, and the money for its lock (settlement 2, 3.2).
import type { PeriodIndex, Price, WattHour } from '../../../core/src/amount.js';
import type { ErrorCode } from '../../../core/src/errors.js';
import type { AccountId } from '../../../core/src/ids.js';
import type { MarketConfig } from '../../../core/src/markets.js';
import type { Side } from '../../../core/src/tx.js';
import { checkPrice, checkQuantity } from '../../../market/src/order.js';
import { BALANCES, type PeriodKey, PERIODS } from '../schema.js';
import type { World } from '../world.js';
import { type CheckContext, isEnrolled, meterOf } from './context.js';
import { limitOf } from './locks.js';

/** The meter of the sender is settled by the market in that period (settlement 1.5). */
export function checkEnrolled(
  { world, chain, sender }: CheckContext,
  market: MarketConfig,
  { period }: { readonly period: PeriodIndex },
): ErrorCode | undefined {
  const meter = meterOf(world, sender);
  if (meter === undefined || !isEnrolled(chain, meter, { market, period })) return 'NOT_ENROLLED';
  return undefined;
}

/** Within what the market trades and the connection of the sender carries. */
export function checkEnergy(
  { sender }: CheckContext,
  market: MarketConfig,
  { side, energyWh }: { readonly side: Side; readonly energyWh: WattHour },
): ErrorCode | undefined {
  const minOrderWh = market.params.minOrderWh as WattHour;
  return checkQuantity(energyWh, { minOrderWh, pMaxWh: limitOf(sender, market, side) });
}

/** On the tick and within the bounds; without bounds still one that the book can hold. */
export function checkPriceIn({ params }: MarketConfig, price: Price): ErrorCode | undefined {
  const [feedIn, retail] = [params.feedIn as Price, params.retail as Price];
  if (price > 1000n * retail) return 'PRICE_BOUNDS';
  return checkPrice(price, { ...params, feedIn, retail });
}

/** A new bid finds room; one that replaces another has it. */
export function checkRoom(
  world: World,
  market: MarketConfig,
  { key, isNew }: { readonly key: PeriodKey; readonly isNew: boolean },
): ErrorCode | undefined {
  const live = world.get(PERIODS, key)?.live ?? 0;
  return isNew && live >= market.params.maxOrders ? 'BOOK_FULL' : undefined;
}

/** The account owes nothing, and the grid company may owe more. */
export function checkDebts(
  { world, chain }: Pick<CheckContext, 'world' | 'chain'>,
  account: AccountId,
): ErrorCode | undefined {
  if (isInArrears(world, account)) return 'ARREARS';
  return isGridAtLimit({ world, chain }) ? 'GRID_LIMIT' : undefined;
}

export const isInArrears = (world: World, account: AccountId): boolean =>
  (world.get(BALANCES, account)?.arrears ?? 0n) > 0n;

/** With every settlement it could owe more than it may (settlement 3.3). */
export function isGridAtLimit({ world, chain }: Pick<CheckContext, 'world' | 'chain'>): boolean {
  const grid = world.get(BALANCES, chain.system.grid)?.available ?? 0n;
  return grid <= -chain.gridCreditLimit;
}

/** What is free covers a lock, with what the bid gives back (`freed`). */
export function checkFunds(
  world: World,
  account: AccountId,
  { freed = 0n, lock }: { readonly freed?: bigint; readonly lock: bigint },
): ErrorCode | undefined {
  const free = (world.get(BALANCES, account)?.available ?? 0n) + freed;
  return free < lock ? 'INSUFFICIENT_FUNDS' : undefined;
}
