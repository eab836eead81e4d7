// What must hold of flows and cuts, found by other means than those that made them: flows are
// summed from the subtrees below each line, not along paths. Tests, files and full counts call it.
import type { WattHour } from '../../../core/src/amount.js';
import type { Pusher } from './curtail.js';
import { type Flows, magnitude } from './flow.js';
import type { Grid, GridTrade } from './tree.js';

/** The first thing that does not hold, in words; undefined where everything does. */
type Fault = string | undefined;

/** By line: net energy taken below it. */
function subtreeFlows(grid: Grid, baseWh: Flows, trades: readonly GridTrade[]): readonly bigint[] {
  const taken = grid.depth.map(() => 0n);
  for (const { sellNode, buyNode, energyWh } of trades) {
    taken[sellNode] = (taken[sellNode] as bigint) - energyWh;
    taken[buyNode] = (taken[buyNode] as bigint) + energyWh;
  }
  const flows = [...baseWh];
  const deepestFirst = grid.depth.map((_, node) => node);
  deepestFirst.sort((a, b) => (grid.depth[b] as number) - (grid.depth[a] as number));
  for (const node of deepestFirst) {
    const [line, above] = [grid.lineAbove[node] as number, grid.nodeAbove[node] as number];
    if (line < 0) continue;
    flows[line] = (flows[line] as bigint) + (taken[node] as bigint);
    taken[above] = (taken[above] as bigint) + (taken[node] as bigint);
  }
  return flows;
}

/** No line over its capacity by these trades; one over by its base flow is not raised. */
export function lineFault(grid: Grid, baseWh: Flows, trades: readonly GridTrade[]): Fault {
  const flows = subtreeFlows(grid, baseWh, trades);
  for (const [line, { id, capacityWh }] of grid.lines.entries()) {
    const [base, flow] = [magnitude(baseWh[line] as bigint), magnitude(flows[line] as bigint)];
    const most = base > capacityWh ? base : capacityWh;
    if (flow > most) return `line ${id}: ${flow} Wh where ${most} may flow`;
  }
  return undefined;
}

/** Cuts sum to what had to be cut, or to all there is; nobody above his load. */
export function curtailFault(
  overWh: bigint,
  pushers: readonly Pusher[],
  cuts: readonly WattHour[],
): Fault {
  const sum = (values: readonly bigint[]): bigint => values.reduce((a, b) => a + b, 0n);
  const loads = sum(pushers.map(({ loadWh }) => loadWh));
  const wanted = overWh < loads ? overWh : loads;
  if (cuts.length !== pushers.length) return 'a cut per pusher is wanted';
  if (sum(cuts) !== wanted) return `${sum(cuts)} Wh cut where ${wanted} had to be`;
  for (const [i, { loadWh, fee }] of pushers.entries()) {
    const cut = cuts[i] as bigint;
    if (cut < 0n || cut > loadWh) return `pusher ${i}: cut beyond its load`;
    // Who paid more is not cut more, unless the other had nothing left to cut.
    const worse = pushers.findIndex(
      (other, j) => other.fee < fee && (cuts[j] as bigint) < cut && cuts[j] !== other.loadWh,
    );
    if (worse >= 0) return `pusher ${i} paid more than ${worse} and is cut more`;
  }
  return undefined;
}
