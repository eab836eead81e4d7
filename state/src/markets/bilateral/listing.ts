// A listing in the state: how it is found, and what its end means for the counts of its period and
// of its parties. When it ends: review.ts, steps.ts, confirm.ts.
import { type Money, NO_MONEY, type PeriodIndex } from '../../../../core/src/amount.js';
import { present } from '../../../../core/src/assert.js';
import type { Hash } from '../../../../core/src/hash.js';
import type { AccountId } from '../../../../core/src/ids.js';
import type { MarketConfig } from '../../../../core/src/markets.js';
import type { Side } from '../../../../core/src/tx.js';
import type { Ledger } from '../../ledger/ledger.js';
import { type PeriodKey, type PeriodRecord, PERIODS } from '../../schema.js';
import { LISTED, type Listing, LISTINGS } from './tables.js';
import type { World } from '../../world.js';
import { releaseLock } from '../../tx/locks.js';

/** The start is no part of the key bytes: an id is enough to find a listing. */
export const listingOf = (world: World, id: Hash): Listing | undefined =>
  world.get(LISTINGS, { id, startMs: 0n });

export const putListing = (world: World, id: Hash, listing: Listing): void =>
  world.set(LISTINGS, { id, startMs: listing.startMs }, listing);

export interface Named {
  readonly id: Hash;
  readonly listing: Listing;
}

/** Listings of a market whose first delivery period it is, earliest first. */
export function listingsOf(world: World, market: MarketConfig, period: bigint): readonly Named[] {
  return world
    .entries(LISTINGS, (period * market.periodMs).toString())
    .map(({ key, value }) => ({ id: key.id, listing: value }))
    .filter(({ listing }) => listing.market === market.id && listing.period === period)
    .sort((a, b) => (a.listing.place < b.listing.place ? -1 : 1));
}

export const periodsOf = (terms: {
  readonly period: PeriodIndex;
  readonly count: number;
}): readonly PeriodIndex[] =>
  Array.from({ length: terms.count }, (_, k) => (terms.period + BigInt(k)) as PeriodIndex);

export const partyOf = (listing: { seller: AccountId; buyer: AccountId }, side: Side): AccountId =>
  side === 'sell' ? listing.seller : listing.buyer;

export const isOpen = ({ state }: Listing): boolean => state === 'LISTED' || state === 'APPROVED';

export function countListed(world: World, account: AccountId, change: number): void {
  const listings = (world.get(LISTED, account)?.listings ?? 0) + change;
  if (listings === 0) world.delete(LISTED, account);
  else world.set(LISTED, account, { listings });
}

/** Writes a period's counts; a record that stands for nothing goes. */
export function putPeriod(world: World, key: PeriodKey, record: PeriodRecord): void {
  const { sealed, live, revealed, readings, trades } = record;
  if (sealed + live + revealed + readings + trades > 0) world.set(PERIODS, key, record);
  else if (world.get(PERIODS, key) !== undefined) world.delete(PERIODS, key);
}

/** Ends an open listing: what a side had locked is free again, its parties may list another. */
export function endListing(
  world: World,
  ledger: Ledger,
  at: Named & { readonly state: 'REJECTED' | 'EXPIRED' | 'CONTRACT' },
): void {
  const { id, listing, state } = at;
  releaseLock(ledger, listing.seller, listing.sellerLock);
  releaseLock(ledger, listing.buyer, listing.buyerLock);
  const now: Listing = { ...listing, state, sellerLock: NO_MONEY, buyerLock: NO_MONEY };
  putListing(world, id, now);
  for (const account of [listing.seller, listing.buyer]) countListed(world, account, -1);
  // A replacement is not counted among the live: the steps before delivery are behind it.
  if (listing.replaces !== undefined) return;
  const key = { market: listing.market, period: listing.period };
  const period = present(world.get(PERIODS, key), 'an open listing has its period');
  putPeriod(world, key, { ...period, live: period.live - 1 });
}

export const lockedBy = (listing: Listing, side: Side): Money =>
  side === 'sell' ? listing.sellerLock : listing.buyerLock;
