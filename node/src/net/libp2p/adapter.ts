// The transport over sockets: libp2p with TCP, Noise and yamux, one direct stream per peer,
// requests on streams of their own, gossipsub where a topic is given. What is said is not its
// business.
import './polyfill.js';
import type { GossipSub } from '@libp2p/gossipsub';
import { multiaddr } from '@multiformats/multiaddr';
import { assert, present } from '../../../../core/src/assert.js';
import { toHex } from '../../../../core/src/bytes.js';
import { publicKeyOf } from '../../../../core/src/ed25519.js';
import { ProtocolError } from '../../../../core/src/errors.js';
import { MAX_DIRECT_MESSAGE_BYTES, MAX_GOSSIP_BYTES } from '../../../../core/src/limits.js';
import { Dialler } from '../dialler.js';
import type { Frame } from '../frames.js';
import {
  CONNECT_TIMEOUT_MS,
  DEAD_AFTER_TICKS,
  DOUBTFUL_AFTER_TICKS,
  HEARTBEAT_MS,
  MAX_REQUEST_BYTES,
  MAX_REQUESTS_PER_PEER,
} from '../limits.js';
import { Spread } from '../spread.js';
import {
  type GossipVerdict,
  isFreeType,
  type NetCounter,
  type PeerAddress,
  type PeerInfo,
  type PeerKey,
  type RequestOptions,
  type Transport,
  type TransportOptions,
} from '../transport.js';
import { Gate } from './gate.js';
import { joinTopic } from './gossip.js';
import { type Connection, createHost, type Host, type Stream } from './host.js';
import { peerIdOf, peerKeyOf } from './keys.js';
import { DIRECT_PROTOCOL, Link, type LinkEvents, OVERFLOW } from './link.js';
import { Answerer, ask, SYNC_PROTOCOL } from './requests.js';

export interface Libp2pOptions extends TransportOptions {
  /** Ed25519 seed of the node's key: 32 bytes. */
  readonly seed: Uint8Array;
  /** Multiaddr, for example /ip4/0.0.0.0/tcp/9000. */
  readonly listen: string;
  /** `txTopic` of gossip.ts: batches go by gossipsub. Without it, over the direct streams. */
  readonly topic?: string;
}

export async function createLibp2pTransport(options: Libp2pOptions): Promise<Transport> {
  const gate = new Gate();
  const { seed, listen, topic } = options;
  const host = await createHost({ seed, listen, gate, topic });
  return new Libp2pTransport({ options, host, gate });
}

interface Init {
  readonly options: Libp2pOptions;
  readonly host: Host;
  readonly gate: Gate;
}

class Libp2pTransport implements Transport {
  readonly self: PeerKey;
  readonly #options: Libp2pOptions;
  readonly #host: Host;
  readonly #gate: Gate;
  readonly #links = new Map<PeerKey, Link>();
  readonly #dialler: Dialler;
  readonly #answerer: Answerer;
  /** Undefined where gossipsub spreads batches. */
  readonly #spread: Spread | undefined;
  #watchdog: NodeJS.Timeout | undefined;

  constructor({ options, host, gate }: Init) {
    this.self = toHex(publicKeyOf(options.seed));
    this.#options = options;
    this.#host = host;
    this.#gate = gate;
    this.#dialler = new Dialler({
      self: this.self,
      dial: (peer) => this.#dial(peer),
      isSettled: (key) => this.#links.has(key) || !gate.admits(key),
      onFailure: (peer, error) => {
        this.#count('dialFailures');
        this.#note('dial failed', peer.key, (error as Error).message);
      },
    });
    this.#spread = options.topic === undefined ? this.#makeSpread() : undefined;
    this.#answerer = new Answerer({
      answer: (peer, bytes) => options.handlers.onRequest(peer, bytes),
      onRefused: (peer, why) => {
        this.#count('requestsRefused');
        this.#note('request refused', peer, why);
      },
    });
  }

  async start(): Promise<void> {
    const inbound = { maxInboundStreams: 1, maxOutboundStreams: 1 };
    await this.#host.handle(DIRECT_PROTOCOL, this.#onStream, inbound);
    const requests = 2 * MAX_REQUESTS_PER_PEER;
    await this.#host.handle(SYNC_PROTOCOL, this.#onRequestStream, {
      maxInboundStreams: requests,
      maxOutboundStreams: requests,
    });
    this.#host.addEventListener('connection:open', ({ detail }) => this.#expectLink(detail));
    await this.#host.start();
    this.#joinGossip();
    this.#watchdog = setInterval(() => this.#watch(), HEARTBEAT_MS);
    this.#dialler.start();
  }

  async stop(): Promise<void> {
    clearInterval(this.#watchdog);
    this.#dialler.stop();
    for (const link of [...this.#links.values()]) link.end('this node stops');
    await this.#host.stop();
  }

  address(): string {
    const [first] = this.#host.getMultiaddrs();
    return present(first, 'listening after start').decapsulateCode(P2P_CODE).toString();
  }

  setAdmitted(keys: Iterable<PeerKey>): void {
    const { revoked, gained } = this.#gate.replace(keys);
    for (const key of revoked) {
      this.#links.get(key)?.end('no longer admitted');
      for (const connection of this.#host.getConnections(peerIdOf(key)))
        connection.abort(new ProtocolError('PEER_REFUSED', 'no longer admitted'));
    }
    for (const key of gained) this.#dialler.nudge(key);
  }

  setPeers(peers: readonly PeerAddress[]): void {
    this.#dialler.setPeers(peers);
  }

  peers(): readonly PeerInfo[] {
    return [...this.#links.values()].map((link) => link.info);
  }

  send(peer: PeerKey, type: number, bytes: Uint8Array): boolean {
    assert(isFreeType(type), 'a type that is free to use');
    return this.#send(peer, type, bytes);
  }

  #send(peer: PeerKey, type: number, bytes: Uint8Array): boolean {
    assert(bytes.length < MAX_DIRECT_MESSAGE_BYTES, 'a message fits its limit');
    if (this.#links.get(peer)?.send(type, bytes) !== true) return false;
    this.#count('framesOut');
    this.#count('bytesOut', bytes.length);
    return true;
  }

  broadcast(type: number, bytes: Uint8Array, except?: PeerKey): number {
    let taken = 0;
    for (const key of this.#links.keys())
      if (key !== except && this.send(key, type, bytes)) taken++;
    return taken;
  }

  async request(peer: PeerKey, bytes: Uint8Array, options: RequestOptions): Promise<Uint8Array> {
    assert(bytes.length < MAX_REQUEST_BYTES, 'a request fits its limit');
    const link = this.#links.get(peer);
    if (link === undefined) throw new ProtocolError('PEER_REFUSED', 'not connected');
    return ask(link.connection, bytes, options.timeoutMs);
  }

  async publish(bytes: Uint8Array): Promise<number> {
    assert(bytes.length <= MAX_GOSSIP_BYTES, 'a gossip message fits its limit');
    if (this.#spread !== undefined) return this.#spread.publish(bytes);
    const { topic, pubsub } = this.#gossip();
    return (await pubsub.publish(topic, bytes)).recipients.length;
  }

  #gossip(): { readonly topic: string; readonly pubsub: GossipSub } {
    const { pubsub } = this.#host.services as { pubsub?: GossipSub };
    return {
      topic: present(this.#options.topic, 'gossip has a topic'),
      pubsub: present(pubsub, 'gossip has its service'),
    };
  }

  readonly #validate = async (peer: PeerKey, bytes: Uint8Array): Promise<GossipVerdict> => {
    this.#count('gossipIn');
    const verdict = await this.#options.handlers.onGossip(peer, bytes);
    if (verdict === 'reject') this.#count('gossipRejected');
    return verdict;
  };

  #makeSpread(): Spread {
    return new Spread({
      send: (peer, type, bytes) => this.#send(peer, type, bytes),
      peers: () => [...this.#links.keys()],
      validate: this.#validate,
      onHostile: (peer, why) => this.#links.get(peer)?.end(why),
    });
  }

  #joinGossip(): void {
    if (this.#spread !== undefined) return;
    const { topic, pubsub } = this.#gossip();
    joinTopic(pubsub, {
      topic,
      validate: this.#validate,
      onHostile: (peer) => this.#links.get(peer)?.end('too much invalid gossip'),
    });
  }

  async #dial(peer: PeerAddress): Promise<void> {
    const signal = AbortSignal.timeout(CONNECT_TIMEOUT_MS);
    const address = multiaddr(peer.address).decapsulateCode(P2P_CODE);
    const full = address.encapsulate(`/p2p/${peerIdOf(peer.key).toString()}`);
    const connection = await this.#host.dial(full, { signal });
    // libp2p hands out a connection that the peer made: then the peer opens the stream.
    if (connection.direction === 'inbound') return;
    const stream = await connection.newStream(DIRECT_PROTOCOL, { signal });
    this.#adopt(peer.key, connection, stream);
  }

  readonly #onStream = (stream: Stream, connection: Connection): void => {
    const key = peerKeyOf(connection.remotePeer);
    if (key === undefined || !this.#gate.admits(key) || connection.direction === 'outbound') {
      stream.abort(new ProtocolError('PEER_REFUSED', 'only the one who dialled opens the stream'));
      return;
    }
    this.#adopt(key, connection, stream);
  };

  readonly #onRequestStream = (stream: Stream, connection: Connection): void => {
    const key = peerKeyOf(connection.remotePeer);
    if (key === undefined || !this.#gate.admits(key)) {
      stream.abort(new ProtocolError('PEER_REFUSED', 'not admitted'));
      return;
    }
    this.#count('requestsIn');
    void this.#answerer.handle(key, stream);
  };

  /** Takes a new link into use, unless the one at hand is the one both sides keep. */
  #adopt(key: PeerKey, connection: Connection, stream: Stream): void {
    const link = new Link({ key, connection, stream, events: this.#linkEvents });
    const old = this.#links.get(key);
    if (old !== undefined && this.#keeps(old, link)) {
      link.end('already connected');
      return;
    }
    this.#links.set(key, link);
    if (old !== undefined) {
      old.end('replaced by another connection');
      this.#options.handlers.onPeer('disconnected', old.info);
    }
    this.#spread?.onPeersChanged();
    this.#options.handlers.onPeer('connected', link.info);
    link.open();
  }

  /**
   * Of two connections of a pair both sides keep the one that the lower key dialled; of two by the
   * same dialler the newer one, because a peer that dials again has lost the older one.
   */
  #keeps(old: Link, fresh: Link): boolean {
    if (old.silentTicks >= DOUBTFUL_AFTER_TICKS) return false;
    if (old.info.direction === fresh.info.direction) return false;
    const dialledHere = old.info.direction === 'outbound';
    return dialledHere === this.self < old.info.key;
  }

  readonly #linkEvents: LinkEvents = {
    onFrame: (link: Link, frame: Frame) => {
      this.#count('framesIn');
      this.#count('bytesIn', frame.payload.length);
      const { key } = link.info;
      if (this.#spread?.onFrame(key, frame.type, frame.payload) === true) return;
      // Of gossipsub's nodes nobody sends these; a frame of the transport's own never goes further.
      if (isFreeType(frame.type)) this.#options.handlers.onDirect(key, frame.type, frame.payload);
    },
    onEnd: (link: Link, why: string) => {
      if (why === OVERFLOW) this.#count('linksOverflowed');
      if (why.startsWith('WIRE')) this.#count('wireFaults');
      this.#note('link ended', link.info.key, why);
      if (this.#links.get(link.info.key) !== link) return;
      this.#links.delete(link.info.key);
      this.#spread?.onPeersChanged();
      this.#options.handlers.onPeer('disconnected', link.info);
      this.#dialler.nudge(link.info.key);
    },
    onDropped: (_link: Link, frames: number) => this.#count('framesDropped', frames),
  };

  /** A connection on which no direct stream comes is of no use. */
  #expectLink(connection: Connection): void {
    const timer = setTimeout(() => {
      const key = peerKeyOf(connection.remotePeer);
      if (key !== undefined && this.#links.get(key)?.connection === connection) return;
      connection.abort(new ProtocolError('PEER_REFUSED', 'no direct stream'));
    }, 2 * CONNECT_TIMEOUT_MS);
    timer.unref();
  }

  #watch(): void {
    for (const link of [...this.#links.values()]) {
      link.tick();
      if (link.silentTicks < DEAD_AFTER_TICKS) continue;
      this.#count('linksDead');
      link.end('silent for too long');
    }
  }

  #count(counter: NetCounter, by = 1): void {
    this.#options.count?.(counter, by);
  }

  #note(event: string, peer: PeerKey, detail: string): void {
    this.#options.note?.(event, peer, detail);
  }
}

/** Code of /p2p in multiaddrs. */
const P2P_CODE = 421;
