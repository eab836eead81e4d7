// Labels on the chain (market-reputation 1.12): made where a meter's export becomes whole kWh, and
// moved from seller to buyer with each whole kWh delivered, oldest first. The rules are
// market/settle/labels.ts; what becomes of bought labels: certify.ts.
import type { PeriodIndex } from '../../../core/src/amount.js';
import { present } from '../../../core/src/assert.js';
import { fromHex, keyText, toHex } from '../../../core/src/bytes.js';
import type { AccountId } from '../../../core/src/ids.js';
import {
  type LabelMove,
  type LabelRange,
  mintLabels,
  sellLabels,
  stockLabels,
} from '../../../market/src/settle/labels.js';
import { type CertifyAt, certifyHeld } from './certify.js';
import { append, storedRange, takeOldest } from './queue.js';
import { LABEL_METERS, OWED } from './tables.js';

export interface Metered {
  readonly account: AccountId;
  readonly meterId: AccountId;
  readonly market: string;
  readonly period: PeriodIndex;
  /** Of a clean account, Wh; negative: a correction downwards. */
  readonly exportWh: bigint;
}

/** Labels of a clean export: they stay with the producer but for those that it owes. */
export function makeLabels(at: CertifyAt, metered: Metered): void {
  const { world } = at;
  const { account, meterId, market, period, exportWh } = metered;
  if (exportWh === 0n) return;
  const before = world.get(LABEL_METERS, meterId) ?? { openWh: 0n, minted: 0n };
  const source = { market, period, exportWh };
  const { meter, range } = mintLabels({ ...before, meter: toHex(meterId) }, source);
  world.set(LABEL_METERS, meterId, { openWh: meter.openWh, minted: meter.minted });
  if (range === undefined) return;
  tell(at, [range], { event: 'made', account });
  const rows = world.entries(OWED, keyText(account));
  // Whoever owes labels has none left of its own.
  const owed = rows.map(({ value }) => ({ buyer: toHex(value.buyer), count: value.count }));
  const { stock, moves } = stockLabels({ labels: [], owed }, range);
  rows.forEach(({ key, value }, i) => {
    const rest = stock.owed[i - (rows.length - stock.owed.length)];
    if (rest === undefined) world.delete(OWED, key);
    else if (rest.count !== value.count) world.set(OWED, key, { ...value, count: rest.count });
  });
  append(world, { account, queue: 'made' }, stock.labels);
  giveAll(at, account, moves);
}

export interface Sold {
  readonly seller: AccountId;
  readonly buyer: AccountId;
  readonly count: bigint;
}

/** The oldest labels of a seller go to a buyer; what is not made yet is owed. */
export function moveLabels(at: CertifyAt, { seller, buyer, count }: Sold): void {
  const { world } = at;
  const rows = world.entries(OWED, keyText(seller));
  const queue = { account: seller, queue: 'made' } as const;
  const labels = rows.length === 0 ? takeOldest(world, queue, count) : [];
  const { stock, moves } = sellLabels({ labels, owed: [] }, { buyer: toHex(buyer), count });
  const index = (rows.at(-1)?.key.index ?? -1n) + 1n;
  for (const owed of stock.owed) world.set(OWED, { seller, index }, { buyer, count: owed.count });
  giveAll(at, seller, moves);
}

function giveAll(at: CertifyAt, seller: AccountId, moves: readonly LabelMove[]): void {
  for (const { buyer: name, ranges } of moves) {
    const buyer = present(fromHex(name), 'named here') as AccountId;
    tell(at, ranges, { event: 'sold', account: seller, other: buyer });
    tell(at, ranges, { event: 'bought', account: buyer, other: seller });
    append(at.world, { account: buyer, queue: 'held' }, ranges);
    certifyHeld(at, buyer);
  }
}

interface Told {
  readonly event: 'made' | 'sold' | 'bought';
  readonly account: AccountId;
  readonly other?: AccountId;
}

/** A line per range, so that every label can be followed through the receipts. */
function tell({ ledger }: CertifyAt, ranges: readonly LabelRange[], told: Told): void {
  const { event, account, other = new Uint8Array(0) } = told;
  for (const { meter, market, period, from, to } of ranges.map(storedRange))
    ledger.line({
      kind: 'label',
      account,
      fields: [event, other, meter, market, period, from, to],
    });
}
