// The key space of the store: one leading byte per kind of record. A new kind takes a new byte;
// bytes are never reused.
import { assert } from '../../../core/src/assert.js';
import { u64be } from '../../../core/src/bytes.js';
import type { KvRange } from './kv.js';

export const SPACE = {
  tip: 0x00,
  block: 0x01,
  certificate: 0x02,
  receipts: 0x03,
  committeeCertificate: 0x04,
  heightOfHash: 0x05,
  locationOfTx: 0x06,
  state: 0x07,
  index: 0x08,
  journal: 0x09,
} as const;
export type Space = (typeof SPACE)[keyof typeof SPACE];

export function keyIn(space: Space, rest: Uint8Array = new Uint8Array(0)): Uint8Array {
  const key = new Uint8Array(1 + rest.length);
  key[0] = space;
  key.set(rest, 1);
  return key;
}

export const heightKey = (space: Space, height: bigint): Uint8Array => keyIn(space, u64be(height));

export const restOf = (key: Uint8Array): Uint8Array => key.subarray(1);

export function heightOfKey(key: Uint8Array): bigint {
  assert(key.length === 9, 'a key by height has nine bytes');
  return new DataView(key.buffer, key.byteOffset).getBigUint64(1);
}

/** The smallest key above all that begin with `prefix`. */
function after(prefix: Uint8Array): Uint8Array {
  const out = prefix.slice();
  for (let i = out.length - 1; i >= 0; i--) {
    if (out[i] === 0xff) continue;
    out[i] = (out[i] as number) + 1;
    return out.subarray(0, i + 1);
  }
  return new Uint8Array(64).fill(0xff);
}

/** Everything that begins with `prefix` in a space. */
export function rangeOf(space: Space, prefix?: Uint8Array): KvRange {
  const from = keyIn(space, prefix);
  return { from, to: after(from) };
}
