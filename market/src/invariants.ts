// What must hold after every clearing and settlement (settlement 6): checked on the results alone,
// by other means than those that made them. The chain asserts it, tests and simulators call it.
import type { CallClearing, CallOrder, CallTrade } from './call/clear.js';

/** The first thing that does not hold, in words; undefined where everything does. */
type Fault = string | undefined;

/** Energy per order, prices inside the quotes, nothing left that crosses. */
export function clearingFault(orders: readonly CallOrder[], clearing: CallClearing): Fault {
  const { trades, remainingWh } = clearing;
  if (remainingWh.length !== orders.length) return 'a remainder per order is wanted';
  const used = orders.map(() => 0n);
  for (const trade of trades) {
    const fault = tradeFault(orders, trade);
    if (fault !== undefined) return fault;
    used[trade.sell] = (used[trade.sell] as bigint) + trade.energyWh;
    used[trade.buy] = (used[trade.buy] as bigint) + trade.energyWh;
  }
  const lost = orders.findIndex(
    ({ energyWh }, i) => (used[i] as bigint) + (remainingWh[i] as bigint) !== energyWh,
  );
  if (lost >= 0) return `order ${lost}: traded and remaining energy are not its energy`;
  if (remainingWh.some((wh) => wh < 0n)) return 'an order traded more than its energy';
  return moneyResidue(orders, trades) ?? crossingFault(orders, remainingWh);
}

function tradeFault(orders: readonly CallOrder[], trade: CallTrade): Fault {
  const { sell, buy, energyWh, price, queue, biddingRound } = trade;
  const [seller, buyer] = [orders[sell], orders[buy]];
  const name = `trade ${sell}-${buy}`;
  if (seller?.side !== 'sell' || buyer?.side !== 'buy') return `${name}: not a sell and a buy`;
  if (seller.type !== buyer.type) return `${name}: two generation types`;
  if (energyWh <= 0n) return `${name}: no energy`;
  if (price > buyer.price) return `${name}: the buyer pays more than its bid`;
  if (price < seller.price) return `${name}: the seller gets less than its ask`;
  if (queue === 'green' && !(seller.green && buyer.green)) return `${name}: not both green`;
  return (queue === 'green') === (biddingRound === 1) ? undefined : `${name}: round and queue`;
}

/** Energy sold is energy bought, and what buyers pay is what sellers get, summed per side. */
function moneyResidue(orders: readonly CallOrder[], trades: readonly CallTrade[]): Fault {
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

/** Rule 10 ends with no ask at or below a bid, per generation type. */
function crossingFault(orders: readonly CallOrder[], remainingWh: readonly bigint[]): Fault {
  const best = new Map<string | undefined, { ask?: bigint; bid?: bigint }>();
  for (const [i, { side, price, type }] of orders.entries()) {
    if (remainingWh[i] === 0n) continue;
    const heads = best.get(type) ?? {};
    if (side === 'sell' && (heads.ask === undefined || price < heads.ask)) heads.ask = price;
    if (side === 'buy' && (heads.bid === undefined || price > heads.bid)) heads.bid = price;
    best.set(type, heads);
  }
  for (const { ask, bid } of best.values())
    if (ask !== undefined && bid !== undefined && ask <= bid)
      return 'an ask at or below a bid is left';
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
