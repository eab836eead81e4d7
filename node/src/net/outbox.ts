// What waits to be written to one peer: bounded. Bulk frames that do not fit are dropped, older
// bulk frames make room for the others; when those alone are too much, the link is given up.
import { encodeFrame, FRAME_HEAD_BYTES, type Frame, putFrameHead } from './frames.js';
import { LARGE_PAYLOAD_BYTES, MAX_OUTBOX_BYTES, WRITE_CHUNK_BYTES } from './limits.js';
import { isBulk } from './transport.js';

export type PushResult = 'queued' | 'dropped' | 'overflow';

const sizeOf = (frame: Frame): number => FRAME_HEAD_BYTES + frame.payload.length;

export class Outbox {
  readonly #limit: number;
  #frames: Frame[] = [];
  #bytes = 0;
  /** Bulk frames that had to make room. */
  evicted = 0;

  constructor(limit = MAX_OUTBOX_BYTES) {
    this.#limit = limit;
  }

  get bytes(): number {
    return this.#bytes;
  }

  push(frame: Frame): PushResult {
    const size = sizeOf(frame);
    if (this.#bytes + size > this.#limit) {
      if (isBulk(frame.type)) return 'dropped';
      this.#evict(this.#bytes + size - this.#limit);
      if (this.#bytes + size > this.#limit) return 'overflow';
    }
    this.#frames.push(frame);
    this.#bytes += size;
    return 'queued';
  }

  #evict(wanted: number): void {
    let freed = 0;
    this.#frames = this.#frames.filter((frame) => {
      if (freed >= wanted || !isBulk(frame.type)) return true;
      freed += sizeOf(frame);
      this.evicted++;
      return false;
    });
    this.#bytes -= freed;
  }

  /** The next bytes to write, small frames joined; undefined when nothing waits. */
  take(): Uint8Array | undefined {
    const first = this.#frames[0];
    if (first === undefined) return undefined;
    let count = 0;
    let size = 0;
    for (const frame of this.#frames) {
      if (frame.payload.length >= LARGE_PAYLOAD_BYTES && count > 0) break;
      if (size + sizeOf(frame) > WRITE_CHUNK_BYTES && count > 0) break;
      size += sizeOf(frame);
      count++;
    }
    const taken = this.#frames.splice(0, count);
    this.#bytes -= size;
    return count === 1 ? encodeFrame(first) : join(taken, size);
  }
}

function join(frames: readonly Frame[], size: number): Uint8Array {
  const out = new Uint8Array(size);
  let at = 0;
  for (const frame of frames) {
    putFrameHead(out, at, frame);
    out.set(frame.payload, at + FRAME_HEAD_BYTES);
    at += sizeOf(frame);
  }
  return out;
}
