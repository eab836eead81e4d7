// Winner determination of one auctioneer (market-neighbourhood 1.4): who of the requests it holds
// trades how much, and at which price, by one of four rules. Knows no graph and no rounds.
// Requests are named by their index, which is the order of their ids.
import { largest, least, type Price, type WattHour } from '../../../core/src/amount.js';
import { assert } from '../../../core/src/assert.js';
import { floorMean, type OpenOrder } from '../openBook.js';
import { largestRemainder } from '../shares.js';

export const AUCTION_RULES = ['mcafee_sbb', 'mcafee_grid', 'average', 'reduce'] as const;
export type AuctionRule = (typeof AUCTION_RULES)[number];

/** Rules whose buyers may pay more than their sellers get. */
export const hasTwoPrices = (rule: AuctionRule): boolean =>
  rule === 'mcafee_grid' || rule === 'reduce';

export interface AuctionOptions {
  readonly rule: AuctionRule;
  /** p_f and p_r: the grid buys and sells at these. */
  readonly feedIn: Price;
  readonly retail: Price;
  /** Price step; means are floored to it. */
  readonly tick: bigint;
  /**
   * Whether the network carries a pair (1.3.6), asked in the order of matching; what it grants is
   * traded. A pair that it refuses is skipped and stays open. Absent: every pair.
   */
  readonly mayTrade?: ((pair: AuctionPair) => boolean) | undefined;
}

/** How the prices came about; "none": nobody trades. */
export type AuctionMode = 'none' | 'p0' | 'drop_buyer' | 'drop_seller' | 'average' | 'reduced';

export interface AuctionPair {
  readonly sell: number;
  readonly buy: number;
  readonly energyWh: WattHour;
}

/** Prices are absent where nobody trades. */
export interface AuctionResult {
  readonly mode: AuctionMode;
  readonly buyPrice?: Price;
  readonly sellPrice?: Price;
  /** Best buyer with best seller. */
  readonly pairs: readonly AuctionPair[];
}

const NOTHING: AuctionResult = { mode: 'none', pairs: [] };

export interface AuctionBook {
  /** Requests that the auctioneer holds, ascending. */
  readonly members: readonly number[];
  /** What each request still wants, by index. */
  readonly remaining: BigUint64Array;
}

/** Sorts requests into queues and quotes; made once for all auctions of a clearing. */
export interface Quotes {
  /** Bids capped at retail, asks raised to feed-in, by index; -1n: dropped (1.4.1). */
  readonly quote: readonly bigint[];
  readonly isSell: readonly boolean[];
  /** Place of each request among all of its side, best first; DROPPED where it takes no part. */
  readonly place: Uint32Array;
  /** Request at each place of its side. */
  readonly sells: readonly number[];
  readonly buys: readonly number[];
}

const DROPPED = 0xffff_ffff;

/** Step 1: price first, then the request's id. */
export function quotesOf(
  requests: readonly OpenOrder[],
  { feedIn, retail }: Pick<AuctionOptions, 'feedIn' | 'retail'>,
): Quotes {
  const quote = requests.map(({ side, price }) => {
    if (side === 'buy') return price < feedIn ? -1n : least<bigint>(price, retail);
    return price > retail ? -1n : largest<bigint>(price, feedIn);
  });
  const isSell = requests.map(({ side }) => side === 'sell');
  const queue = (sell: boolean): readonly number[] =>
    requests
      .map((_, i) => i)
      .filter((i) => isSell[i] === sell)
      .sort((a, b) => byPrice(quote, sell ? [a, b] : [b, a]) || a - b);
  const place = new Uint32Array(requests.length);
  const [sells, buys] = [queue(true), queue(false)];
  for (const side of [sells, buys])
    for (const [at, i] of side.entries()) place[i] = quote[i] === -1n ? DROPPED : at;
  return { quote, isSell, place, sells, buys };
}

function byPrice(quote: readonly bigint[], [a, b]: readonly [number, number]): number {
  const [first, second] = [quote[a] as bigint, quote[b] as bigint];
  return first < second ? -1 : first > second ? 1 : 0;
}

/** The auction over what one auctioneer holds. */
export function runAuction(
  book: AuctionBook,
  quotes: Quotes,
  options: AuctionOptions,
): AuctionResult {
  if (!meets(book, quotes)) return NOTHING;
  const sells = sideOf(book, quotes, true);
  const buys = sideOf(book, quotes, false);
  const margin = crossing({ sells, buys }, book.remaining, quotes.quote);
  if (margin === undefined) return NOTHING;
  const accepted = priceOf({ ...margin, sells, buys, quote: quotes.quote }, options);
  const [winners, losers] = [buys.slice(0, accepted.buyers), sells.slice(0, accepted.sellers)];
  const pairs = ration({ buys: winners, sells: losers }, book.remaining, options);
  if (pairs.length === 0) return NOTHING;
  const { mode, buyPrice, sellPrice } = accepted;
  assert(sellPrice <= buyPrice, 'no subsidy is needed');
  return { mode, buyPrice, sellPrice, pairs };
}

/** Whether the best of both sides cross: most auctions of a large graph end here. */
function meets({ members }: AuctionBook, { quote, isSell, place, sells, buys }: Quotes): boolean {
  let [bestSell, bestBuy] = [DROPPED, DROPPED];
  for (const i of members) {
    const at = place[i] as number;
    if (isSell[i] === true) {
      if (at < bestSell) bestSell = at;
    } else if (at < bestBuy) bestBuy = at;
  }
  if (bestSell === DROPPED || bestBuy === DROPPED) return false;
  const [sell, buy] = [sells[bestSell] as number, buys[bestBuy] as number];
  return (quote[buy] as bigint) >= (quote[sell] as bigint);
}

/** Members of one side that were not dropped, best first. */
function sideOf({ members }: AuctionBook, quotes: Quotes, sell: boolean): readonly number[] {
  const { isSell, place } = quotes;
  const all = sell ? quotes.sells : quotes.buys;
  const places = new Uint32Array(members.length);
  let count = 0;
  for (const i of members)
    if (isSell[i] === sell && place[i] !== DROPPED) places[count++] = place[i] as number;
  return Array.from(places.subarray(0, count).sort(), (at) => all[at] as number);
}

interface Sides {
  readonly sells: readonly number[];
  readonly buys: readonly number[];
}

interface Margin {
  /** How many of each side trade before any is dropped: K and L. */
  readonly lastBuyer: number;
  readonly lastSeller: number;
}

/** Step 2: min(rest, rest) along both lists while bid >= ask. */
function crossing(
  { sells, buys }: Sides,
  remaining: BigUint64Array,
  quote: readonly bigint[],
): Margin | undefined {
  let [s, b] = [0, 0];
  let [lastSeller, lastBuyer] = [0, 0];
  let [offered, wanted] = [0n, 0n];
  while (s < sells.length && b < buys.length) {
    const [sell, buy] = [sells[s] as number, buys[b] as number];
    if ((quote[buy] as bigint) < (quote[sell] as bigint)) break;
    if (offered === 0n) offered = remaining[sell] as bigint;
    if (wanted === 0n) wanted = remaining[buy] as bigint;
    const energyWh = least(offered, wanted);
    assert(energyWh > 0n, 'a request has energy');
    offered -= energyWh;
    wanted -= energyWh;
    [lastSeller, lastBuyer] = [s + 1, b + 1];
    if (offered === 0n) s++;
    if (wanted === 0n) b++;
  }
  return lastBuyer === 0 ? undefined : { lastBuyer, lastSeller };
}

interface Priced {
  readonly mode: AuctionMode;
  readonly buyers: number;
  readonly sellers: number;
  readonly buyPrice: Price;
  readonly sellPrice: Price;
}

interface Marginal extends Sides, Margin {
  readonly quote: readonly bigint[];
}

/** Steps 3 and 4, and the three other rules. */
function priceOf(of: Marginal, options: AuctionOptions): Priced {
  const { sells, buys, lastBuyer, lastSeller, quote } = of;
  const at = (i: number | undefined): Price | undefined =>
    i === undefined ? undefined : (quote[i] as Price);
  const bid = at(buys[lastBuyer - 1]) as Price;
  const ask = at(sells[lastSeller - 1]) as Price;
  const all = { buyers: lastBuyer, sellers: lastSeller };
  const reduced: Priced = {
    mode: 'reduced',
    buyers: lastBuyer - 1,
    sellers: lastSeller - 1,
    buyPrice: bid,
    sellPrice: ask,
  };
  if (options.rule === 'reduce') return reduced;
  if (options.rule === 'average')
    return { mode: 'average', ...all, ...one(floorMean(bid, ask, options.tick)) };
  // The grid's tariffs stand in where there is no next order.
  const nextBid = at(buys[lastBuyer]) ?? options.feedIn;
  const nextAsk = at(sells[lastSeller]) ?? options.retail;
  const p0 = floorMean(nextBid, nextAsk, options.tick);
  if (ask <= p0 && p0 <= bid) return { mode: 'p0', ...all, ...one(p0) };
  if (options.rule === 'mcafee_grid') return reduced;
  return p0 > bid
    ? { mode: 'drop_buyer', ...all, buyers: lastBuyer - 1, ...one(bid) }
    : { mode: 'drop_seller', ...all, sellers: lastSeller - 1, ...one(ask) };
}

const one = (price: Price) => ({ buyPrice: price, sellPrice: price });

/** Steps 5 and 6: the long side pro rata to quantity, then best with best. */
function ration(
  { buys, sells }: Sides,
  remaining: BigUint64Array,
  options: AuctionOptions,
): readonly AuctionPair[] {
  const restOf = (i: number): bigint => remaining[i] as bigint;
  const sum = (side: readonly number[]): bigint => side.reduce((wh, i) => wh + restOf(i), 0n);
  const volume = least(sum(buys), sum(sells));
  if (volume === 0n) return [];
  const parts = new Map<number, bigint>();
  for (const side of [buys, sells]) {
    // Ties of the largest remainder go to the lower id (settlement 3.6).
    const byId = [...side].sort((a, b) => a - b);
    const shares = largestRemainder(volume, byId.map(restOf));
    for (const [at, i] of byId.entries()) parts.set(i, shares[at] as bigint);
  }
  return pairUp({ buys, sells }, parts, options);
}

function pairUp(
  { buys, sells }: Sides,
  parts: Map<number, bigint>,
  { mayTrade = () => true }: AuctionOptions,
): readonly AuctionPair[] {
  const pairs: AuctionPair[] = [];
  const partOf = (i: number | undefined): bigint => (i === undefined ? 0n : (parts.get(i) ?? 0n));
  let first = 0;
  for (const buy of buys) {
    for (let s = first; s < sells.length && partOf(buy) > 0n; s++) {
      const sell = sells[s] as number;
      const energyWh = least(partOf(sell), partOf(buy)) as WattHour;
      const pair = { sell, buy, energyWh };
      if (energyWh === 0n || !mayTrade(pair)) continue;
      pairs.push(pair);
      parts.set(sell, partOf(sell) - energyWh);
      parts.set(buy, partOf(buy) - energyWh);
    }
    while (first < sells.length && partOf(sells[first]) === 0n) first++;
  }
  return pairs;
}
