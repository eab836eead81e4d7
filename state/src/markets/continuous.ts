// The continuous market on the chain (market-uniform "continuous"): an order trades in the block
// that contains it, with the best resting orders at their prices; what rests at the gate goes back.
import type { WattHour } from '../../../core/src/amount.js';
import { compareBytes, equalBytes } from '../../../core/src/bytes.js';
import { present } from '../../../core/src/assert.js';
import { matchArrival } from '../../../market/src/continuous/arrival.js';
import { contractKeyOf } from '../../../core/src/listing.js';
import { payArrears } from '../ledger/arrears.js';
import { BOOK, type OpenOrder, PERIODS, type TradeKey } from '../schema.js';
import { done, type MarketStep, type StepResult } from '../boundary/step.js';
import { settleDelivered } from '../boundary/settleDelivered.js';
import { openLockOf, releaseLock } from '../tx/locks.js';
import { moveRight } from './bilateral/rights.js';
import {
  type BookAt,
  bookOf,
  type BookOrder,
  bookTrades,
  closeOrder,
  type Deal,
  orderKeyOf,
  putOrder,
  tradedOff,
} from './book.js';
import type { ChainMechanism } from './mechanism.js';
import { cancel } from './openOrders.js';
import { bookAt } from './uniform.js';

/** Resting orders of the other side that the arriving one meets, best first, then earliest. */
function crossing(at: BookAt, { order }: BookOrder): readonly BookOrder[] {
  const sells = order.side === 'sell';
  const better = (a: OpenOrder, b: OpenOrder): number =>
    a.price === b.price ? 0 : a.price < b.price === !sells ? -1 : 1;
  return bookOf(at.world, at.key)
    .filter(({ order: o }) => o.side !== order.side)
    .filter(({ order: o }) => (sells ? o.price >= order.price : o.price <= order.price))
    .sort((a, b) => better(a.order, b.order) || (a.order.place < b.order.place ? -1 : 1));
}

/** Trades an order that was just locked for, and rests what is left of it. */
function arrive(at: BookAt, one: BookOrder): void {
  const { account, order } = one;
  const resting = crossing(at, one).map((other) => ({
    other,
    price: other.order.price,
    remainingWh: other.order.energyWh,
  }));
  const { fills, remainingWh, selfTradeWh } = matchArrival(
    {
      side: order.side,
      energyWh: order.energyWh,
      price: order.price,
      owns: ({ other }) => equalBytes(other.account, account),
    },
    resting,
  );
  for (const { resting: met, energyWh } of fills) {
    const left = tradedOff(at.market, met.other.order, energyWh);
    putOrder(at, met.other, left.energyWh === 0n ? undefined : left);
  }
  const deals = fills.map(({ resting: met, energyWh, price }) => ({
    seller: order.side === 'sell' ? one : met.other,
    buyer: order.side === 'sell' ? met.other : one,
    energyWh,
    price,
    biddingRound: 1,
  }));
  const isRight = (deal: Deal): boolean => deal.seller.order.right !== undefined;
  bookTrades(
    at,
    deals.filter((deal) => !isRight(deal)),
  );
  for (const deal of deals) if (isRight(deal)) sellRight(at, deal, one.order.place);
  if (selfTradeWh > 0n) sayReduced(at, one, { code: 'SELF_TRADE', energyWh: selfTradeWh });
  restOrder(at, one, { remainingWh, selfTradeWh });
  for (const { resting: met } of fills) dropOtherSide(at, met.other);
  if (fills.length > 0) dropOtherSide(at, one);
  recount(at);
}

function restOrder(
  at: BookAt,
  one: BookOrder,
  left: { readonly remainingWh: WattHour; readonly selfTradeWh: WattHour },
): void {
  const { account, order } = one;
  const traded = order.energyWh - left.remainingWh - left.selfTradeWh;
  const before = tradedOff(at.market, order, traded);
  const rest = tradedOff(at.market, order, order.energyWh - left.remainingWh);
  releaseLock(at.ledger, account, (before.lock - rest.lock) as typeof rest.lock);
  if (rest.energyWh > 0n) putOrder(at, one, rest);
}

function sayReduced(
  { ledger, key }: BookAt,
  { account }: BookOrder,
  { code, energyWh }: { readonly code: string; readonly energyWh: bigint },
): void {
  const fields = [key.market, key.period, code, energyWh];
  ledger.line({ kind: 'refused', account, fields });
}

/** The contract moves to the buyer; what its order had locked pays for it (settlement 7.4). */
function sellRight(at: BookAt, deal: Deal, place: bigint): void {
  const { seller, buyer, energyWh, price } = deal;
  const { right, id } = seller.order;
  const names = [at.market.id];
  const named = present(right, 'an order that sells a right');
  const key = present(contractKeyOf(at.ledger.chain.chainId, names, named), 'checked') as TradeKey;
  const { side, price: bid } = buyer.order;
  releaseLock(at.ledger, buyer.account, openLockOf(at.market, { side, price: bid, energyWh }));
  moveRight(at, { key, taker: buyer.account, energyWh, price, id, place });
}

/**
 * Whoever has traded is on that side of the period: its orders of the other side go (1.2.2). A
 * right is of no side.
 */
function dropOtherSide(at: BookAt, { account, order }: BookOrder): void {
  if (order.right !== undefined) return;
  const orders = at.world.get(BOOK, orderKeyOf(at, account))?.orders ?? [];
  for (const other of orders) {
    if (other.side === order.side || other.right !== undefined) continue;
    const one = { account, order: other };
    releaseLock(at.ledger, account, other.lock);
    putOrder(at, one, undefined);
    sayReduced(at, one, { code: 'WRONG_SIDE', energyWh: other.energyWh });
  }
}

/** Counts the orders that rest. */
function recount({ world, key }: BookAt): void {
  const period = present(world.get(PERIODS, key), 'a period with orders has its record');
  world.set(PERIODS, key, { ...period, live: bookOf(world, key).length });
}

/** The gate: what rests goes to the grid; trades stand, also where the gate is late (5a.6c). */
function clear(step: MarketStep): StepResult {
  const at = bookAt(step);
  const orders = [...bookOf(step.world, at.key)].sort((a, b) => compareBytes(a.account, b.account));
  for (const one of orders) closeOrder(at, one, 'UNMATCHED');
  const period = present(step.world.get(PERIODS, at.key), 'a period with orders has its record');
  step.world.set(PERIODS, at.key, { ...period, status: 'cleared', live: 0 });
  payArrears(step.ledger);
  return done(orders.length);
}

export const continuous: ChainMechanism = {
  isAtStake: (_, period) => period.live > 0 && period.status === 'declare',
  bids: { cancel },
  arrive,
  steps: { clear, settle: settleDelivered },
};
