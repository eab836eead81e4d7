// Escrow of a contract and its partial settlement (market-neighbourhood 1.5): what was delivered is
// paid, what was not goes back, what came on top is the grid's. How a meter's reading falls to
// several contracts: settle/allocate.ts with "pro-rata".
import { least, type Price, type WattHour } from '../../../core/src/amount.js';

export interface EscrowContract {
  readonly energyWh: WattHour;
  /** Per kWh, paid by the buyer. */
  readonly buyPrice: Price;
  /** Per kWh, received by the seller; at most the price of the buyer. */
  readonly sellPrice: Price;
}

/** Money sums to the escrow: paid + surplus + refunded. */
export interface PartialSettlement {
  /** x1: at most what the contract says. */
  readonly deliveredWh: bigint;
  /** To the seller. */
  readonly paid: bigint;
  /** To `pool:reserve` (two-price rules). */
  readonly surplus: bigint;
  /** Back to the buyer. */
  readonly refunded: bigint;
  /** Delivered above the contract, sold to the grid at feed-in. */
  readonly excessWh: bigint;
}

/** What the buyer's escrow of a contract holds. */
export const escrowOf = ({ energyWh, buyPrice }: EscrowContract): bigint => energyWh * buyPrice;

export function settleEscrow(contract: EscrowContract, meteredWh: bigint): PartialSettlement {
  const { energyWh, buyPrice, sellPrice } = contract;
  const deliveredWh = least<bigint>(meteredWh, energyWh);
  return {
    deliveredWh,
    paid: deliveredWh * sellPrice,
    surplus: deliveredWh * (buyPrice - sellPrice),
    refunded: (energyWh - deliveredWh) * buyPrice,
    excessWh: meteredWh - deliveredWh,
  };
}
