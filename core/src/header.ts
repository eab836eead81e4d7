// The block header: canonical array of 20 fields (light-clients 1).
import { bin, encode, oneOf, record, tryDecode, u32, u64, type ValueOf } from './codec/codec.js';
import { chainMs, hash, publicKey } from './fields.js';
import { type Hash, sha256 } from './hash.js';
import { MAX_HEADER_BYTES } from './limits.js';

const headerField = record('header', {
  tag: oneOf('header'),
  version: u32,
  chainId: hash,
  height: u64,
  round: u32,
  time: chainMs,
  proposer: publicKey,
  parentHash: hash,
  commitHash: hash,
  txRoot: hash,
  receiptRoot: hash,
  stateRoot: hash,
  setRoot: hash,
  nextSetRoot: hash,
  drawRoot: hash,
  paramsRoot: hash,
  historyRoot: hash,
  beacon: hash,
  beaconProof: bin({ maxLength: 96 }),
  flags: u32,
});
export type Header = ValueOf<typeof headerField>;

/** Version of the rules that this program knows. */
export const HEADER_VERSION = 1;
/** Bits of `flags`. */
export const FLAG_FEW_ELIGIBLE = 1;
export const FLAG_SMALL_SET = 2;

export const encodeHeader = (header: Header): Uint8Array => encode(headerField, header);
export const headerHash = (bytes: Uint8Array): Hash => sha256(bytes);

/** The header, or undefined where the bytes are not canonical or the fields are wrong. */
export function decodeHeader(bytes: Uint8Array): Header | undefined {
  const header = tryDecode(headerField, bytes, { maxBytes: MAX_HEADER_BYTES });
  if (header === undefined) return undefined;
  const proof = header.beaconProof.length;
  return (proof === 0 || proof === 96) && header.flags <= 3 ? header : undefined;
}
