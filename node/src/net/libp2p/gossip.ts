// Gossip of transaction batches over gossipsub: unsigned envelopes (what is inside is signed), ids
// by content, one topic, explicit limits. Votes and proposals never come here.
import type { GossipSub, GossipsubOpts } from '@libp2p/gossipsub';
import { sha256 } from '../../../../core/src/hash.js';
import { MAX_GOSSIP_BYTES } from '../../../../core/src/limits.js';
import { MAX_GOSSIP_REJECTS } from '../limits.js';
import type { GossipVerdict, PeerKey } from '../transport.js';
import { peerKeyOf } from './keys.js';

const KIB = 1024;
const MIB = 1024 * KIB;
const MESSAGE_ID_BYTES = 20;

/** 'busbar/<first 16 hex digits of chainId>/tx'. */
export const txTopic = (chainIdHex: string): string => `busbar/${chainIdHex.slice(0, 16)}/tx`;

export const gossipOptions = (topic: string): Partial<GossipsubOpts> => ({
  globalSignaturePolicy: 'StrictNoSign',
  msgIdFn: (message) => sha256(message.data).slice(0, MESSAGE_ID_BYTES),
  allowedTopics: [topic],
  allowPublishToZeroTopicPeers: true,
  ignoreDuplicatePublishError: true,
  emitSelf: false,
  // A mesh of at most eight nodes is everybody; larger ones keep six neighbours.
  D: 6,
  Dlo: 4,
  Dhi: 8,
  Dlazy: 3,
  Dscore: 3,
  Dout: 2,
  floodPublish: true,
  heartbeatInterval: 1000,
  seenTTL: 120_000,
  mcacheLength: 4,
  mcacheGossip: 2,
  fallbackToFloodsub: false,
  doPX: false,
  maxInboundStreams: 2,
  maxOutboundStreams: 2,
  maxOutboundBufferSize: 16 * MIB,
  maxInboundDataLength: MAX_GOSSIP_BYTES + 64 * KIB,
  maxTopicBytesPerPeer: 4 * KIB,
  decodeRpcLimits: {
    maxSubscriptions: 4,
    maxMessages: 256,
    maxIhaveMessageIDs: 1000,
    maxIwantMessageIDs: 1000,
    maxIdontwantMessageIDs: 512,
    maxControlMessages: 64,
    maxPeerInfos: 0,
  },
  // Many nodes of a community share one address (ecosystem fact 6).
  scoreParams: { IPColocationFactorWeight: 0 },
});

export interface GossipTopicOptions {
  readonly topic: string;
  readonly validate: (peer: PeerKey, bytes: Uint8Array) => GossipVerdict | Promise<GossipVerdict>;
  /** A peer sent too much that is invalid. */
  readonly onHostile: (peer: PeerKey) => void;
}

/** Subscribes, and hands every message to the validator before it is passed on. */
export function joinTopic(pubsub: GossipSub, options: GossipTopicOptions): void {
  const rejects = new Map<PeerKey, number>();
  const verdictOn = async (peer: PeerKey, bytes: Uint8Array): Promise<GossipVerdict> => {
    if (bytes.length > MAX_GOSSIP_BYTES) return 'reject';
    return options.validate(peer, bytes);
  };
  // The results of gossipsub are the words of ours, behind an enum that is not exported by value.
  type Validator = Parameters<GossipSub['topicValidators']['set']>[1];
  const validator = async (...[from, message]: Parameters<Validator>): Promise<GossipVerdict> => {
    const peer = peerKeyOf(from);
    if (peer === undefined) return 'reject';
    const verdict = await verdictOn(peer, message.data);
    if (verdict !== 'reject') return verdict;
    const count = (rejects.get(peer) ?? 0) + 1;
    rejects.set(peer, count);
    if (count >= MAX_GOSSIP_REJECTS) {
      rejects.delete(peer);
      options.onHostile(peer);
    }
    return verdict;
  };
  pubsub.topicValidators.set(options.topic, validator as Validator);
  pubsub.subscribe(options.topic);
}
