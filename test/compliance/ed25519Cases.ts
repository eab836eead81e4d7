// Signatures on which Ed25519 libraries disagree, made from a seed: twelve constructed after the
// twelve vectors of ed25519-speccheck (Chalkias, Garillot, Nikolaenko: "Taming the many EdDSAs",
// table 6), and an endless grid with torsion in R and A, S + kL and second encodings.
// Every backend must give the same verdict on all of them (conventions "Signatures").
import { ED25519_TORSION_SUBGROUP, ed25519 } from '@noble/curves/ed25519.js';
import { sha256, sha512 } from '@noble/hashes/sha2.js';
import { concatBytes, fromHex, u32be, utf8ToBytes } from '../../core/src/bytes.js';
import { present } from '../../core/src/assert.js';

const { Point } = ed25519;
type CurvePoint = InstanceType<typeof Point>;
const L = Point.Fn.ORDER;

export interface SignatureCase {
  readonly name: string;
  readonly publicKey: Uint8Array;
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
}

/** Bytes from a text seed: the same run gives the same cases. */
export class SeededBytes {
  #counter = 0;
  readonly #seed: Uint8Array;
  constructor(seed: string) {
    this.#seed = utf8ToBytes(seed);
  }
  next(): Uint8Array {
    return sha256(concatBytes(this.#seed, u32be(this.#counter++)));
  }
  below(bound: number): number {
    return new DataView(this.next().buffer).getUint32(0) % bound;
  }
  scalar(): bigint {
    return (leInteger(concatBytes(this.next(), this.next())) % (L - 1n)) + 1n;
  }
}

const leInteger = (bytes: Uint8Array): bigint =>
  bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);

const leBytes = (value: bigint): Uint8Array =>
  Uint8Array.from({ length: 32 }, (_, i) => Number((value >> BigInt(8 * i)) & 0xffn));

const mod = (value: bigint): bigint => ((value % L) + L) % L;
const times = (point: CurvePoint, k: bigint): CurvePoint => point.multiplyUnsafe(mod(k));
const base = (k: bigint): CurvePoint => times(Point.BASE, k);

const TORSION: readonly CurvePoint[] = ED25519_TORSION_SUBGROUP.map((hex) => Point.fromHex(hex));
const torsion = (i: number): CurvePoint => present(TORSION[i % 8], 'eight torsion points');
/** Of order 8. */
const T8 = torsion(1);
/** Encodings that canonical decoders refuse: y >= p, or x = 0 with the sign bit. */
export const SECOND_ENCODINGS: readonly Uint8Array[] = [
  `${'ec'}${'ff'.repeat(31)}`,
  `01${'00'.repeat(30)}80`,
  ...['ed', 'ee', 'ef', 'f0', 'ff'].flatMap((low) => [
    `${low}${'ff'.repeat(30)}7f`,
    `${low}${'ff'.repeat(31)}`,
  ]),
].map((hex) => present(fromHex(hex, 32), 'hex'));
const NEGATIVE_ZERO = present(SECOND_ENCODINGS[0], 'first encoding');
/** The point (0, -1) that NEGATIVE_ZERO means, and its right encoding. */
const MINUS_ONE = torsion(4);

const challenge = (r: Uint8Array, key: Uint8Array, message: Uint8Array): bigint =>
  mod(leInteger(sha512(concatBytes(r, key, message))));

const signatureOf = (r: Uint8Array, s: bigint): Uint8Array => concatBytes(r, leBytes(s));

interface Parts {
  readonly secret: bigint;
  readonly nonce: bigint;
  /** Torsion added to the key and to R. */
  readonly keyTorsion: CurvePoint;
  readonly rTorsion: CurvePoint;
  readonly message: Uint8Array;
}

/** A signature that satisfies the cofactored equation, with torsion wherever it is wanted. */
function makeSignature(name: string, parts: Parts): SignatureCase & { readonly k: bigint } {
  const publicKey = base(parts.secret).add(parts.keyTorsion).toBytes();
  const r = base(parts.nonce).add(parts.rTorsion).toBytes();
  const k = challenge(r, publicKey, parts.message);
  const signature = signatureOf(r, mod(parts.nonce + k * parts.secret));
  return { name, publicKey, message: parts.message, signature, k };
}

/** Tries messages until the torsion parts add up (or do not): one try in eight succeeds. */
function grind<T extends { readonly k: bigint }>(
  bytes: SeededBytes,
  make: (message: Uint8Array) => T,
  good: (k: bigint) => boolean,
): T {
  for (;;) {
    const made = make(bytes.next());
    if (good(made.k)) return made;
  }
}

const cancels = (key: CurvePoint, r: CurvePoint) => (k: bigint) => times(key, k).negate().equals(r);

/** The twelve cases in the order of the paper's table. */
export function twelveCases(seed = 'twelve'): readonly SignatureCase[] {
  const bytes = new SeededBytes(seed);
  const [secret, nonce] = [bytes.scalar(), bytes.scalar()];
  const mixed = (name: string, parts: Partial<Parts>, good: (k: bigint) => boolean) => {
    const keep = { secret, nonce, keyTorsion: T8, rTorsion: T8, ...parts };
    return grind(bytes, (message) => makeSignature(name, { ...keep, message }), good);
  };
  const plain = mixed('plain', { keyTorsion: torsion(0), rTorsion: torsion(0) }, () => true);
  const s = leInteger(plain.signature.subarray(32));
  const shifted = (name: string, by: bigint): SignatureCase => ({
    ...plain,
    name,
    signature: signatureOf(plain.signature.subarray(0, 32), s + by * L),
  });
  const both = cancels(T8, T8);
  return [
    mixed('0 S = 0, small A, small R', { secret: 0n, nonce: 0n }, both),
    mixed('1 small A, mixed R', { secret: 0n }, both),
    mixed('2 mixed A, small R', { nonce: 0n }, both),
    mixed('3 mixed A and R, cofactorless holds', {}, both),
    mixed('4 mixed A and R, cofactored only', {}, (k) => !both(k)),
    mixed('5 fails when 8k is reduced', {}, (k) => !both(k) && !times(T8, 8n * k).is0()),
    shifted('6 S > L', 1n),
    shifted('7 S far above L', 2n),
    secondEncodingOfR('8 second encoding of R, hashed as the first', bytes, MINUS_ONE.toBytes()),
    secondEncodingOfR('9 second encoding of R, hashed as it is', bytes, NEGATIVE_ZERO),
    secondEncodingOfA('10 second encoding of A, hashed as the first', bytes, MINUS_ONE.toBytes()),
    secondEncodingOfA('11 second encoding of A, hashed as it is', bytes, NEGATIVE_ZERO),
  ];
}

function secondEncodingOfR(name: string, bytes: SeededBytes, hashed: Uint8Array): SignatureCase {
  const secret = bytes.scalar();
  const publicKey = base(secret).add(T8).toBytes();
  const make = (message: Uint8Array) => {
    const k = challenge(hashed, publicKey, message);
    const signature = signatureOf(NEGATIVE_ZERO, mod(k * secret));
    return { name, publicKey, message, signature, k };
  };
  return grind(bytes, make, cancels(T8, MINUS_ONE));
}

function secondEncodingOfA(name: string, bytes: SeededBytes, hashed: Uint8Array): SignatureCase {
  const nonce = bytes.scalar();
  const r = base(nonce).add(MINUS_ONE).toBytes();
  const make = (message: Uint8Array) => {
    const k = challenge(r, hashed, message);
    return { name, publicKey: NEGATIVE_ZERO, message, signature: signatureOf(r, nonce), k };
  };
  return grind(bytes, make, cancels(MINUS_ONE, MINUS_ONE));
}

type Maker = (bytes: SeededBytes) => SignatureCase;

const fresh = (name: string, bytes: SeededBytes, parts: Partial<Parts>): SignatureCase =>
  makeSignature(name, {
    secret: bytes.scalar(),
    nonce: bytes.scalar(),
    keyTorsion: torsion(0),
    rTorsion: torsion(0),
    message: bytes.next(),
    ...parts,
  });

/** Any R bytes under an honest key, with the S that fits them. */
function withR(name: string, bytes: SeededBytes, r: Uint8Array): SignatureCase {
  const secret = bytes.scalar();
  const publicKey = base(secret).toBytes();
  const message = bytes.next();
  const s = mod(challenge(r, publicKey, message) * secret);
  return { name, publicKey, message, signature: signatureOf(r, s) };
}

function withKey(name: string, bytes: SeededBytes, publicKey: Uint8Array): SignatureCase {
  const nonce = bytes.scalar();
  const signature = signatureOf(base(nonce).toBytes(), nonce);
  return { name, publicKey, message: bytes.next(), signature };
}

const anyOf = (bytes: SeededBytes, list: readonly Uint8Array[]): Uint8Array =>
  present(list[bytes.below(list.length)], 'within the list');

function flipped(one: SignatureCase, bytes: SeededBytes): SignatureCase {
  const signature = new Uint8Array(one.signature);
  const at = bytes.below(64);
  signature[at] = (signature[at] as number) ^ (1 << bytes.below(8));
  return { ...one, name: 'bit flipped', signature };
}

function raised(one: SignatureCase, by: bigint): SignatureCase {
  const s = leInteger(one.signature.subarray(32)) + by * L;
  return { ...one, signature: signatureOf(one.signature.subarray(0, 32), s) };
}

/** A class per row of the grid; honest signatures are one in a dozen. */
const MAKERS: readonly Maker[] = [
  (b) => fresh('honest', b, {}),
  (b) => fresh('torsion in R', b, { rTorsion: torsion(1 + b.below(7)) }),
  (b) => fresh('torsion in A', b, { keyTorsion: torsion(1 + b.below(7)) }),
  (b) =>
    fresh('torsion in both', b, {
      keyTorsion: torsion(1 + b.below(7)),
      rTorsion: torsion(1 + b.below(7)),
    }),
  (b) => fresh('small R', b, { nonce: 0n, rTorsion: torsion(b.below(8)) }),
  (b) => fresh('small A', b, { secret: 0n, keyTorsion: torsion(b.below(8)) }),
  (b) => raised(fresh('S + kL', b, {}), BigInt(1 + b.below(14))),
  (b) => withR('second encoding of R', b, anyOf(b, SECOND_ENCODINGS)),
  (b) => withKey('second encoding of A', b, anyOf(b, SECOND_ENCODINGS)),
  (b) => flipped(fresh('flip', b, {}), b),
  (b) => withR('random R', b, b.next()),
  (b) => withKey('random A', b, b.next()),
];

/** `count` cases in turn of class, from a seed. */
export function* gridCases(count: number, seed: string): Generator<SignatureCase> {
  const bytes = new SeededBytes(seed);
  for (let i = 0; i < count; i++) yield present(MAKERS[i % MAKERS.length], 'a maker')(bytes);
}
