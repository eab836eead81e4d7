// Receipts and their lines (light-clients 4.2): what happened, with the balances before and after,
// sorted so that neighbours prove absence. One table of line kinds; a number keeps its meaning.
import { encodeShared, type Wire } from './codec/codec.js';
import type { Receipt } from './block.js';
import { compareBytes } from './bytes.js';
import type { Hash } from './hash.js';
import type { AccountId } from './ids.js';
import { listRoot } from './merkle.js';

/** Kinds of lines with the names of the fields between `n` and the balances. */
export const LINE_KINDS = {
  trade: {
    kind: 1,
    fields: ['market', 'period', 'side', 'counterparty', 'energyWh', 'price', 'biddingRound'],
  },
  reading: { kind: 2, fields: ['market', 'endMs', 'importWh', 'exportWh', 'sequence'] },
  settlement: {
    kind: 3,
    fields: [
      'market',
      'period',
      'side',
      'declaredWh',
      'tradedWh',
      'importWh',
      'exportWh',
      'quality',
      'gridCharge',
      'gridCredit',
      // Before scaling to the pool (settlement 3.3); negative: a fine, and then equal to it.
      'rewardDue',
      'reward',
      'arrears',
      // Payment "delivered" (settlement 5): signed with income positive, then not negative.
      'energyMoney',
      'shortfallWh',
      'penalty',
      'penaltyShare',
      'fees',
      'credit',
      // 1, and one more with each correction (settlement 3.5).
      'version',
    ],
  },
  refused: { kind: 4, fields: ['market', 'period', 'code', 'amount'] },
  // event: made, sent, received, retired; origin: SHA-256 of the leaf that lists its labels.
  certificate: { kind: 5, fields: ['serial', 'event', 'counterparty', 'origin'] },
  entry: {
    kind: 6,
    fields: ['type', 'market', 'period', 'counterparty', 'available', 'locked', 'cause'],
  },
  // A contract of reputation enters a state; priceSum is the sum of bid and ask per kWh.
  deal: {
    kind: 8,
    fields: [
      'market',
      'period',
      'contract',
      'state',
      'side',
      'counterparty',
      'energyWh',
      'deliveredWh',
      'priceSum',
      'wheeling',
      'congestion',
      'biddingRound',
    ],
  },
  // Reputation (ppm) and activity of a period that entered the window.
  standing: { kind: 9, fields: ['market', 'period', 'reputation', 'activity', 'attitude'] },
  // Labels of one meter and period (market-reputation 1.12); event: made, sold, bought.
  label: {
    kind: 20,
    fields: ['event', 'counterparty', 'meter', 'market', 'period', 'from', 'to'],
  },
  // A grant that was due, and what the pool paid of it (market-reputation 1.11).
  grant: { kind: 21, fields: ['cause', 'market', 'period', 'due', 'paid'] },
} as const;
export type LineKind = keyof typeof LINE_KINDS;

export interface Line {
  readonly kind: number;
  readonly account: AccountId;
  readonly n: number;
  readonly bytes: Uint8Array;
}

export interface BalancePair {
  readonly available: bigint;
  readonly locked: bigint;
}

export interface LineParts {
  readonly kind: LineKind;
  readonly account: AccountId;
  readonly n: number;
  readonly fields: readonly Wire[];
  readonly before: BalancePair;
  readonly after: BalancePair;
  readonly creditAfter?: number | undefined;
}

export function encodeLine(parts: LineParts): Line {
  const kind = LINE_KINDS[parts.kind].kind;
  const { before, after } = parts;
  const bytes = encodeShared([
    kind,
    parts.account,
    parts.n,
    ...parts.fields,
    before.available,
    before.locked,
    after.available,
    after.locked,
    parts.creditAfter ?? null,
  ]);
  return { kind, account: parts.account, n: parts.n, bytes };
}

/** Ascending (kind, account, n). */
export function sortLines(lines: readonly Line[]): readonly Line[] {
  let sorted = true;
  for (let i = 1; i < lines.length && sorted; i++)
    sorted = compareLines(lines[i - 1] as Line, lines[i] as Line) <= 0;
  return sorted ? lines : [...lines].sort(compareLines);
}

const compareLines = (a: Line, b: Line): number =>
  a.kind - b.kind || compareBytes(a.account, b.account) || a.n - b.n;

export interface ReceiptLeafParts {
  readonly id: Hash;
  readonly code: string;
  readonly lineCount: number;
  readonly linesRoot: Hash;
}

/** Leaf of receiptRoot: [tx id, code, lineCount, linesRoot]. */
export const receiptLeafOf = (parts: ReceiptLeafParts): Uint8Array =>
  encodeShared([parts.id, parts.code, parts.lineCount, parts.linesRoot]);

export const receiptLeaf = ({ id, code, lines }: Receipt): Uint8Array =>
  receiptLeafOf({ id, code, lineCount: lines.length, linesRoot: listRoot(lines) });

export const receiptRootOf = (receipts: readonly Receipt[]): Hash =>
  listRoot(receipts.map(receiptLeaf));
