// Whether a message is worth verifying (reliability D26): what would be dropped anyway is dropped
// before its signatures cost time. Never decides anything: a `true` may still be refused later.
import { MAX_VALIDATORS } from '../../core/src/limits.js';
import { PREVOTE } from '../../core/src/vote.js';
import { type Early, hasEarlyVote } from './early.js';
import type { Offer } from './port.js';
import { type HeightState, inWindow } from './round/state.js';
import { keyOf } from './votes/tally.js';

type VoteOffer = Extract<Offer, { kind: 'vote' }>;
type CertificateOffer = Extract<Offer, { kind: 'certificate' }>;

function wantsVote(s: HeightState, offer: VoteOffer): boolean {
  const slot = s.furthest[offer.validatorIndex];
  if (slot === undefined) return false;
  if (!inWindow(s, offer.round)) return offer.round > slot.round;
  const rs = s.rounds.get(offer.round);
  if (rs === undefined) return true;
  const tally = offer.step === PREVOTE ? rs.prevotes : rs.precommits;
  const first = tally.votes[offer.validatorIndex];
  if (first === undefined) return true;
  // A different second vote is evidence, once.
  return !s.accused.has(offer.validatorIndex) && keyOf(first.blockHash) !== keyOf(offer.blockHash);
}

function wantsCertificate(s: HeightState, offer: CertificateOffer): boolean {
  if (offer.blockHash.length === 0) return false;
  if (offer.certificateKind === 'commit') return s.commit === undefined;
  if (offer.certificateKind === 'committee')
    return (
      offer.round >= s.round &&
      inWindow(s, offer.round) &&
      !s.rounds.get(offer.round)?.confirmed.has(keyOf(offer.blockHash))
    );
  if (offer.round === s.round && s.rounds.get(offer.round)?.polka === undefined) return true;
  return offer.round > (s.valid?.round ?? -1) && !s.polkas.has(offer.round);
}

/** For the current height and the next two (whose sets a node knows). */
export function wantsOffer(s: HeightState, early: Early, offer: Offer): boolean {
  const { height } = s.start;
  if (offer.height < height || offer.height > height + 2n) return false;
  if (offer.height > height) {
    if (offer.kind === 'certificate') return offer.height > (s.ahead?.height ?? 0n);
    if (offer.kind === 'proposal') return offer.height === height + 1n;
    if (offer.validatorIndex >= MAX_VALIDATORS) return false;
    return !hasEarlyVote(early, offer.height, `${offer.step} ${offer.validatorIndex}`);
  }
  if (s.step === 'decided') return false;
  if (offer.kind === 'vote') return wantsVote(s, offer);
  if (offer.kind === 'certificate') return wantsCertificate(s, offer);
  return inWindow(s, offer.round) && s.rounds.get(offer.round)?.proposal === undefined;
}
