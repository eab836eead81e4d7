// Byte strings: hex, comparison, concatenation, fixed-width big-endian integers.
import { hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import { assert } from './assert.js';

export { utf8ToBytes };

/** Arguments of one call that every engine takes. */
const MAX_CALL_CHARACTERS = 4096;

/**
 * Bytes as a string of as many characters, for use as a Map key. One call makes one flat string: a
 * third of the time of adding characters one by one. Ids and hashes, by far the most of all keys,
 * are written out: without a list of arguments it takes a sixth.
 */
export function keyText(bytes: Uint8Array): string {
  if (bytes.length === 20) return text20(bytes as unknown as Twenty);
  if (bytes.length === 32) return text32(bytes as unknown as ThirtyTwo);
  if (bytes.length <= MAX_CALL_CHARACTERS)
    return String.fromCharCode.apply(null, bytes as unknown as number[]);
  let text = '';
  for (let at = 0; at < bytes.length; at += MAX_CALL_CHARACTERS)
    text += keyText(bytes.subarray(at, at + MAX_CALL_CHARACTERS));
  return text;
}

type Four = [number, number, number, number];
type Eight = [...Four, ...Four];
type Twenty = [...Eight, ...Eight, ...Four];
type ThirtyTwo = [...Eight, ...Eight, ...Eight, ...Eight];

// biome-ignore format: eight to a row
const text20 = (b: Twenty): string =>
  String.fromCharCode(
    b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7],
    b[8], b[9], b[10], b[11], b[12], b[13], b[14], b[15],
    b[16], b[17], b[18], b[19],
  );

// biome-ignore format: eight to a row
const text32 = (b: ThirtyTwo): string =>
  String.fromCharCode(
    b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7],
    b[8], b[9], b[10], b[11], b[12], b[13], b[14], b[15],
    b[16], b[17], b[18], b[19], b[20], b[21], b[22], b[23],
    b[24], b[25], b[26], b[27], b[28], b[29], b[30], b[31],
  );

const HEX_DIGITS = utf8ToBytes('0123456789abcdef');

/** Lower-case hex without prefix. */
export function toHex(bytes: Uint8Array): string {
  const digits = new Uint8Array(2 * bytes.length);
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i] as number;
    digits[2 * i] = HEX_DIGITS[byte >> 4] as number;
    digits[2 * i + 1] = HEX_DIGITS[byte & 15] as number;
  }
  return keyText(digits);
}

const HEX = /^([0-9a-f]{2})*$/;

/** Bytes of lower-case hex without prefix, or undefined where the text is anything else. */
export function fromHex(text: string, length?: number): Uint8Array | undefined {
  if (!HEX.test(text)) return undefined;
  if (length !== undefined && text.length !== 2 * length) return undefined;
  return hexToBytes(text);
}

/** Order by bytes, shorter first on a common prefix. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) {
    const difference = (a[i] as number) - (b[i] as number);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** Order of ids everywhere: by (length, bytes), settlement 3.6. */
export function compareIds(a: Uint8Array, b: Uint8Array): number {
  return a.length !== b.length ? a.length - b.length : compareBytes(a, b);
}

export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const out = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

export function u64be(value: bigint): Uint8Array {
  assert(value >= 0n && value < 1n << 64n, 'u64be: out of range');
  const out = new Uint8Array(8);
  new DataView(out.buffer).setBigUint64(0, value);
  return out;
}

export function u32be(value: number): Uint8Array {
  assert(Number.isInteger(value) && value >= 0 && value < 2 ** 32, 'u32be: out of range');
  return Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value);
}
