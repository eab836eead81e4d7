// Energy of a contract sold on before its period begins (settlement 7.2): the contract falls, a new
// one of the same seller and price opens directly after it, and the difference of the prices is
// settled at once. Who may sell what: sellOn.ts; in the book of continuous: markets/continuous.ts.
import { type Money, NO_MONEY, type Price, type WattHour } from '../../../../core/src/amount.js';
import { present } from '../../../../core/src/assert.js';
import { equalBytes } from '../../../../core/src/bytes.js';
import type { Hash } from '../../../../core/src/hash.js';
import type { AccountId } from '../../../../core/src/ids.js';
import { contractIdOf, contractKeyOf } from '../../../../core/src/listing.js';
import { type MarketConfig, wheelingOf } from '../../../../core/src/markets.js';
import type { Chain } from '../../chain.js';
import { available, locked } from '../../ledger/ledger.js';
import { BOOK, type Trade, type TradeKey, TRADES } from '../../schema.js';
import { type Contract, CONTRACTS, rightGroup, RIGHTS } from './tables.js';
import type { World } from '../../world.js';
import { openLockOf, releaseLock } from '../../tx/locks.js';
import { type BookAt } from '../book.js';
import { growPosition, openContract, saleLines, shrinkPosition } from './contracts.js';

/** The trade that a contract id of a market names. */
export function tradeOf(
  world: World,
  chain: Chain,
  at: { readonly market: string; readonly contract: Hash },
): { readonly key: TradeKey; readonly trade: Trade } | undefined {
  const key = contractKeyOf(chain.chainId, [at.market], at.contract) as TradeKey | undefined;
  const trade = key && world.get(TRADES, key);
  return key && trade && { key, trade };
}

/** Energy of a contract that is on offer, as a right or as an order of the book. */
export function onOfferWh(
  { world, chain }: { readonly world: World; readonly chain: Chain },
  { key, trade }: { readonly key: TradeKey; readonly trade: Trade },
  timeMs: bigint,
): bigint {
  const rights = world
    .entries(RIGHTS, rightGroup(key))
    .filter(({ value }) => value.until > timeMs)
    .reduce((sum, { value }) => sum + value.energyWh, 0n);
  const id = contractIdOf(chain.chainId, key);
  const orders = world.get(BOOK, { ...key, account: trade.buyer })?.orders ?? [];
  return orders
    .filter(({ right }) => right !== undefined && equalBytes(right, id))
    .reduce((sum, { energyWh }) => sum + energyWh, rights);
}

const MATCHED: Contract = { kind: 'trade', after: undefined, listing: undefined, place: 0n };

/** Whether its parties locked price and fees, and not what an order of the book locks. */
const isNegotiated = ({ kind, after }: Contract): boolean =>
  kind !== 'trade' || after !== undefined;

/** What the buyer has locked for energy of a contract. */
function buyerLock(market: MarketConfig, contract: Contract, part: Part): Money {
  if (isNegotiated(contract)) return (part.energyWh * (part.price + wheelingOf(market))) as Money;
  return openLockOf(market, { side: 'buy', ...part });
}

/** What the seller has locked at least. */
function sellerLock(market: MarketConfig, contract: Contract, part: Part): Money {
  if (contract.kind !== 'trade')
    return (part.energyWh * (part.price + wheelingOf(market))) as Money;
  return openLockOf(market, { side: 'sell', energyWh: part.energyWh, price: market.params.retail });
}

interface Part {
  readonly energyWh: WattHour;
  readonly price: Price;
}

export interface Sale {
  readonly key: TradeKey;
  readonly taker: AccountId;
  readonly energyWh: WattHour;
  /** Of the right. */
  readonly price: Price;
  /** Offer or order of it. */
  readonly id: Hash;
  readonly place: bigint;
}

/** What the taker must have free: it locks the contract's price, pays or gets the difference. */
export const costOf = (market: MarketConfig, { energyWh, price }: Part): Money =>
  (energyWh * (price + wheelingOf(market))) as Money;

/** Moves energy of a contract to its taker. Everything was checked; the taker has what it costs. */
export function moveRight(at: BookAt, sale: Sale): void {
  const { world, market } = at;
  const { key, taker, energyWh } = sale;
  const trade = present(world.get(TRADES, key), 'checked');
  const contract = world.get(CONTRACTS, key) ?? MATCHED;
  const part = { energyWh, price: trade.price };
  const amount = (energyWh * trade.price) as Money;
  world.set(TRADES, key, { ...trade, energyWh: (trade.energyWh - energyWh) as WattHour });
  const lock = buyerLock(market, contract, part);
  shrinkPosition(world, { ...key, account: trade.buyer }, { energyWh, amount, lock });
  settleDifference(at, { trade, sale, lock });
  saleLines(at, { ...trade, seller: trade.buyer, buyer: taker, energyWh, price: sale.price });
  if (equalBytes(taker, trade.seller)) {
    const free = sellerLock(market, contract, part);
    shrinkPosition(world, { ...key, account: taker }, { energyWh, amount, lock: free });
    releaseLock(at.ledger, taker, free);
    return;
  }
  const taken = (energyWh * (trade.price + wheelingOf(market))) as Money;
  const [from, to] = [available(taker), locked(taker)];
  at.ledger.post({ type: 'lock', from, to, amount: taken });
  const { id, place } = sale;
  const owner = { ...key, account: taker };
  growPosition(world, owner, { side: 'buy', id, energyWh, amount, lock: taken });
  openContract(
    at,
    { ...trade, buyer: taker, energyWh },
    { kind: contract.kind, after: key.index, listing: contract.listing, place },
  );
}

/** Out of the old buyer's lock to the taker, or the taker pays; the rest of the lock is free. */
function settleDifference(
  { ledger }: BookAt,
  { trade, sale, lock }: { readonly trade: Trade; readonly sale: Sale; readonly lock: Money },
): void {
  const { taker, energyWh } = sale;
  const difference = energyWh * (trade.price - sale.price);
  const type = 'transfer';
  const gain = (difference > 0n ? difference : NO_MONEY) as Money;
  ledger.post({ type, from: locked(trade.buyer), to: available(taker), amount: gain });
  releaseLock(ledger, trade.buyer, (lock - gain) as Money);
  const price = (difference < 0n ? -difference : NO_MONEY) as Money;
  ledger.post({ type, from: available(taker), to: available(trade.buyer), amount: price });
}
