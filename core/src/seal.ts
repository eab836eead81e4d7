// The sealed bid of every market on chain (conventions "Sealed bid").
import type { PeriodIndex, Price, WattHour } from './amount.js';
import { encodeWire } from './codec/codec.js';
import { type Hash, sha256 } from './hash.js';
import type { AccountId } from './ids.js';
import type { Mechanism } from './markets.js';
import type { BodyOf, Side } from './tx.js';

export interface SealedBid {
  readonly chainId: Hash;
  readonly market: string;
  readonly period: PeriodIndex;
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

/** What the chain sees of a bid: only the call market declares its side and energy openly. */
export function sealBody(mechanism: Mechanism, bid: SealedBid): BodyOf<'sealBid'> {
  const { market, period, biddingRound, side, energyWh } = bid;
  const shown =
    mechanism === 'call' ? { side, energyWh } : { side: undefined, energyWh: undefined };
  return { market, period, biddingRound, hash: sealedBidHash(bid), ...shown };
}
