// Openings of sealed bids, kept beside the key until they are revealed: without the nonce nobody
// can open a bid, and its bond is lost. Written before the bid is sent, mode 0600.
import { existsSync, renameSync } from 'node:fs';
import { z } from 'zod';
import { ProtocolError } from '../../core/src/errors.js';
import { readText } from './read.js';
import { writeText } from './write.js';

const MAX_BID_FILE_BYTES = 1 << 22;
/** Older openings are of no use to anybody. */
const KEPT = 1000;

const bidForm = z.strictObject({
  chainId: z.string(),
  account: z.string(),
  market: z.string(),
  period: z.string(),
  biddingRound: z.int().default(1),
  side: z.enum(['sell', 'buy']),
  /** Base units. */
  energyWh: z.string(),
  price: z.string(),
  nonce: z.string(),
  /** Commitment that is on the chain. */
  hash: z.string(),
});
const fileForm = z.array(bidForm);

/** All that opens one bid; integers as decimal strings, bytes as hex. */
export type StoredBid = z.infer<typeof bidForm>;

export const bidFileOf = (keyFile: string): string => `${keyFile}.bids.json`;

export function readBids(path: string): readonly StoredBid[] {
  if (!existsSync(path)) return [];
  try {
    return fileForm.parse(JSON.parse(readText(path, MAX_BID_FILE_BYTES)));
  } catch (error) {
    if (error instanceof ProtocolError) throw error;
    throw new ProtocolError('FILE_FORMAT', `${path}: not a file of bids`, { path });
  }
}

export function keepBid(path: string, bid: StoredBid): void {
  const bids = [...readBids(path), bid].slice(-KEPT);
  writeText(`${path}.new`, `${JSON.stringify(bids, null, 1)}\n`, { mode: 0o600, flush: true });
  renameSync(`${path}.new`, path);
}

/** The newest opening of a bid, by its commitment. */
export const openingOf = (path: string, hash: string): StoredBid | undefined =>
  readBids(path).findLast((bid) => bid.hash === hash);
