// Points on offer (market-reputation 1.11): locked by their seller until the offer ends, reserved
// for whoever takes them, handed over when the seller or the issuer says that the legal money has
// come. Else they go back to the offer, and with its end to the seller.
import { type ChainMs, largest } from '../../../core/src/amount.js';
import { present } from '../../../core/src/assert.js';
import type { AccountId } from '../../../core/src/ids.js';
import { available, type Ledger, locked } from '../ledger/ledger.js';
import type { World } from '../world.js';
import { OFFER_ENDS, type OfferKey, POINT_OFFERS, type PointOffer } from './tables.js';

export interface OffersAt {
  readonly world: World;
  readonly ledger: Ledger;
}

/** Chain ms at which neither the offer nor a reservation of it stands any more. */
const endOf = ({ until, reservedUntil }: PointOffer): ChainMs => largest(until, reservedUntil);

/** Whether somebody has taken it and may still be given it. */
export const isReserved = ({ reservedUntil }: PointOffer, timeMs: bigint): boolean =>
  timeMs < reservedUntil;

/** Writes an offer, and when it ends. */
export function putOffer(world: World, key: OfferKey, next: PointOffer): void {
  const before = world.get(POINT_OFFERS, key);
  if (before !== undefined) world.delete(OFFER_ENDS, { endMs: endOf(before), id: key.id });
  world.set(POINT_OFFERS, key, next);
  world.set(OFFER_ENDS, { endMs: endOf(next), id: key.id }, { seller: next.seller });
}

/** Forgets an offer; what it locked goes to its taker or back to the seller. */
export function endOffer({ world, ledger }: OffersAt, key: OfferKey, taker?: AccountId): void {
  const offer = present(world.get(POINT_OFFERS, key), 'an open offer');
  world.delete(POINT_OFFERS, key);
  world.delete(OFFER_ENDS, { endMs: endOf(offer), id: key.id });
  const { seller, amount } = offer;
  const type = taker === undefined ? 'unlock' : 'transfer';
  const to = available(taker ?? seller);
  ledger.post({ type, from: locked(seller), to, amount });
}

/** Offers that are over at a time, grouped by quarter hours up to `group`. */
export function* endedOffers(
  at: OffersAt,
  { group, timeMs }: { readonly group: bigint; readonly timeMs: bigint },
): Iterable<() => void> {
  const { world } = at;
  for (const old of world.oldGroups(OFFER_ENDS, group))
    for (const { key, value } of world.entries(OFFER_ENDS, old.toString()))
      if (key.endMs <= timeMs) yield () => endOffer(at, { id: key.id, seller: value.seller });
}
