// Keys and signatures of a simulated network. A signature is an object that only the ring gives out
// and only for what was signed; verifying is looking it up. No bytes are hashed: thousands of runs
// need no cryptography, only that nobody can sign for another.
import { concatBytes, equalBytes, u32be, utf8ToBytes } from '../../core/src/bytes.js';
import { sha256 } from '../../core/src/hash.js';
import type { AccountId, PublicKey } from '../../core/src/ids.js';
import { sortById, type Validator } from '../../core/src/validators.js';
import { type Certificate, PRECOMMIT, PREVOTE, signersOf } from '../../core/src/vote.js';
import type { SignedVote } from '../../consensus/src/input.js';
import type { ProposalWire } from './messages.js';

/** Key number i; validators are 0..n-1 in the order of the set, centres follow. */
export const keyOfNode = (i: number): PublicKey =>
  sha256(concatBytes(utf8ToBytes('simulated key'), u32be(i))) as Uint8Array as PublicKey;

/** n validators in ascending id. */
export const makeSet = (n: number): readonly Validator[] =>
  sortById(
    Array.from({ length: n }, (_, i) => {
      const id = new Uint8Array(20) as AccountId;
      id.set(u32be(i), 0);
      return { id, publicKey: keyOfNode(i) };
    }),
  );

/** What a signature is for. */
export interface Statement {
  readonly kind: 'proposal' | 'prevote' | 'precommit';
  readonly signer: PublicKey;
  readonly height: bigint;
  readonly round: number;
  readonly hash: Uint8Array;
  /** Of proposals, as on the wire. */
  readonly validRound: number;
}

export interface Ring {
  sign(statement: Statement): Uint8Array;
  isVote(vote: SignedVote): boolean;
  isProposal(proposal: ProposalWire, signer: PublicKey): boolean;
  /** Signatures and form, not the number of signers (the machine judges that). */
  isCertificate(certificate: Certificate): boolean;
}

const isSame = (a: Statement, b: Statement): boolean =>
  a.kind === b.kind &&
  a.height === b.height &&
  a.round === b.round &&
  a.validRound === b.validRound &&
  equalBytes(a.hash, b.hash) &&
  equalBytes(a.signer, b.signer);

export function createRing(set: readonly Validator[]): Ring {
  const issued = new WeakMap<Uint8Array, Statement>();
  const known = new WeakMap<Certificate, boolean>();
  const holds = (signature: Uint8Array, statement: Statement): boolean => {
    const given = issued.get(signature);
    return given !== undefined && isSame(given, statement);
  };
  const holdsVote = (vote: Omit<SignedVote, 'signature'>, signature: Uint8Array): boolean => {
    const signer = set[vote.validatorIndex]?.publicKey;
    const kind = vote.step === PREVOTE ? 'prevote' : 'precommit';
    const { height, round, blockHash } = vote;
    return (
      signer !== undefined &&
      holds(signature, { kind, signer, height, round, hash: blockHash, validRound: 0 })
    );
  };
  const check = (c: Certificate): boolean => {
    if (c.step !== PREVOTE && c.step !== PRECOMMIT) return false;
    const { step, height, round, blockHash, signatures } = c;
    const signers = signersOf(c, set.length);
    return (
      signers?.every((validatorIndex, i) =>
        holdsVote({ step, height, round, blockHash, validatorIndex }, signatures[i] as Uint8Array),
      ) === true
    );
  };
  return {
    sign(statement) {
      const signature = new Uint8Array(64);
      issued.set(signature, statement);
      return signature;
    },
    isVote: (vote) => holdsVote(vote, vote.signature),
    isProposal: ({ height, round, validRound, header, signature }, signer) =>
      holds(signature, { kind: 'proposal', signer, height, round, hash: header.hash, validRound }),
    isCertificate(certificate) {
      // A message is one object, however many nodes get it.
      const before = known.get(certificate);
      if (before !== undefined) return before;
      const good = check(certificate);
      known.set(certificate, good);
      return good;
    },
  };
}
