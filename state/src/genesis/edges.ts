// The trading graph of a neighbourhood market in the genesis file (market-neighbourhood 1.3.1):
// pairs of nodes that make one connected graph.
import { MAX_AUCTION_WORK, MAX_CHECK_WORK, MAX_EDGES } from '../../../core/src/limits.js';
import type { MarketConfig, MarketParams, TradingEdge } from '../../../core/src/markets.js';
import { auctionGraph } from '../markets/neighbourhood/graph.js';
import type { FeederLine } from '../markets/reputation/records.js';
import { gridsOf } from '../markets/reputation/network.js';
import type { Fields } from './fields.js';

const MAX_NODE_CHARS = 32;
const NODE = /^[\x21-\x7e]+$/;

const isNode = (name: unknown): name is string =>
  typeof name === 'string' && name.length <= MAX_NODE_CHARS && NODE.test(name);

export function readEdges(f: Fields, name: string): readonly TradingEdge[] {
  const edges = f.list(name, MAX_EDGES).map(({ value }, i): TradingEdge => {
    const [from, to, ...others] = Array.isArray(value) ? (value as readonly unknown[]) : [];
    if (!isNode(from) || !isNode(to) || others.length > 0)
      return f.refuse(`${name}[${i}]`, 'two names of nodes are wanted');
    return from === to ? f.refuse(`${name}[${i}]`, `${from} with itself`) : { from, to };
  });
  if (auctionGraph(edges) === undefined) f.refuse(name, 'not a connected graph');
  return edges;
}

/** Every request may travel to the root: a long graph takes fewer of them. */
export function checkAuctionWork(f: Fields, { edges, maxOrders }: MarketParams): void {
  if (edges.length === 0) return;
  const height = auctionGraph(edges)?.tree.height ?? 0;
  const most = Math.floor(MAX_AUCTION_WORK / Math.max(height, 2));
  if (maxOrders > most) f.refuse('maxOrders', `at most ${most} with edges of height ${height}`);
}

/** Where every pair is asked of the lines between them, a deep feeder takes fewer orders. */
export function checkLinesWork(
  top: Fields,
  markets: readonly MarketConfig[],
  lines: readonly FeederLine[],
): void {
  for (const { mechanism, params } of markets) {
    if (mechanism !== 'neighbourhood' || !params.security) continue;
    const [grid] = gridsOf(lines, markets).values();
    const hops = Math.max(auctionGraph(params.edges)?.tree.height ?? 0, 2);
    const path = 2 * Math.max(1, ...(grid?.depth ?? []));
    const pairs = (params.maxOrders * params.maxOrders) / 4;
    if (pairs * hops * path <= MAX_CHECK_WORK) continue;
    let most = params.maxOrders;
    while ((most * most * hops * path) / 4 > MAX_CHECK_WORK) most -= 1;
    top.refuse('maxOrders', `at most ${most} with the check of lines on this feeder`);
  }
}
