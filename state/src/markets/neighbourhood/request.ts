// sealBid and revealBid in a neighbourhood market (market-neighbourhood 1.1, settlement 2.2): the
// hash alone with the bond of the larger side, then bond back and lock taken in one step.
import { NO_ENERGY, NO_MONEY, type Price } from '../../../../core/src/amount.js';
import { present } from '../../../../core/src/assert.js';
import type { ErrorCode } from '../../../../core/src/errors.js';
import type { MarketConfig } from '../../../../core/src/markets.js';
import type { OrderKey } from '../../schema.js';
import type { CheckContext } from '../../tx/context.js';
import { moveBond, openBond, sealedBondOf } from '../../tx/locks.js';
import { countLive, countRevealed, refuseOpening, refusePhase } from '../../tx/orders.js';
import {
  checkDebts,
  checkEnergy,
  checkEnrolled,
  checkFunds,
  checkPriceIn,
  checkRoom,
} from '../../tx/standing.js';
import type { MarketRule } from '../mechanism.js';
import { checkNode } from '../reputation/network.js';
import { isSuspectNow, spend, tokensOf } from './conduct.js';
import { lockOf } from './contracts.js';
import { REQUESTS } from './tables.js';

/** Who may take part: a prosumer whose meter is enrolled for the period. */
export const checkHome = (
  context: CheckContext,
  market: MarketConfig,
  at: Pick<OrderKey, 'period'>,
): ErrorCode | undefined =>
  context.sender.role === 'prosumer' ? checkEnrolled(context, market, at) : 'NOT_ALLOWED';

/** What stands against a new bid of an account besides its own fields. */
export function checkStanding(
  context: CheckContext,
  market: MarketConfig,
  { key, isNew }: { readonly key: OrderKey; readonly isNew: boolean },
): ErrorCode | undefined {
  const { world } = context;
  if (isSuspectNow(world, market, key)) return 'SUSPECT';
  return checkRoom(world, market, { key, isNew }) ?? checkDebts(context, key.account);
}

export const seal: MarketRule<'sealBid'> = {
  check(context, market, { body, sender }) {
    const { world, timeMs } = context;
    // Sealed are side and energy too (conventions "Sealed bid").
    const isSealed = body.side === undefined && body.energyWh === undefined;
    if (body.biddingRound !== 1 || !isSealed) return 'BAD_ENCODING';
    const key = { market: body.market, period: body.period, account: sender };
    const old = world.get(REQUESTS, key);
    const refusal =
      refusePhase(market, { period: body.period, timeMs }, 'declare') ??
      checkHome(context, market, body) ??
      checkNode(context, market) ??
      checkStanding(context, market, { key, isNew: old === undefined });
    if (refusal !== undefined) return refusal;
    if (tokensOf(world, market, { ...key, timeMs }) === 0) return 'NO_TOKEN';
    const lock = sealedBondOf(context.sender, market);
    return checkFunds(world, sender, { freed: old?.bond, lock });
  },

  apply(context, market, { id, body, sender }) {
    const { world, ledger, timeMs } = context;
    const key = { market: body.market, period: body.period, account: sender };
    const old = world.get(REQUESTS, key);
    const bond = sealedBondOf(context.sender, market);
    moveBond(ledger, sender, { from: old?.bond ?? NO_MONEY, to: bond });
    world.set(REQUESTS, key, {
      id,
      hash: body.hash,
      place: context.place,
      bond,
      revealed: false,
      side: undefined,
      energyWh: NO_ENERGY,
      price: 0n as Price,
      lock: NO_MONEY,
      activate: false,
    });
    spend(world, market, { ...key, timeMs });
    if (old === undefined) countLive(world, market, { key, change: 1 });
  },
};

export const reveal: MarketRule<'revealBid'> = {
  check(context, market, tx) {
    const { body, sender } = tx;
    const { world } = context;
    const bid = world.get(REQUESTS, { ...body, account: sender });
    const refusal = refuseOpening(context, market, { tx, bid });
    if (refusal !== undefined) return refusal;
    return (
      checkEnergy(context, market, body) ??
      checkPriceIn(market, body.price) ??
      checkFunds(world, sender, {
        freed: present(bid, 'checked').bond,
        lock: lockOf(market, body),
      })
    );
  },

  apply({ world, ledger }, market, { body, sender }) {
    const key = { market: body.market, period: body.period, account: sender };
    const request = present(world.get(REQUESTS, key), 'checked');
    const lock = lockOf(market, body);
    openBond(ledger, sender, { bond: request.bond, lock });
    const { side, energyWh, price, activate } = body;
    const opened = { side, energyWh, price, activate, bond: NO_MONEY, revealed: true, lock };
    world.set(REQUESTS, key, { ...request, ...opened });
    countRevealed(world, key);
  },
};
