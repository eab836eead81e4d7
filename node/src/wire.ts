// Messages between nodes (consensus 3a) as they travel on a direct stream: one type byte for the
// frame, then canonical bytes. Encoding only; who may send what is decided elsewhere.
import {
  bin,
  encode,
  list,
  oneOf,
  optional,
  record,
  tryDecode,
  u32,
  u64,
  type Field,
  type ValueOf,
} from '../../core/src/codec/codec.js';
import type { Hash } from '../../core/src/hash.js';
import type { PublicKey } from '../../core/src/ids.js';
import {
  MAX_CERTIFICATE_BYTES,
  MAX_DIRECT_MESSAGE_BYTES,
  MAX_GOSSIP_BATCH,
  MAX_GOSSIP_BYTES,
  MAX_HEADER_BYTES,
  MAX_OPEN_IDS,
  MAX_TX_BYTES,
  SYNC_MAX_BLOCKS,
} from '../../core/src/limits.js';

const hash = bin<Hash>({ length: 32 });
const signature = bin({ length: 64 });
const certificate = bin({ maxLength: MAX_CERTIFICATE_BYTES });

/** Type bytes of direct frames; a number keeps its meaning. */
export const FRAMES = {
  proposal: 1,
  vote: 2,
  certificate: 3,
  open: 4,
  status: 5,
  block: 6,
  getBlock: 7,
  /** Transactions that an Open names and this node lacks (consensus 3.7); answered with `txs`. */
  getTxs: 8,
  /** Pending transactions for one peer; may be dropped if it does not keep up. */
  txs: 128,
} as const;
export type FrameName = keyof typeof FRAMES;

export const proposalMessage = record('proposal', {
  height: u64,
  round: u32,
  validRound: u32,
  header: bin({ maxLength: MAX_HEADER_BYTES }),
  proofOfLock: optional(certificate),
  signer: bin<PublicKey>({ length: 32 }),
  signature,
});
export type ProposalWire = ValueOf<typeof proposalMessage>;

export const voteMessage = record('vote', {
  step: u32,
  height: u64,
  round: u32,
  blockHash: bin({ maxLength: 32 }),
  validatorIndex: u32,
  signature,
});
export type VoteWire = ValueOf<typeof voteMessage>;

export const certificateMessage = record('certificate', {
  kind: oneOf('commit', 'committee', 'proofOfLock'),
  certificate,
});

export const openMessage = record('open', {
  height: u64,
  validatorIndex: u32,
  ids: list(hash, MAX_OPEN_IDS),
  signature,
});

export const statusMessage = record('status', {
  tipHeight: u64,
  tipHash: hash,
  height: u64,
  round: u32,
  step: oneOf('idle', 'propose', 'prevote', 'precommit', 'decided'),
  lockRound: u32,
  version: u32,
  clockMs: u64,
});
export type StatusWire = ValueOf<typeof statusMessage>;

export const blockMessage = record('block', {
  bytes: bin({ maxLength: MAX_DIRECT_MESSAGE_BYTES }),
});
export const getBlockMessage = record('get block', { hash });
export const getTxsMessage = record('get transactions', { ids: list(hash, MAX_OPEN_IDS) });
export const txsMessage = record('transactions', {
  txs: list(bin({ maxLength: MAX_TX_BYTES }), MAX_GOSSIP_BATCH),
});

/** Block sync: ask for blocks from a height on; the answer holds as many as fit. */
export const syncRequest = record('sync request', { from: u64, count: u32 });
export const syncAnswer = record('sync answer', {
  blocks: list(
    record('synced block', { block: bin({ maxLength: MAX_DIRECT_MESSAGE_BYTES }), certificate }),
    SYNC_MAX_BLOCKS,
  ),
});

export const encodeMessage = encode;

/** The message, or undefined where the bytes are not of that form. */
export const readMessage = <T>(form: Field<T>, bytes: Uint8Array): T | undefined =>
  tryDecode(form, bytes, { maxBytes: MAX_DIRECT_MESSAGE_BYTES, views: true });

export const readGossip = (bytes: Uint8Array): readonly Uint8Array[] | undefined =>
  tryDecode(txsMessage, bytes, { maxBytes: MAX_GOSSIP_BYTES, views: true })?.txs;
