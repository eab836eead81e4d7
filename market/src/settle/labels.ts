// Labels and green certificates (market-reputation 1.12): one label per metered clean kWh, moved
// first in, first out with what is delivered, and 1000 of a holder become a certificate that lists
// where they come from. Labels are ranges of serials; a label is in exactly one place.
import type { WattHour } from '../../../core/src/amount.js';
import { assert } from '../../../core/src/assert.js';
import { LABELS_PER_CERTIFICATE } from '../../../core/src/limits.js';

const WH_PER_LABEL = 1000n;

/** Consecutive labels of one meter and period. */
export interface LabelRange {
  readonly meter: string;
  /** Market that settled the period; "" in files. */
  readonly market: string;
  readonly period: bigint;
  /** Serials within the meter, from 1, both ends included. */
  readonly from: bigint;
  readonly to: bigint;
}

export const labelCount = ({ from, to }: LabelRange): bigint => to - from + 1n;

export interface LabelMeter {
  readonly meter: string;
  /** Fractions of a kWh that wait; negative after a correction downwards. */
  readonly openWh: bigint;
  /** Labels made so far. */
  readonly minted: bigint;
}

export interface Minted {
  readonly meter: LabelMeter;
  /** New labels; undefined where no kWh became whole. */
  readonly range?: LabelRange;
}

export interface LabelSource {
  readonly market: string;
  readonly period: bigint;
  /** Metered export; negative: a correction downwards, which takes no label back. */
  readonly exportWh: bigint;
}

/** Labels of a metered export. */
export function mintLabels(meter: LabelMeter, { market, period, exportWh }: LabelSource): Minted {
  const openWh = meter.openWh + exportWh;
  if (openWh < WH_PER_LABEL) return { meter: { ...meter, openWh } };
  const made = openWh / WH_PER_LABEL;
  const minted = meter.minted + made;
  return {
    meter: { ...meter, openWh: openWh % WH_PER_LABEL, minted },
    range: { meter: meter.meter, market, period, from: meter.minted + 1n, to: minted },
  };
}

export interface Taken {
  readonly taken: readonly LabelRange[];
  readonly left: readonly LabelRange[];
  /** Labels that were asked for and are not there yet. */
  readonly missing: bigint;
}

/** The oldest `count` labels of a queue. */
export function takeLabels(queue: readonly LabelRange[], count: bigint): Taken {
  assert(count >= 0n, 'a count of labels');
  const taken: LabelRange[] = [];
  const left: LabelRange[] = [];
  let missing = count;
  for (const range of queue) {
    const size = labelCount(range);
    const part = size < missing ? size : missing;
    missing -= part;
    if (part > 0n) taken.push({ ...range, to: range.from + part - 1n });
    if (part < size) left.push({ ...range, from: range.from + part });
  }
  return { taken, left, missing };
}

/** Whether labels follow directly on others of the same meter and period. */
const isNext = (last: LabelRange, range: LabelRange): boolean =>
  last.meter === range.meter &&
  last.market === range.market &&
  last.period === range.period &&
  last.to + 1n === range.from;

/** Labels at the end of a queue; neighbours of one meter and period become one range. */
export function addLabels(
  queue: readonly LabelRange[],
  ranges: readonly LabelRange[],
): readonly LabelRange[] {
  const all = [...queue];
  for (const range of ranges) {
    const last = all[all.length - 1];
    if (last !== undefined && isNext(last, range)) all[all.length - 1] = { ...last, to: range.to };
    else all.push(range);
  }
  return all;
}

/** Labels that a seller owes, oldest first: its next ones go there. */
export interface OwedLabels {
  readonly buyer: string;
  readonly count: bigint;
}

export interface LabelStock {
  readonly labels: readonly LabelRange[];
  readonly owed: readonly OwedLabels[];
}

export interface LabelMove {
  readonly buyer: string;
  readonly ranges: readonly LabelRange[];
}

export interface Moved {
  readonly stock: LabelStock;
  readonly moves: readonly LabelMove[];
}

/** New labels of a seller: first to those it owes (1.12 "none yet: its next one"). */
export function stockLabels(stock: LabelStock, range: LabelRange): Moved {
  return hand({ labels: addLabels(stock.labels, [range]), owed: stock.owed });
}

/** `count` labels of a seller to a buyer. */
export function sellLabels(stock: LabelStock, { buyer, count }: OwedLabels): Moved {
  return hand({ ...stock, owed: [...stock.owed, { buyer, count }] });
}

function hand({ labels, owed }: LabelStock): Moved {
  const moves: LabelMove[] = [];
  const still: OwedLabels[] = [];
  let queue = labels;
  for (const { buyer, count } of owed) {
    const { taken, left, missing } = takeLabels(queue, count);
    queue = left;
    if (taken.length > 0) moves.push({ buyer, ranges: taken });
    if (missing > 0n) still.push({ buyer, count: missing });
  }
  return { stock: { labels: queue, owed: still }, moves };
}

/**
 * Delivered clean energy of one seller to one buyer: whole kWh, and what waits. A correction
 * downwards (negative) makes it wait below zero: what counted once does not count again.
 */
export function wholeKwh(
  openWh: WattHour,
  deliveredWh: WattHour,
): { readonly kwh: bigint; readonly openWh: WattHour } {
  const all = (openWh + deliveredWh) as WattHour;
  if (all < WH_PER_LABEL) return { kwh: 0n, openWh: all };
  return { kwh: all / WH_PER_LABEL, openWh: (all % WH_PER_LABEL) as WattHour };
}

export interface Certified {
  /** By certificate: its 1000 labels. */
  readonly certificates: readonly (readonly LabelRange[])[];
  readonly held: readonly LabelRange[];
}

/** For each 1000 labels held, the oldest 1000 become one certificate. */
export function certify(labels: readonly LabelRange[]): Certified {
  const certificates: (readonly LabelRange[])[] = [];
  let held = labels;
  for (;;) {
    const { taken, left, missing } = takeLabels(held, BigInt(LABELS_PER_CERTIFICATE));
    if (missing > 0n) return { certificates, held };
    certificates.push(taken);
    held = left;
  }
}
