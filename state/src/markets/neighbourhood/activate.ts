// activate: a party lists contracts of the interval that it will fulfil (market-neighbourhood 1.1);
// what lacks one of both when the phase ends is cancelled by the step `active`.
import { present } from '../../../../core/src/assert.js';
import { equalBytes, keyText } from '../../../../core/src/bytes.js';
import type { ErrorCode } from '../../../../core/src/errors.js';
import type { AccountId } from '../../../../core/src/ids.js';
import { marketOf } from '../../chain.js';
import type { TxRule } from '../../tx/context.js';
import { refusePhase } from '../../tx/orders.js';
import type { Terms } from './records.js';
import { TERMS } from './tables.js';

const isParty = ({ seller, buyer }: Terms, account: AccountId): boolean =>
  equalBytes(seller, account) || equalBytes(buyer, account);

export const activate: TxRule<'activate'> = {
  check({ world, chain, timeMs }, { body, sender }): ErrorCode | undefined {
    const market = marketOf(chain, body.market);
    if (market === undefined) return 'UNKNOWN_MARKET';
    if (market.mechanism !== 'neighbourhood') return 'WRONG_MECHANISM';
    const { period, contracts } = body;
    const phase = refusePhase(market, { period, timeMs }, 'activate');
    if (phase !== undefined) return phase;
    if (contracts.length === 0 || new Set(contracts.map(keyText)).size !== contracts.length)
      return 'BAD_ENCODING';
    for (const id of contracts) {
      const terms = world.get(TERMS, { market: body.market, period, id });
      if (terms === undefined) return 'NOT_FOUND';
      if (!isParty(terms, sender)) return 'NOT_ALLOWED';
    }
    return undefined;
  },

  apply({ world }, { body, sender }) {
    for (const id of body.contracts) {
      const key = { market: body.market, period: body.period, id };
      const terms = present(world.get(TERMS, key), 'checked');
      const mine = equalBytes(terms.seller, sender) ? 'sellerActivated' : 'buyerActivated';
      world.set(TERMS, key, { ...terms, [mine]: true });
    }
  },
};
