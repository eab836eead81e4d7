// offerPoints, takePoints, releasePoints: points bought from another participant for legal money,
// which moves outside the chain (market-reputation 1.11).
import type { ChainMs } from '../../../core/src/amount.js';
import { present } from '../../../core/src/assert.js';
import { equalBytes, keyText } from '../../../core/src/bytes.js';
import type { ErrorCode } from '../../../core/src/errors.js';
import type { Hash } from '../../../core/src/hash.js';
import type { AccountId } from '../../../core/src/ids.js';
import {
  MAX_POINT_OFFER_MS,
  MAX_POINT_OFFERS,
  POINT_RESERVATION_MS,
} from '../../../core/src/limits.js';
import { available, locked } from '../ledger/ledger.js';
import { endOffer, isReserved, putOffer } from '../points/offers.js';
import { type OfferKey, POINT_OFFERS, type PointOffer } from '../points/tables.js';
import { BALANCES } from '../schema.js';
import type { World } from '../world.js';
import { type CheckContext, isCentre, type TxRule } from './context.js';

const NO_ONE = new Uint8Array(20) as AccountId;

/** The offer of an id: it is found by that alone. */
function offerOf(world: World, id: Hash): { key: OfferKey; offer: PointOffer } | undefined {
  const offer = world.get(POINT_OFFERS, { id, seller: NO_ONE });
  return offer && { key: { id, seller: offer.seller }, offer };
}

/** Points belong to no market. */
const marketRefusal = (market: string): ErrorCode | undefined =>
  market === '' ? undefined : 'UNKNOWN_MARKET';

export const offerPoints: TxRule<'offerPoints'> = {
  check(context, { body, sender }) {
    const { world, timeMs } = context;
    if (context.sender.role === 'meter') return 'NOT_ALLOWED';
    const refused = marketRefusal(body.market);
    if (refused !== undefined) return refused;
    if (body.amount === 0n) return 'AMOUNT_RANGE';
    if (body.until <= timeMs) return 'EXPIRED';
    if (body.until - timeMs > MAX_POINT_OFFER_MS) return 'WINDOW_TOO_LONG';
    const balance = world.get(BALANCES, sender);
    if (balance === undefined) return 'INSUFFICIENT_FUNDS';
    if (balance.arrears > 0n) return 'ARREARS';
    if (world.entries(POINT_OFFERS, keyText(sender)).length >= MAX_POINT_OFFERS)
      return 'OPEN_LIMIT';
    return balance.available < body.amount ? 'INSUFFICIENT_FUNDS' : undefined;
  },
  apply({ world, ledger }, { body, sender: seller, id }) {
    const { amount, terms, until } = body;
    ledger.post({ type: 'lock', from: available(seller), to: locked(seller), amount });
    const open = { taker: undefined, reservedUntil: 0n as ChainMs };
    putOffer(world, { id, seller }, { seller, amount, terms, until, ...open });
  },
};

export const takePoints: TxRule<'takePoints'> = {
  check(context, { body, sender }) {
    const { world, timeMs } = context;
    if (context.sender.role === 'meter') return 'NOT_ALLOWED';
    const refused = marketRefusal(body.market);
    if (refused !== undefined) return refused;
    const found = offerOf(world, body.offer);
    if (found === undefined) return 'NOT_FOUND';
    if (equalBytes(found.offer.seller, sender)) return 'NOT_ALLOWED';
    if (timeMs >= found.offer.until) return 'EXPIRED';
    return isReserved(found.offer, timeMs) ? 'POINTS_RESERVED' : undefined;
  },
  apply({ world, timeMs }, { body, sender: taker }) {
    const { key, offer } = present(offerOf(world, body.offer), 'checked');
    const reservedUntil = (timeMs + POINT_RESERVATION_MS) as ChainMs;
    putOffer(world, key, { ...offer, taker, reservedUntil });
  },
};

/** The seller, or the issuer: a centre, or whoever it admitted for that. */
const mayRelease = (context: CheckContext, sender: AccountId, { seller }: PointOffer): boolean =>
  equalBytes(seller, sender) || context.sender.role === 'issuer' || isCentre(context);

export const releasePoints: TxRule<'releasePoints'> = {
  check(context, { body, sender }) {
    const { world, timeMs } = context;
    const refused = marketRefusal(body.market);
    if (refused !== undefined) return refused;
    const found = offerOf(world, body.offer);
    if (found === undefined) return 'NOT_FOUND';
    if (!mayRelease(context, sender, found.offer)) return 'NOT_ALLOWED';
    return isReserved(found.offer, timeMs) ? undefined : 'NOT_RESERVED';
  },
  apply(context, { body }) {
    const { key, offer } = present(offerOf(context.world, body.offer), 'checked');
    endOffer(context, key, present(offer.taker, 'a reserved offer has its taker'));
  },
};
