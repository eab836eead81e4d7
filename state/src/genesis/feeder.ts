// The feeder in the genesis file (parameters 1): a tree of lines, and on which node accounts sit.
// Capacities are powers; how much energy that is in a period: markets/reputation/network.ts.
import {
  BASE_FLOW_BYTES,
  GRID_DATA_REST_BYTES,
  MAX_FEEDER_LINES,
} from '../../../core/src/limits.js';
import type { MarketConfig } from '../../../core/src/markets.js';
import type { ConsensusParams } from '../../../core/src/params.js';
import { gridOf } from '../../../market/src/grid/tree.js';
import { looksAtLines } from '../markets/reputation/network.js';
import type { FeederLine } from '../markets/reputation/records.js';
import { Fields } from './fields.js';

const POWER_DECIMALS = 3;
const MAX_NAME = 32;
/** 1 TW: more than any line carries, and far within the range of energy. */
const MAX_CAPACITY_W = 10n ** 12n;

/** Lines in the order of the file; none where there is no feeder. */
export function readFeeder(top: Fields): readonly FeederLine[] {
  const feeder = top.object_('feeder', ['nodes', 'lines']);
  const lines = feeder.list('lines', MAX_FEEDER_LINES).map(({ value, path }) => {
    const f = new Fields(value, path, ['id', 'from', 'to', 'capacity']);
    const [id = '', from = '', to = ''] = ['id', 'from', 'to'].map((name) => nameOf(f, name));
    const capacityW = f.decimal('capacity', POWER_DECIMALS);
    if (capacityW > MAX_CAPACITY_W) f.refuse('capacity', 'is too large');
    return { id, from, to, capacityW };
  });
  const isGiven = feeder.has('nodes') || feeder.has('lines');
  if (isGiven && lines.length === 0) top.refuse('feeder', 'has no lines');
  const grid = gridOf(lines.map((line) => ({ ...line, capacityWh: line.capacityW as never })));
  if (typeof grid === 'string') return feeder.refuse('lines', grid);
  const nodes = feeder.list('nodes', MAX_FEEDER_LINES + 1).map(({ value }) => value);
  const areNodes = nodes.every((node) => typeof node === 'string' && grid.nodes.has(node));
  if (!areNodes || new Set(nodes).size !== nodes.length || nodes.length !== grid.nodes.size)
    feeder.refuse('nodes', 'must name each end of a line once');
  return lines;
}

function nameOf(f: Fields, name: string): string {
  const text = f.text(name, undefined, MAX_NAME);
  return text === '' ? f.refuse(name, 'is empty') : text;
}

/** What the grid company publishes of a feeder is one transaction: it has to fit. */
export function checkBaseFlows(top: Fields, { feeder, markets, consensus }: BaseFlows): void {
  const bytes = feeder.length * BASE_FLOW_BYTES + GRID_DATA_REST_BYTES;
  if (!markets.some(looksAtLines) || bytes <= consensus.maxTxBytes) return;
  const why = `base flows of ${feeder.length} lines want consensus.maxTxBytes of ${bytes} at least`;
  top.refuse('feeder.lines', why);
}

export interface BaseFlows {
  readonly feeder: readonly FeederLine[];
  readonly markets: readonly MarketConfig[];
  readonly consensus: ConsensusParams;
}

/** With a feeder, whoever names a node names one of it. */
export function checkNodes(
  top: Fields,
  lines: readonly FeederLine[],
  accounts: readonly { readonly node: string }[],
): void {
  if (lines.length === 0) return;
  const nodes = new Set(lines.flatMap(({ from, to }) => [from, to]));
  accounts.forEach(({ node }, i) => {
    if (node !== '' && !nodes.has(node))
      top.refuse(`accounts[${i}].node`, 'no node of the feeder has that name');
  });
}
