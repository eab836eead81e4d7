// Reproducible chance: a number from a seed and a name, independent of the order of the calls.
// Nothing on the chain depends on it.
import { utf8ToBytes } from '../../../core/src/bytes.js';
import { sha256 } from '../../../core/src/hash.js';

/** Evenly in [0, 1). */
export function chance(seed: number, ...name: readonly (string | number)[]): number {
  const digest = sha256(utf8ToBytes([seed, ...name].join('/')));
  const view = new DataView(digest.buffer, digest.byteOffset, 8);
  return (view.getUint32(0) * 2 ** 21 + (view.getUint32(4) >>> 11)) / 2 ** 53;
}

/** Evenly in [low, high). */
export const between = (low: number, high: number, at: number): number => low + (high - low) * at;

/** Roughly normal with mean 0 and deviation 1, never beyond 3: sum of twelve even ones. */
export function bell(seed: number, ...name: readonly (string | number)[]): number {
  let sum = -6;
  for (let i = 0; i < 12; i++) sum += chance(seed, ...name, i);
  return Math.max(-3, Math.min(3, sum));
}
