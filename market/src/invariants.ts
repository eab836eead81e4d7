// What must hold after every clearing and settlement (settlement 6): checked on the results alone,
// by other means than those that made them. The chain asserts it, tests and simulators call it.
import type { CallClearing, CallOrder } from './call/clear.js';
import type { OpenOrder, OpenTrade } from './openBook.js';

/** The first thing that does not hold, in words; undefined where everything does. */
export type Fault = string | undefined;

/** Energy per order, prices inside the quotes, nothing left that crosses. */
export function clearingFault(orders: readonly CallOrder[], clearing: CallClearing): Fault {
  for (const { sell, buy, queue, biddingRound } of clearing.trades) {
    const name = `trade ${sell}-${buy}`;
    const areGreen = orders[sell]?.green === true && orders[buy]?.green === true;
    if (queue === 'green' && !areGreen) return `${name}: not both green`;
    if ((queue === 'green') !== (biddingRound === 1)) return `${name}: round and queue`;
  }
  return tradesFault(orders, clearing) ?? crossingFault(orders, clearing.remainingWh);
}

export interface TradesOf {
  readonly trades: readonly OpenTrade[];
  /** By index. */
  readonly remainingWh: readonly bigint[];
  /** What orders lost otherwise, by index. */
  readonly reducedWh?: readonly bigint[];
}

/** The worst price that the owner of an order agreed to in a trade. */
type LimitOf = (index: number, trade: OpenTrade) => bigint;

/**
 * What holds in every open market: a sell with a buy of one type, no price beyond a limit, energy
 * and money conserved to the unit, and fewer trades than orders (each trade uses one up).
 */
export function tradesFault(
  orders: readonly OpenOrder[],
  { trades, remainingWh, reducedWh = [] }: TradesOf,
  limitOf: LimitOf = (index) => orders[index]?.price ?? -1n,
): Fault {
  if (remainingWh.length !== orders.length) return 'a remainder per order is wanted';
  const gone = orders.map((_, i) => reducedWh[i] ?? 0n);
  for (const trade of trades) {
    const fault = tradeFault(orders, trade, limitOf);
    if (fault !== undefined) return fault;
    gone[trade.sell] = (gone[trade.sell] as bigint) + trade.energyWh;
    gone[trade.buy] = (gone[trade.buy] as bigint) + trade.energyWh;
  }
  const lost = orders.findIndex(
    ({ energyWh }, i) => (gone[i] as bigint) + (remainingWh[i] as bigint) !== energyWh,
  );
  if (lost >= 0) return `order ${lost}: traded and remaining energy are not its energy`;
  if (remainingWh.some((wh) => wh < 0n)) return 'an order traded more than its energy';
  if (trades.length > 0 && trades.length >= orders.length) return 'more trades than there can be';
  return moneyResidue(orders, trades);
}

function tradeFault(orders: readonly OpenOrder[], trade: OpenTrade, limitOf: LimitOf): Fault {
  const { sell, buy, energyWh, price } = trade;
  const [seller, buyer] = [orders[sell], orders[buy]];
  const name = `trade ${sell}-${buy}`;
  if (seller?.side !== 'sell' || buyer?.side !== 'buy') return `${name}: not a sell and a buy`;
  if (seller.type !== buyer.type) return `${name}: two generation types`;
  if (energyWh <= 0n) return `${name}: no energy`;
  if (price > limitOf(buy, trade)) return `${name}: the buyer pays more than its limit`;
  return price < limitOf(sell, trade) ? `${name}: the seller gets less than its limit` : undefined;
}

/** Where a pair trades at the mean of its quotes: floored to the tick. */
export function midpointFault(
  orders: readonly OpenOrder[],
  trades: readonly OpenTrade[],
  tick: bigint,
): Fault {
  const wrong = trades.find(({ sell, buy, price }) => {
    const excess = (orders[sell]?.price ?? 0n) + (orders[buy]?.price ?? 0n) - 2n * price;
    return price % tick !== 0n || excess < 0n || excess >= 2n * tick;
  });
  return wrong && `trade ${wrong.sell}-${wrong.buy}: not the floored mean of its quotes`;
}

/** Energy sold is energy bought, and what buyers pay is what sellers get, summed per side. */
function moneyResidue(orders: readonly OpenOrder[], trades: readonly OpenTrade[]): Fault {
  let energy = 0n;
  let money = 0n;
  for (const { sell, buy, energyWh, price } of trades)
    for (const index of [sell, buy]) {
      const sign = orders[index]?.side === 'sell' ? 1n : -1n;
      energy += sign * energyWh;
      money += sign * energyWh * price;
    }
  if (energy !== 0n) return 'energy sold is not energy bought';
  return money === 0n ? undefined : 'the residue of money is not zero';
}

/** No ask at or below a bid is left, per generation type. */
export function crossingFault(
  orders: readonly OpenOrder[],
  remainingWh: readonly bigint[],
  quoteOf: (index: number) => bigint = (index) => orders[index]?.price ?? -1n,
): Fault {
  const best = new Map<string | undefined, { ask?: bigint; bid?: bigint }>();
  for (const [i, { side, type }] of orders.entries()) {
    if (remainingWh[i] === 0n) continue;
    const quote = quoteOf(i);
    const heads = best.get(type) ?? {};
    if (side === 'sell' && (heads.ask === undefined || quote < heads.ask)) heads.ask = quote;
    if (side === 'buy' && (heads.bid === undefined || quote > heads.bid)) heads.bid = quote;
    best.set(type, heads);
  }
  for (const { ask, bid } of best.values())
    if (ask !== undefined && bid !== undefined && ask <= bid)
      return 'an ask at or below a bid is left';
  return undefined;
}

/**
 * Price, then time: of each side and type, no order traded while a better one, or an as good and
 * earlier one, has something left.
 */
export function priorityFault(orders: readonly OpenOrder[], remainingWh: readonly bigint[]): Fault {
  const isBefore = (a: number, b: number): boolean => {
    const [first, second] = [orders[a] as OpenOrder, orders[b] as OpenOrder];
    if (first.price === second.price) return a < b;
    return first.side === 'sell' ? first.price < second.price : first.price > second.price;
  };
  const worstServed = new Map<string, number>();
  const keyOf = ({ side, type }: OpenOrder): string => `${side} ${type ?? ''}`;
  for (const [i, order] of orders.entries()) {
    if (remainingWh[i] === order.energyWh) continue;
    const worst = worstServed.get(keyOf(order));
    if (worst === undefined || isBefore(worst, i)) worstServed.set(keyOf(order), i);
  }
  for (const [i, order] of orders.entries()) {
    const worst = worstServed.get(keyOf(order));
    const isPassed = worst !== undefined && worst !== i && isBefore(i, worst);
    if (isPassed && remainingWh[i] !== 0n) return `order ${worst} was served before order ${i}`;
  }
  return undefined;
}

export interface SettledMoney {
  /** Money between participants, signed; a buyer pays. */
  readonly energyMoney: bigint;
  /** All that an account gets (or, negative, gives) in the period. */
  readonly net: bigint;
}

export interface CounterEntries {
  readonly grid: bigint;
  readonly fees: bigint;
  readonly rewardPool: bigint;
  readonly reserve: bigint;
}

/** Every entry has its counter-entry: the sums are zero (interfaces "Sums"). */
export function settlementFault(lines: readonly SettledMoney[], counter: CounterEntries): Fault {
  const energy = lines.reduce((sum, { energyMoney }) => sum + energyMoney, 0n);
  if (energy !== 0n) return `buyers and sellers differ by ${energy}`;
  const net = lines.reduce((sum, line) => sum + line.net, 0n);
  const { grid, fees, rewardPool, reserve } = counter;
  const residue = net + grid + fees + rewardPool + reserve;
  return residue === 0n ? undefined : `the residue of money is ${residue}`;
}
