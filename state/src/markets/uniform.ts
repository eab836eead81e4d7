// The uniform-price market on the chain (market-uniform 1-5): open orders until `clear`, one price.
import { compareIds } from '../../../core/src/bytes.js';
import { present } from '../../../core/src/assert.js';
import { clearUniform } from '../../../market/src/uniform/clear.js';
import type { OpenTrade } from '../../../market/src/openBook.js';
import { payArrears } from '../ledger/arrears.js';
import { PERIODS } from '../schema.js';
import { done, type MarketStep, type StepResult } from '../boundary/step.js';
import { periodTimes } from '../boundary/timing.js';
import {
  type BookAt,
  bookOf,
  type BookOrder,
  bookTrades,
  closeOrder,
  type Deal,
  putOrder,
  tradedOff,
} from './book.js';
import type { ChainMechanism } from './mechanism.js';
import { cancel } from './openOrders.js';
import { settleDelivered } from '../boundary/settleDelivered.js';

export const bookAt = ({ world, ledger, market, due }: MarketStep): BookAt => ({
  world,
  ledger,
  market,
  key: { market: due.market, period: due.period },
});

/** Executed at or past the start of delivery: the period is void (consensus 5a.6c). */
export const isLate = ({ market, due, timeMs }: MarketStep): boolean =>
  timeMs >= periodTimes(market, due.period).deliveryStart;

/** Gives every order back, and marks the period void. */
export function voidBook(step: MarketStep, at: BookAt, orders: readonly BookOrder[]): void {
  for (const one of orders) closeOrder(at, one, 'VOID');
  const period = present(step.world.get(PERIODS, at.key), 'a period with orders has its record');
  step.world.set(PERIODS, at.key, { ...period, status: 'cleared', void: true, live: 0 });
}

/** What the pure rules see of an order. */
export const openOf = ({ order }: BookOrder) => ({
  side: order.side,
  energyWh: order.energyWh,
  price: order.price,
  type: order.type,
});

/** Trades by index as deals between orders of the book. */
export function dealsOf(
  orders: readonly BookOrder[],
  trades: readonly OpenTrade[],
): readonly Deal[] {
  const at = (index: number): BookOrder => present(orders[index], 'an order of the book');
  return trades.map(({ sell, buy, energyWh, price, biddingRound }) => ({
    seller: at(sell),
    buyer: at(buy),
    energyWh,
    price,
    biddingRound,
  }));
}

function clear(step: MarketStep): StepResult {
  const at = bookAt(step);
  const orders = bookOf(step.world, at.key);
  if (isLate(step)) voidBook(step, at, orders);
  else {
    const { trades, remainingWh } = clearUniform(orders.map(openOf), {
      tick: step.market.params.tick,
      compareIds: (a, b) => compareIds(accountAt(orders, a), accountAt(orders, b)),
    });
    bookTrades(at, dealsOf(orders, trades));
    closeRest(at, orders, remainingWh);
    const period = present(step.world.get(PERIODS, at.key), 'a period with orders has its record');
    step.world.set(PERIODS, at.key, { ...period, status: 'cleared', live: 0 });
  }
  payArrears(step.ledger);
  return done(orders.length);
}

const accountAt = (orders: readonly BookOrder[], index: number) =>
  present(orders[index], 'an order of the book').account;

/** What was not traded of each order leaves the book. */
export function closeRest(
  at: BookAt,
  orders: readonly BookOrder[],
  remainingWh: readonly bigint[],
): void {
  orders.forEach((one, i) => {
    const traded = one.order.energyWh - present(remainingWh[i], 'a remainder per order');
    const order = tradedOff(at.market, one.order, traded);
    if (order.energyWh === 0n) putOrder(at, one, undefined);
    else closeOrder(at, { account: one.account, order }, 'UNMATCHED');
  });
}

export const uniform: ChainMechanism = {
  isAtStake: (_, period) => period.live > 0 && period.status === 'declare',
  bids: { cancel },
  steps: { clear, settle: settleDelivered },
};
