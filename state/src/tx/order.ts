// order, reduce and adjust (settlement 2.5, 8; market-two-round 4.12): what two-round, uniform and
// continuous take. Sealed bids, and cancel: bids.ts.
import type { Money, PeriodIndex, WattHour } from '../../../core/src/amount.js';
import { present } from '../../../core/src/assert.js';
import { equalBytes } from '../../../core/src/bytes.js';
import type { ErrorCode } from '../../../core/src/errors.js';
import type { Hash } from '../../../core/src/hash.js';
import type { AccountId } from '../../../core/src/ids.js';
import { MAX_ORDERS_OF_ACCOUNT } from '../../../core/src/limits.js';
import type { MarketConfig } from '../../../core/src/markets.js';
import type { TxOf } from '../../../core/src/tx.js';
import { checkQuantity } from '../../../market/src/order.js';
import { checkStepQuotes, quotesPerPrice } from '../../../market/src/twoRound/adjust.js';
import { marketOf } from '../chain.js';
import { type BookAt, putOrder } from '../markets/book.js';
import { onOfferWh, tradeOf } from '../markets/bilateral/rights.js';
import { bookIn, hasOpenOrders, ownOrder } from '../markets/openOrders.js';
import { CHAIN } from '../markets/registry.js';
import { BOOK, type OpenOrder, POSITIONS, REFERENCES } from '../schema.js';
import { type ApplyContext, type CheckContext, type TxRule } from './context.js';
import { countLive, refusePhase } from './orders.js';
import { limitOf, moveLock, openLockOf } from './locks.js';
import { checkDebts, checkEnrolled, checkFunds, checkPriceIn, checkRoom } from './standing.js';

type OrderBody = TxOf<'order'>['body'];

/** A market that takes open orders. */
function openMarket(context: CheckContext, id: string): MarketConfig | ErrorCode {
  const market = marketOf(context.chain, id);
  if (market === undefined) return 'UNKNOWN_MARKET';
  return hasOpenOrders(market) ? market : 'WRONG_MECHANISM';
}

const isCode = (found: MarketConfig | ErrorCode): found is ErrorCode => typeof found === 'string';

function checkFields(
  context: CheckContext,
  market: MarketConfig,
  body: OrderBody,
): ErrorCode | undefined {
  if (context.sender.role !== 'prosumer') return 'NOT_ALLOWED';
  const { period } = body;
  const phase = refusePhase(market, { period, timeMs: context.timeMs }, 'orders');
  if (phase !== undefined) return phase;
  const enrolled = checkEnrolled(context, market, body);
  if (enrolled !== undefined) return enrolled;
  const minOrderWh = market.params.minOrderWh as WattHour;
  // A right is bounded by its contract, not by the connection.
  const pMaxWh = body.right ? undefined : limitOf(context.sender, market, body.side);
  return checkQuantity(body.energyWh, { minOrderWh, pMaxWh }) ?? checkPriceIn(market, body.price);
}

/** What trades as it comes may name the contract whose energy it sells on (settlement 7.4). */
function checkRight(
  context: CheckContext,
  market: MarketConfig,
  {
    body,
    sender,
  }: { readonly body: OrderBody & { readonly right: Hash }; readonly sender: AccountId },
): ErrorCode | undefined {
  if (CHAIN[market.mechanism].arrive === undefined) return 'WRONG_MECHANISM';
  if (body.side !== 'sell') return 'WRONG_SIDE';
  const { world, chain, timeMs } = context;
  const found = tradeOf(world, chain, { market: body.market, contract: body.right });
  if (found === undefined) return 'NOT_FOUND';
  if (found.key.period !== body.period) return 'WRONG_PERIOD';
  if (!equalBytes(found.trade.buyer, sender)) return 'NOT_ALLOWED';
  const offered = onOfferWh(context, found, timeMs);
  return offered + body.energyWh > found.trade.energyWh ? 'RIGHT_SOLD' : undefined;
}

/** The order that a new one takes the place of, where there is one per account. */
const replaced = (
  { mechanism }: MarketConfig,
  orders: readonly OpenOrder[],
): OpenOrder | undefined => (CHAIN[mechanism].arrive === undefined ? orders[0] : undefined);

export const order: TxRule<'order'> = {
  check(context, { body, sender }) {
    const market = openMarket(context, body.market);
    if (isCode(market)) return market;
    const refusal = checkFields(context, market, body);
    if (refusal !== undefined) return refusal;
    const { world } = context;
    const orders = world.get(BOOK, { ...body, account: sender })?.orders ?? [];
    const old = replaced(market, orders);
    if (orders.length >= MAX_ORDERS_OF_ACCOUNT) return 'DUPLICATE_ORDER';
    // A seller's order is replaced by another one to sell: nobody stands on both sides.
    if (old !== undefined && old.side !== body.side) return 'DUPLICATE_ORDER';
    const room = checkRoom(world, market, { key: body, isNew: old === undefined });
    if (room !== undefined) return room;
    const position = world.get(POSITIONS, { ...body, account: sender });
    const right =
      body.right && checkRight(context, market, { body: { ...body, right: body.right }, sender });
    if (right !== undefined) return right;
    const other = position !== undefined && position.tradedWh > 0n && position.side !== body.side;
    if (other && body.right === undefined) return 'WRONG_SIDE';
    return (
      checkDebts(context, sender) ??
      checkFunds(world, sender, { freed: old?.lock, lock: openLockOf(market, body) })
    );
  },

  apply(context, tx) {
    const { body, sender } = tx;
    const at = bookFor(context, body);
    const orders = context.world.get(BOOK, { ...at.key, account: sender })?.orders ?? [];
    const old = replaced(at.market, orders);
    const lock = openLockOf(at.market, body);
    moveLock(context.ledger, sender, { from: old?.lock ?? (0n as Money), to: lock });
    const { side, energyWh, price, type, reserve } = body;
    const fresh: OpenOrder = {
      id: tx.id,
      side,
      energyWh,
      declaredWh: energyWh,
      price,
      type,
      reserve,
      right: body.right,
      place: context.place,
      lock,
      quotes: [],
    };
    if (old !== undefined) putOrder(at, { account: sender, order: old }, undefined);
    const key = { ...at.key, account: sender };
    if (old === undefined) countLive(context.world, at.market, { key, change: 1 });
    const one = { account: sender, order: fresh };
    const { arrive } = CHAIN[at.market.mechanism];
    if (arrive === undefined) putOrder(at, one, fresh);
    else arrive(at, one);
  },
};

const bookFor = (context: ApplyContext, body: { market: string; period: PeriodIndex }): BookAt =>
  bookIn(context, present(marketOf(context.chain, body.market), 'checked'), body);

export const reduce: TxRule<'reduce'> = {
  check(context, tx) {
    const market = openMarket(context, tx.body.market);
    if (isCode(market)) return market;
    const found = ownOrder(context, market, tx);
    if (typeof found === 'string') return found;
    const { energyWh } = tx.body;
    if (energyWh >= found.energyWh) return 'QUANTITY_LIMIT';
    return checkQuantity(energyWh, { minOrderWh: market.params.minOrderWh as WattHour });
  },
  apply(context, tx) {
    const at = bookFor(context, tx.body);
    const found = ownOrder(context, at.market, tx) as OpenOrder;
    const { energyWh } = tx.body;
    const lock = openLockOf(at.market, { ...found, energyWh });
    moveLock(context.ledger, tx.sender, { from: found.lock, to: lock });
    // It keeps its time: whoever wants less does not go to the end of the queue.
    const next = { ...found, energyWh, lock };
    putOrder(at, { account: tx.sender, order: found }, next);
  },
};

export const adjust: TxRule<'adjust'> = {
  check(context, { body, sender }) {
    const market = openMarket(context, body.market);
    if (isCode(market)) return market;
    const { period } = body;
    const phase = refusePhase(market, { period, timeMs: context.timeMs }, 'adjust');
    if (phase !== undefined) return phase;
    const [found] = context.world.get(BOOK, { ...body, account: sender })?.orders ?? [];
    if (found === undefined) return 'NO_ORDER';
    const key = { market: body.market, period, type: found.type };
    const references = context.world.get(REFERENCES, key);
    const perPrice = quotesPerPrice(context.chain.priceDecimals);
    const reference = found.side === 'sell' ? references?.askMax : references?.bidMin;
    return checkStepQuotes(body.prices, {
      side: found.side,
      quote: found.price * perPrice,
      reference: reference === undefined ? undefined : reference * perPrice,
      betaPpm: market.params.betaPpm,
      maxSteps: market.params.mode === 'single' ? 1 : market.params.maxSteps,
    });
  },
  apply(context, { body, sender }) {
    const at = bookFor(context, body);
    const [found] = context.world.get(BOOK, { ...at.key, account: sender })?.orders ?? [];
    const standing = present(found, 'checked');
    putOrder(at, { account: sender, order: standing }, { ...standing, quotes: body.prices });
  },
};
