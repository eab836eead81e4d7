// A block on the wire and on disk: header, the parent's commit certificate, the boundary
// transactions that are due, then the ordinary ones. Receipts stand beside it.
import { bin, encode, list, record, str, tryDecode, type ValueOf } from './codec/codec.js';
import { hash } from './fields.js';
import { type Hash, sha256 } from './hash.js';
import { decodeHeader, type Header, headerHash } from './header.js';
import {
  MAX_BLOCK_BYTES,
  MAX_CERTIFICATE_BYTES,
  MAX_HEADER_BYTES,
  MAX_LINE_BYTES,
  MAX_SYSTEM_TXS_PER_BLOCK,
  MAX_TXS_PER_BLOCK,
  MAX_TX_BYTES,
} from './limits.js';
import { listRoot } from './merkle.js';

export const blockField = record('block', {
  header: bin({ maxLength: MAX_HEADER_BYTES }),
  /** Commit certificate of the parent; no bytes in block 1. */
  parentCertificate: bin({ maxLength: MAX_CERTIFICATE_BYTES }),
  systemTxs: list(bin({ maxLength: 256 }), MAX_SYSTEM_TXS_PER_BLOCK),
  txs: list(bin({ maxLength: MAX_TX_BYTES }), MAX_TXS_PER_BLOCK),
});
export type BlockBody = ValueOf<typeof blockField>;

export interface Block extends BlockBody {
  readonly hash: Hash;
  readonly head: Header;
  readonly bytes: Uint8Array;
}

/** Room for header, certificate and system transactions beside maxBlockBytes of transactions. */
const OVERHEAD_BYTES = 512 * 1024;

export function encodeBlock(body: BlockBody, head: Header): Block {
  return { ...body, head, hash: headerHash(body.header), bytes: encode(blockField, body) };
}

/** The block, or undefined where its bytes or its header are not canonical. */
export function decodeBlock(bytes: Uint8Array): Block | undefined {
  const maxBytes = MAX_BLOCK_BYTES + OVERHEAD_BYTES;
  const body = tryDecode(blockField, bytes, { maxBytes, views: true });
  if (body === undefined) return undefined;
  const head = decodeHeader(body.header);
  return head && { ...body, head, hash: headerHash(body.header), bytes };
}

/** txRoot: system transactions first, then the ordinary ones. */
export const txRootOf = (body: Pick<BlockBody, 'systemTxs' | 'txs'>): Hash =>
  listRoot([...body.systemTxs, ...body.txs]);

/** commitHash: SHA-256 of the certificate bytes that the body carries. */
export const commitHashOf = (parentCertificate: Uint8Array): Hash => sha256(parentCertificate);

const lines = list(bin({ maxLength: MAX_LINE_BYTES }), 1_000_000);

/** Stored form of a receipt: its leaf is made of it (light-clients 4.2). */
const receiptField = record('receipt', {
  id: hash,
  code: str(32),
  lines,
});
export type Receipt = ValueOf<typeof receiptField>;

export const receiptsField = list(receiptField, MAX_TXS_PER_BLOCK + MAX_SYSTEM_TXS_PER_BLOCK);
/** Receipts of the largest block: bounded by its work. */
const MAX_RECEIPTS_BYTES = 256 * 1024 * 1024;
export const decodeReceipts = (bytes: Uint8Array): readonly Receipt[] | undefined =>
  tryDecode(receiptsField, bytes, { maxBytes: MAX_RECEIPTS_BYTES, maxItems: 10_000_000 });
