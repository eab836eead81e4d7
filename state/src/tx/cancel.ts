// cancel: allowed until the declaration closes, with the bond returned (settlement 2.2).
import { present } from '../../../core/src/assert.js';
import { equalBytes } from '../../../core/src/bytes.js';
import { marketOf } from '../chain.js';
import { available, locked } from '../ledger/ledger.js';
import { ORDERS, PERIODS } from '../schema.js';
import type { TxRule } from './context.js';
import { refusePhase } from './orders.js';

export const cancel: TxRule<'cancel'> = {
  check(context, { body, sender }) {
    const market = marketOf(context.chain, body.market);
    if (market === undefined) return 'UNKNOWN_MARKET';
    const phase = refusePhase(market, { period: body.period, timeMs: context.timeMs }, 'declare');
    if (phase !== undefined) return phase;
    const order = context.world.get(ORDERS, { ...body, account: sender });
    return order !== undefined && equalBytes(order.id, body.order) ? undefined : 'NO_ORDER';
  },
  apply({ world, ledger }, { body, sender }) {
    const key = { market: body.market, period: body.period, account: sender };
    const order = present(world.get(ORDERS, key), 'checked');
    ledger.post({
      type: 'bond-return',
      from: locked(sender),
      to: available(sender),
      amount: order.bond,
    });
    world.delete(ORDERS, key);
    const at = { market: key.market, period: key.period };
    const period = present(world.get(PERIODS, at), 'an order has its period');
    const idle = period.live === 1 && period.readings === 0;
    if (idle) world.delete(PERIODS, at);
    else world.set(PERIODS, at, { ...period, live: period.live - 1, sealed: period.sealed - 1 });
  },
};
