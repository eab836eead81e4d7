// Intake of proposals: place of the proposer, form of a fresh or repeated proposal, and the clock
// of a fresh one when it arrives (consensus 3.1, 5.2). What is voted on it: round/rules.ts.
import { equalBytes } from '../../../core/src/bytes.js';
import { PREVOTE, signersOf } from '../../../core/src/vote.js';
import type { NilReason } from '../effect.js';
import type { ProposalMessage } from '../input.js';
import { timeoutMs } from '../timeouts.js';
import { keyOf } from '../votes/tally.js';
import { wantVerdict } from './blocks.js';
import { takeCertificate } from './certificates.js';
import {
  type Context,
  growth,
  type HeightState,
  inWindow,
  isOwnKey,
  proposerAt,
  roundOf,
} from './state.js';

/** The first proposal of a round is kept; false where this one is not kept. */
export function takeProposal(c: Context, s: HeightState, message: ProposalMessage): boolean {
  const { round, header } = message;
  if (!inWindow(s, round) || !equalBytes(message.signer, proposerAt(s, round))) return false;
  const rs = roundOf(s, round);
  if (rs.proposal !== undefined) return false;
  const malformed = formRefusal(s, message);
  const refusal = malformed ?? clockRefusal(s, message);
  const key = keyOf(header.hash);
  rs.proposal = { message, key, ...(refusal === undefined ? {} : { refusal }) };
  if (malformed !== undefined) return true;
  // Everybody begins to execute at once, members or not: the precommit needs it (3.4a). A bad
  // clock costs the prevote only (5.4), so the block is executed even then.
  wantVerdict(c, s, header.hash);
  if (message.proofOfLock !== undefined && proves(s, message))
    takeCertificate(c, s, { kind: 'proofOfLock', certificate: message.proofOfLock });
  return true;
}

/** Contradictions within the message, or with the parent and the order of proposers. */
function formRefusal(s: HeightState, m: ProposalMessage): NilReason | undefined {
  const { header } = m;
  if (header.height !== s.start.height || m.height !== s.start.height) return 'BAD_HEADER';
  if (!equalBytes(header.parentHash, s.start.parent.hash)) return 'BAD_HEADER';
  if (m.validRound > m.round) return 'BAD_HEADER';
  const isFresh = m.validRound === 0;
  const lastRound = isFresh ? m.round : m.validRound - 1;
  if (header.round > lastRound || (isFresh && header.round !== m.round)) return 'BAD_HEADER';
  // Nobody orders a block in another's name.
  return equalBytes(header.proposer, proposerAt(s, header.round)) ? undefined : 'BAD_PROPOSER';
}

/** Rule 5.2b, for fresh proposals of others only (5.2c). */
function clockRefusal(s: HeightState, m: ProposalMessage): NilReason | undefined {
  if (m.validRound !== 0 || isOwnKey(s, m.signer)) return undefined;
  const { timing, parent } = s.start;
  const { timeMs } = m.header;
  const drift = BigInt(timing.driftMs * timing.rate);
  const patience = BigInt(timeoutMs(timing, 'propose', growth(s)) * timing.rate);
  const latest = m.chainNowMs + drift;
  const tooLate = timeMs > (latest > parent.timeMs + 1n ? latest : parent.timeMs + 1n);
  const tooEarly = timeMs <= parent.timeMs || timeMs < m.chainNowMs - drift - patience;
  return tooLate || tooEarly ? 'BAD_TIME' : undefined;
}

/** True where the attached proof of lock is one for this block and valid round. */
function proves(s: HeightState, m: ProposalMessage): boolean {
  const proof = m.proofOfLock;
  if (proof === undefined || proof.step !== PREVOTE || proof.height !== s.start.height)
    return false;
  if (proof.round !== m.validRound - 1 || !equalBytes(proof.blockHash, m.header.hash)) return false;
  return (signersOf(proof, s.setSize)?.length ?? 0) >= s.quorum;
}
