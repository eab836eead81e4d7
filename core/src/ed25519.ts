// The strict Ed25519 predicate (conventions "Signatures"), in pure JavaScript, and the checks on
// bytes that every native backend puts in front of its own verification. All of them together give
// one verdict; without `precheck` the libraries disagree, and a chain that mixes them forks.
// Native speed lives in node/src/crypto.
import { ED25519_TORSION_SUBGROUP, ed25519 } from '@noble/curves/ed25519.js';
import { sha512 } from '@noble/hashes/sha2.js';
import { assert } from './assert.js';
import { concatBytes, equalBytes, fromHex } from './bytes.js';
import { PUBLIC_KEY_BYTES, type PublicKey } from './ids.js';

const { Point } = ed25519;
type CurvePoint = InstanceType<typeof Point>;

/** A private key is its 32-byte seed (RFC 8032). */
export const SEED_BYTES = 32;
export const SIGNATURE_BYTES = 64;
const HALF = 32;
const SIGN_BIT = 0x80;

const integerOf = (bytes: Uint8Array): bigint =>
  bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);

/** Order L of the prime subgroup, little-endian. */
const ORDER = Uint8Array.from({ length: HALF }, (_, i) =>
  Number((Point.Fn.ORDER >> BigInt(8 * i)) & 0xffn),
);

/** The five y of the eight points of small order, without the sign bit. */
const SMALL_Y: readonly Uint8Array[] = ED25519_TORSION_SUBGROUP.map((hex) => {
  const bytes = fromHex(hex, HALF);
  assert(bytes !== undefined, 'torsion points are 32 bytes of hex');
  bytes[HALF - 1] = (bytes[HALF - 1] as number) & ~SIGN_BIT;
  return bytes;
});

/** Whether y (the 32 bytes at `at`, sign bit apart) is p or more: 2^255 - 19 <= y < 2^255. */
function isBeyondField(bytes: Uint8Array, at: number): boolean {
  if ((bytes[at] as number) < 0xed) return false;
  for (let i = 1; i < HALF - 1; i++) if (bytes[at + i] !== 0xff) return false;
  return ((bytes[at + HALF - 1] as number) | SIGN_BIT) === 0xff;
}

function hasY(bytes: Uint8Array, at: number, y: Uint8Array): boolean {
  if (((bytes[at + HALF - 1] as number) & ~SIGN_BIT) !== y[HALF - 1]) return false;
  for (let i = 0; i < HALF - 1; i++) if (bytes[at + i] !== y[i]) return false;
  return true;
}

/**
 * Neither of small order nor written in a second way. Negative zero needs no case of its own:
 * x = 0 only at y = 1 and y = -1, which are of small order.
 */
const isProperPoint = (bytes: Uint8Array, at: number): boolean =>
  !isBeyondField(bytes, at) && !SMALL_Y.some((y) => hasY(bytes, at, y));

/** S < L, little-endian, in the second half of the signature. */
function isReduced(signature: Uint8Array): boolean {
  for (let i = HALF - 1; i >= 0; i--) {
    const difference = (signature[HALF + i] as number) - (ORDER[i] as number);
    if (difference !== 0) return difference < 0;
  }
  return false;
}

/**
 * What is checked on the bytes before any curve arithmetic: lengths, S < L, R and A canonical and
 * not of small order. A backend answers `precheck(...) && <its cofactorless verification>`.
 */
export const precheck = (publicKey: Uint8Array, signature: Uint8Array): boolean =>
  signature.length === SIGNATURE_BYTES &&
  publicKey.length === PUBLIC_KEY_BYTES &&
  isReduced(signature) &&
  isProperPoint(signature, 0) &&
  isProperPoint(publicKey, 0);

function pointOf(bytes: Uint8Array): CurvePoint | undefined {
  try {
    return Point.fromBytes(bytes, false);
  } catch {
    return undefined;
  }
}

/** Whether a public key may be admitted: canonical, on the curve, not small, torsion free. */
export function checkKey(publicKey: Uint8Array): publicKey is PublicKey {
  if (publicKey.length !== PUBLIC_KEY_BYTES || !isProperPoint(publicKey, 0)) return false;
  return pointOf(publicKey)?.isTorsionFree() === true;
}

/** The predicate in pure JavaScript: precheck, then encode([S]B - [k]A) = R on bytes. */
export function verifyStrict(
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  if (!precheck(publicKey, signature)) return false;
  const key = pointOf(publicKey);
  if (key === undefined) return false;
  const r = signature.subarray(0, HALF);
  const digest = sha512(concatBytes(r, publicKey, message));
  const k = integerOf(digest) % Point.Fn.ORDER;
  const s = integerOf(signature.subarray(HALF));
  const sum = Point.BASE.multiplyUnsafe(s).subtract(key.multiplyUnsafe(k));
  return equalBytes(sum.toBytes(), r);
}

export const publicKeyOf = (seed: Uint8Array): PublicKey => {
  assert(seed.length === SEED_BYTES, 'a seed has 32 bytes');
  return ed25519.getPublicKey(seed) as Uint8Array as PublicKey;
};

/** 64 bytes over exactly these bytes; callers put the domain tag into them. */
export const sign = (seed: Uint8Array, message: Uint8Array): Uint8Array =>
  ed25519.sign(message, seed);
