// clear: forfeits the bonds of what was not revealed, runs the call auction, and turns locks of
// orders into locks of trades (settlement 2, market-call 6-11). A void period gives all back.
import { type Money, money, NO_ENERGY, NO_MONEY, subMoney } from '../../../core/src/amount.js';
import { present } from '../../../core/src/assert.js';
import type { AccountId } from '../../../core/src/ids.js';
import { type CallTrade, clearCall } from '../../../market/src/call/clear.js';
import { available, locked } from '../ledger/ledger.js';
import { payArrears } from '../ledger/arrears.js';
import {
  ACCOUNTS,
  type Order,
  type OrderKey,
  ORDERS,
  periodGroup,
  type PeriodKey,
  PERIODS,
  POSITIONS,
  TRADES,
} from '../schema.js';
import type { Entry } from '../world.js';
import { collateralOf } from '../tx/locks.js';
import { done, type MarketStep, type StepResult } from './step.js';
import { periodTimes } from './timing.js';

type OrderEntry = Entry<OrderKey, Order>;

export function clear(step: MarketStep): StepResult {
  const { world, due } = step;
  const key: PeriodKey = { market: due.market, period: due.period };
  const period = present(world.get(PERIODS, key), 'clear is due where a record is');
  const orders = world.entries(ORDERS, periodGroup(key));
  const late = step.timeMs >= periodTimes(step.market, due.period).deliveryStart;
  if (period.void || late) {
    for (const order of orders) returnOrder(step, order);
    world.set(PERIODS, key, { ...period, status: 'cleared', void: true });
  } else {
    for (const order of orders) if (!order.value.revealed) forfeit(step, order);
    const trades = match(
      step,
      orders.filter((order) => order.value.revealed),
    );
    world.set(PERIODS, key, { ...period, status: 'cleared', trades });
  }
  for (const order of orders) world.delete(ORDERS, order.key);
  payArrears(step.ledger);
  return done(orders.length);
}

/** Void: bond and lock go back, the energy goes to the grid. */
function returnOrder({ world, ledger }: MarketStep, { key, value }: OrderEntry): void {
  const amount = money(value.bond + value.lock);
  const { account } = key;
  const type = value.revealed ? 'unlock' : 'bond-return';
  ledger.post({ type, from: locked(account), to: available(account), amount });
  world.set(POSITIONS, key, positionOf(value, { lock: NO_MONEY, outcome: 'VOID' }));
}

/** Not opened in the window: the bond goes to the reward pool. */
function forfeit({ world, ledger, chain, due }: MarketStep, { key, value }: OrderEntry): void {
  const before = ledger.balance(key.account);
  const to = available(chain.system.reward);
  ledger.post({ type: 'forfeit', from: locked(key.account), to, amount: value.bond });
  const fields = [due.market, due.period, 'NOT_REVEALED', value.bond];
  ledger.line({ kind: 'refused', account: key.account, fields, before });
  world.set(POSITIONS, key, positionOf(value, { lock: NO_MONEY, outcome: 'NOT_REVEALED' }));
}

const positionOf = (order: Order, rest: { lock: Money; outcome: string }) => ({
  side: order.side,
  order: order.id,
  declaredWh: order.energyWh,
  tradedWh: NO_ENERGY,
  amount: NO_MONEY,
  ...rest,
});

/** Runs the auction over the revealed orders; gives the number of trades. */
function match(step: MarketStep, revealed: readonly OrderEntry[]): number {
  const { world, market } = step;
  const orders = [...revealed].sort((a, b) => (a.value.place < b.value.place ? -1 : 1));
  const book = orders.map(({ key, value }) => ({
    side: value.side,
    energyWh: value.energyWh,
    price: value.price,
    green: present(world.get(ACCOUNTS, key.account), 'an order has its account').green,
  }));
  const { trades } = clearCall(book, { tick: market.params.tick });
  const totals = orders.map(() => ({ wh: 0n, amount: 0n }));
  trades.forEach((trade, index) => {
    const cost = trade.energyWh * trade.price;
    for (const order of [trade.sell, trade.buy]) {
      const total = present(totals[order], 'a trade names orders of the book');
      total.wh += trade.energyWh;
      total.amount += cost;
    }
    storeTrade(step, orders, { trade, index });
  });
  orders.forEach((order, i) => {
    const total = present(totals[i], 'a total per order');
    keepTraded(step, order, total);
  });
  for (const trade of trades) tradeLines(step, orders, trade);
  return trades.length;
}

function storeTrade(
  { world, due }: MarketStep,
  orders: readonly OrderEntry[],
  { trade, index }: { trade: CallTrade; index: number },
): void {
  const key = { market: due.market, period: due.period, index: BigInt(index) };
  world.set(TRADES, key, {
    seller: accountAt(orders, trade.sell),
    buyer: accountAt(orders, trade.buy),
    energyWh: trade.energyWh,
    price: trade.price,
    biddingRound: trade.biddingRound,
    green: trade.queue === 'green',
  });
}

const accountAt = (orders: readonly OrderEntry[], index: number): AccountId =>
  present(orders[index], 'a trade names orders of the book').key.account;

/** The lock of the order shrinks to that of its trades; the rest is released. */
function keepTraded(
  { world, market, ledger }: MarketStep,
  { key, value }: OrderEntry,
  total: { wh: bigint; amount: bigint },
): void {
  const keep = value.side === 'buy' ? money(total.amount) : collateralOf(market, total.wh);
  ledger.post({
    type: 'unlock',
    from: locked(key.account),
    to: available(key.account),
    amount: subMoney(value.lock, keep),
  });
  const outcome = total.wh === 0n ? 'UNMATCHED' : total.wh === value.energyWh ? 'TRADED' : 'PARTLY';
  world.set(POSITIONS, key, {
    ...positionOf(value, { lock: keep, outcome }),
    tradedWh: total.wh as typeof value.energyWh,
    amount: money(total.amount),
  });
}

function tradeLines(
  { ledger, due }: MarketStep,
  orders: readonly OrderEntry[],
  t: CallTrade,
): void {
  const [seller, buyer] = [accountAt(orders, t.sell), accountAt(orders, t.buy)];
  const line = (account: AccountId, side: string, other: AccountId): void => {
    const { energyWh, price, biddingRound } = t;
    const fields = [due.market, due.period, side, other, energyWh, price, biddingRound];
    ledger.line({ kind: 'trade', account, fields });
  };
  line(seller, 'sell', buyer);
  line(buyer, 'buy', seller);
}
