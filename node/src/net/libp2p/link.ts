// One direct stream with one peer: frames in, frames out of a bounded outbox, and the watchdog's
// counters. A link never comes back: when it ends, another one is made.
import { MAX_DIRECT_MESSAGE_BYTES } from '../../../../core/src/limits.js';
import { ProtocolError } from '../../../../core/src/errors.js';
import { FrameDecoder, type Frame } from '../frames.js';
import { Outbox } from '../outbox.js';
import type { PeerInfo, PeerKey } from '../transport.js';
import type { Connection, Stream } from './host.js';
import { saveWindowUpdates } from './window.js';

export const DIRECT_PROTOCOL = '/busbar/direct/1';
/** Why a link ends whose peer reads too slowly. */
export const OVERFLOW = 'the peer does not keep up';
/** Keeps a quiet link alive; its payload is empty. */
const PING_TYPE = 0;

export interface LinkEvents {
  onFrame(link: Link, frame: Frame): void;
  /** Once; `why` is for the log. */
  onEnd(link: Link, why: string): void;
  onDropped(link: Link, frames: number): void;
}

export interface LinkInit {
  readonly key: PeerKey;
  readonly connection: Connection;
  readonly stream: Stream;
  readonly events: LinkEvents;
}

export class Link {
  readonly info: PeerInfo;
  readonly connection: Connection;
  /** Watchdog ticks since the last byte came. */
  silentTicks = 0;
  readonly #stream: Stream;
  readonly #events: LinkEvents;
  readonly #outbox = new Outbox();
  #idleTicks = 0;
  #flushing = false;
  #ended = false;

  constructor({ key, connection, stream, events }: LinkInit) {
    this.connection = connection;
    this.#stream = stream;
    this.#events = events;
    this.info = {
      key,
      address: connection.remoteAddr.toString(),
      connectedSinceMs: performance.now(),
      direction: connection.direction,
    };
  }

  /** Begins to read; frames may come before it returns. */
  open(): void {
    saveWindowUpdates(this.#stream);
    const decoder = new FrameDecoder(MAX_DIRECT_MESSAGE_BYTES, (frame) => {
      if (frame.type !== PING_TYPE && !this.#ended) this.#events.onFrame(this, frame);
    });
    this.#stream.addEventListener('message', ({ data }) => {
      this.silentTicks = 0;
      this.#read(decoder, data instanceof Uint8Array ? data : data.subarray());
    });
    this.#stream.addEventListener('drain', () => this.#scheduleFlush());
    this.#stream.addEventListener('close', (event) =>
      this.end(event.error?.message ?? 'closed by the peer'),
    );
    this.#stream.addEventListener('remoteCloseWrite', () => this.end('closed by the peer'));
  }

  #read(decoder: FrameDecoder, bytes: Uint8Array): void {
    try {
      decoder.push(bytes);
    } catch (error) {
      // Anything else is our own fault and ends the process.
      if (!(error instanceof ProtocolError)) throw error;
      this.end(`${error.code}: ${error.message}`);
    }
  }

  /** False when the frame was dropped. */
  send(type: number, payload: Uint8Array): boolean {
    if (this.#ended) return false;
    const result = this.#outbox.push({ type, payload });
    if (this.#outbox.evicted > 0) {
      this.#events.onDropped(this, this.#outbox.evicted);
      this.#outbox.evicted = 0;
    }
    if (result === 'queued') {
      this.#scheduleFlush();
      return true;
    }
    this.#events.onDropped(this, 1);
    if (result === 'overflow') this.end(OVERFLOW);
    return false;
  }

  /** What one turn of the loop sends is written together. */
  #scheduleFlush(): void {
    if (this.#flushing) return;
    this.#flushing = true;
    setImmediate(() => {
      this.#flushing = false;
      this.#flush();
    });
  }

  #flush(): void {
    try {
      while (!this.#ended && !this.#stream.writableNeedsDrain) {
        const bytes = this.#outbox.take();
        if (bytes === undefined) return;
        this.#idleTicks = 0;
        this.#stream.send(bytes);
      }
    } catch (error) {
      this.end(`write failed: ${(error as Error).message}`);
    }
  }

  /** One tick of the watchdog: pings a quiet link. */
  tick(): void {
    this.silentTicks++;
    this.#idleTicks++;
    if (this.#idleTicks > 1 && this.#outbox.bytes === 0) this.send(PING_TYPE, new Uint8Array(0));
  }

  /** Ends link and connection at once. */
  end(why: string): void {
    if (this.#ended) return;
    this.#ended = true;
    this.connection.abort(new ProtocolError('PEER_REFUSED', why));
    this.#events.onEnd(this, why);
  }
}
