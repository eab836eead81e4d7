// Signed statements of consensus (consensus 3a): their bytes, and certificates made of them.
import {
  bin,
  encodeWire,
  list,
  record,
  tryDecode,
  u32,
  u64,
  encode,
  type ValueOf,
} from './codec/codec.js';
import type { Hash } from './hash.js';
import { MAX_CERTIFICATE_BYTES, MAX_VALIDATORS } from './limits.js';
import type { PublicKey } from './ids.js';
import { quorumOf, type Validator } from './validators.js';

export const PREVOTE = 1;
export const PRECOMMIT = 2;
export type VoteStep = typeof PREVOTE | typeof PRECOMMIT;

/** 32 bytes, or 0 bytes = nil. */
export type BlockHashOrNil = Uint8Array;
export const NIL = new Uint8Array(0) as BlockHashOrNil;

export interface VoteSubject {
  readonly step: VoteStep;
  readonly height: bigint;
  readonly round: number;
  readonly blockHash: BlockHashOrNil;
}

/** What a validator signs: [tag, chainId, height, round, hash]. */
export const voteBytes = (chainId: Hash, vote: VoteSubject): Uint8Array =>
  encodeWire([
    vote.step === PREVOTE ? 'prevote' : 'precommit',
    chainId,
    vote.height,
    vote.round,
    vote.blockHash,
  ]);

export interface ProposalSubject {
  readonly height: bigint;
  readonly round: number;
  /** 0 = fresh, else valid round + 1. */
  readonly validRound: number;
  readonly blockHash: Hash;
}

/** What a proposer signs: [tag, chainId, height, round, validRound, hash]. */
export const proposalBytes = (chainId: Hash, p: ProposalSubject): Uint8Array =>
  encodeWire(['proposal', chainId, p.height, p.round, p.validRound, p.blockHash]);

/** What a validator signs to open a height: [tag, chainId, height, ids]. */
export const openBytes = (chainId: Hash, height: bigint, ids: readonly Hash[]): Uint8Array =>
  encodeWire(['open', chainId, height, [...ids]]);

const certificateField = record('certificate', {
  height: u64,
  round: u32,
  blockHash: bin({ maxLength: 32 }),
  step: u32,
  bitmap: bin({ maxLength: MAX_VALIDATORS / 8 }),
  signatures: list(bin({ length: 64 }), MAX_VALIDATORS),
});
export type Certificate = ValueOf<typeof certificateField>;

export const encodeCertificate = (c: Certificate): Uint8Array => encode(certificateField, c);
export const decodeCertificate = (bytes: Uint8Array): Certificate | undefined =>
  tryDecode(certificateField, bytes, { maxBytes: MAX_CERTIFICATE_BYTES });

/** One vote with the place of its signer in the set. */
export interface IndexedSignature {
  readonly index: number;
  readonly signature: Uint8Array;
}

/** Packs votes over one subject; signatures in the order of the set. */
export function packCertificate(
  subject: VoteSubject,
  setSize: number,
  votes: readonly IndexedSignature[],
): Certificate {
  const sorted = [...votes].sort((a, b) => a.index - b.index);
  const bitmap = new Uint8Array(Math.ceil(setSize / 8));
  for (const { index } of sorted) {
    const at = index >> 3;
    bitmap[at] = (bitmap[at] as number) | (1 << (index & 7));
  }
  return { ...subject, bitmap, signatures: sorted.map((v) => v.signature) };
}

/** Indices of the signers, or undefined where the bitmap is not of the exact form. */
export function signersOf(c: Certificate, setSize: number): readonly number[] | undefined {
  if (c.bitmap.length !== Math.ceil(setSize / 8)) return undefined;
  const signers: number[] = [];
  for (let i = 0; i < c.bitmap.length * 8; i++) {
    if ((((c.bitmap[i >> 3] as number) >> (i & 7)) & 1) === 0) continue;
    if (i >= setSize) return undefined;
    signers.push(i);
  }
  return signers.length === c.signatures.length ? signers : undefined;
}

export type VerifySignature = (
  key: PublicKey,
  message: Uint8Array,
  signature: Uint8Array,
) => boolean;

export interface CertificateCheck {
  readonly chainId: Hash;
  readonly set: readonly Validator[];
  readonly subject: VoteSubject;
  readonly verify: VerifySignature;
  /** Least number of signers; the quorum of the set unless given. */
  readonly threshold?: number;
}

/** undefined when the certificate is good, else why not (light-clients 3.4). */
export function checkCertificate(
  c: Certificate,
  check: CertificateCheck,
): 'BAD_CERTIFICATE' | 'NO_QUORUM' | undefined {
  const { subject, set } = check;
  const same =
    c.step === subject.step &&
    c.height === subject.height &&
    c.round === subject.round &&
    c.blockHash.length === subject.blockHash.length &&
    c.blockHash.every((byte, i) => byte === subject.blockHash[i]);
  const signers = same ? signersOf(c, set.length) : undefined;
  if (signers === undefined) return 'BAD_CERTIFICATE';
  const message = voteBytes(check.chainId, subject);
  const good = signers.every((index, i) =>
    check.verify((set[index] as Validator).publicKey, message, c.signatures[i] as Uint8Array),
  );
  if (!good) return 'BAD_CERTIFICATE';
  return signers.length >= (check.threshold ?? quorumOf(set.length)) ? undefined : 'NO_QUORUM';
}
