// The sealed bid of every market on chain (conventions "Sealed bid").
import type { Price, WattHour } from './amount.js';
import { encodeWire } from './codec/codec.js';
import { type Hash, sha256 } from './hash.js';
import type { AccountId } from './ids.js';
import type { Side } from './tx.js';

export interface SealedBid {
  readonly chainId: Hash;
  readonly market: string;
  readonly period: bigint;
  readonly biddingRound: number;
  readonly account: AccountId;
  readonly side: Side;
  readonly energyWh: WattHour;
  readonly price: Price;
  /** 16 random bytes. */
  readonly nonce: Uint8Array;
}

export const sealedBidHash = (bid: SealedBid): Hash =>
  sha256(
    encodeWire([
      'sealed-bid',
      bid.chainId,
      bid.market,
      bid.period,
      bid.biddingRound,
      bid.account,
      bid.side,
      bid.energyWh,
      bid.price,
      bid.nonce,
    ]),
  );
