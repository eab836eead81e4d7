// The trading neighbourhood as a tree of auctioneers (market-neighbourhood 1.3.1, 1.3.2): the root
// is the centre of the published graph, everybody hands on to the neighbour one hop nearer to it.
// Nodes are indices in ascending order of their ids, so that "smallest id" is "smallest index".
import { assert } from '../../../core/src/assert.js';

/** Two nodes that may trade with each other directly. */
export type Edge = readonly [number, number];

export interface AuctionTree {
  /** Smallest eccentricity, then smallest id. */
  readonly root: number;
  /** Eccentricity of the root, in hops: the radius of the graph. */
  readonly height: number;
  /** By node; of the root itself -1. */
  readonly parent: readonly number[];
  /** To whom a node sends its own requests: the parent, the root to its smallest neighbour. */
  readonly first: readonly number[];
}

/** One auctioneer for everybody, where no graph is published. */
export const LONE_AUCTIONEER: AuctionTree = { root: 0, height: 0, parent: [-1], first: [0] };

/** undefined: the graph is not connected. An edge that stands twice counts once. */
export function auctionTree(nodes: number, edges: readonly Edge[]): AuctionTree | undefined {
  assert(nodes > 0, 'a graph has nodes');
  const neighbours = neighboursOf(nodes, edges);
  let root = -1;
  let height = nodes;
  let fromRoot: Int32Array | undefined;
  for (let node = 0; node < nodes; node++) {
    const hops = hopsFrom(node, neighbours);
    if (hops.includes(-1)) return undefined;
    const far = hops.reduce((a, b) => (a > b ? a : b));
    if (far < height) [root, height, fromRoot] = [node, far, hops];
  }
  const hops = fromRoot as Int32Array;
  const parent = neighbours.map((of, node) => {
    const isNearer = (other: number): boolean => hops[other] === (hops[node] as number) - 1;
    return of.find(isNearer) ?? -1;
  });
  const first = parent.map((up, node) => (node === root ? (neighbours[node]?.[0] ?? root) : up));
  return { root, height, parent, first };
}

/** Neighbours of each node, ascending. */
function neighboursOf(nodes: number, edges: readonly Edge[]): readonly (readonly number[])[] {
  const sets = Array.from({ length: nodes }, () => new Set<number>());
  for (const [a, b] of edges) {
    assert(a !== b && sets[a] !== undefined && sets[b] !== undefined, 'an edge joins two nodes');
    sets[a].add(b);
    sets[b].add(a);
  }
  return sets.map((set) => [...set].sort((a, b) => a - b));
}

/** Hops from a node to every other one, -1 where there is no path. */
function hopsFrom(start: number, neighbours: readonly (readonly number[])[]): Int32Array {
  const hops = new Int32Array(neighbours.length).fill(-1);
  hops[start] = 0;
  const queue = [start];
  for (let at = 0; at < queue.length; at++) {
    const node = queue[at] as number;
    for (const next of neighbours[node] as readonly number[]) {
      if (hops[next] !== -1) continue;
      hops[next] = (hops[node] as number) + 1;
      queue.push(next);
    }
  }
  return hops;
}
