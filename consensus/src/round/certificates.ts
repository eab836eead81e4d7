// Certificates as units (consensus 3a.1, reliability D21): a quorum that came as one message counts
// even where single votes of it are missing or contradict the first ones seen.
import { present } from '../../../core/src/assert.js';
import {
  type Certificate,
  PRECOMMIT,
  PREVOTE,
  signersOf,
  type VoteStep,
} from '../../../core/src/vote.js';
import type { CertificateKind, SignedVote } from '../input.js';
import { noteCommit, noteConfirmed, noteProof } from './quorums.js';
import { type Context, type HeightState, inWindow, roundOf } from './state.js';
import { takeVote } from './votes.js';

/** Signers of a certificate that fits kind and height, or undefined. */
function checkedSigners(
  s: HeightState,
  kind: CertificateKind,
  certificate: Certificate,
): readonly number[] | undefined {
  const step = kind === 'commit' ? PRECOMMIT : PREVOTE;
  if (certificate.step !== step || certificate.height !== s.start.height) return undefined;
  if (certificate.blockHash.length === 0) return undefined;
  const signers = signersOf(certificate, s.setSize);
  if (signers === undefined) return undefined;
  if (kind !== 'committee') return signers.length >= s.quorum ? signers : undefined;
  if (!inWindow(s, certificate.round)) return undefined;
  const { members, quorum } = roundOf(s, certificate.round).committee;
  return signers.length >= quorum && signers.every((i) => members.has(i)) ? signers : undefined;
}

/** A certificate of this height whose signatures hold; false where it is not what it says. */
export function takeCertificate(
  c: Context,
  s: HeightState,
  offered: { readonly kind: CertificateKind; readonly certificate: Certificate },
): boolean {
  const { kind, certificate } = offered;
  const signers = checkedSigners(s, kind, certificate);
  if (signers === undefined) return false;
  if (kind === 'commit') noteCommit(c, s, certificate);
  else if (kind === 'committee') noteConfirmed(c, s, certificate);
  else noteProof(c, s, certificate);
  signers.forEach((validatorIndex, i) => {
    const signature = present(certificate.signatures[i], 'one signature per signer');
    takeVote(c, s, voteOf(certificate, validatorIndex, signature));
  });
  return true;
}

const voteOf = (
  certificate: Certificate,
  validatorIndex: number,
  signature: Uint8Array,
): SignedVote => ({
  step: certificate.step as VoteStep,
  height: certificate.height,
  round: certificate.round,
  blockHash: certificate.blockHash,
  validatorIndex,
  signature,
});
