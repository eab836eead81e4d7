// The lock as one record (consensus 3.5a): height, round, block hash, the block's bytes and its
// proof of lock, durable before the precommit is signed. What a lock means is consensus' business.
import {
  bin,
  encode,
  oneOf,
  record,
  tryDecode,
  u32,
  u64,
  type ValueOf,
} from '../../../core/src/codec/codec.js';
import type { Hash } from '../../../core/src/hash.js';
import { MAX_BLOCK_BYTES, MAX_CERTIFICATE_BYTES } from '../../../core/src/limits.js';
import type { Device } from './device.js';
import { SLOT_HEAD_BYTES, type Slot, TwoSlots } from './twoSlots.js';

const lockField = record('lock', {
  tag: oneOf('lock/1'),
  height: u64,
  round: u32,
  blockHash: bin<Hash>({ length: 32 }),
  blockBytes: bin({ maxLength: MAX_BLOCK_BYTES }),
  /** Encoded prevote certificate of a quorum. */
  proofBytes: bin({ maxLength: MAX_CERTIFICATE_BYTES }),
});
export type LockRecord = Omit<ValueOf<typeof lockField>, 'tag'>;

const MAX_LOCK_BYTES = MAX_BLOCK_BYTES + MAX_CERTIFICATE_BYTES + 128;
/** Slots begin at pages; the file is sparse, it takes what the blocks take. */
const PAGE = 4096;
const SLOT_BYTES = Math.ceil((MAX_LOCK_BYTES + SLOT_HEAD_BYTES) / PAGE) * PAGE;

export class LockFile {
  readonly #slots: TwoSlots;
  #newest: LockRecord | undefined;

  constructor(device: Device) {
    this.#slots = new TwoSlots(device, SLOT_BYTES);
    this.#newest = recordOf(this.#slots.newest);
  }

  /** The lock last written, of whatever height; undefined where none is readable. */
  get newest(): LockRecord | undefined {
    return this.#newest;
  }

  /** Checksum of the newest lock if it is of this height, else empty. */
  checksumAt(height: bigint): Uint8Array {
    const newest = this.#slots.newest;
    if (newest === undefined || this.#newest?.height !== height) return new Uint8Array(0);
    return newest.checksum;
  }

  /** Whether a readable record has this checksum; the older slot counts too. */
  has(checksum: Uint8Array): boolean {
    return recordOf(this.#slots.find(checksum)) !== undefined;
  }

  /** On the disk when it returns. Throws STORE_WRITE. */
  write(lock: LockRecord): void {
    this.#slots.write(encode(lockField, { tag: 'lock/1', ...lock }));
    this.#newest = lock;
  }

  close(): void {
    this.#slots.close();
  }
}

function recordOf(slot: Slot | undefined): LockRecord | undefined {
  const read = slot && tryDecode(lockField, slot.payload, { maxBytes: MAX_LOCK_BYTES });
  if (read === undefined) return undefined;
  const { tag: _, ...lock } = read;
  return lock;
}
