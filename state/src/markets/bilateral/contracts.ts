// Contracts of a period: how one is opened, what it does to the positions of its parties, and in
// which order all of them are served (settlement 5.2, 7.2). Where the money moves: confirm.ts and
// rights.ts; what was delivered: boundary/settleDelivered.ts.
import {
  addMoney,
  type Money,
  NO_ENERGY,
  NO_MONEY,
  subMoney,
  type WattHour,
} from '../../../../core/src/amount.js';
import { assert, present } from '../../../../core/src/assert.js';
import type { Hash } from '../../../../core/src/hash.js';
import type { Side } from '../../../../core/src/tx.js';
import {
  type OrderKey,
  periodGroup,
  type PeriodKey,
  PERIODS,
  POSITIONS,
  type Trade,
  type TradeKey,
  TRADES,
} from '../../schema.js';
import { type Contract, CONTRACTS } from './tables.js';
import { openPeriod } from '../../tx/orders.js';
import type { World } from '../../world.js';
import type { BookAt } from '../book.js';

/** Writes a contract behind those that its period has; gives its index. */
export function openContract(at: BookAt, trade: Trade, contract: Contract): TradeKey {
  const { world, market, key } = at;
  const period = openPeriod(world, market, key);
  const place = { ...key, index: BigInt(period.trades) };
  world.set(TRADES, place, trade);
  world.set(CONTRACTS, place, contract);
  world.set(PERIODS, key, { ...period, trades: period.trades + 1 });
  return place;
}

/** One line for each side of a sale at a price. */
export function saleLines({ ledger, key }: BookAt, sale: Trade): void {
  const { seller, buyer, energyWh, price, biddingRound } = sale;
  for (const side of ['sell', 'buy'] as const) {
    const [account, other] = side === 'sell' ? [seller, buyer] : [buyer, seller];
    const fields = [key.market, key.period, side, other, energyWh, price, biddingRound];
    ledger.line({ kind: 'trade', account, fields });
  }
}

interface More {
  readonly side: Side;
  readonly id: Hash;
  readonly energyWh: WattHour;
  readonly amount: Money;
  readonly lock: Money;
}

/** A party has more under contract; its lock is in its locked balance already. */
export function growPosition(world: World, key: OrderKey, more: More): void {
  const { side, id, energyWh, amount, lock } = more;
  const before = world.get(POSITIONS, key);
  const old = before ?? { declaredWh: NO_ENERGY, tradedWh: NO_ENERGY, amount: NO_MONEY, lock };
  assert(before === undefined || before.side === side || before.tradedWh === 0n, 'one side');
  world.set(POSITIONS, key, {
    side,
    order: before?.order ?? id,
    declaredWh: (old.declaredWh + energyWh) as WattHour,
    tradedWh: (old.tradedWh + energyWh) as WattHour,
    amount: addMoney(old.amount, amount),
    lock: before === undefined ? lock : addMoney(before.lock, lock),
    outcome: 'TRADED',
  });
}

/** A party has less under contract, and less locked for it. */
export function shrinkPosition(world: World, key: OrderKey, less: Omit<More, 'side' | 'id'>): void {
  const before = present(world.get(POSITIONS, key), 'a party has its position');
  world.set(POSITIONS, key, {
    ...before,
    declaredWh: (before.declaredWh - less.energyWh) as WattHour,
    tradedWh: (before.tradedWh - less.energyWh) as WattHour,
    amount: subMoney(before.amount, less.amount),
    lock: subMoney(before.lock, less.lock),
  });
}

export interface Served {
  readonly key: TradeKey;
  readonly trade: Trade;
  readonly kind: Contract['kind'];
}

const RANKS: { readonly [kind in Contract['kind']]: number } = {
  bilateral: 0,
  trade: 1,
  replacement: 2,
};

/**
 * Contracts of a period in the order in which they are served: those of a bilateral market by
 * confirmation, trades as they were matched, replacements; what was sold on from one directly
 * after it, the newest first. Those that fell to nothing are left out.
 */
export function servedOf(world: World, key: PeriodKey): readonly Served[] {
  const group = periodGroup(key);
  const rows = new Map(world.entries(CONTRACTS, group).map((e) => [e.key.index, e.value]));
  const all = world.entries(TRADES, group).map(({ key: at, value }): Served => {
    return { key: at, trade: value, kind: rows.get(at.index)?.kind ?? 'trade' };
  });
  const soldOn = new Map<bigint, Served[]>();
  const roots: Served[] = [];
  for (const one of all) {
    const after = rows.get(one.key.index)?.after;
    if (after === undefined) roots.push(one);
    else soldOn.set(after, [one, ...(soldOn.get(after) ?? [])]);
  }
  roots.sort((a, b) => RANKS[a.kind] - RANKS[b.kind]);
  const order: Served[] = [];
  const stack = [...roots].reverse();
  for (let one = stack.pop(); one !== undefined; one = stack.pop()) {
    if (one.trade.energyWh > 0n) order.push(one);
    stack.push(...(soldOn.get(one.key.index) ?? []).reverse());
  }
  return order;
}
