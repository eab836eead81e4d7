// correct: a centre replaces the registers of a meter at the end of a period, with its reason
// (settlement 3.5, 8). The settled periods on both sides wait in a queue; the step `correct`
// settles them again. A reading that came late puts its periods into the same queue (reading.ts).
import { assert } from '../../../core/src/assert.js';
import type { ChainMs, PeriodIndex } from '../../../core/src/amount.js';
import type { ErrorCode } from '../../../core/src/errors.js';
import type { TxOf } from '../../../core/src/tx.js';
import { mostWh } from '../boundary/timing.js';
import { marketOf } from '../chain.js';
import {
  ACCOUNTS,
  CLOSED,
  type CorrectionKey,
  CORRECTIONS,
  METERS,
  REGISTERS,
  SETTLEMENTS,
} from '../schema.js';
import { type CheckContext, isCentre, type TxRule } from './context.js';

/** A settled period of a meter waits to be settled again; one that is not settled needs nothing. */
export function enqueueCorrection(
  { world }: Pick<CheckContext, 'world'>,
  key: CorrectionKey,
  reason: string,
): void {
  const participant = world.get(METERS, key.meter)?.participant;
  assert(participant !== undefined, 'a correction names a bound meter');
  const at = { market: key.market, period: key.period };
  if (world.get(CLOSED, at) === undefined) return;
  if (world.get(SETTLEMENTS, { ...at, account: participant }) === undefined) return;
  world.set(CORRECTIONS, key, { reason });
}

/** Why the registers cannot be those of that moment, by those that stand before and after. */
function checkNeighbours(
  context: CheckContext,
  { body }: TxOf<'correct'>,
  periodMs: bigint,
): ErrorCode | undefined {
  const { world } = context;
  const meter = world.get(ACCOUNTS, body.meter);
  if (meter === undefined) return 'UNKNOWN_METER';
  const at = (endMs: bigint) =>
    world.get(REGISTERS, { meter: body.meter, endMs: endMs as ChainMs });
  const [before, after] = [at(body.endMs - periodMs), at(body.endMs + periodMs)];
  for (const [from, to] of [
    [before, body],
    [body, after],
  ]) {
    if (from === undefined || to === undefined) continue;
    if (to.importWh < from.importWh || to.exportWh < from.exportWh) return 'READING_FALLING';
    const tooMuch =
      to.importWh - from.importWh > mostWh(meter.pMaxImportW, periodMs) ||
      to.exportWh - from.exportWh > mostWh(meter.pMaxExportW, periodMs);
    if (tooMuch) return 'READING_IMPLAUSIBLE';
  }
  return undefined;
}

export const correct: TxRule<'correct'> = {
  check(context, tx) {
    const { body } = tx;
    if (!isCentre(context)) return 'NOT_ALLOWED';
    const market = marketOf(context.chain, body.market);
    if (market === undefined) return 'UNKNOWN_MARKET';
    if (context.world.get(METERS, body.meter) === undefined) return 'UNKNOWN_METER';
    if (body.endMs % market.periodMs !== 0n) return 'READING_PERIOD';
    const old = context.world.get(REGISTERS, { meter: body.meter, endMs: body.endMs });
    if (old === undefined) return 'NOT_FOUND';
    if (old.importWh === body.importWh && old.exportWh === body.exportWh) return 'READING_REPLAYED';
    return checkNeighbours(context, tx, market.periodMs);
  },
  apply(context, { body }) {
    const { world, chain } = context;
    const market = marketOf(chain, body.market);
    const old = world.get(REGISTERS, { meter: body.meter, endMs: body.endMs });
    const meter = world.get(METERS, body.meter);
    assert(market !== undefined && old !== undefined && meter !== undefined, 'checked');
    const registers = { importWh: body.importWh, exportWh: body.exportWh };
    world.set(
      REGISTERS,
      { meter: body.meter, endMs: body.endMs },
      { ...old, ...registers, spread: false },
    );
    if (meter.endMs === body.endMs) world.set(METERS, body.meter, { ...meter, ...registers });
    const ended = body.endMs / market.periodMs - 1n;
    for (const period of [ended, ended + 1n]) {
      const key = { market: body.market, period: period as PeriodIndex, meter: body.meter };
      enqueueCorrection({ world }, key, body.reason);
    }
  },
};
