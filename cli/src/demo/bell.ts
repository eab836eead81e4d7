// Rings when a block is final, so that no node is asked before it has news. Any node may tell; one
// that ends is left for the next.
import { setTimeout as sleep } from 'node:timers/promises';
import { present } from '../../../core/src/assert.js';
import { followEvents } from '../../../rpc/src/follow.js';
import type { NodeEndpoint } from '../network/client.js';
import { openSocket } from '../socket.js';

/** Wall ms between attempts to follow. */
const RETRY_MS = 200;

export class Bell {
  readonly #stop: () => void;
  #rung = false;
  #wake = (): void => undefined;

  constructor(endpoints: readonly NodeEndpoint[]) {
    this.#stop = followEvents({
      connect: (attempt) => openSocket(present(endpoints[attempt % endpoints.length], 'a node')),
      topics: ['headers'],
      onEvent: () => {
        this.#rung = true;
        this.#wake();
      },
      retryMs: RETRY_MS,
    });
  }

  /** Whether it rang since this was asked last. */
  hasRung(): boolean {
    const rung = this.#rung;
    this.#rung = false;
    return rung;
  }

  /** Until it rings, at most so many wall ms. */
  async wait(ms: number): Promise<void> {
    if (this.#rung || ms <= 0) return;
    const rings = new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    const ended = new AbortController();
    const late = sleep(ms, undefined, { signal: ended.signal }).catch(() => undefined);
    await Promise.race([rings, late]);
    ended.abort();
    this.#wake = () => undefined;
  }

  stop(): void {
    this.#stop();
  }
}
