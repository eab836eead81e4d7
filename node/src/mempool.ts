// Transactions that wait for a block: bounded in number, bytes and per sender. Every signature is
// verified once, here, off the block's path; blocks then find it in `verified`.
import { equalBytes, keyText } from '../../core/src/bytes.js';
import type { ErrorCode } from '../../core/src/errors.js';
import type { Hash } from '../../core/src/hash.js';
import type { PublicKey } from '../../core/src/ids.js';
import {
  MAX_OPEN_IDS,
  MAX_TXS_PER_BLOCK,
  MEMPOOL_MAX_BYTES,
  MEMPOOL_MAX_TXS,
} from '../../core/src/limits.js';
import { SIGNATURE_BYTES } from '../../core/src/ed25519.js';
import type { Tx } from '../../core/src/tx.js';

interface Pending {
  readonly tx: Tx;
  readonly key: PublicKey;
  /** Heights at which it did not succeed in a block of this node. */
  failures: number;
}

/** A transaction that fails this often in blocks is given up (another may have to come first). */
const MAX_FAILURES = 8;
/** Refusals remembered for tx_get. */
const MAX_REFUSED = 10_000;

/** R of a signature. Who uses one twice has his transactions decoded and verified again. */
const halfOf = (signature: Uint8Array): string =>
  keyText(signature.subarray(0, SIGNATURE_BYTES / 2));

export class Mempool {
  readonly #pending = new Map<string, Pending>();
  /** By the first half of the signature, so that a block's bytes need not be decoded again. */
  readonly #bySignature = new Map<string, Pending>();
  /** Verified in a block that is tried: they do not wait, and are forgotten with its height. */
  readonly #guests = new Map<string, Pending>();
  readonly #bySender = new Map<string, number>();
  readonly #refused = new Map<string, ErrorCode>();
  readonly #senderQuota: number;
  #bytes = 0;

  constructor(senderQuota: number) {
    this.#senderQuota = senderQuota;
  }

  get size(): number {
    return this.#pending.size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  has(id: Hash): boolean {
    return this.#pending.has(keyText(id));
  }

  get(id: Hash): Tx | undefined {
    return this.#pending.get(keyText(id))?.tx;
  }

  /** Why there is no room for it, or undefined. */
  refusal(tx: Tx): ErrorCode | undefined {
    if (this.#pending.size >= MEMPOOL_MAX_TXS) return 'MEMPOOL_FULL';
    if (this.#bytes + tx.bytes.length > MEMPOOL_MAX_BYTES) return 'MEMPOOL_FULL';
    const held = this.#bySender.get(keyText(tx.sender)) ?? 0;
    return held >= this.#senderQuota ? 'QUOTA' : undefined;
  }

  /** Adds a transaction whose signature verified under `key`. */
  add(tx: Tx, key: PublicKey): void {
    const id = keyText(tx.id);
    if (this.#pending.has(id)) return;
    const pending = { tx, key, failures: 0 };
    this.#pending.set(id, pending);
    this.#bySignature.set(halfOf(tx.signature), pending);
    this.#bytes += tx.bytes.length;
    const sender = keyText(tx.sender);
    this.#bySender.set(sender, (this.#bySender.get(sender) ?? 0) + 1);
  }

  /** Remembers that the signature verified under `key`, until `forgetGuests`. */
  addGuest(tx: Tx, key: PublicKey): void {
    if (this.#guests.size < MAX_TXS_PER_BLOCK)
      this.#guests.set(halfOf(tx.signature), { tx, key, failures: 0 });
  }

  forgetGuests(): void {
    this.#guests.clear();
  }

  #find(signature: Uint8Array): Pending | undefined {
    const half = halfOf(signature);
    return this.#bySignature.get(half) ?? this.#guests.get(half);
  }

  /** The transaction of exactly these bytes, if it waits or was verified in a block. */
  known(bytes: Uint8Array): Tx | undefined {
    const found = this.#find(bytes.subarray(bytes.length - SIGNATURE_BYTES));
    return found !== undefined && equalBytes(found.tx.bytes, bytes) ? found.tx : undefined;
  }

  /** Whether this very signature was verified under this key. */
  isVerified(key: PublicKey, tx: Tx): boolean {
    const known = this.#find(tx.signature);
    if (known === undefined || !equalBytes(known.key, key)) return false;
    return known.tx === tx || equalBytes(known.tx.bytes, tx.bytes);
  }

  remove(id: Hash): void {
    const name = keyText(id);
    const pending = this.#pending.get(name);
    if (pending === undefined) return;
    this.#pending.delete(name);
    this.#bySignature.delete(halfOf(pending.tx.signature));
    this.#bytes -= pending.tx.bytes.length;
    const sender = keyText(pending.tx.sender);
    const left = (this.#bySender.get(sender) ?? 1) - 1;
    if (left === 0) this.#bySender.delete(sender);
    else this.#bySender.set(sender, left);
  }

  refuse(id: Hash, code: ErrorCode): void {
    this.remove(id);
    if (this.#refused.size >= MAX_REFUSED) {
      const oldest = this.#refused.keys().next();
      if (!oldest.done) this.#refused.delete(oldest.value);
    }
    this.#refused.set(keyText(id), code);
  }

  refusedWith(id: Hash): ErrorCode | undefined {
    return this.#refused.get(keyText(id));
  }

  /** Did not succeed in a block; it may later, unless it has had its chances. */
  failed(id: Hash, code: ErrorCode): void {
    const pending = this.#pending.get(keyText(id));
    if (pending === undefined) return;
    pending.failures += 1;
    if (pending.failures >= MAX_FAILURES) this.refuse(id, code);
  }

  /** Drops what can no longer stand in a block. */
  expire(chainNowMs: bigint): void {
    for (const { tx } of [...this.#pending.values()])
      if (tx.validUntil < chainNowMs) this.refuse(tx.id, 'EXPIRED');
  }

  /** In order of arrival. */
  *candidates(): Iterable<Tx> {
    for (const { tx } of this.#pending.values()) yield tx;
  }

  /** Ids for an Open message: the first that wait. */
  waitingIds(): readonly Hash[] {
    const ids: Hash[] = [];
    for (const { tx } of this.#pending.values()) {
      if (ids.length >= MAX_OPEN_IDS) break;
      ids.push(tx.id);
    }
    return ids;
  }
}
