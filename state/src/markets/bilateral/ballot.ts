// ballot: a validator of the committee says whether a listing is admissible (market-bilateral L3,
// V1, V2, phase A). The quorum approves or rejects at once; ballots count for the record of the
// validators until the review ends. Phase B, after delivery, is not in this version.
import { present } from '../../../../core/src/assert.js';
import { equalBytes } from '../../../../core/src/bytes.js';
import type { ErrorCode } from '../../../../core/src/errors.js';
import { committeeQuorum } from '../../../../core/src/select.js';
import type { TxOf } from '../../../../core/src/tx.js';
import { windowOf } from '../../boundary/timing.js';
import type { Listing } from './tables.js';
import type { CheckContext, TxRule } from '../../tx/context.js';
import { endListing, listingOf, putListing } from './listing.js';
import { bilateralOf } from './market.js';

const AGAINST = 0;
const FOR = 1;

/** What the quorum of the committee says so far; undefined: nothing. */
export function verdictOf({
  committee,
  ballots,
}: Listing): typeof FOR | typeof AGAINST | undefined {
  if (committee.length === 0) return undefined;
  const quorum = committeeQuorum(committee.length);
  const count = (bits: number): number => ballots.filter((one) => one.bits === bits).length;
  if (count(FOR) >= quorum) return FOR;
  return count(AGAINST) >= quorum ? AGAINST : undefined;
}

function checkListing(context: CheckContext, tx: TxOf<'ballot'>): ErrorCode | undefined {
  const { body, sender } = tx;
  const market = bilateralOf(context.chain, body.market);
  if (typeof market === 'string') return market;
  const listing = listingOf(context.world, body.contract);
  if (listing === undefined || listing.market !== body.market) return 'NOT_FOUND';
  if (listing.period !== body.period) return 'WRONG_PERIOD';
  const review = present(windowOf(market, body.period, 'review'), 'a bilateral market');
  if (listing.replaces !== undefined || context.timeMs >= review.endMs) return 'WRONG_PHASE';
  if (listing.committee.length === 0) return 'WRONG_PHASE';
  if (!listing.committee.some((id) => equalBytes(id, sender))) return 'NOT_ALLOWED';
  const before = listing.ballots.find(({ validator }) => equalBytes(validator, sender));
  if (before === undefined) return undefined;
  return before.bits === body.bits || before.equivocated ? 'ALREADY_VOTED' : undefined;
}

export const ballot: TxRule<'ballot'> = {
  check(context, tx) {
    const { phase, bits, readings } = tx.body;
    if (phase === 'B') return 'NOT_SUPPORTED';
    if (bits !== FOR && bits !== AGAINST) return 'BAD_ENCODING';
    if (readings !== undefined) return 'BAD_ENCODING';
    return checkListing(context, tx);
  },

  apply({ world, ledger }, { body, sender }) {
    const id = body.contract;
    const listing = present(listingOf(world, id), 'checked');
    const isOwn = ({ validator }: Listing['ballots'][number]) => equalBytes(validator, sender);
    const again = listing.ballots.some(isOwn);
    const fresh = { validator: sender, bits: body.bits, equivocated: false };
    // The first valid one counts (V2); a second, different one is remembered against its sender.
    const ballots = again
      ? listing.ballots.map((one) => (isOwn(one) ? { ...one, equivocated: true } : one))
      : [...listing.ballots, fresh];
    const voted = { ...listing, ballots };
    const verdict = verdictOf(voted);
    if (listing.state !== 'LISTED' || verdict === undefined) putListing(world, id, voted);
    else if (verdict === FOR) putListing(world, id, { ...voted, state: 'APPROVED' });
    else endListing(world, ledger, { id, listing: voted, state: 'REJECTED' });
  },
};
