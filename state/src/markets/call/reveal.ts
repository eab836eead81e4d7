// revealBid in a market of call: bond back and lock taken in one step; an opening that is wrong or
// cannot be covered is refused, and may be sent again until the reveal closes (settlement 2.2,
// market-call 5, A10, A14).
import { type Money, NO_MONEY } from '../../../../core/src/amount.js';
import { present } from '../../../../core/src/assert.js';
import type { MarketConfig } from '../../../../core/src/markets.js';
import type { TxOf } from '../../../../core/src/tx.js';
import { ORDERS } from '../../schema.js';
import { collateralOf, openBond } from '../../tx/locks.js';
import { countRevealed, isOpening, refusePhase } from '../../tx/orders.js';
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
    const { world, timeMs } = context;
    if (body.biddingRound !== 1) return 'BAD_ENCODING';
    const phase = refusePhase(market, { period: body.period, timeMs }, 'reveal');
    if (phase !== undefined) return phase;
    const order = world.get(ORDERS, { ...body, account: sender });
    if (order === undefined) return 'NO_ORDER';
    if (order.revealed) return 'ALREADY_REVEALED';
    const same = order.side === body.side && order.energyWh === body.energyWh;
    if (!same || !isOpening(context.chain, tx, order.hash)) return 'COMMITMENT_MISMATCH';
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
