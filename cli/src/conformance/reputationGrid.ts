// The congestion part of golden/reputation.json: forecast, fees, security check, curtailment. The
// trades are [seller's node, buyer's node, Wh] in the order of matching.
import type { Money, Price, WattHour } from '../../../core/src/amount.js';
import { congestionFee, forecastOf } from '../../../market/src/grid/congestion.js';
import { curtailment } from '../../../market/src/grid/curtail.js';
import { type Flows, securityCheck } from '../../../market/src/grid/flow.js';
import { type Grid, type GridTrade, gridOf } from '../../../market/src/grid/tree.js';
import type { ReputationVectors } from './reputationForm.js';
import type { Tally } from './tally.js';

type Congestion = ReputationVectors['congestion'];
const FLAG_AT_PPM = 900_000n;

export function checkGrid(tally: Tally, { congestion }: ReputationVectors): void {
  const lines = Object.entries(congestion.lines).map(([id, [from, to, capacity]]) => ({
    id,
    from,
    to,
    capacityWh: capacity as WattHour,
  }));
  const grid = gridOf(lines);
  if (typeof grid === 'string') return tally.check('congestion lines', 'a tree', grid);
  const baseWh = lines.map(({ id }) => congestion.base[id] ?? 0n);
  const names = Object.keys(congestion.trades);
  const trades = Object.values(congestion.trades).map(
    ([seller, buyer, energy]): GridTrade => ({
      sellNode: grid.nodes.get(seller) ?? -1,
      buyNode: grid.nodes.get(buyer) ?? -1,
      energyWh: energy as WattHour,
    }),
  );
  const part = { congestion, grid, baseWh, names, trades };
  checkForecast(tally, part);
  const check = securityCheck(grid, baseWh, trades);
  const passed = names.filter((_, i) => check.passed[i]);
  const failed = names.filter((_, i) => !check.passed[i]);
  tally.check('congestion check passed', congestion.check.passed.join(), passed.join());
  tally.check('congestion check failed', congestion.check.failed.join(), failed.join());
  checkFlows(tally, 'check flow', { want: congestion.check.flows, grid, flows: check.flowsWh });
  checkCurtailment(tally, congestion);
}

interface Part {
  readonly congestion: Congestion;
  readonly grid: Grid;
  readonly baseWh: Flows;
  readonly names: readonly string[];
  readonly trades: readonly GridTrade[];
}

function checkForecast(tally: Tally, { congestion, grid, baseWh, names, trades }: Part): void {
  const { c_up, c_down, flows, flagged, unit_fee, fee } = congestion;
  const rules = { flagAtPpm: FLAG_AT_PPM, cUp: c_up as Price, cDown: c_down as Price };
  const forecast = forecastOf(grid, baseWh, { trades, rules });
  checkFlows(tally, 'flow', { want: flows, grid, flows: forecast.flowsWh });
  const ids = forecast.flagged.map((line) => grid.lines[line]?.id ?? '');
  tally.check('congestion flagged', flagged.join(), ids.join());
  for (const [line, { id }] of grid.lines.entries())
    tally.check(
      `congestion unit fee ${id}`,
      String(unit_fee[id] ?? 0n),
      String(forecast.fees[line]),
    );
  for (const [i, name] of names.entries()) {
    const paid = congestionFee(grid, forecast, trades[i] as GridTrade);
    tally.check(`congestion fee ${name}`, String(fee[name]), String(paid));
  }
}

function checkFlows(
  tally: Tally,
  name: string,
  side: {
    readonly want: Readonly<Record<string, bigint>>;
    readonly grid: Grid;
    readonly flows: Flows;
  },
): void {
  for (const [line, { id }] of side.grid.lines.entries())
    tally.check(`congestion ${name} ${id}`, String(side.want[id]), String(side.flows[line]));
}

function checkCurtailment(tally: Tally, { curtail }: Congestion): void {
  const names = Object.keys(curtail.loads);
  const pushers = names.map((name) => ({
    loadWh: curtail.loads[name] as WattHour,
    fee: (curtail.fees[name] ?? 0n) as Money,
  }));
  const cuts = curtailment(curtail.over as WattHour, pushers);
  for (const [i, name] of names.entries())
    tally.check(`congestion cut ${name}`, String(curtail.cut[name]), String(cuts[i]));
}
