// cancel in a neighbourhood market (settlement 2.2): until the declaration closes, with the bond or
// the lock returned; the token is spent.
import { present } from '../../../../core/src/assert.js';
import { equalBytes } from '../../../../core/src/bytes.js';
import type { MarketConfig } from '../../../../core/src/markets.js';
import { releaseLock, returnBond } from '../../tx/locks.js';
import { countLive, refusePhase } from '../../tx/orders.js';
import type { MarketRule } from '../mechanism.js';
import { FLEXES, REQUESTS } from './tables.js';

const isInternal = ({ params }: MarketConfig): boolean => params.pricing === 'internal';

export const cancel: MarketRule<'cancel'> = {
  check({ world, timeMs }, market, { body, sender }) {
    const { period } = body;
    const phase = isInternal(market) ? 'flex' : 'declare';
    const refusal = refusePhase(market, { period, timeMs }, phase);
    if (refusal !== undefined) return refusal;
    const key = { market: body.market, period, account: sender };
    const found = isInternal(market) ? world.get(FLEXES, key) : world.get(REQUESTS, key);
    return found !== undefined && equalBytes(found.id, body.order) ? undefined : 'NO_ORDER';
  },

  apply({ world, ledger }, market, { body, sender }) {
    const key = { market: body.market, period: body.period, account: sender };
    if (isInternal(market)) {
      releaseLock(ledger, sender, present(world.get(FLEXES, key), 'checked').lock);
      world.delete(FLEXES, key);
    } else {
      returnBond(ledger, sender, present(world.get(REQUESTS, key), 'checked').bond);
      world.delete(REQUESTS, key);
    }
    countLive(world, market, { key, change: -1 });
  },
};
