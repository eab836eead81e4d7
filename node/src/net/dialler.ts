// Keeps the configured peers connected: dials, and dials again with a growing pause. How a
// connection is made, and whether it may be, is decided elsewhere.
import { REDIAL_MAX_MS, REDIAL_MIN_MS, SECOND_DIALLER_DELAY_MS } from './limits.js';
import type { PeerAddress, PeerKey } from './transport.js';

export interface DiallerOptions {
  readonly self: PeerKey;
  /** Resolves when the direct stream stands. */
  readonly dial: (peer: PeerAddress) => Promise<void>;
  /** Connected, or not to be connected. */
  readonly isSettled: (key: PeerKey) => boolean;
  readonly onFailure: (peer: PeerAddress, error: unknown) => void;
}

interface Target {
  readonly peer: PeerAddress;
  failures: number;
  dialling: boolean;
  timer: NodeJS.Timeout | undefined;
}

export class Dialler {
  readonly #options: DiallerOptions;
  readonly #targets = new Map<PeerKey, Target>();
  #running = false;

  constructor(options: DiallerOptions) {
    this.#options = options;
  }

  start(): void {
    this.#running = true;
    for (const target of this.#targets.values()) this.#schedule(target, 0);
  }

  stop(): void {
    this.#running = false;
    for (const target of this.#targets.values()) clearTimeout(target.timer);
  }

  setPeers(peers: readonly PeerAddress[]): void {
    const wanted = new Map(peers.map((peer) => [peer.key, peer]));
    wanted.delete(this.#options.self);
    for (const [key, target] of this.#targets) {
      if (wanted.get(key)?.address === target.peer.address) continue;
      clearTimeout(target.timer);
      this.#targets.delete(key);
    }
    for (const [key, peer] of wanted) {
      if (this.#targets.has(key)) continue;
      const target = { peer, failures: 0, dialling: false, timer: undefined };
      this.#targets.set(key, target);
      this.#schedule(target, 0);
    }
  }

  /** A link ended, or the gate changed: try again soon. */
  nudge(key: PeerKey): void {
    const target = this.#targets.get(key);
    if (target === undefined || target.dialling) return;
    target.failures = 0;
    this.#schedule(target, REDIAL_MIN_MS);
  }

  #schedule(target: Target, delayMs: number): void {
    clearTimeout(target.timer);
    if (!this.#running) return;
    // The lower key dials first, so that two nodes seldom connect twice.
    const second = this.#options.self > target.peer.key ? SECOND_DIALLER_DELAY_MS : 0;
    target.timer = setTimeout(() => void this.#attempt(target), delayMs + second);
  }

  async #attempt(target: Target): Promise<void> {
    const { key } = target.peer;
    if (target.dialling || this.#options.isSettled(key)) return;
    target.dialling = true;
    try {
      await this.#options.dial(target.peer);
      target.failures = 0;
    } catch (error) {
      target.failures++;
      this.#options.onFailure(target.peer, error);
    } finally {
      target.dialling = false;
    }
    const current = this.#targets.get(key) === target;
    if (!this.#running || !current || this.#options.isSettled(key)) return;
    const pause = REDIAL_MIN_MS * 2 ** Math.min(target.failures, 10);
    this.#schedule(target, Math.min(pause, REDIAL_MAX_MS) * (0.75 + Math.random() / 4));
  }
}
