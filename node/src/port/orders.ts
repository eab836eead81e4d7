// An order of an account as it stands, and account_orders: from the live order or from the position
// that clearing left.
import type { PeriodIndex } from '../../../core/src/amount.js';
import type { AccountId } from '../../../core/src/ids.js';
import { RPC_PAGE } from '../../../core/src/limits.js';
import type { MarketConfig } from '../../../core/src/markets.js';
import type { NodePort } from '../../../rpc/src/ports.js';
import type {
  OrderState,
  OrderView,
  OrdersView,
  ScanQuery,
} from '../../../rpc/src/results/account.js';
import { tradingPeriod } from '../../../state/src/boundary/timing.js';
import {
  BOOK,
  type Order,
  type OrderKey,
  ORDERS,
  type Position,
  POSITIONS,
} from '../../../state/src/schema.js';
import type { Quote } from '../../../state/src/markets/reputation/records.js';
import { QUOTES } from '../../../state/src/markets/reputation/tables.js';
import type { World } from '../../../state/src/world.js';
import type { NodeView } from '../view.js';
import { bidOf } from './neighbourhood.js';
import { atTip } from './read.js';

const OUTCOMES: Readonly<Record<string, OrderState>> = {
  TRADED: 'traded',
  PARTLY: 'partly',
  UNMATCHED: 'unmatched',
  NOT_REVEALED: 'forfeited',
  VOID: 'void',
  CANCELLED: 'cancelled',
};

function liveView(key: OrderKey, order: Order): OrderView {
  const { market, period } = key;
  const { id, side, energyWh, bond, lock } = order;
  const common = { market, period, id, side, energyWh, bond, lock };
  return order.revealed
    ? { ...common, state: 'revealed', price: order.price }
    : { ...common, state: 'sealed', hash: order.hash };
}

function clearedView(key: OrderKey, position: Position): OrderView {
  const { side, order: id, declaredWh: energyWh, tradedWh, amount, lock, outcome } = position;
  const state = OUTCOMES[outcome] ?? 'none';
  return {
    market: key.market,
    period: key.period,
    state,
    id,
    side,
    energyWh,
    lock,
    tradedWh,
    amount,
  };
}

/** Newest first: an account may have several in a market of continuous. */
function openViews(world: World, key: OrderKey): readonly OrderView[] {
  const { market, period } = key;
  const orders = world.get(BOOK, key)?.orders ?? [];
  return orders
    .map(
      ({ id, side, energyWh, price, lock }): OrderView => ({
        ...{ market, period, state: 'open', id, side, energyWh, price, lock },
      }),
    )
    .reverse();
}

function ordersOf(world: World, key: OrderKey): readonly OrderView[] {
  const open = openViews(world, key);
  const one = orderOf(world, key);
  return open.length > 1 ? open : [one];
}

/** A quote of reputation before its period is closed. */
function quoteView({ market, period }: OrderKey, quote: Quote): OrderView {
  const { id, side, bond, lock, price, restWh: energyWh, seals } = quote;
  const common = { market, period, id, bond, lock };
  if (side !== undefined) return { ...common, state: 'revealed', side, energyWh, price };
  return { ...common, state: seals > 0 ? 'sealed' : 'forfeited' };
}

export function orderOf(world: World, key: OrderKey): OrderView {
  const [open] = openViews(world, key);
  if (open !== undefined) return open;
  const live = world.get(ORDERS, key);
  if (live !== undefined) return liveView(key, live);
  const bid = bidOf(world, key);
  if (bid !== undefined) return bid;
  const cleared = world.get(POSITIONS, key);
  if (cleared !== undefined) return clearedView(key, cleared);
  const quote = world.get(QUOTES, key);
  if (quote !== undefined) return quoteView(key, quote);
  return { market: key.market, period: key.period, state: 'none' };
}

/** Periods of one market that one call looks at; each is two look-ups. */
const MAX_LOOKS = 4000n;

/** Newest period first; all markets in one page. The cursor is the period to go on below. */
export function ordersPart(view: NodeView): Pick<NodePort, 'orders'> {
  return { orders: (query) => ordersView(view, query) };
}

function ordersView(view: NodeView, query: ScanQuery): OrdersView {
  const at = atTip(view);
  const { markets } = view.chain;
  const newest = markets.reduce((most, m) => latest(most, newestPeriod(view, m)), 0n);
  let below = query.cursor === undefined ? newest + 1n : BigInt(query.cursor.split(':')[0] ?? '0');
  if (query.to !== undefined && query.to < below) below = query.to;
  const least = query.from ?? 0n;
  const stop = below - MAX_LOOKS > least ? below - MAX_LOOKS : least;
  const world = view.world();
  const orders: OrderView[] = [];
  for (let period = below - 1n; period >= stop; period--) {
    for (const { id } of markets) {
      const key = {
        market: id,
        period: period as PeriodIndex,
        account: query.account as AccountId,
      };
      for (const order of ordersOf(world, key)) if (order.state !== 'none') orders.push(order);
    }
    if (orders.length >= RPC_PAGE && period > least)
      return { orders, cursor: period.toString(), at };
  }
  return stop > least ? { orders, cursor: stop.toString(), at } : { orders, at };
}

const latest = (a: bigint, b: bigint): bigint => (a > b ? a : b);
const newestPeriod = (view: NodeView, market: MarketConfig): bigint =>
  tradingPeriod(market, view.tip().timeMs as never);
