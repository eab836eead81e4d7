// SHA-256 and domain separation. The pure rooms hash with @noble/hashes; a shell may install a
// native function that gives the same bytes (test/compliance holds them together).
import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js';
import { assert } from './assert.js';

export const HASH_BYTES = 32;
const PAIR_BYTES = 2 * HASH_BYTES;

declare const hash: unique symbol;
/** 32 bytes. */
export type Hash = Uint8Array & { readonly [hash]: 'sha256' };

export type Sha256 = (bytes: Uint8Array) => Uint8Array;

/** What hashes bytes, and many blocks of 64 bytes in one call. */
export interface Sha256Backend {
  readonly one: Sha256;
  /** Writes the hash into `out`, 32 bytes from `at` on. */
  readonly into: (bytes: Uint8Array, out: Uint8Array, at: number) => void;
  /** The hashes of each 64 bytes of the input, one after the other. */
  readonly pairs: Sha256;
}

/** A backend that hashes its pairs one by one. */
export function backendOf(one: Sha256): Sha256Backend {
  return {
    one,
    into: (bytes, out, at) => out.set(one(bytes), at),
    pairs(bytes) {
      const out = new Uint8Array(bytes.length / 2);
      for (let at = 0; at < bytes.length; at += PAIR_BYTES)
        out.set(one(bytes.subarray(at, at + PAIR_BYTES)), at / 2);
      return out;
    },
  };
}

let backend = backendOf(nobleSha256);

/** Replaces the implementation by a faster one with equal results. For shells, at start. */
export function installSha256(implementation: Sha256Backend): void {
  backend = implementation;
}

export function sha256(bytes: Uint8Array): Hash {
  return backend.one(bytes) as Hash;
}

/** Writes SHA-256 of the bytes into `out`, 32 bytes from `at` on. */
export function sha256Into(bytes: Uint8Array, out: Uint8Array, at: number): void {
  backend.into(bytes, out, at);
}

/** SHA-256 of each 64 bytes: 32 bytes for each, in their order. */
export function sha256Pairs(bytes: Uint8Array): Uint8Array {
  assert(bytes.length % PAIR_BYTES === 0, 'pairs of hashes have 64 bytes');
  return backend.pairs(bytes);
}

/** Room for the joined parts of most hashes, so that they need no memory of their own. */
const scratch = new Uint8Array(1024);
/** Beginnings of `scratch` by their length; each is made once. */
const beginnings = new Array<Uint8Array | undefined>(scratch.length + 1).fill(undefined);

function roomFor(length: number): Uint8Array {
  if (length > scratch.length) return new Uint8Array(length);
  const known = beginnings[length];
  if (known !== undefined) return known;
  const made = scratch.subarray(0, length);
  beginnings[length] = made;
  return made;
}

/** Puts SHA-256 of a byte and `length` bytes of `from` at `at` into `out`: nothing is allocated. */
export function sha256Tagged(
  tag: number,
  from: { readonly bytes: Uint8Array; readonly at: number; readonly length: number },
  to: { readonly out: Uint8Array; readonly at: number },
): void {
  const joined = roomFor(from.length + 1);
  joined[0] = tag;
  const { bytes, at, length } = from;
  if (at === 0 && length === bytes.length) joined.set(bytes, 1);
  else for (let i = 0; i < length; i++) joined[i + 1] = bytes[at + i] as number;
  backend.into(joined, to.out, to.at);
}

/** SHA-256 of the parts put one after the other. */
export function sha256Of(...parts: readonly Uint8Array[]): Hash {
  let length = 0;
  for (const part of parts) length += part.length;
  const joined = roomFor(length);
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return sha256(joined);
}

export const ZERO_HASH = new Uint8Array(HASH_BYTES) as Hash;

/** SHA-256 of nothing: root of an empty list (RFC 6962). */
export const EMPTY_HASH = nobleSha256(new Uint8Array(0)) as Hash;

export function asHash(bytes: Uint8Array): Hash {
  assert(bytes.length === HASH_BYTES, 'a hash has 32 bytes');
  return bytes as Hash;
}
