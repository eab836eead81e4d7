// Result of market_grid.
import type { Paged, Stated } from '../ports.js';

export interface LineView {
  readonly id: string;
  /** The node nearer to the grid. */
  readonly from: string;
  readonly to: string;
  /** Of one period. */
  readonly capacityWh: bigint;
  /** Flow without trades, away from the grid positive; signed. */
  readonly baseWh: bigint;
}

export interface GridView extends Stated, Paged {
  readonly market: string;
  /** From which delivery period it holds; null: nothing is published, the prices are of genesis. */
  readonly period: bigint | null;
  /** Per kWh: operation, market and congestion management, ancillary services. */
  readonly c1: bigint;
  readonly c2: bigint;
  readonly c3: bigint;
  /** Redispatch. */
  readonly cUp: bigint;
  readonly cDown: bigint;
  /** Per clean kWh, and in all of a period. */
  readonly subsidy: bigint;
  readonly budget: bigint;
  /** A page of the feeder in its order. */
  readonly lines: readonly LineView[];
}
