// Remembers which consensus signatures were verified, so that a certificate made of votes that came
// before costs nothing. Bounded: forgotten at every height.
import { toHex } from '../../core/src/bytes.js';
import type { PublicKey } from '../../core/src/ids.js';
import type { VerifySignature } from '../../core/src/vote.js';

export class SignatureMemory {
  readonly #seen = new Set<string>();
  readonly #verify: VerifySignature;

  constructor(verify: VerifySignature) {
    this.#verify = verify;
  }

  /** Verifies, or finds that the same signature over the same bytes was good. */
  readonly verify: VerifySignature = (key, message, signature) => {
    const name = nameOf(key, message, signature);
    if (this.#seen.has(name)) return true;
    const good = this.#verify(key, message, signature);
    if (good) this.#seen.add(name);
    return good;
  };

  /** An own signature needs no check. */
  trust(key: PublicKey, message: Uint8Array, signature: Uint8Array): void {
    this.#seen.add(nameOf(key, message, signature));
  }

  forget(): void {
    this.#seen.clear();
  }
}

const nameOf = (key: Uint8Array, message: Uint8Array, signature: Uint8Array): string =>
  `${toHex(signature)}${toHex(key)}${toHex(message)}`;
