// cancel in a neighbourhood market (settlement 2.2): until the declaration closes, with the bond or
// the lock returned; the token is spent.
import { present } from '../../../../core/src/assert.js';
import { equalBytes } from '../../../../core/src/bytes.js';
import type { ErrorCode } from '../../../../core/src/errors.js';
import type { MarketConfig } from '../../../../core/src/markets.js';
import type { TxOf } from '../../../../core/src/tx.js';
import { available, locked } from '../../ledger/ledger.js';
import type { ApplyContext, CheckContext } from '../../tx/context.js';
import { refusePhase } from '../../tx/orders.js';
import { countLive } from './request.js';
import { FLEXES, REQUESTS } from './tables.js';
import type { MarketRule } from '../mechanism.js';

const isInternal = ({ params }: MarketConfig): boolean => params.pricing === 'internal';

function checkRequestCancel(
  { world, timeMs }: CheckContext,
  market: MarketConfig,
  { body, sender }: TxOf<'cancel'>,
): ErrorCode | undefined {
  const { period } = body;
  const phase = isInternal(market) ? 'flex' : 'declare';
  const refusal = refusePhase(market, { period, timeMs }, phase);
  if (refusal !== undefined) return refusal;
  const key = { market: body.market, period, account: sender };
  const found = isInternal(market) ? world.get(FLEXES, key) : world.get(REQUESTS, key);
  return found !== undefined && equalBytes(found.id, body.order) ? undefined : 'NO_ORDER';
}

function cancelRequest(
  context: ApplyContext,
  market: MarketConfig,
  { body, sender }: TxOf<'cancel'>,
): void {
  const { world, ledger } = context;
  const key = { market: body.market, period: body.period, account: sender };
  const [from, to] = [locked(sender), available(sender)];
  if (isInternal(market)) {
    const { lock } = present(world.get(FLEXES, key), 'checked');
    ledger.post({ type: 'unlock', from, to, amount: lock });
    world.delete(FLEXES, key);
  } else {
    const { bond } = present(world.get(REQUESTS, key), 'checked');
    ledger.post({ type: 'bond-return', from, to, amount: bond });
    world.delete(REQUESTS, key);
  }
  countLive(context, market, { key, change: -1 });
}

export const cancel: MarketRule<'cancel'> = { check: checkRequestCancel, apply: cancelRequest };
