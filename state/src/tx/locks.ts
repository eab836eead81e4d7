// What bids and orders lock (settlement 2): the limit of a connection, bonds of what is sealed,
// locks of what is open, and how one becomes the other. Only differences move.
import {
  largest,
  MAX_AMOUNT,
  type Money,
  subMoney,
  type WattHour,
} from '../../../core/src/amount.js';
import type { Hash } from '../../../core/src/hash.js';
import type { AccountId } from '../../../core/src/ids.js';
import { type MarketConfig, wheelingOf } from '../../../core/src/markets.js';
import type { Side } from '../../../core/src/tx.js';
import { mostWh } from '../boundary/timing.js';
import { available, type Ledger, locked } from '../ledger/ledger.js';
import type { Account } from '../schema.js';

/** Most energy that the connection of an account carries in a period on a side, Wh. */
export const limitOf = (account: Account, market: MarketConfig, side: Side): WattHour =>
  mostWh(side === 'buy' ? account.pMaxImportW : account.pMaxExportW, market.periodMs) as WattHour;

/** Power above which a connection is not one of a household or a plant of this grid: 1 GW. */
const MAX_WATTS = 1_000_000_000n;

/**
 * Whether a connection is of this grid's size, and a period of it at the retail price of every
 * market far within the range of money: then no bond and no bill can leave it (settlement 3.4).
 */
export const connectionFits = (markets: readonly MarketConfig[], watts: bigint): boolean =>
  watts <= MAX_WATTS &&
  markets.every((m) => mostWh(watts, m.periodMs) * m.params.retail <= MAX_AMOUNT / 4n);

/** Bond of a sealed bid: pMaxWh x (retail - feedIn) (settlement 2). */
export const bondOf = (account: Account, market: MarketConfig, side: Side): Money =>
  (limitOf(account, market, side) * (market.params.retail - market.params.feedIn)) as Money;

/** Of a bid whose side is sealed too: the larger bond of both (settlement 2.1). */
export const sealedBondOf = (account: Account, market: MarketConfig): Money =>
  largest(bondOf(account, market, 'buy'), bondOf(account, market, 'sell'));

/** A seller's collateral for energy: energy x (retail - feedIn). */
export const collateralOf = (market: MarketConfig, energyWh: bigint): Money =>
  (energyWh * (market.params.retail - market.params.feedIn)) as Money;

/** Where the seller has none: its lock covers a penalty where the module is on (settlement 2.4). */
export const sellerLockOf = ({ params }: MarketConfig, energyWh: bigint): Money =>
  (params.penalty ? energyWh * params.retail : 0n) as Money;

/**
 * Lock of an open order (settlement 2): the buyer's shows no price while prices are within bounds;
 * the seller's covers a penalty where the module is on. Fees on for the full energy (2.4).
 */
export function openLockOf(
  market: MarketConfig,
  order: {
    readonly side: Side;
    readonly energyWh: bigint;
    readonly price: bigint;
    readonly right?: Hash | undefined;
  },
): Money {
  // A right is covered by the lock of its contract (settlement 7.2).
  if (order.right !== undefined) return 0n as Money;
  const { retail, penalty } = market.params;
  const dearest = order.price > retail ? order.price : retail;
  if (order.side === 'sell') return (penalty ? order.energyWh * dearest : 0n) as Money;
  return (order.energyWh * (dearest + wheelingOf(market))) as Money;
}

interface Change {
  readonly from: Money;
  readonly to: Money;
}

/** What is at stake of an account for a sealed bid becomes another bond. */
export function moveBond(ledger: Ledger, account: AccountId, { from, to }: Change): void {
  const [mine, held] = [available(account), locked(account)];
  if (to < from) returnBond(ledger, account, subMoney(from, to));
  else ledger.post({ type: 'bond', from: mine, to: held, amount: subMoney(to, from) });
}

export function returnBond(ledger: Ledger, account: AccountId, amount: Money): void {
  ledger.post({ type: 'bond-return', from: locked(account), to: available(account), amount });
}

/** Bond into lock within one step: only the difference moves (settlement 2.6). */
export function openBond(
  ledger: Ledger,
  account: AccountId,
  { bond, lock }: { readonly bond: Money; readonly lock: Money },
): void {
  if (bond >= lock) returnBond(ledger, account, subMoney(bond, lock));
  else moveLock(ledger, account, { from: bond, to: lock });
}

export function releaseLock(ledger: Ledger, account: AccountId, amount: Money): void {
  ledger.post({ type: 'unlock', from: locked(account), to: available(account), amount });
}

/** Moves the difference of two locks of an account. */
export function moveLock(ledger: Ledger, account: AccountId, { from, to }: Change): void {
  if (to < from) releaseLock(ledger, account, subMoney(from, to));
  else
    ledger.post({
      type: 'lock',
      from: available(account),
      to: locked(account),
      amount: subMoney(to, from),
    });
}
