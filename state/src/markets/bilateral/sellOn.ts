// offerRight and takeRight (settlement 7): energy bought for a period that has not begun is offered
// by its buyer and taken by another account of the same market, or by the seller itself.
import type { WattHour } from '../../../../core/src/amount.js';
import { present } from '../../../../core/src/assert.js';
import { equalBytes } from '../../../../core/src/bytes.js';
import type { ErrorCode } from '../../../../core/src/errors.js';
import type { MarketConfig, Mechanism } from '../../../../core/src/markets.js';
import type { TxOf } from '../../../../core/src/tx.js';
import { checkQuantity } from '../../../../market/src/order.js';
import { periodTimes, windowOf } from '../../boundary/timing.js';
import { marketOf } from '../../chain.js';
import { ACCOUNTS, PERIODS, type Trade, TRADES } from '../../schema.js';
import { type Right, RIGHTS } from './tables.js';
import { type CheckContext, isSuspended, type TxRule } from '../../tx/context.js';
import { checkEnrolled, checkFunds, checkPriceIn, isInArrears } from '../../tx/standing.js';
import { costOf, moveRight, onOfferWh, tradeOf } from './rights.js';
import { checkSide } from './terms.js';

/** Not where energy is paid by contract, nor where trades passed a check of lines (7.3). */
const SOLD_ON: readonly Mechanism[] = ['bilateral', 'two-round', 'uniform', 'continuous'];

interface At {
  readonly market: string;
  readonly period: TxOf<'offerRight'>['body']['period'];
}

/** A market of rights, before its gate or else the start of delivery (7.1). */
function openMarket({ chain, timeMs }: CheckContext, at: At): MarketConfig | ErrorCode {
  const market = marketOf(chain, at.market);
  if (market === undefined) return 'UNKNOWN_MARKET';
  if (!SOLD_ON.includes(market.mechanism)) return 'WRONG_MECHANISM';
  const { deliveryStart } = periodTimes(market, at.period);
  const isContinuous = market.mechanism === 'continuous';
  const gate = isContinuous ? windowOf(market, at.period, 'orders')?.endMs : undefined;
  return timeMs < (gate ?? deliveryStart) ? market : 'WRONG_PHASE';
}

export const offerRight: TxRule<'offerRight'> = {
  check(context, { body, sender }) {
    const { world, chain, timeMs } = context;
    const market = openMarket(context, body);
    if (typeof market === 'string') return market;
    const found = tradeOf(world, chain, body);
    if (found === undefined) return 'NOT_FOUND';
    if (found.key.period !== body.period) return 'WRONG_PERIOD';
    if (!equalBytes(found.trade.buyer, sender)) return 'NOT_ALLOWED';
    if (body.until <= timeMs) return 'EXPIRED';
    if (isInArrears(world, sender)) return 'ARREARS';
    const minOrderWh = market.params.minOrderWh as WattHour;
    const refusal =
      checkQuantity(body.energyWh, { minOrderWh }) ?? checkPriceIn(market, body.price);
    if (refusal !== undefined) return refusal;
    const offered = onOfferWh(context, found, timeMs);
    return offered + body.energyWh > found.trade.energyWh ? 'RIGHT_SOLD' : undefined;
  },
  apply({ world, chain }, { body, sender, id }) {
    const { key } = present(tradeOf(world, chain, body), 'checked');
    const { energyWh, price, until } = body;
    world.set(RIGHTS, { id, contract: key }, { ...key, by: sender, energyWh, price, until });
  },
};

/** The offer, where it stands open. */
function rightOf({ world, timeMs }: CheckContext, body: TxOf<'takeRight'>['body']) {
  const right = world.get(RIGHTS, { id: body.offer, contract: { ...body, index: 0n } });
  if (right === undefined || right.market !== body.market) return 'NOT_FOUND';
  if (right.period !== body.period) return 'WRONG_PERIOD';
  return timeMs < right.until ? right : 'EXPIRED';
}

/** The account that takes may have a contract of that period. */
function checkTaker(
  context: CheckContext,
  tx: TxOf<'takeRight'>,
  at: { readonly market: MarketConfig; readonly right: Right; readonly isSeller: boolean },
): ErrorCode | undefined {
  const { world, sender } = context;
  const { market, right, isSeller } = at;
  if (sender.role !== 'prosumer' || equalBytes(tx.sender, right.by)) return 'NOT_ALLOWED';
  const enrolled = checkEnrolled(context, market, right);
  if (enrolled !== undefined) return enrolled;
  if (isInArrears(world, tx.sender)) return 'ARREARS';
  if (isSeller) return undefined;
  const key = { market: market.id, period: right.period, account: tx.sender };
  return checkSide(world, market, { key, side: 'buy', energyWh: right.energyWh });
}

/** What the seller pays for its own energy where the right costs more than the contract. */
const payOf = (trade: Trade, { energyWh, price }: Right): bigint =>
  price > trade.price ? energyWh * (price - trade.price) : 0n;

export const takeRight: TxRule<'takeRight'> = {
  check(context, tx) {
    const { world, timeMs } = context;
    const market = openMarket(context, tx.body);
    if (typeof market === 'string') return market;
    const right = rightOf(context, tx.body);
    if (typeof right === 'string') return right;
    const owner = present(world.get(ACCOUNTS, right.by), 'an account stays');
    if (isSuspended(owner, timeMs)) return 'SUSPENDED';
    if (isInArrears(world, right.by)) return 'ARREARS';
    const trade = present(world.get(TRADES, right), 'a right has its contract');
    const isSeller = equalBytes(trade.seller, tx.sender);
    const refusal = checkTaker(context, tx, { market, right, isSeller });
    if (refusal !== undefined) return refusal;
    const trades = world.get(PERIODS, tx.body)?.trades ?? 0;
    if (!isSeller && trades >= market.params.maxOrders) return 'BOOK_FULL';
    const lock = isSeller ? payOf(trade, right) : costOf(market, right);
    return checkFunds(world, tx.sender, { lock });
  },
  apply(context, tx) {
    const { world, ledger, chain, place } = context;
    const { market: id, period, offer } = tx.body;
    const key = { id: offer, contract: { market: id, period, index: 0n } };
    const right = present(world.get(RIGHTS, key), 'checked');
    const { index, energyWh, price } = right;
    const contract = { market: id, period, index };
    world.delete(RIGHTS, { id: offer, contract });
    const market = present(marketOf(chain, id), 'checked');
    moveRight(
      { world, ledger, market, key: { market: id, period } },
      { key: contract, taker: tx.sender, energyWh, price, id: tx.id, place },
    );
  },
};
