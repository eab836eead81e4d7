// The distributed double auction (market-neighbourhood 1.3): requests go to the first auctioneer,
// what an auctioneer cannot clear travels on along the tree, and what the root cannot clear is the
// grid's. Decides who trades how much, where and at which price; knows no accounts, money or time.
// Requests come in ascending order of their ids and are named by their index; nodes likewise.
import type { Price, WattHour } from '../../../core/src/amount.js';
import { assert, present } from '../../../core/src/assert.js';
import { booksOf, energiesOf, energyColumn, type OpenOrder } from '../openBook.js';
import {
  type AuctionOptions,
  type AuctionPair,
  type AuctionResult,
  type Quotes,
  quotesOf,
  runAuction,
} from './auction.js';
import type { AuctionTree } from './graph.js';

export interface NodeRequest extends OpenOrder {
  /** Where it comes from, a node of the tree. */
  readonly node: number;
}

export interface NeighbourhoodTrade extends AuctionPair {
  /** Per kWh, paid by the buyer. */
  readonly price: Price;
  /** Per kWh, received by the seller: below `price` only by rules with two prices. */
  readonly sellPrice: Price;
  /** The node whose auction made it. */
  readonly auctioneer: number;
  /** Auction round 1, 2, ... */
  readonly biddingRound: number;
}

/** T: a request; T': its success, or the whole of it forwarded; T'': what a split one has left. */
export type MessageName = 'T' | "T'" | "T''" | 'grid';

export interface Message {
  /** 0: requests to their first auctioneers. */
  readonly biddingRound: number;
  readonly name: MessageName;
  readonly request: number;
  readonly from: number;
  /** GRID_NODE where it leaves the neighbourhood. */
  readonly to: number;
  readonly energyWh: WattHour;
  /** A success signal to the origin. */
  readonly isSuccess: boolean;
}

export const GRID_NODE = -1;

export interface NeighbourhoodClearing {
  /** In the order in which they were matched. */
  readonly trades: readonly NeighbourhoodTrade[];
  /** What falls to the grid, by index. */
  readonly remainingWh: readonly WattHour[];
  /** By round, auctioneer and request; success signals before forwards. Empty without a log. */
  readonly messages: readonly Message[];
  /** Auction rounds; round 0 apart. */
  readonly rounds: number;
}

export interface ClearingOptions extends AuctionOptions {
  /** false: messages are not written down. */
  readonly log?: boolean;
}

interface Work {
  readonly requests: readonly NodeRequest[];
  readonly tree: AuctionTree;
  readonly options: ClearingOptions;
  /** Whether requests are of several generation types. */
  readonly hasTypes: boolean;
  readonly quotes: Quotes;
  readonly remaining: BigUint64Array;
  readonly trades: NeighbourhoodTrade[];
  readonly messages: Message[];
  /** Requests that each node holds in the round. */
  held: number[][];
}

/** Rounds until nobody holds a request: at most max(height, 2). */
export function clearNeighbourhood(
  requests: readonly NodeRequest[],
  tree: AuctionTree,
  options: ClearingOptions,
): NeighbourhoodClearing {
  assert(options.tick > 0n && options.feedIn <= options.retail, 'prices of the grid in order');
  const work: Work = {
    requests,
    tree,
    options,
    hasTypes: requests.some(({ type }) => type !== requests[0]?.type),
    quotes: quotesOf(requests, options),
    remaining: energyColumn(requests),
    trades: [],
    messages: [],
    held: nobody(tree),
  };
  sendFirst(work);
  let rounds = 0;
  while (work.held.some(({ length }) => length > 0)) {
    rounds++;
    assert(rounds <= Math.max(tree.height, 2), 'a request leaves after as many rounds as hops');
    auctionRound(work, rounds);
  }
  const { trades, messages } = work;
  return { trades, remainingWh: energiesOf(work.remaining), messages, rounds };
}

const nobody = ({ parent }: AuctionTree): number[][] => parent.map(() => []);

const at = <T>(list: readonly T[], i: number): T => present(list[i], 'a node of the tree');

/** 1.3.2: nobody is the first auctioneer of his own request, unless there is one node only. */
function sendFirst({ requests, tree, held, messages, options }: Work): void {
  for (const [request, { node }] of requests.entries())
    at(held, at(tree.first, node)).push(request);
  if (options.log === false) return;
  for (const [to, members] of held.entries())
    for (const request of members) {
      const { node, energyWh } = at(requests, request);
      const sent = { request, from: node, to, energyWh };
      messages.push({ biddingRound: 0, name: 'T', isSuccess: false, ...sent });
    }
}

/** 1.3.3: every auctioneer on what it held when the round began. */
function auctionRound(work: Work, biddingRound: number): void {
  const { held, tree } = work;
  const next = nobody(tree);
  for (const [auctioneer, members] of held.entries()) {
    if (members.length === 0) continue;
    members.sort((a, b) => a - b);
    auctionAt(work, members, { auctioneer, biddingRound });
    const up = at(tree.parent, auctioneer);
    const open = members.filter((request) => work.remaining[request] !== 0n);
    forward(work, open, { biddingRound, from: auctioneer, to: up });
    if (up === GRID_NODE) continue;
    const above = at(next, up);
    for (const request of open) above.push(request);
  }
  work.held = next;
}

interface Place {
  readonly auctioneer: number;
  readonly biddingRound: number;
}

function auctionAt(work: Work, members: readonly number[], place: Place): void {
  const matched = new Map<number, bigint>();
  for (const of of typesOf(work, members)) {
    const input = { members: of, remaining: work.remaining };
    take(work, runAuction(input, work.quotes, work.options), { ...place, matched });
  }
  if (work.options.log === false || matched.size === 0) return;
  for (const request of members) {
    const energyWh = matched.get(request);
    if (energyWh === undefined) continue;
    const sent = { request, from: place.auctioneer, to: at(work.requests, request).node };
    work.messages.push({
      biddingRound: place.biddingRound,
      name: "T'",
      isSuccess: true,
      energyWh: energyWh as WattHour,
      ...sent,
    });
  }
}

/** Members of each generation type. */
function typesOf({ requests, hasTypes }: Work, members: readonly number[]) {
  if (!hasTypes) return [members];
  const books = booksOf(members.map((i) => at(requests, i)));
  return books.map((book) => book.members.map((i) => at(members, i)));
}

/** Contracts of one auction, off what its requests still want. */
function take(
  { trades, remaining }: Work,
  { pairs, buyPrice, sellPrice }: AuctionResult,
  { matched, ...place }: Place & { readonly matched: Map<number, bigint> },
): void {
  if (buyPrice === undefined || sellPrice === undefined) return;
  for (const pair of pairs) {
    trades.push({ ...pair, price: buyPrice, sellPrice, ...place });
    for (const i of [pair.sell, pair.buy]) {
      remaining[i] = (remaining[i] as bigint) - pair.energyWh;
      matched.set(i, (matched.get(i) ?? 0n) + pair.energyWh);
    }
  }
}

interface Hop {
  readonly biddingRound: number;
  readonly from: number;
  readonly to: number;
}

function forward(work: Work, open: readonly number[], hop: Hop): void {
  const { requests, remaining, messages, options } = work;
  if (options.log === false) return;
  for (const request of open) {
    const energyWh = remaining[request] as WattHour;
    const isWhole = energyWh === at(requests, request).energyWh;
    const name = hop.to === GRID_NODE ? 'grid' : isWhole ? "T'" : "T''";
    messages.push({ ...hop, name, request, energyWh, isSuccess: false });
  }
}
