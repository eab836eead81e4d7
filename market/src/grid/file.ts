// The grid in files (interfaces "reputation", parameters 3): `lines`, `baseFlow`, `security`, and
// the check of a list of trades, for every mechanism that clears in files. Energies and capacities
// are kWh of one period.
import type { WattHour } from '../../../core/src/amount.js';
import type { ErrorCode } from '../../../core/src/errors.js';
import type { FileOrder } from '../file/clearOrders.js';
import { energyText, type MatchedTrade } from '../file/clearReport.js';
import {
  at,
  type Fields,
  fieldsOf,
  flagOf,
  has,
  listOf,
  refuse,
  signedAmountOf,
  textOf,
} from '../file/document.js';
import { ENERGY_DECIMALS, energyOf } from '../file/params.js';
import { type Flows, type SecurityCheck, securityCheck } from './flow.js';
import { type Grid, type GridTrade, gridOf, type LineData } from './tree.js';

export interface FileGrid {
  readonly grid: Grid;
  readonly baseWh: Flows;
}

const LINE_NAMES: ReadonlySet<string> = new Set(['id', 'from', 'to', 'capacity']);

/**
 * The grid of a document; undefined where `security` is off or no line is given. A file that
 * switches the check on, and gives nothing to check against, is refused.
 */
export function fileGridOf(params: Fields, isOnByDefault: boolean): FileGrid | undefined {
  const isOn = flagOf(params, 'security', isOnByDefault);
  if (!has(params, 'lines')) {
    if (has(params, 'baseFlow')) refuse('FILE_FORMAT', at(params, 'lines'), 'is missing');
    return isOn && !isOnByDefault
      ? refuse('FILE_FORMAT', at(params, 'lines'), 'is missing')
      : undefined;
  }
  const lines = listOf(params, 'lines').map((value, i) =>
    lineOf(value, `${at(params, 'lines')}[${i}]`),
  );
  const grid = gridOf(lines);
  if (typeof grid === 'string') return refuse('FILE_FORMAT', at(params, 'lines'), grid);
  const baseWh = baseOf(params, lines);
  return isOn ? { grid, baseWh } : undefined;
}

function lineOf(value: unknown, path: string): LineData {
  const fields = fieldsOf(value, path, LINE_NAMES);
  return {
    id: textOf(fields, 'id'),
    from: textOf(fields, 'from'),
    to: textOf(fields, 'to'),
    capacityWh: energyOf(fields, 'capacity'),
  };
}

/** Signed, away from the grid positive; a line that is not named: 0. */
function baseOf(params: Fields, lines: readonly LineData[]): Flows {
  if (!has(params, 'baseFlow')) return lines.map(() => 0n);
  const known = new Set(lines.map(({ id }) => id));
  const fields = fieldsOf(params.values.baseFlow, at(params, 'baseFlow'), known);
  return lines.map(({ id }) =>
    has(fields, id) ? signedAmountOf(fields, id, ENERGY_DECIMALS) : 0n,
  );
}

/** NO_NODE where the check is on and the order does not say where it stands, or nowhere known. */
export function nodeRefusal(network: FileGrid | undefined) {
  return ({ node }: FileOrder): ErrorCode | undefined =>
    network === undefined || (node !== undefined && network.grid.nodes.has(node))
      ? undefined
      : 'NO_NODE';
}

/** Index of the node of an admitted order. */
export const nodeOf = ({ grid }: FileGrid, { node }: FileOrder): number =>
  grid.nodes.get(node ?? '') ?? -1;

/** Energies per line, by the id of the line. */
export const flowText = ({ lines }: Grid, flowsWh: Flows): Readonly<Record<string, string>> =>
  Object.fromEntries(lines.map(({ id }, line) => [id, energyText(flowsWh[line] as bigint)]));

export interface PairText {
  readonly seller: string;
  readonly buyer: string;
  readonly energy: string;
}

/** `check` as it is printed: what passed, what did not, and the flows afterwards. */
export interface CheckText {
  readonly passed: readonly PairText[];
  readonly failed: readonly PairText[];
  readonly flows: Readonly<Record<string, string>>;
}

type Pair = Pick<MatchedTrade, 'sell' | 'buy' | 'energyWh'>;

export function checkText(
  { grid }: FileGrid,
  check: SecurityCheck,
  { orders, trades }: { readonly orders: readonly FileOrder[]; readonly trades: readonly Pair[] },
): CheckText {
  const pair = ({ sell, buy, energyWh }: Pair): PairText => ({
    seller: orders[sell]?.account ?? '',
    buyer: orders[buy]?.account ?? '',
    energy: energyText(energyWh),
  });
  return {
    passed: trades.filter((_, i) => check.passed[i]).map(pair),
    failed: trades.filter((_, i) => !check.passed[i]).map(pair),
    flows: flowText(grid, check.flowsWh),
  };
}

interface Matched<Trade> {
  readonly orders: readonly FileOrder[];
  readonly trades: readonly Trade[];
  readonly remainingWh: readonly WattHour[];
}

export interface Checked<Trade> {
  /** Those that passed, in the order of matching. */
  readonly trades: readonly Trade[];
  /** With the energy of those that failed. */
  readonly remainingWh: readonly WattHour[];
  readonly check: CheckText;
}

/** The check of a mechanism with one matching: a trade that fails is void, its energy unmatched. */
export function checkTrades<Trade extends Pair>(
  network: FileGrid,
  { orders, trades, remainingWh }: Matched<Trade>,
): Checked<Trade> {
  const nodes = orders.map((order) => nodeOf(network, order));
  const gridTrades = trades.map(
    ({ sell, buy, energyWh }): GridTrade => ({
      sellNode: nodes[sell] as number,
      buyNode: nodes[buy] as number,
      energyWh,
    }),
  );
  const check = securityCheck(network.grid, network.baseWh, gridTrades);
  const rest = [...remainingWh];
  for (const [i, { sell, buy, energyWh }] of trades.entries())
    if (!check.passed[i])
      for (const index of [sell, buy])
        rest[index] = ((rest[index] as bigint) + energyWh) as WattHour;
  return {
    trades: trades.filter((_, i) => check.passed[i]),
    remainingWh: rest,
    check: checkText(network, check, { orders, trades }),
  };
}
