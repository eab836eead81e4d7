// The transport inside one process, for tests of the node: same gate, same events, same order of
// frames per pair, no sockets. Links can be cut and healed. Delays and losses are the business of
// the simulator.
import { assert } from '../../../core/src/assert.js';
import { toHex } from '../../../core/src/bytes.js';
import { ProtocolError } from '../../../core/src/errors.js';
import { sha256 } from '../../../core/src/hash.js';
import { MAX_DIRECT_MESSAGE_BYTES, MAX_GOSSIP_BYTES } from '../../../core/src/limits.js';
import { MAX_REQUEST_BYTES } from './limits.js';
import {
  isFreeType,
  type PeerAddress,
  type PeerInfo,
  type PeerKey,
  type RequestOptions,
  type Transport,
  type TransportHandlers,
} from './transport.js';

const pairOf = (a: PeerKey, b: PeerKey): string => (a < b ? `${a} ${b}` : `${b} ${a}`);

/** Joins the transports made by it. */
export class MemoryNetwork {
  readonly #nodes = new Map<PeerKey, MemoryTransport>();
  readonly #cut = new Set<string>();

  create(key: PeerKey, handlers: TransportHandlers): MemoryTransport {
    const made = new MemoryTransport(this, key, handlers);
    this.#nodes.set(key, made);
    return made;
  }

  /** No link between the two until `heal`. */
  cut(a: PeerKey, b: PeerKey): void {
    this.#cut.add(pairOf(a, b));
    this.settle();
  }
  heal(): void {
    this.#cut.clear();
    this.settle();
  }

  node(key: PeerKey): MemoryTransport | undefined {
    return this.#nodes.get(key);
  }

  /** Makes and ends links until they are as gates, configured peers and cuts have them. */
  settle(): void {
    const nodes = [...this.#nodes.values()];
    for (const [i, a] of nodes.entries())
      for (const b of nodes.slice(i + 1)) {
        const wanted = a.wants(b.self) && b.wants(a.self) && !this.#cut.has(pairOf(a.self, b.self));
        const configured = a.dials(b.self) || b.dials(a.self);
        if (!wanted) a.unlink(b);
        else if (configured) a.link(b);
      }
  }
}

class MemoryTransport implements Transport {
  readonly self: PeerKey;
  readonly #network: MemoryNetwork;
  readonly #handlers: TransportHandlers;
  readonly #links = new Map<PeerKey, PeerInfo>();
  readonly #seen = new Set<string>();
  #admitted: ReadonlySet<PeerKey> = new Set();
  #dialled: ReadonlySet<PeerKey> = new Set();
  #running = false;

  constructor(network: MemoryNetwork, self: PeerKey, handlers: TransportHandlers) {
    this.self = self;
    this.#network = network;
    this.#handlers = handlers;
  }

  async start(): Promise<void> {
    this.#running = true;
    this.#network.settle();
  }
  async stop(): Promise<void> {
    this.#running = false;
    this.#network.settle();
  }
  address(): string {
    return `/memory/${this.self}`;
  }
  setAdmitted(keys: Iterable<PeerKey>): void {
    this.#admitted = new Set(keys);
    this.#network.settle();
  }
  setPeers(peers: readonly PeerAddress[]): void {
    this.#dialled = new Set(peers.map((peer) => peer.key));
    this.#network.settle();
  }
  peers(): readonly PeerInfo[] {
    return [...this.#links.values()];
  }

  wants(other: PeerKey): boolean {
    return this.#running && this.#admitted.has(other);
  }
  dials(other: PeerKey): boolean {
    return this.#dialled.has(other);
  }

  link(other: MemoryTransport): void {
    if (this.#links.has(other.self)) return;
    this.#join(other, this.dials(other.self) ? 'outbound' : 'inbound');
    other.#join(this, this.dials(other.self) ? 'inbound' : 'outbound');
  }
  #join(other: MemoryTransport, direction: PeerInfo['direction']): void {
    const connectedSinceMs = performance.now();
    const info = { key: other.self, address: other.address(), connectedSinceMs, direction };
    this.#links.set(other.self, info);
    setImmediate(() => this.#handlers.onPeer('connected', info));
  }

  unlink(other: MemoryTransport): void {
    for (const [one, gone] of [
      [this, other],
      [other, this],
    ] as const) {
      const info = one.#links.get(gone.self);
      if (info === undefined) continue;
      one.#links.delete(gone.self);
      setImmediate(() => one.#handlers.onPeer('disconnected', info));
    }
  }

  send(peer: PeerKey, type: number, bytes: Uint8Array): boolean {
    assert(isFreeType(type), 'a type that is free to use');
    assert(bytes.length < MAX_DIRECT_MESSAGE_BYTES, 'a message fits its limit');
    if (!this.#links.has(peer)) return false;
    const copy = bytes.slice();
    const target = this.#network.node(peer);
    setImmediate(() => {
      if (target !== undefined) target.#onDirect(this.self, type, copy);
    });
    return true;
  }

  #onDirect(from: PeerKey, type: number, bytes: Uint8Array): void {
    if (this.#links.has(from)) this.#handlers.onDirect(from, type, bytes);
  }

  broadcast(type: number, bytes: Uint8Array, except?: PeerKey): number {
    let taken = 0;
    for (const key of this.#links.keys())
      if (key !== except && this.send(key, type, bytes)) taken++;
    return taken;
  }

  async request(peer: PeerKey, bytes: Uint8Array, options: RequestOptions): Promise<Uint8Array> {
    assert(bytes.length < MAX_REQUEST_BYTES, 'a request fits its limit');
    const target = this.#links.has(peer) ? this.#network.node(peer) : undefined;
    if (target === undefined) throw new ProtocolError('PEER_REFUSED', 'not connected');
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      const error = new ProtocolError('PEER_REFUSED', 'no answer in time');
      timer = setTimeout(() => reject(error), options.timeoutMs);
    });
    try {
      const answer = target.#handlers.onRequest(this.self, bytes.slice());
      return (await Promise.race([answer, late])).slice();
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      throw new ProtocolError('PEER_REFUSED', error.message);
    } finally {
      clearTimeout(timer);
    }
  }

  async publish(bytes: Uint8Array): Promise<number> {
    assert(bytes.length <= MAX_GOSSIP_BYTES, 'a gossip message fits its limit');
    const id = toHex(sha256(bytes));
    if (this.#seen.has(id)) return 0;
    this.#seen.add(id);
    return this.#flood(id, bytes);
  }

  #flood(id: string, bytes: Uint8Array, except?: PeerKey): number {
    const others = [...this.#links.keys()].filter((key) => key !== except);
    for (const key of others) {
      const target = this.#network.node(key);
      setImmediate(() => {
        if (target !== undefined) void target.#onGossip(this.self, id, bytes);
      });
    }
    return others.length;
  }

  async #onGossip(from: PeerKey, id: string, bytes: Uint8Array): Promise<void> {
    if (!this.#links.has(from) || this.#seen.has(id)) return;
    this.#seen.add(id);
    const verdict = await this.#handlers.onGossip(from, bytes.slice());
    if (verdict === 'accept') this.#flood(id, bytes, from);
  }
}
