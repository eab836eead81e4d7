// What settles a period besides its readings: the parameters of parameters 3 that concern
// settlement, in base units, and the price of a contract. Defaults and ranges are in the readers
// (file/settleParams.ts; on the chain its parameters).
import type { Money, Price, WattHour } from '../../../core/src/amount.js';
import { assert } from '../../../core/src/assert.js';
import type { ContractRules } from '../call/settle.js';

/** Steps of credit (market-bilateral 7, 8, G3-G5). */
export interface CreditRules {
  /** Performed periods to one point of compensation. */
  readonly c: number;
  /** Bound of the deduction index. */
  readonly iMax: number;
  /** Least energy of contracts for a period to count in D. */
  readonly minVolumeWh: WattHour;
  readonly suspendBelow: number;
}

/** Penalty price (formulas 6-9), ratios in ppm. */
export interface PriceRules {
  readonly k1Ppm: bigint;
  readonly k2Ppm: bigint;
  readonly gPpm: bigint;
}

/** "pooled" is how the printed tables were made (D1); files only. */
export type SharingRule = 'per-penalty' | 'pooled';

export interface PenaltyRules extends PriceRules {
  /** Part of a penalty that goes to the other party. */
  readonly muPpm: bigint;
  /** D8: whoever defaults at C = 100 pays nothing. */
  readonly freeAtFullCredit: boolean;
  readonly sharing: SharingRule;
}

/** Shortfall that is no default: the larger of both (G1). */
export interface Tolerance {
  readonly tolAbsWh: WattHour;
  readonly tolRelPpm: bigint;
}

/** 0 where a fee is off. */
export interface FeeRules {
  /** P_T = C1 + C2 + C3, per kWh delivered. */
  readonly wheeling: Price;
  /** Per contract and side; 0 on a chain, where it is paid with the second confirmation (L4). */
  readonly handling: Money;
}

export type Payment = 'delivered' | 'contract';
export type AllocationRule = 'fifo' | 'pro-rata';

/** Everything that a period is settled by; a module that is off is absent. */
export interface PeriodRules extends ContractRules, Tolerance, FeeRules {
  readonly payment: Payment;
  readonly allocation: AllocationRule;
  readonly credit?: CreditRules | undefined;
  /** Only with payment "delivered" (settlement 4.3). */
  readonly penalty?: PenaltyRules | undefined;
}

/** Twice the price of each side, so that the mean of two quotes is whole (market-reputation 0). */
export interface ContractPrice {
  readonly sellTwice: bigint;
  readonly buyTwice: bigint;
}

/** Both sides at one price. */
export const onePrice = (price: Price): ContractPrice => meanPrice(2n * price);

/** Half of a sum of two quotes, for both sides. */
export const meanPrice = (priceSum: bigint): ContractPrice => twoPrices(priceSum, priceSum);

/** Twice what the seller gets and twice what the buyer pays; the surplus goes to the reserve. */
export function twoPrices(sellTwice: bigint, buyTwice: bigint): ContractPrice {
  assert(sellTwice >= 0n && buyTwice >= sellTwice, 'a buyer pays at least what the seller gets');
  return { sellTwice, buyTwice };
}

/** Money of an energy at half of `priceTwice`, floored (market-reputation 0). */
export const halfCost = (energyWh: bigint, priceTwice: bigint): bigint =>
  (energyWh * priceTwice) / 2n;
