// What a validator has to review (market-bilateral L3, V1, phase A): listings of whose committee
// it is, that are not decided, and on which it has not voted; and what the shipped rule says of
// one: it is good where both could still agree on it now. Its signatures were checked before.
import { present } from '../../../../core/src/assert.js';
import { equalBytes } from '../../../../core/src/bytes.js';
import type { AccountId } from '../../../../core/src/ids.js';
import { windowOf } from '../../boundary/timing.js';
import { marketOf } from '../../chain.js';
import { PERIODS } from '../../schema.js';
import type { Listing } from './tables.js';
import { listingsOf, type Named } from './listing.js';
import { checkFunds, checkTerms, type Looking } from './terms.js';

/** In the order of markets, periods and listing; `timeMs` in chain ms. */
export function reviewsOf(at: Looking, validator: AccountId): readonly Named[] {
  const { world, chain } = at;
  return chain.markets
    .filter(({ mechanism }) => mechanism === 'bilateral')
    .flatMap((market) =>
      world
        .entries(PERIODS, market.id)
        // Listings of the period whose review has not ended.
        .filter(({ value }) => value.revealed > 0)
        .flatMap(({ key }) => listingsOf(world, market, key.period)),
    )
    .filter(({ listing }) => isWaiting(at, listing, validator));
}

function isWaiting({ chain, timeMs }: Looking, listing: Listing, validator: AccountId): boolean {
  const market = present(marketOf(chain, listing.market), 'a listing is of a market');
  const review = present(windowOf(market, listing.period, 'review'), 'a bilateral market');
  return (
    listing.state === 'LISTED' &&
    listing.replaces === undefined &&
    timeMs < review.endMs &&
    listing.committee.some((id) => equalBytes(id, validator)) &&
    !listing.ballots.some((ballot) => equalBytes(ballot.validator, validator))
  );
}

/** The bits of a ballot of phase A: 1 admissible, 0 not. */
export function opinionOf(at: Looking, listing: Listing): 0 | 1 {
  const market = present(marketOf(at.chain, listing.market), 'a listing is of a market');
  const refusal = checkTerms(at, market, listing) ?? checkFunds(at, market, listing);
  return refusal === undefined ? 1 : 0;
}
