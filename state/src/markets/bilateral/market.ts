// Which market a transaction of negotiated contracts is of.
import type { ErrorCode } from '../../../../core/src/errors.js';
import type { MarketConfig } from '../../../../core/src/markets.js';
import { type Chain, marketOf } from '../../chain.js';

/** The bilateral market of that id, or the code that refuses it. */
export function bilateralOf(chain: Chain, id: string): MarketConfig | ErrorCode {
  const market = marketOf(chain, id);
  if (market === undefined) return 'UNKNOWN_MARKET';
  return market.mechanism === 'bilateral' ? market : 'WRONG_MECHANISM';
}
