// offer: a published offer or request (market-bilateral L1). It binds nobody and locks nothing; the
// two who find each other by it talk elsewhere.
import type { Price, WattHour } from '../../../../core/src/amount.js';
import { MAX_OPEN_OF_ACCOUNT } from '../../../../core/src/limits.js';
import { checkPrice, checkQuantity } from '../../../../market/src/order.js';
import { periodTimes } from '../../boundary/timing.js';
import { offerGroup, OFFERS } from './tables.js';
import type { TxRule } from '../../tx/context.js';
import { limitOf } from '../../tx/locks.js';
import { isInArrears } from '../../tx/standing.js';
import { bilateralOf } from './market.js';

export const offer: TxRule<'offer'> = {
  check(context, { body, sender }) {
    const market = bilateralOf(context.chain, body.market);
    if (typeof market === 'string') return market;
    if (context.sender.role !== 'prosumer') return 'NOT_ALLOWED';
    const { firstPeriod, lastPeriod, until, price } = body;
    if (lastPeriod < firstPeriod) return 'WRONG_PERIOD';
    if (context.timeMs >= periodTimes(market, lastPeriod).deliveryStart) return 'WRONG_PERIOD';
    if (until <= context.timeMs) return 'EXPIRED';
    const minOrderWh = market.params.minOrderWh as WattHour;
    const pMaxWh = limitOf(context.sender, market, body.side);
    const { feedIn, retail, tick, bounds } = market.params;
    const rules = { tick, bounds, feedIn: feedIn as Price, retail: retail as Price };
    const refusal =
      checkQuantity(body.energyWh, { minOrderWh, pMaxWh }) ??
      (price === undefined ? undefined : checkPrice(price, rules));
    if (refusal !== undefined) return refusal;
    if (isInArrears(context.world, sender)) return 'ARREARS';
    const live = context.world
      .entries(OFFERS, offerGroup(sender))
      .filter(({ value }) => value.until > context.timeMs);
    return live.length >= MAX_OPEN_OF_ACCOUNT ? 'OPEN_LIMIT' : undefined;
  },
  apply({ world, timeMs }, { body, sender, id }) {
    // Whoever publishes clears away what of its own has lapsed.
    for (const { key, value } of world.entries(OFFERS, offerGroup(sender)))
      if (value.until <= timeMs) world.delete(OFFERS, key);
    const { market, side, energyWh, price, firstPeriod, lastPeriod, until } = body;
    const value = { market, side, energyWh, price, firstPeriod, lastPeriod, until };
    world.set(OFFERS, { account: sender, id }, value);
  },
};
