// The libp2p node itself: identity, gate, transports and explicit limits. Types of libp2p stay
// inside this folder.
import './polyfill.js';
import { generateKeyPairFromSeed } from '@libp2p/crypto/keys';
import { tcp } from '@libp2p/tcp';
import { yamux } from '@libp2p/yamux';
import { noise } from '@chainsafe/libp2p-noise';
import { createLibp2p } from 'libp2p';
import { MAX_PEERS } from '../../../../core/src/limits.js';
import { CONNECT_TIMEOUT_MS } from '../limits.js';
import type { Gate } from './gate.js';
import { gossipOptions } from './gossip.js';

export interface HostOptions {
  /** Ed25519 seed of the node's key. */
  readonly seed: Uint8Array;
  /** Multiaddr to listen on. */
  readonly listen: string;
  readonly gate: Gate;
  /** Gossip topic; without it neither gossipsub nor identify runs. */
  readonly topic: string | undefined;
}

const KIB = 1024;
const MIB = 1024 * KIB;

const connectionManager = {
  maxConnections: 2 * MAX_PEERS,
  // Neighbours behind one address, and whole networks on one host.
  inboundConnectionThreshold: 1000,
  maxIncomingPendingConnections: MAX_PEERS,
  inboundUpgradeTimeout: CONNECT_TIMEOUT_MS,
  outboundStreamProtocolNegotiationTimeout: CONNECT_TIMEOUT_MS,
  inboundStreamProtocolNegotiationTimeout: CONNECT_TIMEOUT_MS,
  dialTimeout: CONNECT_TIMEOUT_MS,
  addressDialTimeout: CONNECT_TIMEOUT_MS,
  maxParallelDials: 32,
  maxDialQueueLength: 2 * MAX_PEERS,
  maxPeerAddrsToDial: 2,
  // Redialling is the business of dialler.ts.
  reconnectRetries: 0,
};

const muxer = () =>
  yamux({
    maxInboundStreams: 32,
    maxOutboundStreams: 32,
    streamOptions: {
      initialStreamWindowSize: 1 * MIB,
      maxStreamWindowSize: 8 * MIB,
      maxReadBufferLength: 8 * MIB,
      maxWriteBufferLength: 16 * MIB,
    },
  });

/** Loaded only where they run: they take a tenth of a start. */
async function gossipServices(topic: string) {
  const [{ identify }, { gossipsub }] = await Promise.all([
    import('@libp2p/identify'),
    import('@libp2p/gossipsub'),
  ]);
  return {
    identify: identify({ maxInboundStreams: 2, maxMessageSize: 8 * KIB }),
    pubsub: gossipsub(gossipOptions(topic)),
  };
}

export async function createHost(options: HostOptions) {
  const { seed, listen, gate, topic } = options;
  const services = topic === undefined ? {} : await gossipServices(topic);
  return createLibp2p({
    start: false,
    privateKey: await generateKeyPairFromSeed('Ed25519', seed),
    addresses: { listen: [listen] },
    transports: [tcp({ maxConnections: 2 * MAX_PEERS })],
    connectionEncrypters: [noise()],
    streamMuxers: [muxer()],
    connectionGater: gate.gater,
    connectionManager,
    // Our own heartbeat watches the links.
    connectionMonitor: { enabled: false },
    services,
  });
}

export type Host = Awaited<ReturnType<typeof createHost>>;
export type Connection = Awaited<ReturnType<Host['dial']>>;
export type Stream = Awaited<ReturnType<Host['dialProtocol']>>;
