// SHA-256 at native speed: libsodium for short bytes (0.6 us for the leaf of a list, where the call
// into OpenSSL alone takes 1.3), OpenSSL for long ones (67 us for 100 kB; libsodium needs 470 us),
// hashtree for the inner nodes of a level of the state tree in one call. Same bytes as core's own;
// which bytes are hashed is decided elsewhere.
import { createHash, hash as oneShotHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { backendOf, HASH_BYTES, type Sha256, type Sha256Backend } from '../../../core/src/hash.js';

type HashTree = typeof import('@chainsafe/hashtree');
type Sodium = typeof import('sodium-native');

// `crypto.hash` came with Node 20.12 and 21.7. The copy lies in the
// heap of V8, where a Buffer would hold memory outside of it for every node of the state tree.
const openssl: Sha256 =
  typeof oneShotHash === 'function'
    ? (bytes) => new Uint8Array(oneShotHash('sha256', bytes, 'buffer'))
    : (bytes) => new Uint8Array(createHash('sha256').update(bytes).digest());

/** Up to here libsodium is the faster one. */
const SHORT_BYTES = 256;
/** A small array lies in V8's own heap, and native code that is given one moves it out of there. */
const IN_HEAP_BYTES = 64;

/** Puts the hash of at most SHORT_BYTES into the array that it gives back, the same each time. */
function shortBySodium(sodium: Sodium): Sha256 {
  // Both outside of V8's heap from the beginning, for all calls.
  const input = new Uint8Array(new ArrayBuffer(IN_HEAP_BYTES));
  const output = new Uint8Array(new ArrayBuffer(HASH_BYTES));
  return (bytes) => {
    let outside = bytes;
    if (bytes.length <= IN_HEAP_BYTES) {
      input.set(bytes);
      outside = input.subarray(0, bytes.length);
    }
    sodium.crypto_hash_sha256(output, outside);
    return output;
  };
}

function withSodium(sodium: Sodium): Omit<Sha256Backend, 'pairs'> {
  const short = shortBySodium(sodium);
  return {
    one: (bytes) => (bytes.length > SHORT_BYTES ? openssl(bytes) : new Uint8Array(short(bytes))),
    into(bytes, out, at) {
      out.set(bytes.length > SHORT_BYTES ? openssl(bytes) : short(bytes), at);
    },
  };
}

function load<T>(name: string): T | undefined {
  try {
    return createRequire(import.meta.url)(name) as T;
  } catch {
    return undefined;
  }
}

/** False leaves a library out: for machines where its binary does not load, and for tests. */
export interface Sha256Libraries {
  readonly hashtree?: boolean;
  readonly sodium?: boolean;
}

export function nativeSha256(use: Sha256Libraries = {}): Sha256Backend {
  const sodium = use.sodium === false ? undefined : load<Sodium>('sodium-native');
  const single = sodium === undefined ? backendOf(openssl) : withSodium(sodium);
  const tree = use.hashtree === false ? undefined : load<HashTree>('@chainsafe/hashtree');
  if (tree === undefined) return { ...backendOf(single.one), into: single.into };
  return {
    one: single.one,
    into: single.into,
    pairs(bytes) {
      const out = new Uint8Array(bytes.length / 2);
      if (bytes.length > 0) tree.hashInto(bytes, out);
      return out;
    },
  };
}
