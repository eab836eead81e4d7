// flex: what an account puts into the internal-price game, open, the last one counts
// (market-neighbourhood 1.7). Only with `pricing` "internal".
import type { Money } from '../../../../core/src/amount.js';
import { present } from '../../../../core/src/assert.js';
import type { ErrorCode } from '../../../../core/src/errors.js';
import { type MarketConfig, wheelingOf } from '../../../../core/src/markets.js';
import type { Side, TxOf } from '../../../../core/src/tx.js';
import { marketOf } from '../../chain.js';
import type { CheckContext, TxRule } from '../../tx/context.js';
import { countLive, refusePhase } from '../../tx/orders.js';
import { checkEnergy, checkFunds } from '../../tx/standing.js';
import { moveLock } from '../../tx/locks.js';
import { checkHome, checkStanding } from './request.js';
import { FLEXES } from './tables.js';

type Body = TxOf<'flex'>['body'];

/** A seller's lock per Wh: retail where it may owe a penalty, else the spread. */
export const sellerPerWh = ({ params }: MarketConfig): bigint =>
  params.penalty ? params.retail : params.retail - params.feedIn;

/** Seller g x (p_r - p_f), buyer demand x p_r with the grid's fee. */
function flexLockOf(market: MarketConfig, { g, demand }: Body): Money {
  if (demand === 0n) return (g * sellerPerWh(market)) as Money;
  return (demand * (market.params.retail + wheelingOf(market))) as Money;
}

const sideOf = ({ demand }: Body): Side => (demand === 0n ? 'sell' : 'buy');

function checkFields(context: CheckContext, market: MarketConfig, body: Body) {
  const { g, k, emin, emax, demand } = body;
  const isBuyer = demand > 0n;
  if (isBuyer && (g > 0n || k > 0n || emin > 0n || emax > 0n)) return 'BAD_ENCODING';
  if (emin > emax || emax > g) return 'BAD_ENCODING';
  const energyWh = isBuyer ? demand : g;
  const quantity = checkEnergy(context, market, { side: sideOf(body), energyWh });
  if (quantity !== undefined) return quantity;
  // Own use that is worth more than 1000 times the retail price is no use of this grid.
  const dearest = (g + market.params.e1Wh) * market.params.retail * 1000n;
  return k > dearest ? 'AMOUNT_RANGE' : undefined;
}

function playing(context: CheckContext, id: string): MarketConfig | ErrorCode {
  const market = marketOf(context.chain, id);
  if (market === undefined) return 'UNKNOWN_MARKET';
  return market.mechanism === 'neighbourhood' ? market : 'WRONG_MECHANISM';
}

export const flex: TxRule<'flex'> = {
  check(context, { body, sender }) {
    const market = playing(context, body.market);
    if (typeof market === 'string') return market;
    const { world, timeMs } = context;
    const refusal =
      refusePhase(market, { period: body.period, timeMs }, 'flex') ??
      checkHome(context, market, body) ??
      checkFields(context, market, body);
    if (refusal !== undefined) return refusal;
    const key = { market: body.market, period: body.period, account: sender };
    const old = world.get(FLEXES, key);
    const standing = checkStanding(context, market, { key, isNew: old === undefined });
    if (standing !== undefined) return standing;
    return checkFunds(world, sender, { freed: old?.lock, lock: flexLockOf(market, body) });
  },

  apply(context, { id, body, sender }) {
    const { world, ledger, chain, place } = context;
    const market = present(marketOf(chain, body.market), 'checked');
    const key = { market: body.market, period: body.period, account: sender };
    const old = world.get(FLEXES, key);
    const lock = flexLockOf(market, body);
    moveLock(ledger, sender, { from: old?.lock ?? (0n as Money), to: lock });
    const { g, k, emin, emax, demand } = body;
    world.set(FLEXES, key, { id, place, side: sideOf(body), g, k, emin, emax, demand, lock });
    if (old === undefined) countLive(world, market, { key, change: 1 });
  },
};
