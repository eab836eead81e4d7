// Small valid things that the tests of this room start from.
import { utf8ToBytes } from '../src/bytes.js';
import { type Hash, sha256, ZERO_HASH } from '../src/hash.js';
import { type Header, HEADER_VERSION } from '../src/header.js';
import type { ChainMs } from '../src/amount.js';
import type { PublicKey } from '../src/ids.js';

export const hashOf = (text: string): Hash => sha256(utf8ToBytes(text));

/** A header of zeros with the given fields. */
export const headerWith = (fields: Partial<Header>): Header => ({
  tag: 'header',
  version: HEADER_VERSION,
  chainId: ZERO_HASH,
  height: 1n,
  round: 0,
  time: 0n as ChainMs,
  proposer: ZERO_HASH as Uint8Array as PublicKey,
  parentHash: ZERO_HASH,
  commitHash: ZERO_HASH,
  txRoot: ZERO_HASH,
  receiptRoot: ZERO_HASH,
  stateRoot: ZERO_HASH,
  setRoot: ZERO_HASH,
  nextSetRoot: ZERO_HASH,
  drawRoot: ZERO_HASH,
  paramsRoot: ZERO_HASH,
  historyRoot: ZERO_HASH,
  beacon: ZERO_HASH,
  beaconProof: new Uint8Array(0),
  flags: 0,
  ...fields,
});
