// Every value in the store: version u8 | height u64 | payload | checksum (first 8 bytes of SHA-256
// over key, version, height and payload). The key is under the checksum, so that a record that
// lies at the wrong place is refused like a damaged one (reliability D14).
import { concatBytes, equalBytes, toHex } from '../../../core/src/bytes.js';
import { ProtocolError } from '../../../core/src/errors.js';
import { HASH_BYTES, sha256Into } from '../../../core/src/hash.js';
import { Slab } from '../../../core/src/slab.js';

const VERSION = 1;
const HEAD_BYTES = 9;
const CHECKSUM_BYTES = 8;
export const ENVELOPE_BYTES = HEAD_BYTES + CHECKSUM_BYTES;

export interface Sealed {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

export interface Opened {
  /** Of the block that wrote the value. */
  readonly height: bigint;
  readonly payload: Uint8Array;
}

/** Of the last bytes that were hashed; the checksum is its beginning. */
const digest = new Uint8Array(HASH_BYTES);

function putChecksum(keyAndBody: Uint8Array, out: Uint8Array, at: number): void {
  sha256Into(keyAndBody, digest, 0);
  for (let i = 0; i < CHECKSUM_BYTES; i++) out[at + i] = digest[i] as number;
}

/** Records are written soon after they are sealed. */
const slab = new Slab(65_536);

/** The record of a key: both stand in one piece of memory that is given up with the batch. */
export function seal(key: Uint8Array, height: bigint, payload: Uint8Array): Sealed {
  const out = slab.take(key.length + payload.length + ENVELOPE_BYTES);
  out.set(key);
  out[key.length] = VERSION;
  new DataView(out.buffer, out.byteOffset).setBigUint64(key.length + 1, height);
  out.set(payload, key.length + HEAD_BYTES);
  const end = key.length + HEAD_BYTES + payload.length;
  putChecksum(out.subarray(0, end), out, end);
  return { key: out.subarray(0, key.length), value: out.subarray(key.length) };
}

/** Throws STORE_DAMAGED unless the value is one that `seal` made for this key. */
export function unseal(key: Uint8Array, value: Uint8Array): Opened {
  const end = value.length - CHECKSUM_BYTES;
  let good = end >= HEAD_BYTES && value[0] === VERSION;
  if (good) {
    const checksum = new Uint8Array(CHECKSUM_BYTES);
    putChecksum(concatBytes(key, value.subarray(0, end)), checksum, 0);
    good = equalBytes(checksum, value.subarray(end));
  }
  if (!good)
    throw new ProtocolError('STORE_DAMAGED', 'a record does not match its checksum', {
      key: toHex(key.subarray(0, 40)),
    });
  const view = new DataView(value.buffer, value.byteOffset, value.byteLength);
  return { height: view.getBigUint64(1), payload: value.subarray(HEAD_BYTES, end) };
}
