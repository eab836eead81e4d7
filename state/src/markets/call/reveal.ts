// revealBid in a market of call: bond back and lock taken in one step; an opening that is wrong or
// cannot be covered is refused, and may be sent again until the reveal closes (settlement 2.2,
// market-call 5, A10, A14).
import { type Money, type Price, subMoney } from '../../../../core/src/amount.js';
import { present } from '../../../../core/src/assert.js';
import { equalBytes } from '../../../../core/src/bytes.js';
import type { MarketConfig } from '../../../../core/src/markets.js';
import { sealedBidHash } from '../../../../core/src/seal.js';
import type { TxOf } from '../../../../core/src/tx.js';
import { checkPrice, type PriceRules } from '../../../../market/src/order.js';
import { available, locked } from '../../ledger/ledger.js';
import { BALANCES, ORDERS, PERIODS } from '../../schema.js';
import { collateralOf, refusePhase } from '../../tx/orders.js';
import type { MarketRule } from '../mechanism.js';

/** Buyer: energy x bid. Seller: energy x (retail - feedIn). */
function lockOf(market: MarketConfig, body: TxOf<'revealBid'>['body']): Money {
  return body.side === 'buy'
    ? ((body.energyWh * body.price) as Money)
    : collateralOf(market, body.energyWh);
}

function priceAllowed(market: MarketConfig, price: Price): boolean {
  const rules = market.params as PriceRules & MarketConfig['params'];
  // Without bounds a price is still one that the book can hold.
  return checkPrice(price, rules) === undefined && price <= 1000n * rules.retail;
}

export const reveal: MarketRule<'revealBid'> = {
  check(context, market, { body, sender }) {
    if (body.biddingRound !== 1) return 'BAD_ENCODING';
    const phase = refusePhase(market, { period: body.period, timeMs: context.timeMs }, 'reveal');
    if (phase !== undefined) return phase;
    const order = context.world.get(ORDERS, { ...body, account: sender });
    if (order === undefined) return 'NO_ORDER';
    if (order.revealed) return 'ALREADY_REVEALED';
    const sealed = sealedBidHash({ ...body, chainId: context.chain.chainId, account: sender });
    const same = order.side === body.side && order.energyWh === body.energyWh;
    if (!same || !equalBytes(sealed, order.hash)) return 'COMMITMENT_MISMATCH';
    if (!priceAllowed(market, body.price)) return 'PRICE_BOUNDS';
    const balance = context.world.get(BALANCES, sender);
    const free = (balance?.available ?? 0n) + order.bond;
    return free < lockOf(market, body) ? 'INSUFFICIENT_FUNDS' : undefined;
  },

  apply({ world, ledger }, market, { body, sender }) {
    const key = { market: body.market, period: body.period, account: sender };
    const order = present(world.get(ORDERS, key), 'checked');
    const lock = lockOf(market, body);
    // Bond into lock within one step: only the difference moves (settlement 2.6).
    if (order.bond >= lock)
      ledger.post({
        type: 'bond-return',
        from: locked(sender),
        to: available(sender),
        amount: subMoney(order.bond, lock),
      });
    else
      ledger.post({
        type: 'lock',
        from: available(sender),
        to: locked(sender),
        amount: subMoney(lock, order.bond),
      });
    world.set(ORDERS, key, {
      ...order,
      bond: 0n as Money,
      revealed: true,
      price: body.price,
      lock,
    });
    const at = { market: key.market, period: key.period };
    const period = present(world.get(PERIODS, at), 'an order has its period');
    world.set(PERIODS, at, { ...period, revealed: period.revealed + 1 });
  },
};
