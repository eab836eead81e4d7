// Request and answer, each on a stream of its own, so that megabytes of blocks never stand before a
// vote. One frame each way: type 0 a request, 1 an answer, 2 a refusal.
import { MAX_DIRECT_MESSAGE_BYTES } from '../../../../core/src/limits.js';
import { ProtocolError } from '../../../../core/src/errors.js';
import { encodeFrame, type Frame, FrameDecoder } from '../frames.js';
import {
  ANSWER_TIMEOUT_MS,
  MAX_REQUEST_BYTES,
  MAX_REQUESTS,
  MAX_REQUESTS_PER_PEER,
} from '../limits.js';
import type { PeerKey } from '../transport.js';
import type { Connection, Stream } from './host.js';

export const SYNC_PROTOCOL = '/busbar/sync/1';
const REQUEST = 0;
const ANSWER = 1;
const REFUSAL = 2;

/** The first frame of a stream; rejects when it ends, faults, or the signal comes first. */
function firstFrame(stream: Stream, maxBytes: number, signal: AbortSignal): Promise<Frame> {
  return new Promise((resolve, reject) => {
    const decoder = new FrameDecoder(maxBytes, resolve);
    const gone = (why: string) => () => reject(new ProtocolError('PEER_REFUSED', why));
    stream.addEventListener('message', ({ data }) => {
      try {
        decoder.push(data instanceof Uint8Array ? data : data.subarray());
      } catch (error) {
        reject(error as Error);
      }
    });
    stream.addEventListener('close', gone('the stream ended'));
    stream.addEventListener('end', gone('the stream ended'));
    signal.addEventListener('abort', gone('no answer in time'), { once: true });
  });
}

async function finish(stream: Stream, signal: AbortSignal): Promise<void> {
  try {
    await stream.close({ signal });
  } catch (error) {
    stream.abort(error as Error);
  }
}

/** Asks over a connection that stands. Rejects with PEER_REFUSED, WIRE_FORMAT or WIRE_LIMIT. */
export async function ask(
  connection: Connection,
  bytes: Uint8Array,
  timeoutMs: number,
): Promise<Uint8Array> {
  const signal = AbortSignal.timeout(timeoutMs);
  let stream: Stream;
  try {
    stream = await connection.newStream(SYNC_PROTOCOL, { signal });
  } catch (error) {
    throw new ProtocolError('PEER_REFUSED', `no stream: ${(error as Error).message}`);
  }
  try {
    const answer = firstFrame(stream, MAX_DIRECT_MESSAGE_BYTES, signal);
    stream.send(encodeFrame({ type: REQUEST, payload: bytes }));
    const { type, payload } = await answer;
    if (type !== ANSWER) throw new ProtocolError('PEER_REFUSED', 'the peer refused the request');
    void finish(stream, signal);
    return payload;
  } catch (error) {
    stream.abort(error as Error);
    throw error;
  }
}

export interface AnswererOptions {
  readonly answer: (peer: PeerKey, bytes: Uint8Array) => Promise<Uint8Array>;
  readonly onRefused: (peer: PeerKey, why: string) => void;
}

/** Answers requests, a bounded number at a time. */
export class Answerer {
  readonly #options: AnswererOptions;
  readonly #perPeer = new Map<PeerKey, number>();
  #active = 0;

  constructor(options: AnswererOptions) {
    this.#options = options;
  }

  async handle(peer: PeerKey, stream: Stream): Promise<void> {
    const mine = this.#perPeer.get(peer) ?? 0;
    const signal = AbortSignal.timeout(ANSWER_TIMEOUT_MS);
    if (mine >= MAX_REQUESTS_PER_PEER || this.#active >= MAX_REQUESTS) {
      this.#options.onRefused(peer, 'too many requests at a time');
      this.#reply(stream, { type: REFUSAL, payload: new Uint8Array(0) });
      return finish(stream, signal);
    }
    this.#perPeer.set(peer, mine + 1);
    this.#active++;
    try {
      const request = await firstFrame(stream, MAX_REQUEST_BYTES, signal);
      this.#reply(stream, await this.#answer(peer, request));
      await finish(stream, signal);
    } catch (error) {
      this.#options.onRefused(peer, (error as Error).message);
      stream.abort(error as Error);
    } finally {
      this.#active--;
      const left = (this.#perPeer.get(peer) ?? 1) - 1;
      if (left > 0) this.#perPeer.set(peer, left);
      else this.#perPeer.delete(peer);
    }
  }

  async #answer(peer: PeerKey, request: Frame): Promise<Frame> {
    if (request.type !== REQUEST) throw new ProtocolError('WIRE_FORMAT', 'not a request');
    try {
      return { type: ANSWER, payload: await this.#options.answer(peer, request.payload) };
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#options.onRefused(peer, error.message);
      return { type: REFUSAL, payload: new Uint8Array(0) };
    }
  }

  #reply(stream: Stream, frame: Frame): void {
    stream.send(encodeFrame(frame));
  }
}
