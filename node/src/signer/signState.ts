// What this key has signed last, on disk before any signature leaves (consensus 6.1): equal bytes
// may be signed again, a higher (height, round, step) may be signed, anything else is refused. A
// missing or damaged file means that nothing may be signed until it is founded anew (8.4).
import { equalBytes } from '../../../core/src/bytes.js';
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
import { ProtocolError } from '../../../core/src/errors.js';
import { type Hash, ZERO_HASH } from '../../../core/src/hash.js';
import type { Device } from './device.js';
import { TwoSlots, type SlotsState } from './twoSlots.js';

/** In the order in which they may be signed within a round. */
export const SIGN_STEPS = ['proposal', 'prevote', 'precommit'] as const;
export type SignStep = (typeof SIGN_STEPS)[number];

const entryField = record('sign-state', {
  tag: oneOf('sign-state/1'),
  height: u64,
  round: u32,
  step: oneOf(...SIGN_STEPS),
  /** What was signed for; empty: nil. A start asks to sign it again (consensus 3.6e). */
  blockHash: bin({ maxLength: 32 }),
  /** SHA-256 of the signed bytes. */
  digest: bin<Hash>({ length: 32 }),
  /** Of the lock record in force for this height; empty: none. */
  lockChecksum: bin({ maxLength: 32 }),
});
export type SignEntry = Omit<ValueOf<typeof entryField>, 'tag'>;

/** Each slot in a sector of its own, also on disks with sectors of 4 KiB. */
const SLOT_BYTES = 4096;
/** Round of an entry that was founded, not signed. */
export const LAST_ROUND = 0xffff_ffff;

function compareEntries(a: SignEntry, b: SignEntry): number {
  if (a.height !== b.height) return a.height > b.height ? 1 : -1;
  if (a.round !== b.round) return a.round - b.round;
  return SIGN_STEPS.indexOf(a.step) - SIGN_STEPS.indexOf(b.step);
}

export class SignState {
  readonly #slots: TwoSlots;
  #last: SignEntry | undefined;
  #before: SignEntry | undefined;
  #state: SlotsState;

  constructor(device: Device) {
    this.#slots = new TwoSlots(device, SLOT_BYTES);
    this.#state = this.#slots.state;
    const payload = this.#slots.newest?.payload;
    if (payload === undefined) return;
    this.#last = readEntry(payload);
    if (this.#last === undefined) this.#state = 'damaged';
    const older = this.#slots.older?.payload;
    this.#before = older && readEntry(older);
  }

  /** 'good' is the only state in which anything is signed. */
  get state(): SlotsState {
    return this.#state;
  }

  /** The newest entry; where founded, one that allows nothing at or below its height. */
  get last(): SignEntry | undefined {
    return this.#last;
  }

  /** The entries of the two slots, newest first. */
  get recent(): readonly SignEntry[] {
    return [this.#last, this.#before].filter((entry) => entry !== undefined);
  }

  /**
   * Returns once the entry is on the disk and may be signed. Throws DOUBLE_SIGN for other bytes at
   * or below the last entry, SIGN_STATE without a good file, STORE_WRITE when the disk fails.
   */
  guard(entry: SignEntry): void {
    if (this.#state !== 'good' || this.#last === undefined)
      throw new ProtocolError('SIGN_STATE', `the sign-state is ${this.#state}`);
    if (this.recent.some((known) => isSame(entry, known))) return;
    if (compareEntries(entry, this.#last) <= 0) throw doubleSign(entry, this.#last);
    this.#write(entry);
  }

  /**
   * Starts the file anew: nothing at or below `height` will be signed. For a key that never signed
   * (height 0), for the height an operator vouches for, and for T + 2 of consensus 8.4.
   */
  found(height: bigint): void {
    if (this.#last !== undefined && this.#last.height > height)
      throw new ProtocolError('SIGN_STATE', 'the file knows a signature above that height', {
        height: String(height),
        last: String(this.#last.height),
      });
    this.#write({
      height,
      round: LAST_ROUND,
      step: 'precommit',
      blockHash: new Uint8Array(0),
      digest: ZERO_HASH,
      lockChecksum: new Uint8Array(0),
    });
    this.#state = 'good';
  }

  close(): void {
    this.#slots.close();
  }

  #write(entry: SignEntry): void {
    this.#slots.write(encode(entryField, { tag: 'sign-state/1', ...entry }));
    this.#before = this.#last;
    this.#last = entry;
  }
}

function readEntry(payload: Uint8Array): SignEntry | undefined {
  const read = tryDecode(entryField, payload, { maxBytes: SLOT_BYTES });
  if (read === undefined) return undefined;
  const { tag: _, ...entry } = read;
  return entry;
}

/** Equal bytes at the same place: already durable, may be sent again. */
const isSame = (a: SignEntry, b: SignEntry): boolean =>
  compareEntries(a, b) === 0 && equalBytes(a.digest, b.digest);

function doubleSign(wanted: SignEntry, last: SignEntry): ProtocolError {
  const place = (e: SignEntry) => `${e.height}/${e.round}/${e.step}`;
  return new ProtocolError('DOUBLE_SIGN', 'another message of this or a later step was signed', {
    wanted: place(wanted),
    last: place(last),
  });
}
