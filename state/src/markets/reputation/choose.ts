// choose (market-reputation 1.3, 1.6): after the board a node may name partners within its range,
// offer less, or decline. A later choice replaces it; silence means any feasible partner.
import { present } from '../../../../core/src/assert.js';
import { keyText } from '../../../../core/src/bytes.js';
import type { ErrorCode } from '../../../../core/src/errors.js';
import type { AccountId } from '../../../../core/src/ids.js';
import type { TxOf } from '../../../../core/src/tx.js';
import { type CheckContext, type TxRule } from '../../tx/context.js';
import { refusePhase } from '../../tx/orders.js';
import { stands } from './quotes.js';
import { reputationMarket } from './market.js';
import type { Quote } from './records.js';
import { BIDDINGS, QUOTES } from './tables.js';

type Choose = TxOf<'choose'>;

export const choose: TxRule<'choose'> = {
  check(context, tx) {
    const { body, sender } = tx;
    const market = reputationMarket(context, body.market);
    if (typeof market === 'string') return market;
    const { period, biddingRound } = body;
    const at = { period, biddingRound, timeMs: context.timeMs };
    const phase = refusePhase(market, at, 'choose');
    if (phase !== undefined) return biddingRound === 0 ? 'BAD_ENCODING' : phase;
    const quote = context.world.get(QUOTES, { ...body, account: sender });
    // Without a board nobody has a range.
    const board = context.world.get(BIDDINGS, body);
    if (quote === undefined || !stands(quote) || board?.void === true) return 'NO_ORDER';
    const { energyWh } = body;
    if (energyWh !== undefined && (energyWh <= 0n || energyWh > quote.restWh))
      return 'QUANTITY_LIMIT';
    return checkPartners(context, tx, quote);
  },

  apply({ world }, { body, sender }) {
    const key = { market: body.market, period: body.period, account: sender };
    const quote = present(world.get(QUOTES, key), 'checked');
    const { energyWh, partners, decline, biddingRound } = body;
    const declinedIn = decline ? biddingRound : 0;
    world.set(QUOTES, key, { ...quote, choice: { energyWh, partners }, declinedIn });
  },
};

/** Each once, feasible (ask <= bid), and no more than the range. */
function checkPartners(
  { world }: CheckContext,
  { body }: Choose,
  quote: Quote,
): ErrorCode | undefined {
  const { partners, market, period } = body;
  if (partners.length > quote.range) return 'PARTNERS';
  if (new Set(partners.map(keyText)).size !== partners.length) return 'PARTNERS';
  const isFeasible = (account: AccountId): boolean => {
    const other = world.get(QUOTES, { market, period, account });
    if (other === undefined || !stands(other) || other.side === quote.side) return false;
    return quote.side === 'buy' ? other.price <= quote.price : quote.price <= other.price;
  };
  return partners.every(isFeasible) ? undefined : 'PARTNERS';
}
