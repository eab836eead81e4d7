// Orders that stand open in the book (two-round, uniform, continuous), as transactions find and
// cancel them (settlement 2.5). What is taken as an order: tx/order.ts; what becomes of it:
// book.ts.
import type { PeriodIndex } from '../../../core/src/amount.js';
import { equalBytes } from '../../../core/src/bytes.js';
import type { ErrorCode } from '../../../core/src/errors.js';
import type { MarketConfig } from '../../../core/src/markets.js';
import type { TxOf } from '../../../core/src/tx.js';
import { windowOf } from '../boundary/timing.js';
import { BOOK, type OpenOrder, type PeriodKey } from '../schema.js';
import type { ApplyContext, CheckContext } from '../tx/context.js';
import { countLive, refusePhase } from '../tx/orders.js';
import { releaseLock } from '../tx/locks.js';
import { type BookAt, putOrder } from './book.js';
import type { MarketRule } from './mechanism.js';

/** Whether the market takes open orders. */
export const hasOpenOrders = (market: MarketConfig): boolean =>
  windowOf(market, 0n as PeriodIndex, 'orders') !== undefined;

/** The book of a period as a transaction changes it. */
export function bookIn(
  { world, ledger }: ApplyContext,
  market: MarketConfig,
  { period }: Pick<PeriodKey, 'period'>,
): BookAt {
  return { world, ledger, market, key: { market: market.id, period } };
}

/** The order of the sender by its id, in its phase. */
export function ownOrder(
  { world, timeMs }: CheckContext,
  market: MarketConfig,
  { body, sender }: Pick<TxOf<'cancel'>, 'body' | 'sender'>,
): OpenOrder | ErrorCode {
  const phase = refusePhase(market, { period: body.period, timeMs }, 'orders');
  if (phase !== undefined) return phase;
  const orders = world.get(BOOK, { ...body, account: sender })?.orders ?? [];
  return orders.find(({ id }) => equalBytes(id, body.order)) ?? 'NO_ORDER';
}

export const cancel: MarketRule<'cancel'> = {
  check(context, market, tx) {
    const found = ownOrder(context, market, tx);
    return typeof found === 'string' ? found : undefined;
  },

  apply(context, market, tx) {
    const { world, ledger } = context;
    const { sender } = tx;
    const at = bookIn(context, market, tx.body);
    const found = ownOrder(context, market, tx) as OpenOrder;
    releaseLock(ledger, sender, found.lock);
    putOrder(at, { account: sender, order: found }, undefined);
    countLive(world, market, { key: { ...at.key, account: sender }, change: -1 });
  },
};
