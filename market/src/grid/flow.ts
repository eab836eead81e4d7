// Flows and the security check (market-reputation 1.9, step 3): in the order of matching, against
// base flow and the trades passed so far. A flow is signed, away from the grid positive. Decides
// which trades pass; what becomes of the others is the market's business.
import type { WattHour } from '../../../core/src/amount.js';
import { assert } from '../../../core/src/assert.js';
import { type Grid, type GridTrade, usesOf } from './tree.js';

/** Flow per line, signed Wh of one period. */
export type Flows = readonly bigint[];

export const magnitude = (value: bigint): bigint => (value < 0n ? -value : value);

/** Base flow plus all trades (formula 9). */
export function flowsWith(grid: Grid, baseWh: Flows, trades: readonly GridTrade[]): Flows {
  assert(baseWh.length === grid.lines.length, 'a base flow per line');
  const flows = [...baseWh];
  for (const trade of trades)
    for (const { line, sign } of usesOf(grid, trade))
      flows[line] = (flows[line] as bigint) + sign * trade.energyWh;
  return flows;
}

/** The check pair by pair, in the order asked; a pair that passes counts from then on. */
export function securityGate(grid: Grid, baseWh: Flows): (trade: GridTrade) => boolean {
  const flows = [...flowsWith(grid, baseWh, [])];
  return (trade) => passes(grid, flows, trade);
}

export interface SecurityCheck {
  /** By trade. */
  readonly passed: readonly boolean[];
  /** With the trades that passed. */
  readonly flowsWh: Flows;
}

/** Trades in the order of matching; one that fails leaves no flow behind. */
export function securityCheck(
  grid: Grid,
  baseWh: Flows,
  trades: readonly GridTrade[],
): SecurityCheck {
  const flows = [...flowsWith(grid, baseWh, [])];
  return { passed: trades.map((trade) => passes(grid, flows, trade)), flowsWh: flows };
}

/** Whether every line carries a trade; then it counts in the flows. */
function passes(grid: Grid, flows: bigint[], trade: GridTrade): boolean {
  const changes = usesOf(grid, trade).map(({ line, sign }) => {
    const before = flows[line] as bigint;
    return { line, before, after: before + sign * trade.energyWh };
  });
  const isCarried = changes.every(({ line, before, after }) => {
    const { capacityWh } = grid.lines[line] as { readonly capacityWh: WattHour };
    return isSecure(capacityWh, before, after);
  });
  if (isCarried) for (const { line, after } of changes) flows[line] = after;
  return isCarried;
}

/** Within capacity, or a line already over that is not raised. */
const isSecure = (capacityWh: bigint, before: bigint, after: bigint): boolean =>
  magnitude(after) <= capacityWh ||
  (magnitude(before) > capacityWh && magnitude(after) <= magnitude(before));
