// sealBid and cancel in a market of call: one live sealed bid per account, market and period. A
// later valid one replaces it; cancelling returns the bond while the declaration is open
// (settlement 2.2, 2.5, market-call 3, 4).
import { NO_MONEY } from '../../../../core/src/amount.js';
import { present } from '../../../../core/src/assert.js';
import { equalBytes } from '../../../../core/src/bytes.js';
import type { ErrorCode } from '../../../../core/src/errors.js';
import type { MarketConfig } from '../../../../core/src/markets.js';
import type { TxOf } from '../../../../core/src/tx.js';
import { ORDERS } from '../../schema.js';
import type { CheckContext } from '../../tx/context.js';
import { bondOf, moveBond, returnBond } from '../../tx/locks.js';
import { countLive, refusePhase } from '../../tx/orders.js';
import {
  checkDebts,
  checkEnergy,
  checkEnrolled,
  checkFunds,
  checkRoom,
} from '../../tx/standing.js';
import type { MarketRule } from '../mechanism.js';

function checkFields(
  context: CheckContext,
  market: MarketConfig,
  { body }: TxOf<'sealBid'>,
): ErrorCode | undefined {
  if (context.sender.role !== 'prosumer') return 'NOT_ALLOWED';
  const { biddingRound, period, side, energyWh } = body;
  if (biddingRound !== 1 || side === undefined || energyWh === undefined) return 'BAD_ENCODING';
  return (
    refusePhase(market, { period, timeMs: context.timeMs }, 'declare') ??
    checkEnrolled(context, market, body) ??
    checkEnergy(context, market, { side, energyWh })
  );
}

export const seal: MarketRule<'sealBid'> = {
  check(context, market, tx) {
    const refusal = checkFields(context, market, tx);
    if (refusal !== undefined) return refusal;
    const { body, sender } = tx;
    const { world } = context;
    const old = world.get(ORDERS, { ...body, account: sender });
    const lock = bondOf(context.sender, market, present(body.side, 'checked'));
    return (
      checkRoom(world, market, { key: body, isNew: old === undefined }) ??
      checkDebts(context, sender) ??
      checkFunds(world, sender, { freed: old?.bond, lock })
    );
  },

  apply(context, market, { id, body, sender }) {
    const { world, ledger } = context;
    const side = present(body.side, 'checked');
    const key = { market: body.market, period: body.period, account: sender };
    const old = world.get(ORDERS, key);
    const bond = bondOf(context.sender, market, side);
    moveBond(ledger, sender, { from: old?.bond ?? NO_MONEY, to: bond });
    world.set(ORDERS, key, {
      id,
      hash: body.hash,
      side,
      energyWh: present(body.energyWh, 'checked'),
      place: context.place,
      bond,
      revealed: false,
      price: 0n as never,
      lock: NO_MONEY,
    });
    if (old === undefined) countLive(world, market, { key, change: 1 });
  },
};

export const cancel: MarketRule<'cancel'> = {
  check({ world, timeMs }, market, { body, sender }) {
    const phase = refusePhase(market, { period: body.period, timeMs }, 'declare');
    if (phase !== undefined) return phase;
    const order = world.get(ORDERS, { ...body, account: sender });
    return order !== undefined && equalBytes(order.id, body.order) ? undefined : 'NO_ORDER';
  },

  apply({ world, ledger }, market, { body, sender }) {
    const key = { market: body.market, period: body.period, account: sender };
    const { bond } = present(world.get(ORDERS, key), 'checked');
    returnBond(ledger, sender, bond);
    world.delete(ORDERS, key);
    countLive(world, market, { key, change: -1 });
  },
};
