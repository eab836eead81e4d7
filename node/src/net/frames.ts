// Frames on a stream: length u32 | type u8 | payload, where the length counts type and payload. The
// decoder takes bytes as they come and never allocates more than the limit, whatever a length says.
import { assert } from '../../../core/src/assert.js';
import { ProtocolError } from '../../../core/src/errors.js';

export const FRAME_HEAD_BYTES = 5;

export interface Frame {
  readonly type: number;
  readonly payload: Uint8Array;
}

/** Writes the head of a frame into `out` at `at`. */
export function putFrameHead(out: Uint8Array, at: number, frame: Frame): void {
  assert(frame.type >= 0 && frame.type <= 255, 'a type is one byte');
  new DataView(out.buffer, out.byteOffset).setUint32(at, frame.payload.length + 1);
  out[at + 4] = frame.type;
}

export function encodeFrame(frame: Frame): Uint8Array {
  const out = new Uint8Array(FRAME_HEAD_BYTES + frame.payload.length);
  putFrameHead(out, 0, frame);
  out.set(frame.payload, FRAME_HEAD_BYTES);
  return out;
}

export class FrameDecoder {
  readonly #maxBytes: number;
  readonly #onFrame: (frame: Frame) => void;
  readonly #head = new Uint8Array(FRAME_HEAD_BYTES);
  #headFilled = 0;
  #payload: Uint8Array | undefined;
  #payloadFilled = 0;

  /** `maxBytes`: of type and payload together. */
  constructor(maxBytes: number, onFrame: (frame: Frame) => void) {
    this.#maxBytes = maxBytes;
    this.#onFrame = onFrame;
  }

  /** Throws WIRE_LIMIT or WIRE_FORMAT; the stream is of no use then. */
  push(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.length; )
      at += this.#payload === undefined ? this.#takeHead(chunk, at) : this.#takePayload(chunk, at);
  }

  #takeHead(chunk: Uint8Array, at: number): number {
    const count = Math.min(FRAME_HEAD_BYTES - this.#headFilled, chunk.length - at);
    this.#head.set(chunk.subarray(at, at + count), this.#headFilled);
    this.#headFilled += count;
    if (this.#headFilled < FRAME_HEAD_BYTES) return count;
    const length = new DataView(this.#head.buffer).getUint32(0);
    if (length === 0) throw new ProtocolError('WIRE_FORMAT', 'a frame without a type');
    if (length > this.#maxBytes)
      throw new ProtocolError('WIRE_LIMIT', 'a frame above the limit', { length });
    this.#payload = new Uint8Array(length - 1);
    this.#payloadFilled = 0;
    if (length === 1) this.#finish();
    return count;
  }

  #takePayload(chunk: Uint8Array, at: number): number {
    const payload = this.#payload as Uint8Array;
    const count = Math.min(payload.length - this.#payloadFilled, chunk.length - at);
    payload.set(chunk.subarray(at, at + count), this.#payloadFilled);
    this.#payloadFilled += count;
    if (this.#payloadFilled === payload.length) this.#finish();
    return count;
  }

  #finish(): void {
    const frame = { type: this.#head[4] as number, payload: this.#payload as Uint8Array };
    this.#payload = undefined;
    this.#headFilled = 0;
    this.#onFrame(frame);
  }
}
