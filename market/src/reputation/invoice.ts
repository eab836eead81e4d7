// The final price (market-reputation 1.10, formulas 7 and 8): what a buyer pays, and to whom. The
// seller's half tick is floored and the buyer pays the sum of the parts, so nothing is left over.
import { type Money, money, type Price, type WattHour } from '../../../core/src/amount.js';
import { assert } from '../../../core/src/assert.js';
import { energyMoney, type PriceSum } from './quote.js';

/** C1, C2, C3 per kWh: operation, market and congestion management, ancillary services. */
export interface Wheeling {
  readonly c1: Price;
  readonly c2: Price;
  readonly c3: Price;
}

/** P_T. */
export const wheelingPrice = ({ c1, c2, c3 }: Wheeling): Price => (c1 + c2 + c3) as Price;

/** 2 P_F = 2 P_T + P_U + P_S; the congestion fee comes on top. */
export const finalPriceSum = (priceSum: PriceSum, wheeling: Price): PriceSum =>
  2n * wheeling + priceSum;

export interface Deal {
  readonly energyWh: WattHour;
  readonly priceSum: PriceSum;
  /** P_T. */
  readonly wheeling: Price;
  /** Of the whole deal. */
  readonly congestion: Money;
}

export interface Invoice {
  readonly seller: Money;
  /** Wheeling and congestion. */
  readonly grid: Money;
  readonly buyer: Money;
}

export function invoiceOf({ energyWh, priceSum, wheeling, congestion }: Deal): Invoice {
  const seller = energyMoney(priceSum, energyWh);
  const grid = money(wheeling * energyWh + congestion);
  return { seller, grid, buyer: money(seller + grid) };
}

/**
 * The invoice of the delivered part, min(metered, q), at the same unit prices. The congestion fee
 * is so much per Wh of the deal, so its part is exact.
 */
export function partialInvoice(deal: Deal, meteredWh: WattHour): Invoice {
  const deliveredWh = meteredWh < deal.energyWh ? meteredWh : deal.energyWh;
  const { energyWh, congestion } = deal;
  assert(energyWh > 0n && congestion % energyWh === 0n, 'a congestion fee is so much per Wh');
  const part = money((congestion / energyWh) * deliveredWh);
  return invoiceOf({ ...deal, energyWh: deliveredWh, congestion: part });
}
