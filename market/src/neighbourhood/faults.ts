// What must hold after a distributed double auction, checked on its result by other means than its
// own: limits and conservation from the trades, the bounds of market-neighbourhood 1.3.4, the way
// of every request up the tree, and the log as an account of all energy.
import { present } from '../../../core/src/assert.js';
import type { Fault } from '../invariants.js';
import { type AuctionOptions, hasTwoPrices } from './auction.js';
import { GRID_NODE, type NeighbourhoodClearing, type NodeRequest } from './clear.js';
import type { AuctionTree } from './graph.js';

interface Case {
  readonly requests: readonly NodeRequest[];
  readonly tree: AuctionTree;
  readonly clearing: NeighbourhoodClearing;
  readonly options: AuctionOptions;
}

export function neighbourhoodFault(of: Case): Fault {
  return boundsFault(of) ?? tradesFault(of) ?? energyFault(of) ?? pricesFault(of) ?? logFault(of);
}

/** 1.3.4. */
function boundsFault({ requests, tree, clearing }: Case): Fault {
  const most = Math.max(tree.height, 2);
  if (clearing.rounds > most) return 'more rounds than the height allows';
  if (clearing.trades.length > requests.length * most) return 'more contracts than there can be';
  const hops = requests.map(() => 0);
  for (const { request, name, isSuccess } of clearing.messages)
    if (name !== 'T' && name !== 'grid' && !isSuccess) hops[request] = (hops[request] ?? 0) + 1;
  return hops.some((count) => count > Math.max(tree.height - 1, 1))
    ? 'a request was forwarded too often'
    : undefined;
}

/** The auctioneer that holds a request in a round: the first one, then its ancestors. */
function holderOf({ requests, tree }: Case, request: number, biddingRound: number): number {
  let node = tree.first[requests[request]?.node ?? -1] ?? GRID_NODE;
  for (let hop = 1; hop < biddingRound && node !== GRID_NODE; hop++)
    node = tree.parent[node] ?? GRID_NODE;
  return node;
}

function tradesFault(of: Case): Fault {
  const { requests, clearing, options } = of;
  for (const {
    sell,
    buy,
    energyWh,
    price,
    sellPrice,
    auctioneer,
    biddingRound,
  } of clearing.trades) {
    const name = `trade ${sell}-${buy}`;
    const [seller, buyer] = [requests[sell], requests[buy]];
    if (seller?.side !== 'sell' || buyer?.side !== 'buy') return `${name}: not a sell and a buy`;
    if (seller.type !== buyer.type) return `${name}: two generation types`;
    if (energyWh <= 0n) return `${name}: no energy`;
    if (price > buyer.price) return `${name}: the buyer pays more than its limit`;
    if (sellPrice < seller.price) return `${name}: the seller gets less than its limit`;
    if (price > options.retail || sellPrice < options.feedIn) return `${name}: worse than the grid`;
    if (sellPrice > price) return `${name}: money is missing`;
    if (sellPrice < price && !hasTwoPrices(options.rule)) return `${name}: money is left over`;
    for (const request of [sell, buy])
      if (holderOf(of, request, biddingRound) !== auctioneer)
        return `${name}: request ${request} was not with auctioneer ${auctioneer}`;
  }
  return undefined;
}

function energyFault({ requests, clearing }: Case): Fault {
  const traded = requests.map(() => 0n);
  for (const { sell, buy, energyWh } of clearing.trades)
    for (const i of [sell, buy]) traded[i] = (traded[i] ?? 0n) + energyWh;
  const wrong = requests.findIndex(({ energyWh }, i) => {
    const left = present(clearing.remainingWh[i], 'a remainder per request');
    return left < 0n || (traded[i] ?? 0n) + left !== energyWh;
  });
  return wrong < 0 ? undefined : `request ${wrong}: contracts and grid are not its quantity`;
}

/** One pair of prices per auction. */
function pricesFault({ requests, clearing }: Case): Fault {
  const seen = new Map<string, string>();
  for (const { sell, price, sellPrice, auctioneer, biddingRound } of clearing.trades) {
    const auction = `${biddingRound} ${auctioneer} ${requests[sell]?.type ?? ''}`;
    const prices = `${price} ${sellPrice}`;
    if ((seen.get(auction) ?? prices) !== prices) return 'an auction with several prices';
    seen.set(auction, prices);
  }
  return undefined;
}

/** Every request: one T, successes for what it traded, the grid for what it did not. */
function logFault({ requests, tree, clearing }: Case): Fault {
  const sent = requests.map(() => 0);
  const told = requests.map(({ energyWh }, i) => energyWh - (clearing.remainingWh[i] ?? 0n));
  const toGrid = [...clearing.remainingWh] as bigint[];
  let last = 0;
  for (const message of clearing.messages) {
    const { request, name, from, to, energyWh, isSuccess, biddingRound } = message;
    if (biddingRound < last) return 'the log goes back';
    last = biddingRound;
    const { node } = present(requests[request], 'a message names a request');
    if (name === 'T') {
      sent[request] = (sent[request] ?? 0) + 1;
      if (from !== node || (to === node && tree.height > 0)) return 'auctioneer of its own request';
    } else if (isSuccess) told[request] = (told[request] ?? 0n) - energyWh;
    else if (name === 'grid') toGrid[request] = (toGrid[request] ?? 0n) - energyWh;
    else if (tree.parent[from] !== to) return 'forwarded to another than the parent';
    else if ((name === "T''") !== energyWh < (requests[request]?.energyWh ?? 0n))
      return 'a remainder that is not named as one';
  }
  if (sent.some((count) => count !== 1)) return 'a request was not sent once';
  if (told.some((wh) => wh !== 0n)) return 'success signals are not what was traded';
  return toGrid.some((wh) => wh !== 0n) ? 'what is left did not go to the grid' : undefined;
}
