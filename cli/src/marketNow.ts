// Markets by their names in commands, and the period that takes orders unless another is named.
import { ProtocolError } from '../../core/src/errors.js';
import type { ResultOf } from '../../rpc/src/client.js';
import { chainNow, type Desk } from './submit.js';

export type MarketView = ResultOf<'market_list'>['markets'][number];

/** Throws UNKNOWN_MARKET. */
export function marketOf({ parameters }: Pick<Desk, 'parameters'>, market: string): MarketView {
  const found = parameters.markets.find(({ id }) => id === market);
  if (found === undefined) throw new ProtocolError('UNKNOWN_MARKET', `no market ${market} here`);
  return found;
}

/** Like marketOf; throws WRONG_MECHANISM too. */
export function marketThatIs(
  desk: Pick<Desk, 'parameters'>,
  market: string,
  mechanism: string,
): MarketView {
  const found = marketOf(desk, market);
  if (found.mechanism === mechanism) return found;
  throw new ProtocolError('WRONG_MECHANISM', `${market} is a market of ${found.mechanism}`);
}

/** The period that is traded now; by the clock, since transactions are refused by it. */
export async function periodNow(desk: Desk, market: string): Promise<string> {
  const { periodMs } = marketOf(desk, market);
  return ((await chainNow(desk)) / BigInt(periodMs) + 1n).toString();
}
