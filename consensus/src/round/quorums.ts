// What follows from a quorum, whether it came together here or as one certificate: confirmed by the
// committee, proven by prevotes, committed by precommits (consensus 2, 3.3, 3.5).
import { assert } from '../../../core/src/assert.js';
import type { Hash } from '../../../core/src/hash.js';
import { type Certificate, PRECOMMIT } from '../../../core/src/vote.js';
import { keyOf } from '../votes/tally.js';
import { nameBlock, notePolka } from './blocks.js';
import {
  type Context,
  type HeightState,
  inWindow,
  isOwnKey,
  ownIndex,
  proposerAt,
  roundOf,
} from './state.js';

/** A prevote quorum (proof of lock) that came as one message. */
export function noteProof(c: Context, s: HeightState, proof: Certificate): void {
  const hash = proof.blockHash as Hash;
  const polka = { round: proof.round, key: keyOf(hash), hash, proof };
  if (inWindow(s, proof.round)) roundOf(s, proof.round).polka ??= polka;
  notePolka(c, s, polka);
}

/** First committee certificate of a block and round: kept, and passed on by those it concerns. */
export function noteConfirmed(c: Context, s: HeightState, certificate: Certificate): void {
  const rs = roundOf(s, certificate.round);
  const key = keyOf(certificate.blockHash);
  if (rs.confirmed.has(key)) return;
  const isFirst = rs.confirmed.size === 0;
  rs.confirmed.set(key, certificate);
  nameBlock(c, s, certificate.blockHash as Hash);
  if (isFirst) c.out.push({ kind: 'confirmed', certificate });
  // Where the committee is the whole set everybody counts the same votes: nobody needs it.
  const own = ownIndex(s);
  const concerned =
    (own !== undefined && rs.committee.members.has(own)) || isOwnKey(s, proposerAt(s, rs.round));
  if (rs.committee.members.size < s.setSize && concerned)
    c.out.push({ kind: 'publishCertificate', certificateKind: 'committee', certificate });
}

/**
 * A precommit quorum. The decision follows once the block is here and executed (round/rules.ts).
 */
export function noteCommit(c: Context, s: HeightState, certificate: Certificate): void {
  assert(certificate.step === PRECOMMIT, 'a commit certificate');
  if (s.commit === undefined) {
    s.commit = certificate;
    nameBlock(c, s, certificate.blockHash as Hash);
    return;
  }
  if (s.alarmed || keyOf(s.commit.blockHash) === keyOf(certificate.blockHash)) return;
  s.alarmed = true;
  const certificates = [s.commit, certificate];
  c.out.push({ kind: 'alarm', what: 'twoCertificates', height: s.start.height, certificates });
}
