// A radial feeder by indices (meters-and-grid "Congestion and security check"): which lines a trade
// between two nodes uses, and in which direction. Energy taken below a line flows down it, so a
// trade counts +1 on the lines above its buyer and -1 on those above its seller; where both lie
// below, it counts nothing. Does not know flows or capacities in use (flow.ts).
import type { WattHour } from '../../../core/src/amount.js';
import { assert } from '../../../core/src/assert.js';

export interface LineData {
  readonly id: string;
  /** The node nearer to the grid. */
  readonly from: string;
  readonly to: string;
  /** Per period, in either direction. */
  readonly capacityWh: WattHour;
}

export interface Grid {
  readonly lines: readonly LineData[];
  /** Index of a node by its name. */
  readonly nodes: ReadonlyMap<string, number>;
  /** By node: the line above it; -1 at the root. */
  readonly lineAbove: readonly number[];
  /** By node: the node above it; -1 at the root. */
  readonly nodeAbove: readonly number[];
  /** By node: how many lines lie between it and the root. */
  readonly depth: readonly number[];
}

/** A trade seen by the grid. */
export interface GridTrade {
  /** Index of the seller's node. */
  readonly sellNode: number;
  /** Index of the buyer's node. */
  readonly buyNode: number;
  readonly energyWh: WattHour;
}

/** One line that a trade uses. */
export interface Use {
  /** Index of the line. */
  readonly line: number;
  /** 1n: the energy flows away from the grid. */
  readonly sign: 1n | -1n;
}

/** The tree of the lines, or in words why they are none. */
export function gridOf(lines: readonly LineData[]): Grid | string {
  const nodes = new Map<string, number>();
  for (const name of lines.flatMap(({ from, to }) => [from, to]))
    if (!nodes.has(name)) nodes.set(name, nodes.size);
  const lineAbove = Array<number>(nodes.size).fill(-1);
  const nodeAbove = Array<number>(nodes.size).fill(-1);
  const ids = new Set<string>();
  for (const [line, { id, from, to }] of lines.entries()) {
    if (ids.has(id)) return `line ${id} stands twice`;
    ids.add(id);
    const below = nodes.get(to) as number;
    if (lineAbove[below] !== -1) return `two lines lead to ${to}`;
    lineAbove[below] = line;
    nodeAbove[below] = nodes.get(from) as number;
  }
  const depth = depthsOf(nodeAbove);
  return typeof depth === 'string' ? depth : { lines, nodes, lineAbove, nodeAbove, depth };
}

/** A tree of n lines has n + 1 nodes and one root, from which every node is reached. */
function depthsOf(nodeAbove: readonly number[]): readonly number[] | string {
  const below = new Map<number, number[]>();
  for (const [node, above] of nodeAbove.entries())
    below.set(above, [...(below.get(above) ?? []), node]);
  const roots = below.get(-1) ?? [];
  if (nodeAbove.length > 0 && roots.length !== 1) return `${roots.length} roots, one is wanted`;
  const depth = Array<number>(nodeAbove.length).fill(0);
  const reached = [...roots];
  for (const node of reached)
    for (const next of below.get(node) ?? []) {
      depth[next] = (depth[node] as number) + 1;
      reached.push(next);
    }
  return reached.length === nodeAbove.length ? depth : 'the lines close a ring';
}

/** The lines between two nodes: up from the buyer and from the seller to where they meet. */
export function usesOf(grid: Grid, { sellNode, buyNode }: GridTrade): readonly Use[] {
  const { lineAbove, nodeAbove, depth } = grid;
  assert(sellNode in depth && buyNode in depth, 'a trade is between nodes of the grid');
  const uses: Use[] = [];
  let [sell, buy] = [sellNode, buyNode];
  while (sell !== buy) {
    const isBuyerDeeper = (depth[buy] as number) >= (depth[sell] as number);
    const node = isBuyerDeeper ? buy : sell;
    uses.push({ line: lineAbove[node] as number, sign: isBuyerDeeper ? 1n : -1n });
    if (isBuyerDeeper) buy = nodeAbove[buy] as number;
    else sell = nodeAbove[sell] as number;
  }
  return uses;
}
