// forecast: net energy of the next delivery, taken when bids can no longer be changed; the last one
// counts, each costs a token (market-neighbourhood 1.2).
import { present } from '../../../../core/src/assert.js';
import { marketOf } from '../../chain.js';
import type { TxRule } from '../../tx/context.js';
import { refusePhase } from '../../tx/orders.js';
import { limitOf } from '../../tx/locks.js';
import { setForecast, spend, tokensOf } from './conduct.js';
import { checkHome } from './request.js';

export const forecast: TxRule<'forecast'> = {
  check(context, { body, sender }) {
    const { world, chain, timeMs } = context;
    const market = marketOf(chain, body.market);
    if (market === undefined) return 'UNKNOWN_MARKET';
    if (market.mechanism !== 'neighbourhood') return 'WRONG_MECHANISM';
    const { period, netWh } = body;
    const refusal =
      refusePhase(market, { period, timeMs }, 'forecast') ?? checkHome(context, market, body);
    if (refusal !== undefined) return refusal;
    const size = netWh < 0n ? -netWh : netWh;
    const side = netWh < 0n ? 'sell' : 'buy';
    if (size > limitOf(context.sender, market, side)) return 'QUANTITY_LIMIT';
    const at = { market: body.market, account: sender, timeMs };
    return tokensOf(world, market, at) === 0 ? 'NO_TOKEN' : undefined;
  },

  apply({ world, chain, timeMs }, { body, sender }) {
    const market = present(marketOf(chain, body.market), 'checked');
    const key = { market: body.market, account: sender };
    spend(world, market, { ...key, timeMs });
    setForecast(world, key, { period: body.period, netWh: body.netWh });
  },
};
