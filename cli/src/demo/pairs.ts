// Who agrees with whom where contracts are negotiated (market-bilateral L2-L4): the largest seller
// with the largest buyer, until one side has nothing left, at the mean of what both had in mind.
// The seller sends the listing with the buyer's signature; both confirm after the review. Pure.
import type { PeriodIndex, Price, WattHour } from '../../../core/src/amount.js';
import { ZERO_HASH } from '../../../core/src/hash.js';
import { parseAccount } from '../../../core/src/ids.js';
import type { ListingTerms } from '../../../core/src/listing.js';
import type { Bid } from './decide.js';
import type { Parcel } from './outbox.js';
import type { Wallet, Window } from './wallet.js';

export interface Bidder {
  readonly wallet: Wallet;
  readonly bid: Bid;
}

export interface Pair {
  readonly seller: Wallet;
  readonly buyer: Wallet;
  readonly energyWh: bigint;
  readonly price: bigint;
}

interface Agreeing {
  readonly period: bigint;
  readonly bids: readonly Bidder[];
  readonly times: {
    readonly listing: Window;
    readonly confirm: Window;
    /** Not handed in sooner after a boundary, chain ms. */
    readonly afterMs: number;
  };
}

/** In the order in which they agree; prices in steps of `tick`. */
export function pairsOf(bids: readonly Bidder[], tick: bigint): readonly Pair[] {
  const side = (name: Bid['side']) =>
    bids
      .filter(({ bid }) => bid.side === name)
      .map(({ wallet, bid }) => ({ wallet, price: bid.price, restWh: bid.energyWh }))
      .sort((a, b) => (a.restWh > b.restWh ? -1 : a.restWh < b.restWh ? 1 : 0));
  const [sellers, buyers] = [side('sell'), side('buy')];
  const pairs: Pair[] = [];
  for (let [s, b] = [0, 0]; ; ) {
    const [seller, buyer] = [sellers[s], buyers[b]];
    if (seller === undefined || buyer === undefined) return pairs;
    const energyWh = seller.restWh < buyer.restWh ? seller.restWh : buyer.restWh;
    const price = ((seller.price + buyer.price) / (2n * tick)) * tick;
    pairs.push({ seller: seller.wallet, buyer: buyer.wallet, energyWh, price });
    seller.restWh -= energyWh;
    buyer.restWh -= energyWh;
    if (seller.restWh === 0n) s++;
    if (buyer.restWh === 0n) b++;
  }
}

export class Pairs {
  readonly #market: string;
  readonly #tick: bigint;

  constructor({ market, tick }: { readonly market: string; readonly tick: bigint }) {
    this.#market = market;
    this.#tick = tick;
  }

  /** Listings of a period, and the confirmations that follow them. */
  parcels({ period, bids, times }: Agreeing): readonly Parcel[] {
    const { listing, confirm, afterMs } = times;
    return pairsOf(bids, this.#tick).flatMap((pair): readonly Parcel[] => {
      const { seller, buyer } = pair;
      const terms = this.#terms(period, pair);
      const listed = seller.list(terms, buyer.countersign(terms), listing);
      const within = ({ from, until }: Window) => ({
        fromMs: Number(from) + afterMs,
        untilMs: Number(until),
      });
      return [
        { ...listed, kind: 'list', ...within(listing) },
        ...[seller, buyer].map(
          (party): Parcel => ({
            ...party.confirmListing(period, listed.id, confirm),
            kind: 'confirmListing',
            ...within(confirm),
          }),
        ),
      ];
    });
  }

  #terms(period: bigint, { seller, buyer, energyWh, price }: Pair): ListingTerms {
    return {
      market: this.#market,
      period: period as PeriodIndex,
      seller: parseAccount(seller.account),
      buyer: parseAccount(buyer.account),
      count: 1,
      energyWh: energyWh as WattHour,
      price: price as Price,
      replaces: undefined,
      noteHash: ZERO_HASH,
    };
  }
}
