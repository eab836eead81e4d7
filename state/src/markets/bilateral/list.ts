// list: a negotiated contract under review (market-bilateral L2, L5), sent by one party with the
// other's signature in it. A replacement is for the running period and goes without review.
import type { ErrorCode } from '../../../../core/src/errors.js';
import { present } from '../../../../core/src/assert.js';
import { equalBytes } from '../../../../core/src/bytes.js';
import type { ChainMs, PeriodIndex } from '../../../../core/src/amount.js';
import { NO_MONEY } from '../../../../core/src/amount.js';
import type { PublicKey } from '../../../../core/src/ids.js';
import { MAX_OPEN_OF_ACCOUNT } from '../../../../core/src/limits.js';
import { listingBytes, type ListingTerms } from '../../../../core/src/listing.js';
import type { MarketConfig } from '../../../../core/src/markets.js';
import type { TxOf } from '../../../../core/src/tx.js';
import { periodTimes } from '../../boundary/timing.js';
import { type Chain, marketOf } from '../../chain.js';
import { ACCOUNTS, PERIODS } from '../../schema.js';
import { LISTED } from './tables.js';
import type { CheckContext, TxRule } from '../../tx/context.js';
import { openPeriod, refusePhase } from '../../tx/orders.js';
import type { World } from '../../world.js';
import { checkRoom } from '../../tx/standing.js';
import { committeeFor } from './duty.js';
import { countListed, putListing } from './listing.js';
import { bilateralOf } from './market.js';
import { checkFunds, checkTerms } from './terms.js';

export function termsOf({ body }: TxOf<'list'>): ListingTerms {
  const { signature, ...terms } = body;
  return signature && terms;
}

type VerifyBytes = (key: PublicKey, message: Uint8Array, signature: Uint8Array) => boolean;

/** Whether the party that did not send the listing has signed it. */
export function isCountersigned(
  { world, chain }: { readonly world: World; readonly chain: Chain },
  tx: TxOf<'list'>,
  verify: VerifyBytes,
): boolean {
  const { seller, buyer, signature } = tx.body;
  const other = world.get(ACCOUNTS, equalBytes(tx.sender, seller) ? buyer : seller);
  if (other === undefined) return false;
  return verify(other.publicKey, listingBytes(chain.chainId, termsOf(tx)), signature);
}

/** Listings until a period before the review ends; replacements while the period is delivered. */
function checkTime(
  { timeMs }: CheckContext,
  market: MarketConfig,
  { period, replaces }: ListingTerms,
): ErrorCode | undefined {
  if (replaces === undefined) return refusePhase(market, { period, timeMs }, 'listing');
  const { deliveryStart, deliveryEnd } = periodTimes(market, period);
  return timeMs >= deliveryStart && timeMs < deliveryEnd ? undefined : 'WRONG_PHASE';
}

export const list: TxRule<'list'> = {
  check(context, tx) {
    const { body, sender } = tx;
    const { world } = context;
    const market = bilateralOf(context.chain, body.market);
    if (typeof market === 'string') return market;
    const terms = termsOf(tx);
    const isParty = equalBytes(sender, body.seller) || equalBytes(sender, body.buyer);
    if (!isParty) return 'NOT_ALLOWED';
    const refusal = checkTime(context, market, terms) ?? checkTerms(context, market, terms);
    if (refusal !== undefined) return refusal;
    for (const account of [body.seller, body.buyer])
      if ((world.get(LISTED, account)?.listings ?? 0) >= MAX_OPEN_OF_ACCOUNT) return 'OPEN_LIMIT';
    const unfit =
      checkRoom(world, market, { key: body, isNew: true }) ?? checkFunds(context, market, terms);
    if (unfit !== undefined) return unfit;
    const verify: VerifyBytes = (key, message, signature) =>
      context.verify(key, { ...tx, bytes: message, signedBytes: message, signature });
    return isCountersigned(context, tx, verify) ? undefined : 'BAD_SIGNATURE';
  },

  apply(context, tx) {
    const { world, chain, timeMs } = context;
    const terms = termsOf(tx);
    const market = present(marketOf(chain, terms.market), 'checked');
    const isReplacement = terms.replaces !== undefined;
    const included = (timeMs / market.periodMs) as PeriodIndex;
    const reviewed = { ...terms, id: tx.id, period: included };
    putListing(world, tx.id, {
      ...terms,
      startMs: periodTimes(market, terms.period).deliveryStart as ChainMs,
      place: context.place,
      state: isReplacement ? 'APPROVED' : 'LISTED',
      committee: isReplacement ? [] : committeeFor(world, chain, reviewed),
      ballots: [],
      sellerConfirmed: false,
      buyerConfirmed: false,
      sellerLock: NO_MONEY,
      buyerLock: NO_MONEY,
      contracts: [],
    });
    for (const account of [terms.seller, terms.buyer]) countListed(world, account, 1);
    const key = { market: market.id, period: terms.period };
    const period = openPeriod(world, market, key);
    // Its review and its confirmations have to end; a replacement waits for settle alone.
    const more = isReplacement
      ? { sealed: period.sealed + 1 }
      : { live: period.live + 1, revealed: period.revealed + 1 };
    world.set(PERIODS, key, { ...period, ...more });
  },
};
