// Whether two accounts may have a contract on these terms (market-bilateral V1, G3): looked at when
// it is listed and again at each confirmation. Signatures, phase and review are asked elsewhere.
import type { Money, PeriodIndex, Price, WattHour } from '../../../../core/src/amount.js';
import { present } from '../../../../core/src/assert.js';
import { equalBytes } from '../../../../core/src/bytes.js';
import type { ErrorCode } from '../../../../core/src/errors.js';
import type { AccountId } from '../../../../core/src/ids.js';
import { MAX_LISTING_PERIODS } from '../../../../core/src/limits.js';
import { contractKeyOf, type ListingTerms } from '../../../../core/src/listing.js';
import { type MarketConfig, wheelingOf } from '../../../../core/src/markets.js';
import type { Side } from '../../../../core/src/tx.js';
import { checkPrice, checkQuantity } from '../../../../market/src/order.js';
import { periodTimes } from '../../boundary/timing.js';
import { type Chain, marketOf } from '../../chain.js';
import {
  type Account,
  ACCOUNTS,
  BALANCES,
  BOOK,
  type Meter,
  type OrderKey,
  PERIODS,
  POSITIONS,
  TRADES,
  type Trade,
  type TradeKey,
} from '../../schema.js';
import { CONTRACTS } from './tables.js';
import { isEnrolled, isSuspended, meterOf } from '../../tx/context.js';
import type { World } from '../../world.js';
import { limitOf } from '../../tx/locks.js';
import { isGridAtLimit, isInArrears } from '../../tx/standing.js';
import { partyOf, periodsOf } from './listing.js';

export interface Looking {
  readonly chain: Chain;
  readonly world: World;
  readonly timeMs: bigint;
}

/** The one market that settles both meters in a period: this one, or one beside it. */
export function settlerOf(
  { chain, world }: Looking,
  market: MarketConfig,
  at: { readonly parties: readonly AccountId[]; readonly period: PeriodIndex },
): MarketConfig | undefined {
  const meters = at.parties.map((id): Meter | undefined => {
    const account = world.get(ACCOUNTS, id);
    return account && meterOf(world, account);
  });
  const all = [market.id, ...market.params.beside].map((id) => marketOf(chain, id));
  return all.find(
    (one) =>
      one !== undefined &&
      meters.every(
        (meter) =>
          meter !== undefined && isEnrolled(chain, meter, { market: one, period: at.period }),
      ),
  );
}

/** Where the handling fee is on, per contract and side. */
export const handlingOf = ({ params }: MarketConfig): Money =>
  (params.fees ? params.handlingFee : 0n) as Money;

/**
 * What a side locks for one contract beside the handling fee: Q x P (G8) and the wheeling of the
 * market that settles. The seller of a replacement locks no energy (L5).
 */
export function contractLock(
  settler: MarketConfig,
  terms: Pick<ListingTerms, 'energyWh' | 'price' | 'replaces'>,
  side: Side,
): Money {
  if (side === 'sell' && terms.replaces !== undefined) return 0n as Money;
  return (terms.energyWh * (terms.price + wheelingOf(settler))) as Money;
}

/** What a side locks with its confirmation; the meters are enrolled. */
export function needOf(at: Looking, market: MarketConfig, terms: ListingTerms, side: Side): Money {
  const parties = [terms.seller, terms.buyer];
  const need = periodsOf(terms).reduce((sum, period) => {
    const settler = present(settlerOf(at, market, { parties, period }), 'checked');
    return sum + contractLock(settler, terms, side) + handlingOf(market);
  }, 0n);
  return need as Money;
}

/** Enough is free now on both sides; it is locked with the confirmations (V1). Terms are good. */
export function checkFunds(
  at: Looking,
  market: MarketConfig,
  terms: ListingTerms,
): ErrorCode | undefined {
  for (const side of ['sell', 'buy'] as const) {
    const free = at.world.get(BALANCES, partyOf(terms, side))?.available ?? 0n;
    if (free < needOf(at, market, terms, side)) return 'INSUFFICIENT_FUNDS';
  }
  return undefined;
}

function checkParties({ world, timeMs }: Looking, terms: ListingTerms): ErrorCode | undefined {
  if (equalBytes(terms.seller, terms.buyer)) return 'SELF_TRADE';
  for (const id of [terms.seller, terms.buyer]) {
    const account = world.get(ACCOUNTS, id);
    if (account === undefined) return 'UNKNOWN_ACCOUNT';
    if (account.role !== 'prosumer') return 'NOT_ALLOWED';
    if (isSuspended(account, timeMs)) return 'SUSPENDED';
    if (isInArrears(world, id)) return 'ARREARS';
  }
  return undefined;
}

function checkEnergy(market: MarketConfig, terms: ListingTerms): ErrorCode | undefined {
  const { count, energyWh, price, replaces } = terms;
  if (count < 1 || count > MAX_LISTING_PERIODS) return 'AMOUNT_RANGE';
  if (replaces !== undefined && count !== 1) return 'AMOUNT_RANGE';
  const { params } = market;
  // Without bounds a price is still one that money can hold.
  if (price > 1000n * params.retail) return 'PRICE_BOUNDS';
  return (
    checkQuantity(energyWh, { minOrderWh: params.minOrderWh as WattHour }) ??
    checkPrice(price, { ...params, feedIn: params.feedIn as Price, retail: params.retail as Price })
  );
}

/** Whether the account has sold, bought or offered in the book on the other side of a period. */
function isOtherSide(world: World, key: OrderKey, side: Side): boolean {
  const position = world.get(POSITIONS, key);
  if (position !== undefined && position.tradedWh > 0n && position.side !== side) return true;
  const orders = world.get(BOOK, key)?.orders ?? [];
  return orders.some((order) => order.side !== side && order.right === undefined);
}

/** The account on that side has room for more energy, and is not on the other one (7.4). */
export function checkSide(
  world: World,
  settler: MarketConfig,
  at: { readonly key: OrderKey; readonly side: Side; readonly energyWh: bigint },
): ErrorCode | undefined {
  const { key, side, energyWh } = at;
  if (isOtherSide(world, key, side)) return 'WRONG_SIDE';
  const owner = present(world.get(ACCOUNTS, key.account), 'checked') as Account;
  const contracted = world.get(POSITIONS, key)?.tradedWh ?? 0n;
  return contracted + energyWh > limitOf(owner, settler, side) ? 'QUANTITY_LIMIT' : undefined;
}

function checkPeriod(
  at: Looking,
  market: MarketConfig,
  of: { readonly terms: ListingTerms; readonly period: PeriodIndex },
): ErrorCode | undefined {
  const { terms, period } = of;
  const parties = [terms.seller, terms.buyer];
  const settler = settlerOf(at, market, { parties, period });
  if (settler === undefined) return 'NOT_ENROLLED';
  const trades = at.world.get(PERIODS, { market: settler.id, period })?.trades ?? 0;
  if (trades >= market.params.maxOrders) return 'BOOK_FULL';
  const replaced = terms.replaces && replacedBy(at, terms, settler);
  if (typeof replaced === 'string') return replaced;
  for (const side of ['sell', 'buy'] as const) {
    const key = { market: settler.id, period, account: partyOf(terms, side) };
    // The energy of a replacement is what the contract before it left.
    const energyWh = replaced === undefined ? terms.energyWh : 0n;
    const refusal = checkSide(at.world, settler, { key, side, energyWh });
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

/** The contract that a replacement stands for: of one of the two, of the running period (L5). */
function replacedBy(
  at: Looking,
  terms: ListingTerms,
  settler: MarketConfig,
): Trade | ErrorCode | undefined {
  const { period, replaces } = terms;
  if (replaces === undefined) return undefined;
  const { deliveryStart, deliveryEnd } = periodTimes(settler, period);
  if (at.timeMs < deliveryStart || at.timeMs >= deliveryEnd) return 'WRONG_PHASE';
  const key = contractKeyOf(at.chain.chainId, [settler.id], replaces) as TradeKey | undefined;
  const trade = key && at.world.get(TRADES, key);
  if (key === undefined || trade === undefined) return 'NOT_FOUND';
  if (key.period !== period) return 'WRONG_PERIOD';
  if (at.world.get(CONTRACTS, key)?.kind === 'replacement') return 'NOT_ALLOWED';
  const isOfOne = equalBytes(trade.seller, terms.seller) || equalBytes(trade.buyer, terms.buyer);
  if (!isOfOne) return 'NOT_ALLOWED';
  return terms.energyWh > trade.energyWh ? 'QUANTITY_LIMIT' : trade;
}

/** Why there may be no contract on these terms now, or undefined. */
export function checkTerms(
  at: Looking,
  market: MarketConfig,
  terms: ListingTerms,
): ErrorCode | undefined {
  const refusal = checkParties(at, terms) ?? checkEnergy(market, terms);
  if (refusal !== undefined) return refusal;
  for (const period of periodsOf(terms)) {
    const found = checkPeriod(at, market, { terms, period });
    if (found !== undefined) return found;
  }
  return isGridAtLimit(at) ? 'GRID_LIMIT' : undefined;
}
