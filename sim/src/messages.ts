// What simulated nodes send each other; the bytes of a block travel apart from its proposal.
import type { Hash } from '../../core/src/hash.js';
import type { PublicKey } from '../../core/src/ids.js';
import type { Certificate } from '../../core/src/vote.js';
import type {
  CertificateKind,
  HeaderSummary,
  SignedVote,
  Step,
} from '../../consensus/src/input.js';
import type { ToyBlock } from './application.js';

/** A decided block with the certificate that proves it. */
export interface ChainEntry {
  readonly block: ToyBlock;
  readonly certificate: Certificate;
}

export type Message =
  | {
      readonly type: 'proposal';
      readonly height: bigint;
      readonly round: number;
      readonly validRound: number;
      readonly header: HeaderSummary;
      readonly proofOfLock?: Certificate;
      readonly signer: PublicKey;
      readonly signature: Uint8Array;
    }
  | { readonly type: 'block'; readonly block: ToyBlock }
  | { readonly type: 'getBlock'; readonly hash: Hash }
  | { readonly type: 'vote'; readonly vote: SignedVote }
  | {
      readonly type: 'certificate';
      readonly certificateKind: CertificateKind;
      readonly certificate: Certificate;
    }
  | {
      readonly type: 'open';
      readonly height: bigint;
      readonly validatorIndex: number;
      readonly ids: readonly Hash[];
    }
  | {
      readonly type: 'status';
      readonly tipHeight: bigint;
      readonly height: bigint;
      readonly round: number;
      readonly step: Step;
      readonly lockRound: number;
    }
  | { readonly type: 'tx'; readonly id: Hash }
  | { readonly type: 'getChain'; readonly from: bigint }
  | { readonly type: 'chain'; readonly entries: readonly ChainEntry[] };

export type ProposalWire = Extract<Message, { type: 'proposal' }>;
