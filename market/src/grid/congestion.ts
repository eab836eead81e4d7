// Forecast of congestion (market-reputation 1.9 step 1, formula 10): which lines are flagged, and
// the fee per Wh that covers the redispatch of an overload. Fees are published with the board and
// paid by the buyer on the delivered part.
import type { Money, Price } from '../../../core/src/amount.js';
import { assert } from '../../../core/src/assert.js';
import { type Flows, flowsWith, magnitude } from './flow.js';
import { type Grid, type GridTrade, usesOf } from './tree.js';

const PPM = 1_000_000n;

export interface CongestionRules {
  /** Part of the capacity from which a line is flagged, ppm. */
  readonly flagAtPpm: bigint;
  /** Redispatch prices per kWh; where cUp is not above cDown nothing is charged. */
  readonly cUp: Price;
  readonly cDown: Price;
}

export interface Forecast {
  /** With the tentative trades. */
  readonly flowsWh: Flows;
  /** Indices of the flagged lines, ascending. */
  readonly flagged: readonly number[];
  /** By line: money per Wh pushed in the overloaded direction, which is a price per kWh. */
  readonly fees: readonly Price[];
}

export function forecastOf(
  grid: Grid,
  baseWh: Flows,
  { trades, rules }: { readonly trades: readonly GridTrade[]; readonly rules: CongestionRules },
): Forecast {
  const { flagAtPpm, cUp, cDown } = rules;
  const flowsWh = flowsWith(grid, baseWh, trades);
  const pushes = pushesOf(grid, flowsWh, trades);
  const spread = cUp > cDown ? cUp - cDown : 0n;
  const flagged: number[] = [];
  const fees = grid.lines.map(({ capacityWh }, line) => {
    const flow = magnitude(flowsWh[line] as bigint);
    if (flow * PPM >= flagAtPpm * capacityWh) flagged.push(line);
    const push = pushes[line] as bigint;
    // An overload that no trade pushes is the base flow's own: nobody here can pay for it.
    if (flow <= capacityWh || push === 0n) return 0n as Price;
    return (((flow - capacityWh) * spread + push - 1n) / push) as Price;
  });
  return { flowsWh, flagged, fees };
}

/** By line: energy of the trades in the direction of the flow. */
function pushesOf(grid: Grid, flowsWh: Flows, trades: readonly GridTrade[]): readonly bigint[] {
  const pushes = grid.lines.map(() => 0n);
  for (const trade of trades)
    for (const { line, sign } of usesOf(grid, trade))
      if (isPush(flowsWh[line] as bigint, sign))
        pushes[line] = (pushes[line] as bigint) + trade.energyWh;
  return pushes;
}

const isPush = (flowWh: bigint, sign: bigint): boolean =>
  flowWh > 0n === sign > 0n && flowWh !== 0n;

/**
 * Congestion fee of one trade: fee x push over the lines; 0 where it relieves. Not held within the
 * range of money: a fee that nobody can cover makes a pair that is passed over.
 */
export function congestionFee(grid: Grid, forecast: Forecast, trade: GridTrade): Money {
  assert(trade.energyWh >= 0n, 'a trade has energy');
  let perWh = 0n;
  for (const { line, sign } of usesOf(grid, trade))
    if (isPush(forecast.flowsWh[line] as bigint, sign)) perWh += forecast.fees[line] as bigint;
  return (perWh * trade.energyWh) as Money;
}
