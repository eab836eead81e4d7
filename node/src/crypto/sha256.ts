// SHA-256 at native speed: OpenSSL for bytes of any length (1.1 us for 160 bytes, 67 us for 100 kB;
// libsodium needs 470 us), hashtree for the inner nodes of a level of the state tree in one call.
// Same bytes as core's own; which bytes are hashed is decided elsewhere.
import { createHash, hash as oneShotHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { backendOf, type Sha256, type Sha256Backend } from '../../../core/src/hash.js';

type HashTree = typeof import('@chainsafe/hashtree');

// `crypto.hash` came with Node 20.12 and 21.7. The copy lies in the
// heap of V8, where a Buffer would hold memory outside of it for every node of the state tree.
const anyLength: Sha256 =
  typeof oneShotHash === 'function'
    ? (bytes) => new Uint8Array(oneShotHash('sha256', bytes, 'buffer'))
    : (bytes) => new Uint8Array(createHash('sha256').update(bytes).digest());

function loadHashTree(): HashTree | undefined {
  try {
    return createRequire(import.meta.url)('@chainsafe/hashtree') as HashTree;
  } catch {
    return undefined;
  }
}

/** `pairs` false leaves hashtree out. */
export function nativeSha256(pairs = true): Sha256Backend {
  const tree = pairs ? loadHashTree() : undefined;
  if (tree === undefined) return backendOf(anyLength);
  return {
    one: anyLength,
    pairs(bytes) {
      const out = new Uint8Array(bytes.length / 2);
      if (bytes.length > 0) tree.hashInto(bytes, out);
      return out;
    },
  };
}
