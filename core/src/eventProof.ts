// Event proofs (light-clients 4.2): a line of a receipt under a trusted header, however long ago.
// Line -> lines of the receipt -> receipts of its block -> header of its block -> history of the
// trusted header. What the line says is the reader's business (receipt.ts).
import { equalBytes } from './bytes.js';
import { bin, encode, list, record, str, tryDecode, u32, u64 } from './codec/codec.js';
import { hash } from './fields.js';
import type { Receipt } from './block.js';
import type { Hash } from './hash.js';
import { decodeHeader, type Header, headerHash } from './header.js';
import {
  MAX_EVENT_PROOF_BYTES,
  MAX_HEADER_BYTES,
  MAX_LINE_BYTES,
  MAX_PATH_HASHES,
} from './limits.js';
import { foldInclusion, inclusionPath, leafHash, verifyInclusion } from './merkle.js';
import { receiptLeaf, receiptLeafOf } from './receipt.js';

const path = list(hash, MAX_PATH_HASHES);

export const eventProofField = record('event proof', {
  line: bin({ maxLength: MAX_LINE_BYTES }),
  lineIndex: u32,
  lineCount: u32,
  linePath: path,
  txId: hash,
  code: str(32),
  receiptIndex: u32,
  receiptCount: u32,
  receiptPath: path,
  header: bin({ maxLength: MAX_HEADER_BYTES }),
  /** Headers under the trusted historyRoot: trusted height - 1. */
  historyCount: u64,
  historyPath: path,
});

export interface EventParts {
  /** Receipts of the block, in order. */
  readonly receipts: readonly Receipt[];
  readonly receiptIndex: number;
  readonly lineIndex: number;
  /** Header of the block. */
  readonly header: Uint8Array;
  /** Hashes of the headers 1..trusted height - 1, in order. */
  readonly history: readonly Hash[];
}

/** The canonical proof, or undefined where there is no such line or the history is too short. */
export function buildEventProof(parts: EventParts): Uint8Array | undefined {
  const { receipts, receiptIndex, lineIndex, history } = parts;
  const receipt = receipts[receiptIndex];
  const line = receipt?.lines[lineIndex];
  const place = Number((decodeHeader(parts.header)?.height ?? 0n) - 1n);
  if (receipt === undefined || line === undefined || history[place] === undefined) return undefined;
  return encode(eventProofField, {
    line,
    lineIndex,
    lineCount: receipt.lines.length,
    linePath: inclusionPath(receipt.lines, lineIndex),
    txId: receipt.id,
    code: receipt.code,
    receiptIndex,
    receiptCount: receipts.length,
    receiptPath: inclusionPath(receipts.map(receiptLeaf), receiptIndex),
    header: parts.header,
    historyCount: BigInt(history.length),
    historyPath: inclusionPath(history, place),
  });
}

/** What a proof shows: this line stood in the receipt of this transaction in that block. */
export interface ProvenEvent {
  readonly code: 'ok';
  readonly line: Uint8Array;
  readonly lineIndex: number;
  readonly lineCount: number;
  readonly txId: Hash;
  /** Code of the receipt: "ok", or why the transaction was refused. */
  readonly txCode: string;
  readonly receiptIndex: number;
  readonly header: Header;
  readonly headerHash: Hash;
}

const REFUSED = { code: 'BAD_PROOF' } as const;

/** The event, or BAD_PROOF where the proof does not fold to the trusted header. */
export function verifyEventProof(trusted: Header, bytes: Uint8Array): ProvenEvent | typeof REFUSED {
  const proof = tryDecode(eventProofField, bytes, { maxBytes: MAX_EVENT_PROOF_BYTES });
  const header = proof && decodeHeader(proof.header);
  if (proof === undefined || header === undefined) return REFUSED;
  if (!equalBytes(header.chainId, trusted.chainId)) return REFUSED;
  const linesRoot = foldInclusion(
    leafHash(proof.line),
    { index: proof.lineIndex, count: proof.lineCount },
    proof.linePath,
  );
  if (linesRoot === undefined) return REFUSED;
  const leaf = receiptLeafOf({ ...proof, id: proof.txId, linesRoot });
  const receiptPlace = { index: proof.receiptIndex, count: proof.receiptCount };
  if (!verifyInclusion(header.receiptRoot, leaf, receiptPlace, proof.receiptPath)) return REFUSED;
  const hash = headerHash(proof.header);
  if (!isInHistory({ trusted, header, hash }, proof)) return REFUSED;
  const { line, lineIndex, lineCount, txId, receiptIndex } = proof;
  const where = { line, lineIndex, lineCount, txId, txCode: proof.code, receiptIndex };
  return { code: 'ok', ...where, header, headerHash: hash };
}

/** Places in a list are counted in numbers. */
const MAX_EXACT = BigInt(Number.MAX_SAFE_INTEGER);

interface HistoryPath {
  readonly historyCount: bigint;
  readonly historyPath: readonly Hash[];
}

function isInHistory(
  { trusted, header, hash: item }: { trusted: Header; header: Header; hash: Hash },
  { historyCount, historyPath }: HistoryPath,
): boolean {
  if (historyCount !== trusted.height - 1n || historyCount > MAX_EXACT) return false;
  const place = { index: Number(header.height - 1n), count: Number(historyCount) };
  return verifyInclusion(trusted.historyRoot, item, place, historyPath);
}
