// sealBid and cancel in a market of call: one live sealed bid per account, market and period. A
// later valid one replaces it; cancelling returns the bond while the declaration is open
// (settlement 2.2, 2.5, market-call 3, 4).
import { type Money, subMoney, type WattHour } from '../../../../core/src/amount.js';
import { present } from '../../../../core/src/assert.js';
import { equalBytes } from '../../../../core/src/bytes.js';
import type { ErrorCode } from '../../../../core/src/errors.js';
import type { TxOf } from '../../../../core/src/tx.js';
import type { MarketConfig } from '../../../../core/src/markets.js';
import { checkQuantity } from '../../../../market/src/order.js';
import { available, type Ledger, locked } from '../../ledger/ledger.js';
import { BALANCES, ORDERS, PERIODS } from '../../schema.js';
import { type CheckContext, isEnrolled, meterOf } from '../../tx/context.js';
import { bondOf, limitOf, openPeriod, refusePhase } from '../../tx/orders.js';
import type { MarketRule } from '../mechanism.js';

function checkFields(
  context: CheckContext,
  market: MarketConfig,
  { body }: TxOf<'sealBid'>,
): ErrorCode | undefined {
  if (context.sender.role !== 'prosumer') return 'NOT_ALLOWED';
  if (body.biddingRound !== 1 || body.side === undefined || body.energyWh === undefined)
    return 'BAD_ENCODING';
  const phase = refusePhase(market, { period: body.period, timeMs: context.timeMs }, 'declare');
  if (phase !== undefined) return phase;
  const meter = meterOf(context.world, context.sender);
  if (meter === undefined) return 'NOT_ENROLLED';
  const at = { market, period: body.period };
  if (!isEnrolled(context.chain, meter, at)) return 'NOT_ENROLLED';
  return checkQuantity(body.energyWh, {
    minOrderWh: market.params.minOrderWh as WattHour,
    pMaxWh: limitOf(context.sender, market, body.side),
  });
}

export const seal: MarketRule<'sealBid'> = {
  check(context, market, tx) {
    const refusal = checkFields(context, market, tx);
    if (refusal !== undefined) return refusal;
    const { body, sender } = tx;
    const { world, chain } = context;
    const old = world.get(ORDERS, { ...body, account: sender });
    const live = world.get(PERIODS, body)?.live ?? 0;
    if (old === undefined && live >= market.params.maxOrders) return 'BOOK_FULL';
    const balance = world.get(BALANCES, sender) ?? { available: 0n, arrears: 0n };
    if (balance.arrears > 0n) return 'ARREARS';
    const grid = world.get(BALANCES, chain.system.grid)?.available ?? 0n;
    if (grid <= -chain.gridCreditLimit) return 'GRID_LIMIT';
    const bond = bondOf(context.sender, market, present(body.side, 'checked'));
    return balance.available + (old?.bond ?? 0n) < bond ? 'INSUFFICIENT_FUNDS' : undefined;
  },

  apply(context, market, { id, body, sender }) {
    const { world, ledger } = context;
    const side = present(body.side, 'checked');
    const key = { market: body.market, period: body.period, account: sender };
    const old = world.get(ORDERS, key);
    const bond = bondOf(context.sender, market, side);
    moveBond(ledger, { sender, from: old?.bond ?? (0n as Money), to: bond });
    world.set(ORDERS, key, {
      id,
      hash: body.hash,
      side,
      energyWh: present(body.energyWh, 'checked'),
      place: context.place,
      bond,
      revealed: false,
      price: 0n as never,
      lock: 0n as Money,
    });
    if (old !== undefined) return;
    const period = openPeriod(world, market, key);
    world.set(
      PERIODS,
      { market: key.market, period: key.period },
      { ...period, live: period.live + 1, sealed: period.sealed + 1 },
    );
  },
};

/** Tops up or returns the difference of two bonds. */
function moveBond(
  ledger: Ledger,
  bond: { sender: TxOf<'sealBid'>['sender']; from: Money; to: Money },
): void {
  const { sender, from, to } = bond;
  if (to >= from)
    ledger.post({
      type: 'bond',
      from: available(sender),
      to: locked(sender),
      amount: subMoney(to, from),
    });
  else
    ledger.post({
      type: 'bond-return',
      from: locked(sender),
      to: available(sender),
      amount: subMoney(from, to),
    });
}

export const cancel: MarketRule<'cancel'> = {
  check(context, market, { body, sender }) {
    const phase = refusePhase(market, { period: body.period, timeMs: context.timeMs }, 'declare');
    if (phase !== undefined) return phase;
    const order = context.world.get(ORDERS, { ...body, account: sender });
    return order !== undefined && equalBytes(order.id, body.order) ? undefined : 'NO_ORDER';
  },

  apply({ world, ledger }, _, { body, sender }) {
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
  },
};
