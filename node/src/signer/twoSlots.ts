// One record in two slots of a file: the newest valid slot counts, the other one is overwritten
// next, so that a torn write never costs more than the record that was not yet relied upon
// (consensus 6.1, reliability D11).
// A slot is: magic u32 | sequence u64 | length u32 | SHA-256 of these and the payload | payload.
import { assert } from '../../../core/src/assert.js';
import { concatBytes, equalBytes } from '../../../core/src/bytes.js';
import { ProtocolError } from '../../../core/src/errors.js';
import { sha256 } from '../../../core/src/hash.js';
import type { Device } from './device.js';

const MAGIC = 0x42427332;
const PREFIX_BYTES = 16;
export const SLOT_HEAD_BYTES = PREFIX_BYTES + 32;

export interface Slot {
  readonly sequence: bigint;
  readonly payload: Uint8Array;
  /** SHA-256 over sequence, length and payload. */
  readonly checksum: Uint8Array;
}

/** What a start finds: nothing at all, something unreadable only, or at least one good record. */
export type SlotsState = 'missing' | 'damaged' | 'good';

type Found = Slot | 'empty' | 'damaged';

function prefixOf(sequence: bigint, length: number): Uint8Array {
  const out = new Uint8Array(PREFIX_BYTES);
  const view = new DataView(out.buffer);
  view.setUint32(0, MAGIC);
  view.setBigUint64(4, sequence);
  view.setUint32(12, length);
  return out;
}

function readSlot(device: Device, at: number, slotBytes: number): Found {
  const head = device.read(at, SLOT_HEAD_BYTES);
  if (head.every((byte) => byte === 0)) return 'empty';
  if (head.length < SLOT_HEAD_BYTES) return 'damaged';
  const view = new DataView(head.buffer, head.byteOffset);
  const length = view.getUint32(12);
  if (view.getUint32(0) !== MAGIC || length > slotBytes - SLOT_HEAD_BYTES) return 'damaged';
  const payload = device.read(at + SLOT_HEAD_BYTES, length);
  const checksum = head.slice(PREFIX_BYTES);
  const computed = sha256(concatBytes(head.subarray(0, PREFIX_BYTES), payload));
  if (!equalBytes(computed, checksum)) return 'damaged';
  return { sequence: view.getBigUint64(4), payload, checksum };
}

export class TwoSlots {
  readonly state: SlotsState;
  readonly #device: Device;
  readonly #slotBytes: number;
  readonly #slots: (Slot | undefined)[];
  #broken = false;

  constructor(device: Device, slotBytes: number) {
    this.#device = device;
    this.#slotBytes = slotBytes;
    const found = [0, 1].map((i) => readSlot(device, i * slotBytes, slotBytes));
    this.#slots = found.map((slot) => (typeof slot === 'string' ? undefined : slot));
    this.state = this.#slots.some((slot) => slot !== undefined)
      ? 'good'
      : found.includes('damaged')
        ? 'damaged'
        : 'missing';
    if (this.state === 'good') this.#sync();
  }

  /** What a process left that was killed between write and sync is seen, but may not be durable. */
  #sync(): void {
    try {
      this.#device.sync();
    } catch (cause) {
      this.#broken = true;
      throw new ProtocolError('STORE_WRITE', `two-slot file: ${String(cause)}`);
    }
  }

  /** The record in force: of the highest sequence. */
  get newest(): Slot | undefined {
    const [a, b] = this.#slots;
    if (a === undefined || b === undefined) return a ?? b;
    return a.sequence > b.sequence ? a : b;
  }

  /** The good record before the newest. */
  get older(): Slot | undefined {
    const newest = this.newest;
    return this.#slots.find((slot) => slot !== undefined && slot !== newest);
  }

  /** A good slot of that checksum, be it the older one. */
  find(checksum: Uint8Array): Slot | undefined {
    return this.#slots.find((slot) => slot !== undefined && equalBytes(slot.checksum, checksum));
  }

  /**
   * Writes and syncs before it returns. After a failed write the state of the disk is unknown:
   * every later call throws STORE_WRITE too, and the process has to stop (reliability D16).
   */
  write(payload: Uint8Array): Slot {
    assert(payload.length + SLOT_HEAD_BYTES <= this.#slotBytes, 'a record fits its slot');
    if (this.#broken) throw new ProtocolError('STORE_WRITE', 'an earlier write failed');
    const newest = this.newest;
    const target = newest !== undefined && newest === this.#slots[0] ? 1 : 0;
    const sequence = (newest?.sequence ?? 0n) + 1n;
    const prefix = prefixOf(sequence, payload.length);
    const checksum = sha256(concatBytes(prefix, payload));
    try {
      this.#device.write(target * this.#slotBytes, concatBytes(prefix, checksum, payload));
    } catch (cause) {
      this.#broken = true;
      throw new ProtocolError('STORE_WRITE', `two-slot file: ${String(cause)}`);
    }
    this.#sync();
    const slot = { sequence, payload: payload.slice(), checksum };
    this.#slots[target] = slot;
    return slot;
  }

  close(): void {
    this.#device.close();
  }
}
