// Full check of a block that is not the state's business: proposer of its round, and the commit
// certificate of the parent that it carries. Execution follows (consensus 3.2).
import type { Block } from '../../core/src/block.js';
import { equalBytes } from '../../core/src/bytes.js';
import type { Hash } from '../../core/src/hash.js';
import type { Validator } from '../../core/src/validators.js';
import {
  type Certificate,
  checkCertificate,
  decodeCertificate,
  PRECOMMIT,
  type VerifySignature,
} from '../../core/src/vote.js';
import { proposerOf } from '../../consensus/src/proposer.js';
import type { Executor, Verdict } from './executor.js';
import type { HeightContext } from './height.js';

export interface Validation {
  readonly executor: Executor;
  readonly context: HeightContext;
  readonly verify: VerifySignature;
}

/** Proposer, parent certificate, execution. */
export function validateBlock(v: Validation, block: Block): Verdict {
  const { chain, parent } = v.executor.at;
  const { head } = block;
  if (!equalBytes(proposerOf(v.context.proposers, head.round), head.proposer))
    return { valid: false, code: 'BAD_PROPOSER', detail: `round ${head.round}` };
  if (parent.height === 0n) {
    if (block.parentCertificate.length !== 0)
      return { valid: false, code: 'BAD_CERTIFICATE', detail: 'block 1 has no parent certificate' };
    return v.executor.execute(block);
  }
  const certificate = decodeCertificate(block.parentCertificate);
  const claim = { chainId: chain.chainId, set: v.context.set, verify: v.verify };
  const named = { height: parent.height, blockHash: parent.hash };
  const wrong =
    certificate === undefined
      ? 'BAD_CERTIFICATE'
      : commitRefusal(certificate, { ...claim, ...named });
  if (wrong !== undefined) return { valid: false, code: wrong, detail: 'parent certificate' };
  return v.executor.execute(block);
}

export interface CommitClaim {
  readonly chainId: Hash;
  readonly set: readonly Validator[];
  readonly verify: VerifySignature;
  readonly height: bigint;
  readonly blockHash: Hash;
}

/** Why a certificate does not show that this block is final, or undefined. */
export function commitRefusal(
  certificate: Certificate,
  claim: CommitClaim,
): 'BAD_CERTIFICATE' | 'NO_QUORUM' | undefined {
  const { height, blockHash } = claim;
  const subject = { step: PRECOMMIT, height, round: certificate.round, blockHash } as const;
  return checkCertificate(certificate, { ...claim, subject });
}
