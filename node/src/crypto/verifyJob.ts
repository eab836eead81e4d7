// The bytes of one batch on its way to a verifying thread: items one after another as
// key 32 | signature 64 | message length u32 | message. The answer is one byte per item.
import { SIGNATURE_BYTES } from '../../../core/src/ed25519.js';
import { PUBLIC_KEY_BYTES } from '../../../core/src/ids.js';
import type { CryptoBackend } from './backend.js';

export interface VerifyItem {
  readonly publicKey: Uint8Array;
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
}

const FIXED = PUBLIC_KEY_BYTES + SIGNATURE_BYTES;

/** Items of odd lengths travel as zeros, which no backend accepts. */
export function packItems(items: readonly VerifyItem[]): Uint8Array<ArrayBuffer> {
  let size = 0;
  for (const item of items) size += FIXED + 4 + item.message.length;
  const out = new Uint8Array(size);
  const view = new DataView(out.buffer);
  let at = 0;
  for (const { publicKey, message, signature } of items) {
    if (publicKey.length === PUBLIC_KEY_BYTES && signature.length === SIGNATURE_BYTES) {
      out.set(publicKey, at);
      out.set(signature, at + PUBLIC_KEY_BYTES);
    }
    view.setUint32(at + FIXED, message.length);
    out.set(message, at + FIXED + 4);
    at += FIXED + 4 + message.length;
  }
  return out;
}

/** One byte per packed item: 1 verified, 0 not. */
export function verifyPacked(backend: CryptoBackend, packed: Uint8Array): Uint8Array<ArrayBuffer> {
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength);
  const verdicts: number[] = [];
  for (let at = 0; at < packed.length; ) {
    const publicKey = packed.subarray(at, at + PUBLIC_KEY_BYTES);
    const signature = packed.subarray(at + PUBLIC_KEY_BYTES, at + FIXED);
    const end = at + FIXED + 4 + view.getUint32(at + FIXED);
    const message = packed.subarray(at + FIXED + 4, end);
    verdicts.push(backend.verify(publicKey, message, signature) ? 1 : 0);
    at = end;
  }
  return Uint8Array.from(verdicts);
}
