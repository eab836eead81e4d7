// The distributed double auction on a random book and a random graph: its faults, the same result
// whatever the order in which requests arrive, and the game on the same orders as players.
import { isDeepStrictEqual } from 'node:util';
import type { Price } from '../../core/src/amount.js';
import type { Fault } from '../src/invariants.js';
import { gameFault } from '../src/internalPrice/faults.js';
import { type GameOptions, type GameSeller, playGame } from '../src/internalPrice/game.js';
import {
  AUCTION_RULES,
  type AuctionOptions,
  type AuctionRule,
} from '../src/neighbourhood/auction.js';
import { clearNeighbourhood, type NodeRequest } from '../src/neighbourhood/clear.js';
import { neighbourhoodFault } from '../src/neighbourhood/faults.js';
import {
  type AuctionTree,
  auctionTree,
  type Edge,
  LONE_AUCTIONEER,
} from '../src/neighbourhood/graph.js';
import {
  type AnyBook,
  type AnyOrder,
  admitted,
  type Draw,
  drawOf,
  mill,
  shuffled,
  wh,
} from './books.js';

const MAX_NODES = 16;

/** A random tree with some edges more, or no graph. */
function anyGraph(draw: Draw): { readonly nodes: number; readonly tree: AuctionTree } {
  const nodes = 1 + draw(MAX_NODES);
  if (nodes === 1) return { nodes, tree: LONE_AUCTIONEER };
  const edges: Edge[] = [];
  const near = draw(2) === 0;
  for (let node = 1; node < nodes; node++) edges.push([node, near ? node - 1 : draw(node)]);
  for (let more = draw(3); more > 0; more--) {
    const [a, b] = [draw(nodes), draw(nodes)];
    if (a !== b) edges.push([a, b]);
  }
  const tree = auctionTree(nodes, edges);
  return tree === undefined ? { nodes: 1, tree: LONE_AUCTIONEER } : { nodes, tree };
}

/** Tariffs of the grid somewhere among the prices, so that bids are capped and dropped too. */
function anyTariffs(orders: readonly AnyOrder[], draw: Draw) {
  const prices = orders.map(({ price }) => price).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const [low, high] = [draw(prices.length + 1), draw(prices.length + 1)].sort((a, b) => a - b);
  const top = prices.at(-1) ?? mill(0);
  return { feedIn: prices[low as number] ?? top, retail: prices[high as number] ?? top };
}

export function neighbourhoodCheck(book: AnyBook): Fault {
  const orders = admitted(book);
  const draw = drawOf(book.seed);
  const { nodes, tree } = anyGraph(draw);
  const options: AuctionOptions = {
    rule: AUCTION_RULES[draw(AUCTION_RULES.length)] as AuctionRule,
    tick: book.tick,
    ...anyTariffs(orders, draw),
  };
  const requests = orders.map((order): NodeRequest => ({ ...order, node: draw(nodes) }));
  const clearing = clearNeighbourhood(requests, tree, options);
  return (
    neighbourhoodFault({ requests, tree, clearing, options }) ??
    arrivalFault(book, { requests, tree, options }) ??
    playersFault(book)
  );
}

interface Input {
  readonly requests: readonly NodeRequest[];
  readonly tree: AuctionTree;
  readonly options: AuctionOptions;
}

/** Requests that arrive in another order, sorted by their ids again. */
function arrivalFault({ seed }: AnyBook, { requests, tree, options }: Input): Fault {
  const { places } = shuffled(requests as readonly (NodeRequest & AnyOrder)[], seed);
  const arrived = places.map((id) => ({ id, request: requests[id] as NodeRequest }));
  arrived.sort((a, b) => a.id - b.id);
  const again = arrived.map(({ request }) => request);
  const silent = { ...options, log: false };
  const [a, b] = [requests, again].map((of) => clearNeighbourhood(of, tree, silent));
  return isDeepStrictEqual(a, b) ? undefined : 'another order of arrival, other contracts';
}

const MAX_PLAYERS = 12;

/** Sells become sellers of the game, buys become buyers; tariffs at most forty ticks apart. */
function playersFault(book: AnyBook): Fault {
  const draw = drawOf(book.seed + 1);
  const orders = admitted(book)
    .slice(0, MAX_PLAYERS)
    .filter(({ energyWh }) => energyWh < 1n << 40n);
  const feedIn = BigInt(draw(400)) * book.tick;
  const options: GameOptions = {
    feedIn: feedIn as Price,
    retail: (feedIn + BigInt(draw(40)) * book.tick) as Price,
    tick: book.tick,
    e1: wh(1 + draw(2000)),
  };
  const sellers = orders
    .filter(({ side }) => side === 'sell')
    .map((order): GameSeller => anySeller(order.energyWh, options, draw));
  const demand = orders.filter(({ side }) => side === 'buy').map(({ energyWh }) => energyWh);
  const result = playGame({ sellers, demand }, options);
  return gameFault({ sellers, demand, options, result });
}

function anySeller(g: bigint, { feedIn, e1 }: GameOptions, draw: Draw): GameSeller {
  const part = (): bigint => (g * BigInt(draw(101))) / 100n;
  const [a, b] = [part(), part()];
  const usual = part();
  return {
    g: wh(g),
    k: feedIn * (e1 + usual),
    emin: wh(a < b ? a : b),
    emax: wh(a < b ? b : a),
  };
}
