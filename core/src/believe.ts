// Whether a light node believes a header (light-clients 3): it follows commit certificates of the
// whole validator set, from a trusted header on. Pure: `now` is told, nothing is fetched, no trust
// is kept; who asks whom and what is remembered is the caller's. Proofs under a believed header:
// treeProof.ts, eventProof.ts.
import { compareBytes, equalBytes, toHex } from './bytes.js';
import { verifyStrict } from './ed25519.js';
import type { ErrorCode } from './errors.js';
import { type Hash, HASH_BYTES } from './hash.js';
import { decodeHeader, HEADER_VERSION, type Header, headerHash } from './header.js';
import { ACCOUNT_ID_BYTES, PUBLIC_KEY_BYTES } from './ids.js';
import { MAX_VALIDATORS } from './limits.js';
import { setListRoot, setRootOf, type Validator } from './validators.js';
import {
  type Certificate,
  checkCertificate,
  decodeCertificate,
  PRECOMMIT,
  signersOf,
  type VerifySignature,
} from './vote.js';

/** How far a header may be ahead of `now`, chain ms (light-clients 3.2). */
const MAX_AHEAD_MS = 10_000n;

/** What a server gives for a header (light-clients 3.4); nothing of it is trusted. */
export interface GivenHeader {
  readonly header: Uint8Array;
  readonly certificate: Uint8Array;
  /** The set of its height, as the header names it. */
  readonly set: readonly Validator[];
  readonly beaconListRoot: Uint8Array;
}

/** Where a light node stands: genesis, a checkpoint given out of band, or a believed header. */
export interface TrustedHeader {
  readonly height: bigint;
  readonly hash: Hash;
  /** Chain ms. */
  readonly time: bigint;
  /** The set of height + 1. */
  readonly nextSet: readonly Validator[];
}

export interface BelieveOptions {
  readonly chainId: Hash;
  /** Parameter trustingPeriodMs, chain ms. */
  readonly trustingPeriodMs: bigint;
  /** Versions of the rules; HEADER_VERSION alone unless given. */
  readonly knownVersions?: readonly number[];
  /** The strict predicate; pure JavaScript unless given. */
  readonly verify?: VerifySignature;
}

export interface BelievedHeader {
  readonly code: 'ok';
  readonly header: Header;
  readonly hash: Hash;
  /** Keys that signed the commit, in the order of the set. */
  readonly signers: readonly Validator[];
}

/** In the order in which they are checked (light-clients 3.4). */
export const DISBELIEF = [
  'BAD_HEADER',
  'WRONG_CHAIN',
  'UNKNOWN_VERSION',
  'NOT_NEWER',
  'TIME_NOT_AFTER',
  'FROM_FUTURE',
  'TRUST_EXPIRED',
  'SET_MISMATCH',
  'BAD_CERTIFICATE',
  'NO_QUORUM',
  'TOO_LITTLE_OVERLAP',
] as const satisfies readonly ErrorCode[];
export type Disbelief = (typeof DISBELIEF)[number];

/** Believes or refuses a header, by a trusted one and the time `now` (chain ms). */
export function believeHeader(
  given: GivenHeader,
  trusted: TrustedHeader,
  now: bigint,
  options: BelieveOptions,
): BelievedHeader | { readonly code: Disbelief } {
  const header = decodeHeader(given.header);
  if (header === undefined) return { code: 'BAD_HEADER' };
  const early = checkPlace(header, options) ?? checkTimes({ header, trusted, now }, options);
  if (early !== undefined) return { code: early };
  if (!isSetOf(given, header.setRoot)) return { code: 'SET_MISMATCH' };
  const hash = headerHash(given.header);
  const certificate = decodeCertificate(given.certificate);
  if (certificate === undefined) return { code: 'BAD_CERTIFICATE' };
  const fault = checkCommit(certificate, { header, hash, set: given.set }, options);
  if (fault !== undefined) return { code: fault };
  const signers = signersAmong(certificate, given.set);
  const follows = header.height === trusted.height + 1n && sameSet(given.set, trusted.nextSet);
  if (!follows && !overlapsEnough(signers, trusted.nextSet)) return { code: 'TOO_LITTLE_OVERLAP' };
  return { code: 'ok', header, hash, signers };
}

function checkPlace(header: Header, options: BelieveOptions): Disbelief | undefined {
  const { chainId, knownVersions = [HEADER_VERSION] } = options;
  if (!equalBytes(header.chainId, chainId)) return 'WRONG_CHAIN';
  return knownVersions.includes(header.version) ? undefined : 'UNKNOWN_VERSION';
}

interface Moment {
  readonly header: Header;
  readonly trusted: TrustedHeader;
  readonly now: bigint;
}

function checkTimes(moment: Moment, options: BelieveOptions): Disbelief | undefined {
  const { header, trusted, now } = moment;
  if (header.height <= trusted.height) return 'NOT_NEWER';
  if (header.time <= trusted.time) return 'TIME_NOT_AFTER';
  if (header.time > now + MAX_AHEAD_MS) return 'FROM_FUTURE';
  return now - trusted.time < options.trustingPeriodMs ? undefined : 'TRUST_EXPIRED';
}

/**
 * Whether list and root of beacon keys hash to a set root. The list comes from outside: sizes and
 * the ascending order of ids are looked at before anything is encoded.
 */
function isSetOf(given: Pick<GivenHeader, 'set' | 'beaconListRoot'>, root: Hash): boolean {
  const { set, beaconListRoot } = given;
  if (set.length > MAX_VALIDATORS || beaconListRoot.length !== HASH_BYTES) return false;
  const wellFormed = set.every(
    ({ id, publicKey }, i) =>
      id.length === ACCOUNT_ID_BYTES &&
      publicKey.length === PUBLIC_KEY_BYTES &&
      (i === 0 || compareBytes((set[i - 1] as Validator).id, id) < 0),
  );
  return wellFormed && equalBytes(setRootOf(setListRoot(set), beaconListRoot as Hash), root);
}

/** The certificate says in which round it was decided; everything else is told (3.2). */
function checkCommit(
  certificate: Certificate,
  { header, hash, set }: { header: Header; hash: Hash; set: readonly Validator[] },
  { chainId, verify = verifyStrict }: BelieveOptions,
): Disbelief | undefined {
  const { height } = header;
  const subject = { step: PRECOMMIT, height, round: certificate.round, blockHash: hash } as const;
  return checkCertificate(certificate, { chainId, set, subject, verify });
}

function signersAmong(certificate: Certificate, set: readonly Validator[]): readonly Validator[] {
  return (signersOf(certificate, set.length) ?? []).map((place) => set[place] as Validator);
}

const sameSet = (a: readonly Validator[], b: readonly Validator[]): boolean =>
  a.length === b.length &&
  a.every(({ id, publicKey }, i) => {
    const other = b[i] as Validator;
    return equalBytes(id, other.id) && equalBytes(publicKey, other.publicKey);
  });

/** More than a third of the trusted set signed: at least one honest one; each key counts once. */
function overlapsEnough(signers: readonly Validator[], trusted: readonly Validator[]): boolean {
  const keys = new Set(trusted.map(({ publicKey }) => toHex(publicKey)));
  const signed = new Set(signers.map(({ publicKey }) => toHex(publicKey)));
  return 3 * [...signed].filter((key) => keys.has(key)).length > trusted.length;
}

/** A believed header to go on from, once its next set is known, or SET_MISMATCH (3.4). */
export function trustedFrom(
  { header, hash }: Pick<BelievedHeader, 'header' | 'hash'>,
  next: { readonly set: readonly Validator[]; readonly beaconListRoot: Uint8Array },
): TrustedHeader | { readonly code: 'SET_MISMATCH' } {
  if (!isSetOf(next, header.nextSetRoot)) return { code: 'SET_MISMATCH' };
  return { height: header.height, hash, time: header.time, nextSet: next.set };
}

/** Two believed headers of one height (3.3): nothing later is believed until a person decides. */
export const conflictOf = (
  a: Pick<BelievedHeader, 'header' | 'hash'>,
  b: Pick<BelievedHeader, 'header' | 'hash'>,
): 'CONFLICT' | undefined =>
  a.header.height === b.header.height && !equalBytes(a.hash, b.hash) ? 'CONFLICT' : undefined;
