// Lines of the receipts of final blocks, newest first, a page at a time. One call reads a bounded
// number of blocks; its cursor goes on from there.
import { present } from '../../../core/src/assert.js';
import { RPC_PAGE } from '../../../core/src/limits.js';
import type { At } from '../../../rpc/src/ports.js';
import type { NodeView } from '../view.js';
import { atTip, headerOf } from './read.js';

/** Blocks that one call reads. */
const MAX_BLOCKS = 500n;

interface Place {
  readonly height: bigint;
  /** Receipts and lines from here on were given already. */
  readonly receipt: number;
  readonly line: number;
}

const END = Number.MAX_SAFE_INTEGER;

function placeOf(cursor: string): Place {
  const [height = '0', receipt, line] = cursor.split(':');
  return { height: BigInt(height), receipt: Number(receipt ?? END), line: Number(line ?? END) };
}

export interface LinesQuery {
  /** Block times, chain ms, half-open. */
  readonly from: bigint | undefined;
  readonly to: bigint | undefined;
  readonly cursor: string | undefined;
}

/** Where a line stands. */
export interface LineAt {
  /** "height:receipt:line". */
  readonly place: string;
  readonly height: bigint;
  readonly time: bigint;
}

/** What a line is to the answer; undefined: nothing. */
export type Pick<T> = (bytes: Uint8Array, at: LineAt) => T | undefined;

export interface LinesPage<T> {
  readonly entries: readonly T[];
  readonly cursor?: string | undefined;
  readonly at: At;
}

export function scanLines<T extends LineAt>(
  view: NodeView,
  query: LinesQuery,
  pick: Pick<T>,
): LinesPage<T> {
  const at = atTip(view);
  const start =
    query.cursor === undefined
      ? { height: at.height, receipt: END, line: END }
      : placeOf(query.cursor);
  const entries: T[] = [];
  let height = start.height > at.height ? at.height : start.height;
  const stop = height > MAX_BLOCKS ? height - MAX_BLOCKS : 0n;
  for (; height > stop; height--) {
    const receipts = view.receiptsOf(height);
    if (receipts === undefined) return { entries, at };
    const { time } = headerOf(view, height).head;
    if (query.from !== undefined && time < query.from) return { entries, at };
    if (query.to !== undefined && time >= query.to) continue;
    const before = height === start.height ? start : { height, receipt: END, line: END };
    const more = takeBlock({ receipts, time, before, pick }, entries);
    if (more) return { entries, cursor: entries.at(-1)?.place, at };
  }
  return stop > 0n ? { entries, cursor: stop.toString(), at } : { entries, at };
}

interface BlockScan<T> {
  readonly receipts: NonNullable<ReturnType<NodeView['receiptsOf']>>;
  readonly time: bigint;
  readonly before: Place;
  readonly pick: Pick<T>;
}

/** Adds what is picked of a block, last first; true where the page is full. */
function takeBlock<T>({ receipts, time, before, pick }: BlockScan<T>, out: T[]): boolean {
  const { height } = before;
  for (let r = Math.min(before.receipt, receipts.length - 1); r >= 0; r--) {
    const { lines } = present(receipts[r], 'in range');
    const last = r === before.receipt ? Math.min(before.line, lines.length) : lines.length;
    for (let i = last - 1; i >= 0; i--) {
      const at = { place: `${height}:${r}:${i}`, time, height };
      const picked = pick(present(lines[i], 'in range'), at);
      if (picked === undefined) continue;
      if (out.length >= RPC_PAGE) return true;
      out.push(picked);
    }
  }
  return false;
}
