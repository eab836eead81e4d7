// The distributed double auction in files (interfaces "neighbourhood"): reads the graph and the
// rule, clears, prints trades with their auctioneers and the log of messages.
import { compareIds, utf8ToBytes } from '../../../core/src/bytes.js';
import { MAX_EDGES } from '../../../core/src/limits.js';
import { type CheckedReport, type FileBook, readBook } from '../file/book.js';
import { type FileOrder, nodeOf as nodeName } from '../file/clearOrders.js';
import { clearReport, energyText } from '../file/clearReport.js';
import { at, type Fields, has, listOf, refuse, wordOf } from '../file/document.js';
import { checkTrades, nodeOf as gridNodeOf } from '../grid/file.js';
import { securityGate } from '../grid/flow.js';
import { AUCTION_RULES, type AuctionOptions, hasTwoPrices } from './auction.js';
import { clearNeighbourhood, GRID_NODE, type Message, type NodeRequest } from './clear.js';
import { type AuctionTree, auctionTree, LONE_AUCTIONEER } from './graph.js';

/** Names in the log: whom the root hands its rest to; the auctioneer where there are no edges. */
const GRID = 'GRID';
const LONE = 'ROOT';
const MAX_NODE_CHARS = 64;

/** A message of the distributed auction. */
export interface MessageText {
  readonly round: number;
  readonly name: string;
  readonly request: string;
  readonly from: string;
  readonly to: string;
  readonly energy: string;
}

export interface NeighbourhoodReport extends CheckedReport {
  /** Ordered by round, auctioneer and request, success signals before forwards. */
  readonly log: readonly MessageText[];
  /** Auction rounds, round 0 apart. */
  readonly rounds: number;
  /** How often a request travelled on, where it did. */
  readonly forwards: Readonly<Record<string, number>>;
}

/** Clears a document whose mechanism is "neighbourhood". */
export function clearNeighbourhoodDocument(document: Fields): NeighbourhoodReport {
  const book = readBook(document, { severalOrders: true, checksLines: true, seal: 'dda1' });
  const options: AuctionOptions = {
    rule: has(book.given, 'rule') ? wordOf(book.given, 'rule', AUCTION_RULES) : 'mcafee_sbb',
    feedIn: book.params.feedIn,
    retail: book.params.retail,
    tick: book.params.scale.tick,
  };
  const graph = readGraph(book.given);
  const orders = byId(book.orders);
  const requests = orders.map((order): NodeRequest => ({ ...order, node: nodeOf(order, graph) }));
  const { trades, remainingWh, messages, rounds } = clearNeighbourhood(requests, graph.tree, {
    ...options,
    mayTrade: gateOf(book, orders),
  });
  const named = trades.map(({ auctioneer, ...trade }) => ({
    ...trade,
    auctioneer: graph.names[auctioneer] as string,
  }));
  return {
    ...clearReport({
      ...book,
      orders,
      trades: named,
      remainingWh,
      twoPrices: hasTwoPrices(options.rule),
    }),
    log: messages.map((message) => messageText(message, orders, graph)),
    rounds,
    forwards: forwardsOf(messages, orders),
    ...(book.network && {
      check: checkTrades(book.network, { orders, trades, remainingWh }).check,
    }),
  };
}

/** A pair that breaks a line limit is skipped by its auctioneer (1.3.6). */
function gateOf({ network }: FileBook, orders: readonly FileOrder[]): AuctionOptions['mayTrade'] {
  if (network === undefined) return undefined;
  const nodes = orders.map((order) => gridNodeOf(network, order));
  const gate = securityGate(network.grid, network.baseWh);
  return ({ sell, buy, energyWh }) =>
    gate({ sellNode: nodes[sell] as number, buyNode: nodes[buy] as number, energyWh });
}

function forwardsOf(
  messages: readonly Message[],
  orders: readonly FileOrder[],
): Readonly<Record<string, number>> {
  const counts = new Map<string, number>();
  for (const { name, isSuccess, request } of messages) {
    if (name === 'T' || name === 'grid' || isSuccess) continue;
    const { id } = orders[request] as FileOrder;
    counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  return Object.fromEntries(counts);
}

/** Ids compare by (length, bytes), whatever the place in the file. */
const byId = (orders: FileBook['orders']): readonly FileOrder[] =>
  orders
    .map((order) => ({ order, bytes: utf8ToBytes(order.id) }))
    .sort((a, b) => compareIds(a.bytes, b.bytes))
    .map(({ order }) => order);

interface Graph {
  readonly tree: AuctionTree;
  /** Of nodes by index, ascending. */
  readonly names: readonly string[];
  /** undefined: one auctioneer for every node. */
  readonly indices: ReadonlyMap<string, number> | undefined;
}

function readGraph(given: Fields): Graph {
  const pairs = listOf(given, 'edges', true).map((value, i) =>
    readEdge(value, `${at(given, 'edges')}[${i}]`),
  );
  if (pairs.length === 0) return { tree: LONE_AUCTIONEER, names: [LONE], indices: undefined };
  if (pairs.length > MAX_EDGES)
    refuse('TOO_LARGE', at(given, 'edges'), `more than ${MAX_EDGES} edges`);
  const names = [...new Set(pairs.flat())]
    .map((name) => ({ name, bytes: utf8ToBytes(name) }))
    .sort((a, b) => compareIds(a.bytes, b.bytes))
    .map(({ name }) => name);
  const indices = new Map(names.map((name, i) => [name, i]));
  const edges = pairs.map(
    ([a, b]) => [indices.get(a) as number, indices.get(b) as number] as const,
  );
  const tree = auctionTree(names.length, edges);
  return tree === undefined
    ? refuse('FILE_FORMAT', at(given, 'edges'), 'not a connected graph')
    : { tree, names, indices };
}

function readEdge(value: unknown, path: string): readonly [string, string] {
  const [from, to, ...others] = Array.isArray(value) ? (value as readonly unknown[]) : [];
  const isNode = (name: unknown): name is string =>
    typeof name === 'string' && name !== '' && name.length <= MAX_NODE_CHARS;
  if (!isNode(from) || !isNode(to) || others.length > 0)
    return refuse('FILE_FORMAT', path, 'two names of nodes are wanted');
  if (from === to) return refuse('FILE_FORMAT', path, `${from} with itself`);
  return [from, to];
}

function nodeOf(order: FileOrder, { indices }: Graph): number {
  if (indices === undefined) return 0;
  const node = nodeName(order);
  const field = `orders[${order.place}].node`;
  return indices.get(node) ?? refuse('FILE_FORMAT', field, `no edge to ${node}`);
}

function messageText(
  { biddingRound, name, request, from, to, energyWh, isSuccess }: Message,
  orders: readonly FileOrder[],
  { names }: Graph,
): MessageText {
  const order = orders[request] as FileOrder;
  const nameOf = (node: number): string => (node === GRID_NODE ? GRID : (names[node] as string));
  return {
    round: biddingRound,
    name,
    request: order.id,
    from: name === 'T' ? nodeName(order) : nameOf(from),
    to: isSuccess ? nodeName(order) : nameOf(to),
    energy: energyText(energyWh),
  };
}
