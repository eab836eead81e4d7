// How nodes talk: the port that the node's composition uses. Adapters: libp2p/ (sockets) and
// memory.ts (in one process); both pass test/compliance/transport.ts. Messages are bytes here; what
// they mean, and every signature in them, is checked by the receiver of the events.

/** A peer is named by its public key in lower-case hex. */
export type PeerKey = string;

export interface PeerAddress {
  readonly key: PeerKey;
  /** Multiaddr without /p2p, for example /ip4/127.0.0.1/tcp/9000. */
  readonly address: string;
}

export interface PeerInfo {
  readonly key: PeerKey;
  readonly address: string;
  /** Monotonic ms at which the direct stream stood. */
  readonly connectedSinceMs: number;
  /** 'outbound': this node dialled. */
  readonly direction: 'inbound' | 'outbound';
}

/** What the validator of gossip says: pass on, keep to itself, or count against the peer. */
export type GossipVerdict = 'accept' | 'ignore' | 'reject';

export interface TransportHandlers {
  /** After 'connected' what was under way before may be lost: repeat (consensus 3.6c). */
  onPeer(event: 'connected' | 'disconnected', peer: PeerInfo): void;
  /** A frame of an admitted peer; `bytes` belong to the receiver. */
  onDirect(peer: PeerKey, type: number, bytes: Uint8Array): void;
  onGossip(peer: PeerKey, bytes: Uint8Array): GossipVerdict | Promise<GossipVerdict>;
  /** The answer; rejecting refuses the request. */
  onRequest(peer: PeerKey, bytes: Uint8Array): Promise<Uint8Array>;
}

/** Frames of types from here on may be dropped when a peer does not keep up. */
export const FIRST_BULK_TYPE = 128;
/** Types 1 to 126 are never dropped alone: when they do not fit, the link is closed. */
export const isBulk = (type: number): boolean => type >= FIRST_BULK_TYPE;
/** 0, 127 and 255 are the transport's own. */
export const isFreeType = (type: number): boolean =>
  Number.isInteger(type) && type > 0 && type < 255 && type !== 127;

export interface RequestOptions {
  readonly timeoutMs: number;
}

export interface Transport {
  readonly self: PeerKey;
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Multiaddr that others can dial; after `start`. */
  address(): string;
  /** Who passes the gate (consensus 1.4). Those who no longer do are hung up on. */
  setAdmitted(keys: Iterable<PeerKey>): void;
  /** Who is dialled and redialled. */
  setPeers(peers: readonly PeerAddress[]): void;
  /** With a direct stream. */
  peers(): readonly PeerInfo[];
  /**
   * A frame of a type from 1 to 126 or (bulk) 128 to 254, at most
   * MAX_DIRECT_MESSAGE_BYTES with its type. False when the peer is
   * not connected or the frame was dropped because the peer does not keep up.
   */
  send(peer: PeerKey, type: number, bytes: Uint8Array): boolean;
  /** To all connected peers; how many took it. */
  broadcast(type: number, bytes: Uint8Array, except?: PeerKey): number;
  /** Rejects with PEER_REFUSED (not connected, refused, too slow), WIRE_FORMAT or WIRE_LIMIT. */
  request(peer: PeerKey, bytes: Uint8Array, options: RequestOptions): Promise<Uint8Array>;
  /** To every node, over others where need be, at most MAX_GOSSIP_BYTES. How many took it. */
  publish(bytes: Uint8Array): Promise<number>;
}

/** Names of the counters that an adapter reports to `count`. */
export type NetCounter =
  | 'framesIn'
  | 'framesOut'
  | 'bytesIn'
  | 'bytesOut'
  | 'framesDropped'
  | 'linksOverflowed'
  | 'linksDead'
  | 'wireFaults'
  | 'dialFailures'
  | 'gossipIn'
  | 'gossipRejected'
  | 'requestsIn'
  | 'requestsRefused';

export interface TransportOptions {
  readonly handlers: TransportHandlers;
  readonly count?: (counter: NetCounter, by: number) => void;
  /** Why links end; for the log. */
  readonly note?: (event: string, peer: PeerKey, detail: string) => void;
}
