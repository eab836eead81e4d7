// reading: cumulative registers of a bound meter at the end of a period (meters-and-grid
// "Readings"). The first accepted reading of a period stands. One that comes after its deadline is
// kept as the start of the next period; the energy of the gap is settled by corrections (settlement
// 3.5).
import type { ChainMs, PeriodIndex, WattHour } from '../../../core/src/amount.js';
import { present } from '../../../core/src/assert.js';
import type { ErrorCode } from '../../../core/src/errors.js';
import type { MarketConfig } from '../../../core/src/markets.js';
import type { TxOf } from '../../../core/src/tx.js';
import { mostWh } from '../boundary/timing.js';
import { marketOf } from '../chain.js';
import { CLOSED, type Meter, METERS, PERIODS, REGISTERS } from '../schema.js';
import {
  type ApplyContext,
  type CheckContext,
  enrolledFromMs,
  isEnrolled,
  type TxRule,
} from './context.js';
import { enqueueCorrection } from './correct.js';
import { openPeriod } from './orders.js';

/** Highest value of a register: 10^12 Wh; a meter that reaches it is replaced. */
export const MAX_REGISTER_WH = 10n ** 12n;

const DAY_MS = 86_400_000n;

/** The market that settles the period which ends at `endMs`, if it ends one. */
function settledBy(
  context: Pick<CheckContext, 'chain'>,
  meter: Meter,
  endMs: bigint,
): { market: MarketConfig; period: PeriodIndex } | undefined {
  for (const id of [meter.market, meter.previousMarket]) {
    const market = marketOf(context.chain, id);
    if (market === undefined || endMs % market.periodMs !== 0n || endMs === 0n) continue;
    const period = (endMs / market.periodMs - 1n) as PeriodIndex;
    if (isEnrolled(context.chain, meter, { market, period })) return { market, period };
  }
  return undefined;
}

function checkRegisters(
  context: CheckContext,
  meter: Meter,
  body: TxOf<'reading'>['body'],
): ErrorCode | undefined {
  if (body.importWh > MAX_REGISTER_WH || body.exportWh > MAX_REGISTER_WH) return 'AMOUNT_RANGE';
  if (body.importWh < meter.importWh || body.exportWh < meter.exportWh) return 'READING_FALLING';
  const gapMs = body.endMs - meter.endMs;
  const { pMaxImportW, pMaxExportW } = context.sender;
  const tooMuch =
    body.importWh - meter.importWh > mostWh(pMaxImportW, gapMs) ||
    body.exportWh - meter.exportWh > mostWh(pMaxExportW, gapMs);
  return tooMuch ? 'READING_IMPLAUSIBLE' : undefined;
}

export const reading: TxRule<'reading'> = {
  check(context, { body, sender }) {
    const meter = context.world.get(METERS, sender);
    if (meter === undefined) return 'UNKNOWN_METER';
    const old = context.world.get(REGISTERS, { meter: sender, endMs: body.endMs });
    if (old !== undefined && !old.spread) {
      const same = old.importWh === body.importWh && old.exportWh === body.exportWh;
      return same ? 'READING_REPLAYED' : 'READING_CONTRADICTS';
    }
    if (body.endMs > context.timeMs) return 'READING_PERIOD';
    // The start of its first period in a market is an end of none, and wanted all the same.
    const starts = body.endMs === enrolledFromMs(context.chain, meter);
    if (!starts && settledBy(context, meter, body.endMs) === undefined) return 'READING_PERIOD';
    if (body.endMs <= meter.endMs || body.sequence <= meter.sequence) return 'READING_ORDER';
    return checkRegisters(context, meter, body);
  },

  apply(context, { body, sender }) {
    const { world, ledger } = context;
    const meter = present(world.get(METERS, sender), 'checked');
    const settled = settledBy(context, meter, body.endMs);
    const { endMs, importWh, exportWh, sequence } = body;
    world.set(REGISTERS, { meter: sender, endMs }, { importWh, exportWh, sequence, spread: false });
    world.set(METERS, sender, { ...meter, endMs, importWh, exportWh, sequence });
    ledger.line({
      kind: 'reading',
      account: meter.participant,
      fields: [settled?.market.id ?? meter.market, endMs, importWh, exportWh, sequence],
    });
    if (settled === undefined) return;
    const { market, period } = settled;
    fillGap(context, { meterId: sender, meter, market }, body);
    const key = { market: market.id, period };
    if (world.get(CLOSED, key) !== undefined) return;
    const record = openPeriod(world, market, key);
    // Past its deadline, moved or not, a period is not settled any more: nothing counts for it.
    const late = context.timeMs >= record.settleAtMs;
    if (!late) world.set(PERIODS, key, { ...record, readings: record.readings + 1 });
  },
};

interface GapOf {
  readonly meterId: TxOf<'reading'>['sender'];
  /** Before this reading. */
  readonly meter: Meter;
  readonly market: MarketConfig;
}

/**
 * The energy of a gap is spread over its periods pro rata to time, and those that were settled with
 * a substitute wait to be settled again (meters-and-grid "Readings").
 */
function fillGap(context: ApplyContext, gap: GapOf, body: TxOf<'reading'>['body']): void {
  const { world } = context;
  const { meterId, meter, market } = gap;
  const { periodMs } = market;
  const count = (body.endMs - meter.endMs) / periodMs;
  const kept = (BigInt(market.params.correctionDays) * DAY_MS) / periodMs;
  // A meter that came from a market with other periods, or back after all was forgotten.
  if ((body.endMs - meter.endMs) % periodMs !== 0n || count > kept) return;
  for (let i = 1n; i <= count; i++) {
    const endMs = (meter.endMs + i * periodMs) as ChainMs;
    const spread = (from: bigint, to: bigint): WattHour =>
      (from + ((to - from) * i) / count) as WattHour;
    if (i < count)
      world.set(
        REGISTERS,
        { meter: meterId, endMs },
        {
          importWh: spread(meter.importWh, body.importWh),
          exportWh: spread(meter.exportWh, body.exportWh),
          sequence: body.sequence,
          spread: true,
        },
      );
    const key = { market: market.id, period: (endMs / periodMs - 1n) as PeriodIndex };
    enqueueCorrection(context, { ...key, meter: meterId }, 'late reading');
  }
}

/**
 * Energy of a period from the registers at its two ends, if both were accepted; `spread`: one of
 * them was put between two readings.
 */
export function meteredOf(
  context: { readonly world: CheckContext['world'] },
  meter: TxOf<'reading'>['sender'],
  ends: { readonly startMs: bigint; readonly endMs: bigint },
): { importWh: WattHour; exportWh: WattHour; spread: boolean } | undefined {
  const start = context.world.get(REGISTERS, { meter, endMs: ends.startMs as never });
  const end = context.world.get(REGISTERS, { meter, endMs: ends.endMs as never });
  if (start === undefined || end === undefined) return undefined;
  return {
    importWh: (end.importWh - start.importWh) as WattHour,
    exportWh: (end.exportWh - start.exportWh) as WattHour,
    spread: start.spread || end.spread,
  };
}
