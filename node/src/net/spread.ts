// Spreads transaction batches over the direct streams: the sender gives a batch to all its peers,
// and whoever takes it over from P passes it on only to those peers that P does not have. In a full
// mesh every batch goes over every link once at most; gossipsub sends it six times as often
// (bench/transport.ts). Peers tell each other whom they have; a wrong list harms only what its
// sender spreads.
import { concatBytes, fromHex, toHex } from '../../../core/src/bytes.js';
import { assert } from '../../../core/src/assert.js';
import { sha256 } from '../../../core/src/hash.js';
import { PUBLIC_KEY_BYTES } from '../../../core/src/ids.js';
import { MAX_GOSSIP_BYTES, MAX_PEERS } from '../../../core/src/limits.js';
import { MAX_GOSSIP_REJECTS, SEEN_PER_GENERATION } from './limits.js';
import type { GossipVerdict, PeerKey } from './transport.js';

/** Frame types that belong to the transport itself. */
export const BATCH_TYPE = 255;
export const NEIGHBOURS_TYPE = 127;

export interface SpreadOptions {
  readonly send: (peer: PeerKey, type: number, bytes: Uint8Array) => boolean;
  readonly peers: () => readonly PeerKey[];
  readonly validate: (peer: PeerKey, bytes: Uint8Array) => GossipVerdict | Promise<GossipVerdict>;
  /** A peer sent something that is not of the agreed form, or too much that is invalid. */
  readonly onHostile: (peer: PeerKey, why: string) => void;
}

/** Remembers at least the last SEEN_PER_GENERATION ids, at most twice as many. */
class Seen {
  #recent = new Set<string>();
  #older = new Set<string>();
  /** True the first time. */
  add(id: string): boolean {
    if (this.#recent.has(id) || this.#older.has(id)) return false;
    if (this.#recent.size >= SEEN_PER_GENERATION) {
      this.#older = this.#recent;
      this.#recent = new Set();
    }
    this.#recent.add(id);
    return true;
  }
}

export class Spread {
  readonly #options: SpreadOptions;
  readonly #neighbours = new Map<PeerKey, ReadonlySet<PeerKey>>();
  readonly #rejects = new Map<PeerKey, number>();
  readonly #seen = new Seen();
  #telling = false;

  constructor(options: SpreadOptions) {
    this.#options = options;
  }

  /** How many peers took it. */
  publish(bytes: Uint8Array): number {
    assert(bytes.length <= MAX_GOSSIP_BYTES, 'a gossip message fits its limit');
    if (!this.#seen.add(idOf(bytes))) return 0;
    return this.#pass(bytes, this.#options.peers());
  }

  /** Call whenever a link stands or ends: the others learn whom this node has. */
  onPeersChanged(): void {
    const current = new Set(this.#options.peers());
    for (const key of this.#neighbours.keys()) if (!current.has(key)) this.#forget(key);
    if (this.#telling) return;
    this.#telling = true;
    setImmediate(() => {
      this.#telling = false;
      const peers = this.#options.peers();
      const list = concatBytes(...peers.map((key) => fromHex(key) ?? new Uint8Array(0)));
      for (const key of peers) this.#options.send(key, NEIGHBOURS_TYPE, list);
    });
  }

  /** True when the frame was the spread's own. */
  onFrame(peer: PeerKey, type: number, bytes: Uint8Array): boolean {
    if (type === NEIGHBOURS_TYPE) this.#onNeighbours(peer, bytes);
    else if (type === BATCH_TYPE) void this.#onBatch(peer, bytes);
    else return false;
    return true;
  }

  #forget(key: PeerKey): void {
    this.#neighbours.delete(key);
    this.#rejects.delete(key);
  }

  #onNeighbours(peer: PeerKey, bytes: Uint8Array): void {
    if (bytes.length % PUBLIC_KEY_BYTES !== 0 || bytes.length > 2 * MAX_PEERS * PUBLIC_KEY_BYTES) {
      this.#options.onHostile(peer, 'WIRE_FORMAT: list of neighbours');
      return;
    }
    const keys = new Set<PeerKey>();
    for (let at = 0; at < bytes.length; at += PUBLIC_KEY_BYTES)
      keys.add(toHex(bytes.subarray(at, at + PUBLIC_KEY_BYTES)));
    this.#neighbours.set(peer, keys);
  }

  async #onBatch(peer: PeerKey, bytes: Uint8Array): Promise<void> {
    if (bytes.length > MAX_GOSSIP_BYTES) {
      this.#options.onHostile(peer, 'WIRE_LIMIT: batch');
      return;
    }
    if (!this.#seen.add(idOf(bytes))) return;
    const verdict = await this.#options.validate(peer, bytes);
    if (verdict === 'reject') this.#onReject(peer);
    if (verdict !== 'accept') return;
    const has = this.#neighbours.get(peer);
    const others = this.#options.peers().filter((key) => key !== peer && has?.has(key) !== true);
    this.#pass(bytes, others);
  }

  #onReject(peer: PeerKey): void {
    const count = (this.#rejects.get(peer) ?? 0) + 1;
    this.#rejects.set(peer, count);
    if (count >= MAX_GOSSIP_REJECTS) this.#options.onHostile(peer, 'too much invalid gossip');
  }

  #pass(bytes: Uint8Array, to: readonly PeerKey[]): number {
    return to.filter((key) => this.#options.send(key, BATCH_TYPE, bytes)).length;
  }
}

const idOf = (bytes: Uint8Array): string => toHex(sha256(bytes));
