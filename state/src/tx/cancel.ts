// cancel: allowed until the declaration closes, with bond or lock returned (settlement 2.2, 2.5).
import { present } from '../../../core/src/assert.js';
import { equalBytes } from '../../../core/src/bytes.js';
import { marketOf } from '../chain.js';
import { cancelRequest, checkRequestCancel } from '../markets/neighbourhood/withdraw.js';
import { available, locked } from '../ledger/ledger.js';
import { cancelSeal, checkSealCancel } from '../markets/reputation/seal.js';
import { ORDERS, PERIODS } from '../schema.js';
import type { ApplyContext, TxRule } from './context.js';
import { cancelOpen, checkOpenCancel } from './order.js';
import { refusePhase } from './orders.js';
import type { TxOf } from '../../../core/src/tx.js';

export const cancel: TxRule<'cancel'> = {
  check(context, tx) {
    const { body, sender } = tx;
    const market = marketOf(context.chain, body.market);
    if (market === undefined) return 'UNKNOWN_MARKET';
    if (market.mechanism === 'neighbourhood') return checkRequestCancel(context, market, tx);
    if (market.mechanism === 'reputation') return checkSealCancel(context, market, tx);
    if (market.mechanism !== 'call') return checkOpenCancel(context, tx);
    const phase = refusePhase(market, { period: body.period, timeMs: context.timeMs }, 'declare');
    if (phase !== undefined) return phase;
    const order = context.world.get(ORDERS, { ...body, account: sender });
    return order !== undefined && equalBytes(order.id, body.order) ? undefined : 'NO_ORDER';
  },
  apply(context, tx) {
    const market = present(marketOf(context.chain, tx.body.market), 'checked');
    if (market.mechanism === 'neighbourhood') cancelRequest(context, market, tx);
    else if (market.mechanism === 'reputation') cancelSeal(context, market, tx);
    else if (market.mechanism === 'call') cancelSealed(context, tx);
    else cancelOpen(context, tx);
  },
};

function cancelSealed({ world, ledger }: ApplyContext, { body, sender }: TxOf<'cancel'>): void {
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
}
