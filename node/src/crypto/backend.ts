// Native speed for signatures: libsodium, else node:crypto. Each backend stands behind
// core's `precheck`, so that all give the verdict of conventions "Signatures" (the grid in
// test/compliance holds them to it). Which keys are admitted is decided by core's `checkKey`.
import {
  type KeyObject,
  createPrivateKey,
  createPublicKey,
  sign as cryptoSign,
  verify as cryptoVerify,
} from 'node:crypto';
import { createRequire } from 'node:module';
import { assert } from '../../../core/src/assert.js';
import * as pure from '../../../core/src/ed25519.js';
import { installSha256 } from '../../../core/src/hash.js';
import type { PublicKey } from '../../../core/src/ids.js';
import { nativeSha256 } from './sha256.js';

/** A private key that signs bytes as they are; the caller puts the domain tag into them. */
export interface KeyPair {
  readonly publicKey: PublicKey;
  sign(message: Uint8Array): Uint8Array;
}

export interface CryptoBackend {
  readonly name: 'sodium' | 'node:crypto' | 'noble';
  /** The strict predicate; never throws on bad input. */
  verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean;
  /** Key pair of a 32-byte seed. */
  keyPair(seed: Uint8Array): KeyPair;
}

type Sodium = typeof import('sodium-native');

/** libsodium, or undefined where no prebuilt binary loads. */
export function sodiumBackend(): CryptoBackend | undefined {
  let sodium: Sodium;
  try {
    sodium = createRequire(import.meta.url)('sodium-native') as Sodium;
  } catch {
    return undefined;
  }
  return {
    name: 'sodium',
    verify: (publicKey, message, signature) =>
      pure.precheck(publicKey, signature) &&
      sodium.crypto_sign_verify_detached(signature, message, publicKey),
    keyPair(seed) {
      const publicKey = new Uint8Array(32);
      const secretKey = new Uint8Array(64);
      sodium.crypto_sign_seed_keypair(publicKey, secretKey, seed);
      const signed = (message: Uint8Array): Uint8Array => {
        const signature = new Uint8Array(pure.SIGNATURE_BYTES);
        sodium.crypto_sign_detached(signature, message, secretKey);
        return signature;
      };
      return { publicKey: publicKey as PublicKey, sign: signed };
    },
  };
}

const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');
/** Building a KeyObject costs as much as half a verification. */
const KEY_CACHE_SIZE = 4096;

/** OpenSSL through node:crypto: half the speed of libsodium, always there. */
export function nodeBackend(): CryptoBackend {
  const cache = new Map<string, KeyObject>();
  const keyOf = (publicKey: Uint8Array): KeyObject => {
    const name = Buffer.from(publicKey).toString('latin1');
    const known = cache.get(name);
    if (known !== undefined) return known;
    const der = Buffer.concat([SPKI_PREFIX, publicKey]);
    const made = createPublicKey({ key: der, format: 'der', type: 'spki' });
    if (cache.size >= KEY_CACHE_SIZE) cache.clear();
    cache.set(name, made);
    return made;
  };
  return {
    name: 'node:crypto',
    verify: (publicKey, message, signature) =>
      pure.precheck(publicKey, signature) &&
      cryptoVerify(null, message, keyOf(publicKey), signature),
    keyPair(seed) {
      assert(seed.length === pure.SEED_BYTES, 'a seed has 32 bytes');
      const der = Buffer.concat([PKCS8_PREFIX, seed]);
      const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
      const spki = createPublicKey(key).export({ format: 'der', type: 'spki' });
      return {
        publicKey: new Uint8Array(spki.subarray(SPKI_PREFIX.length)) as PublicKey,
        sign: (message) => new Uint8Array(cryptoSign(null, message, key)),
      };
    },
  };
}

/** Pure JavaScript: the yardstick of the others, twenty times slower. */
export const nobleBackend = (): CryptoBackend => ({
  name: 'noble',
  verify: pure.verifyStrict,
  keyPair: (seed) => ({
    publicKey: pure.publicKeyOf(seed),
    sign: (message) => pure.sign(seed, message),
  }),
});

/** The fastest backend that loads; `notice` hears when that is not libsodium. */
export function openCrypto(notice: (message: string) => void): CryptoBackend {
  const sodium = sodiumBackend();
  if (sodium === undefined)
    notice('sodium-native does not load here: node:crypto verifies, at half the speed');
  const backend = sodium ?? nodeBackend();
  installSha256(nativeSha256());
  return backend;
}
