// Which market a transaction of this mechanism names, or why it cannot.
import type { ErrorCode } from '../../../../core/src/errors.js';
import type { MarketConfig } from '../../../../core/src/markets.js';
import { marketOf } from '../../chain.js';
import type { CheckContext } from '../../tx/context.js';

/** A market of reputation by its id. */
export function reputationMarket(context: CheckContext, id: string): MarketConfig | ErrorCode {
  const market = marketOf(context.chain, id);
  if (market === undefined) return 'UNKNOWN_MARKET';
  return market.mechanism === 'reputation' ? market : 'WRONG_MECHANISM';
}
