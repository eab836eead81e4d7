// Sealed bids of files (conventions "Sealed bid"): the chain's form, with the account as text, and
// two forms of the papers that exist for the golden vectors only: SHA-1 of the price text
// (market-call 3), which binds neither energy nor user, and the text of papers/003
// (market-neighbourhood 1.1). On chain: core/seal.ts.
import { sha1 } from '@noble/hashes/legacy.js';
import type { PeriodIndex, Price, WattHour } from '../../core/src/amount.js';
import { toHex, utf8ToBytes } from '../../core/src/bytes.js';
import { sha256, ZERO_HASH } from '../../core/src/hash.js';
import { fileAccountId } from '../../core/src/ids.js';
import { sealedBidHash } from '../../core/src/seal.js';
import type { Side } from '../../core/src/tx.js';

export const NONCE_BYTES = 16;

/** SHA-1 of a price text such as "0.440", lower-case hex. */
export const sealPriceText = (priceText: string): string => toHex(sha1(utf8ToBytes(priceText)));

export interface FileBid {
  /** Any text. */
  readonly account: string;
  readonly side: Side;
  readonly energyWh: WattHour;
  readonly price: Price;
  /** 16 bytes. */
  readonly nonce: Uint8Array;
}

/** The chain's sealed bid of an order in a file, lower-case hex. */
export function sealFileBid({ account, ...bid }: FileBid): string {
  const hash = sealedBidHash({
    ...bid,
    chainId: ZERO_HASH,
    market: '',
    period: 0n as PeriodIndex,
    biddingRound: 1,
    account: fileAccountId(account),
  });
  return toHex(hash);
}

/**
 * SHA-256("cda1|period|round|node|side|price|qty|salt") of papers/002 (market-reputation 1.4):
 * decimal, in files period 0 and bidding round 1, the node being the account; lower-case hex.
 */
export function sealCda1({ account, side, price, energyWh, nonce }: FileBid): string {
  const text = ['cda1', 0, 1, account, side, price, energyWh, toHex(nonce)].join('|');
  return toHex(sha256(utf8ToBytes(text)));
}
export interface Dda1Bid {
  readonly interval: bigint;
  /** Any text. */
  readonly node: string;
  readonly side: Side;
  /** In thousandths of the currency per kWh. */
  readonly price: Price;
  readonly energyWh: WattHour;
  /** 16 bytes. */
  readonly nonce: Uint8Array;
}

/** What a sealed request of papers/003 hashes: "dda1|interval|node|side|price|qty|salt". */
export const dda1Text = ({ interval, node, side, price, energyWh, nonce }: Dda1Bid): string =>
  ['dda1', interval, node, side, price, energyWh, toHex(nonce)].join('|');

/** SHA-256 of that text, lower-case hex. */
export const sealDda1 = (bid: Dda1Bid): string => toHex(sha256(utf8ToBytes(dda1Text(bid))));
