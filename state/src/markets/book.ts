// The open orders of a period (two-round, uniform, continuous): reading the book in order of time,
// and what a trade or the end of the book does to locks and positions. Which orders trade, the
// mechanism says. A traded part keeps its lock until settlement (settlement 2).
import { addMoney, type Money, NO_ENERGY, NO_MONEY } from '../../../core/src/amount.js';
import type { Price, WattHour } from '../../../core/src/amount.js';
import type { AccountId } from '../../../core/src/ids.js';
import { present } from '../../../core/src/assert.js';
import type { MarketConfig } from '../../../core/src/markets.js';
import type { Side } from '../../../core/src/tx.js';
import type { Ledger } from '../ledger/ledger.js';
import {
  BOOK,
  type OpenOrder,
  type OrderKey,
  periodGroup,
  type PeriodKey,
  PERIODS,
  type Position,
  POSITIONS,
  TRADES,
} from '../schema.js';
import type { World } from '../world.js';
import { openLockOf, releaseLock } from '../tx/locks.js';

export interface BookAt {
  readonly world: World;
  readonly ledger: Ledger;
  readonly market: MarketConfig;
  readonly key: PeriodKey;
}

export interface BookOrder {
  readonly account: AccountId;
  readonly order: OpenOrder;
}

/** Every open order of the period, earliest first. */
export function bookOf(world: World, key: PeriodKey): readonly BookOrder[] {
  return world
    .entries(BOOK, periodGroup(key))
    .flatMap((e) => e.value.orders.map((order) => ({ account: e.key.account, order })))
    .sort((a, b) => (a.order.place < b.order.place ? -1 : 1));
}

export const orderKeyOf = ({ key }: BookAt, account: AccountId): OrderKey => ({ ...key, account });

/** Puts an order of an account in its place, or takes it away (undefined). */
export function putOrder(at: BookAt, one: BookOrder, next: OpenOrder | undefined): void {
  const key = orderKeyOf(at, one.account);
  const rest = (at.world.get(BOOK, key)?.orders ?? []).filter((o) => o.place !== one.order.place);
  const orders = next === undefined ? rest : [...rest, next];
  if (orders.length === 0) at.world.delete(BOOK, key);
  else at.world.set(BOOK, key, { orders });
}

export interface Deal {
  readonly seller: BookOrder;
  readonly buyer: BookOrder;
  readonly energyWh: WattHour;
  readonly price: Price;
  readonly biddingRound: number;
}

/** Books trades: the record of each, positions and locks of both sides, lines for both. */
export function bookTrades(at: BookAt, deals: readonly Deal[]): void {
  const { world, key } = at;
  if (deals.length === 0) return;
  const period = present(world.get(PERIODS, key), 'a period with orders has its record');
  deals.forEach((deal, i) => {
    const { energyWh, price, biddingRound } = deal;
    const [seller, buyer] = [deal.seller.account, deal.buyer.account];
    const index = BigInt(period.trades + i);
    const trade = { seller, buyer, energyWh, price, biddingRound, green: false };
    world.set(TRADES, { ...key, index }, trade);
    addToPosition(at, deal.seller, deal);
    addToPosition(at, deal.buyer, deal);
    tradeLine(at, deal, 'sell');
    tradeLine(at, deal, 'buy');
  });
  world.set(PERIODS, key, { ...period, trades: period.trades + deals.length });
}

const NO_POSITION = {
  declaredWh: NO_ENERGY,
  tradedWh: NO_ENERGY,
  amount: NO_MONEY,
  lock: NO_MONEY,
};

/** The lock of the traded part moves from the order to the position; no money moves. */
function addToPosition(at: BookAt, { account, order }: BookOrder, deal: Deal): void {
  const key = orderKeyOf(at, account);
  const before = at.world.get(POSITIONS, key) ?? NO_POSITION;
  const { side, price, id } = order;
  const lock = openLockOf(at.market, { side, price, energyWh: deal.energyWh });
  at.world.set(POSITIONS, key, {
    side,
    order: 'order' in before ? before.order : id,
    declaredWh: (before.declaredWh + deal.energyWh) as WattHour,
    tradedWh: (before.tradedWh + deal.energyWh) as WattHour,
    amount: addMoney(before.amount, (deal.energyWh * deal.price) as Money),
    lock: addMoney(before.lock, lock),
    outcome: 'TRADED',
  } satisfies Position);
}

/** An order after `energyWh` of it was traded: its lock falls by that of the traded part. */
export function tradedOff(market: MarketConfig, order: OpenOrder, energyWh: bigint): OpenOrder {
  const rest = (order.energyWh - energyWh) as WattHour;
  return { ...order, energyWh: rest, lock: openLockOf(market, { ...order, energyWh: rest }) };
}

function tradeLine({ ledger, key }: BookAt, deal: Deal, side: Side): void {
  const [seller, buyer] = [deal.seller.account, deal.buyer.account];
  const [account, other] = side === 'sell' ? [seller, buyer] : [buyer, seller];
  const { energyWh, price, biddingRound } = deal;
  const fields = [key.market, key.period, side, other, energyWh, price, biddingRound];
  ledger.line({ kind: 'trade', account, fields });
}

/** An order leaves the book: its lock is free again, its rest is for the grid. */
export function closeOrder(at: BookAt, one: BookOrder, outcome: 'UNMATCHED' | 'VOID'): void {
  const { account, order } = one;
  releaseLock(at.ledger, account, order.lock);
  putOrder(at, one, undefined);
  // What was not sold on of a right is under contract all the same.
  if (order.right !== undefined) return;
  const key = orderKeyOf(at, account);
  const position = at.world.get(POSITIONS, key);
  const declaredWh = ((position?.declaredWh ?? 0n) + order.energyWh) as WattHour;
  const fresh = { ...NO_POSITION, side: order.side, order: order.id, outcome };
  if (position === undefined) at.world.set(POSITIONS, key, { ...fresh, declaredWh });
  else if (position.tradedWh > 0n)
    at.world.set(POSITIONS, key, { ...position, declaredWh, outcome: 'PARTLY' });
  else at.world.set(POSITIONS, key, { ...position, declaredWh });
}
