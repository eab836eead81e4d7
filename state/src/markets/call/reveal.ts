// revealBid in a market of call: bond back and lock taken in one step; an opening that is wrong or
// cannot be covered is refused, and may be sent again until the reveal closes (settlement 2.2,
// market-call 5, A10, A14).
import { type Money, NO_MONEY } from '../../../../core/src/amount.js';
import { present } from '../../../../core/src/assert.js';
import type { MarketConfig } from '../../../../core/src/markets.js';
import type { TxOf } from '../../../../core/src/tx.js';
import { ORDERS } from '../../schema.js';
import { collateralOf, openBond } from '../../tx/locks.js';
import { countRevealed, refuseOpening } from '../../tx/orders.js';
import { checkFunds, checkPriceIn } from '../../tx/standing.js';
import type { MarketRule } from '../mechanism.js';

/** Buyer: energy x bid. Seller: energy x (retail - feedIn). */
function lockOf(market: MarketConfig, body: TxOf<'revealBid'>['body']): Money {
  return body.side === 'buy'
    ? ((body.energyWh * body.price) as Money)
    : collateralOf(market, body.energyWh);
}

export const reveal: MarketRule<'revealBid'> = {
  check(context, market, tx) {
    const { body, sender } = tx;
    const { world } = context;
    const bid = world.get(ORDERS, { ...body, account: sender });
    const refusal = refuseOpening(context, market, { tx, bid });
    if (refusal !== undefined) return refusal;
    const order = present(bid, 'checked');
    if (order.side !== body.side || order.energyWh !== body.energyWh) return 'COMMITMENT_MISMATCH';
    return (
      checkPriceIn(market, body.price) ??
      checkFunds(world, sender, { freed: order.bond, lock: lockOf(market, body) })
    );
  },

  apply({ world, ledger }, market, { body, sender }) {
    const key = { market: body.market, period: body.period, account: sender };
    const order = present(world.get(ORDERS, key), 'checked');
    const lock = lockOf(market, body);
    openBond(ledger, sender, { bond: order.bond, lock });
    const opened = { bond: NO_MONEY, revealed: true, price: body.price, lock };
    world.set(ORDERS, key, { ...order, ...opened });
    countRevealed(world, key);
  },
};
