// Keys and signatures of a simulated network: keyed-hash stubs in the shape of real ones. Verified
// objects are remembered, since a message is one object however many nodes get it.
import { concatBytes, equalBytes, u32be, utf8ToBytes } from '../../core/src/bytes.js';
import { type Hash, sha256 } from '../../core/src/hash.js';
import type { AccountId, PublicKey } from '../../core/src/ids.js';
import { sortById, type Validator } from '../../core/src/validators.js';
import { type Certificate, checkCertificate, voteBytes } from '../../core/src/vote.js';
import type { SignedVote } from '../../consensus/src/input.js';

const SECRET = utf8ToBytes('simulated key');

/** Key number i; validators are 0..n-1 in the order of the set, centres follow. */
export const keyOfNode = (i: number): PublicKey =>
  sha256(concatBytes(SECRET, u32be(i))) as Uint8Array as PublicKey;

/** 64 bytes that only this simulation can make for the key. */
export function signStub(key: PublicKey, message: Uint8Array): Uint8Array {
  const half = sha256(concatBytes(SECRET, key, message));
  return concatBytes(half, half);
}

export const verifyStub = (key: PublicKey, message: Uint8Array, signature: Uint8Array): boolean =>
  equalBytes(signStub(key, message), signature);

/** n validators in ascending id. */
export const makeSet = (n: number): readonly Validator[] =>
  sortById(
    Array.from({ length: n }, (_, i) => {
      const id = new Uint8Array(20) as AccountId;
      id.set(u32be(i), 0);
      return { id, publicKey: keyOfNode(i) };
    }),
  );

export interface Verifier {
  vote(vote: SignedVote): boolean;
  /** Signatures and form, not the number of signers (the machine judges that). */
  certificate(certificate: Certificate): boolean;
}

export function createVerifier(chainId: Hash, set: readonly Validator[]): Verifier {
  const votes = new WeakMap<SignedVote, boolean>();
  const certificates = new WeakMap<Certificate, boolean>();
  const remember = <K extends object>(
    known: WeakMap<K, boolean>,
    key: K,
    check: () => boolean,
  ): boolean => {
    const before = known.get(key);
    if (before !== undefined) return before;
    const good = check();
    known.set(key, good);
    return good;
  };
  return {
    vote: (vote) =>
      remember(votes, vote, () => {
        const signer = set[vote.validatorIndex];
        return (
          signer !== undefined &&
          verifyStub(signer.publicKey, voteBytes(chainId, vote), vote.signature)
        );
      }),
    certificate: (c) =>
      remember(certificates, c, () => {
        const subject = { step: c.step as 1 | 2, height: c.height, round: c.round };
        const check = { chainId, set, verify: verifyStub, threshold: 1 };
        return (
          checkCertificate(c, { ...check, subject: { ...subject, blockHash: c.blockHash } }) ===
          undefined
        );
      }),
  };
}
