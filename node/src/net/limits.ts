// Bounds and times of the network layer. Sizes shared with the encodings are in core/limits.
import { assert } from '../../../core/src/assert.js';
import { MAX_DIRECT_MESSAGE_BYTES } from '../../../core/src/limits.js';

const KIB = 1024;
const MIB = 1024 * KIB;

/** Bytes that wait for one peer. Beyond it bulk frames are dropped, then the link. */
export const MAX_OUTBOX_BYTES = 16 * MIB;
/** Frames are joined up to so many bytes per write. */
export const WRITE_CHUNK_BYTES = 256 * KIB;
/** Payloads from here on are written without being copied into a chunk. */
export const LARGE_PAYLOAD_BYTES = 16 * KIB;
export const MAX_REQUEST_BYTES = 64 * KIB;
/** Requests of one peer, and of all, that are answered at the same time. */
export const MAX_REQUESTS_PER_PEER = 4;
export const MAX_REQUESTS = 32;
/** For whoever reads an answer too slowly. */
export const ANSWER_TIMEOUT_MS = 20_000;

/** A tick of the watchdog: a link without traffic gets a ping, ten silent ticks are a dead link. */
export const HEARTBEAT_MS = 500;
export const DEAD_AFTER_TICKS = 10;
/** After so many silent ticks a second connection of the peer replaces the first. */
export const DOUBTFUL_AFTER_TICKS = 2;
/** From TCP connect to the direct stream. */
export const CONNECT_TIMEOUT_MS = 5000;
export const REDIAL_MIN_MS = 100;
export const REDIAL_MAX_MS = 2000;
/** The peer with the higher key lets the other one dial first. */
export const SECOND_DIALLER_DELAY_MS = 150;
/** Ids of batches that are remembered, so that a batch is taken once. */
export const SEEN_PER_GENERATION = 20_000;
/** Gossip messages a peer may send that the validator rejects; then it is hung up on. */
export const MAX_GOSSIP_REJECTS = 20;

assert(MAX_OUTBOX_BYTES >= 2 * MAX_DIRECT_MESSAGE_BYTES, 'the largest message fits an outbox');
