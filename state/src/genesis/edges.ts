// The trading graph of a neighbourhood market in the genesis file (market-neighbourhood 1.3.1):
// pairs of nodes that make one connected graph.
import { MAX_AUCTION_WORK, MAX_EDGES } from '../../../core/src/limits.js';
import type { MarketParams, TradingEdge } from '../../../core/src/markets.js';
import { auctionGraph } from '../markets/neighbourhood/graph.js';
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
