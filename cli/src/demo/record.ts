// What a run has seen so far: periods as they were cleared, blocks, and where time went.
import type { PeriodNews, BlockNews } from './watch.js';

/** Phases in which more trades may come. */
const OPEN: ReadonlySet<string> = new Set([
  ...['orders', 'adjust', 'clearing', 'listing', 'review', 'confirm'],
]);

export class RunRecord {
  readonly periods = new Map<bigint, PeriodNews>();
  blocks = 0;
  txs = 0;
  systemTxs = 0;
  firstHeight: bigint | undefined;
  lastHeight = 0n;

  /** The news of a period count from when it was cleared. */
  onNews(news: PeriodNews): boolean {
    if (news.trades === undefined || OPEN.has(news.phase)) return false;
    if (this.periods.has(news.period)) return false;
    this.periods.set(news.period, news);
    return true;
  }

  onBlock({ height, txIds, systemTxs }: BlockNews): void {
    this.firstHeight ??= height;
    this.lastHeight = height;
    this.blocks++;
    this.txs += txIds.length;
    this.systemTxs += systemTxs;
  }
}

/** The value below which the given part of the values lies; NaN of none. */
export function quantile(values: readonly number[], part: number): number {
  if (values.length === 0) return Number.NaN;
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] as number;
}
