// The trading graph of a market by the names of its nodes (market-neighbourhood 1.3.1).
import { compareIds, utf8ToBytes } from '../../../../core/src/bytes.js';
import type { TradingEdge } from '../../../../core/src/markets.js';
import {
  type AuctionTree,
  auctionTree,
  LONE_AUCTIONEER,
} from '../../../../market/src/neighbourhood/graph.js';

export interface AuctionGraph {
  readonly tree: AuctionTree;
  /** Of nodes by index, ascending by (length, bytes); "" where there is one auctioneer. */
  readonly names: readonly string[];
  readonly indices: ReadonlyMap<string, number>;
}

/** undefined: not connected. No edges: one auctioneer for everybody. */
export function auctionGraph(edges: readonly TradingEdge[]): AuctionGraph | undefined {
  if (edges.length === 0) return { tree: LONE_AUCTIONEER, names: [''], indices: new Map() };
  const names = [...new Set(edges.flatMap(({ from, to }) => [from, to]))]
    .map((name) => ({ name, bytes: utf8ToBytes(name) }))
    .sort((a, b) => compareIds(a.bytes, b.bytes))
    .map(({ name }) => name);
  const indices = new Map(names.map((name, i) => [name, i]));
  const at = (name: string): number => indices.get(name) as number;
  const tree = auctionTree(
    names.length,
    edges.map(({ from, to }) => [at(from), at(to)] as const),
  );
  return tree && { tree, names, indices };
}

/** Where an account's node is not in the graph, the root. */
export const nodeIn = ({ tree, indices }: AuctionGraph, node: string): number =>
  indices.get(node) ?? tree.root;
