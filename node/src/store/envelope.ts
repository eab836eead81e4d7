// Every value in the store: version u8 | height u64 | payload | checksum (first 8 bytes of SHA-256
// over key, version, height and payload). The key is under the checksum, so that a record that
// lies at the wrong place is refused like a damaged one (reliability D14).
import { concatBytes, equalBytes, toHex } from '../../../core/src/bytes.js';
import { ProtocolError } from '../../../core/src/errors.js';
import { sha256 } from '../../../core/src/hash.js';
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

const checksumOf = (keyAndBody: Uint8Array): Uint8Array =>
  sha256(keyAndBody).subarray(0, CHECKSUM_BYTES);

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
  out.set(checksumOf(out.subarray(0, end)), end);
  return { key: out.subarray(0, key.length), value: out.subarray(key.length) };
}

/** Throws STORE_DAMAGED unless the value is one that `seal` made for this key. */
export function unseal(key: Uint8Array, value: Uint8Array): Opened {
  const end = value.length - CHECKSUM_BYTES;
  const good =
    end >= HEAD_BYTES &&
    value[0] === VERSION &&
    equalBytes(checksumOf(concatBytes(key, value.subarray(0, end))), value.subarray(end));
  if (!good)
    throw new ProtocolError('STORE_DAMAGED', 'a record does not match its checksum', {
      key: toHex(key.subarray(0, 40)),
    });
  const view = new DataView(value.buffer, value.byteOffset, value.byteLength);
  return { height: view.getBigUint64(1), payload: value.subarray(HEAD_BYTES, end) };
}
