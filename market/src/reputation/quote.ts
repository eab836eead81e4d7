// Whether a quote may stand (market-reputation 1.4): above the floor price, and not worse for the
// other side than the node's previous one. Size, bounds and reserve are checked as in every market
// (order.ts).
import type { Money, Price, WattHour } from '../../../core/src/amount.js';
import type { ErrorCode } from '../../../core/src/errors.js';
import type { Side } from '../../../core/src/tx.js';

/**
 * P_U + P_S of a pair, in the unit of prices: twice the mean, so that no half is lost. Floor price
 * and equilibrium price are compared and weighed in it (market-reputation 0).
 */
export type PriceSum = bigint;

/** PRICE_BOUNDS where a bid is not above the lowest deal of the last period; no deal: no floor. */
export function checkFloor(
  { side, price }: { readonly side: Side; readonly price: Price },
  floor: PriceSum | undefined,
): ErrorCode | undefined {
  if (side === 'sell' || floor === undefined) return undefined;
  return 2n * price > floor ? undefined : 'PRICE_BOUNDS';
}

/** QUOTE_ORDER where an ask rises or a bid falls from one bidding round to a later one. */
export function checkLaterQuote(side: Side, previous: Price, next: Price): ErrorCode | undefined {
  const isWorse = side === 'sell' ? next > previous : next < previous;
  return isWorse ? 'QUOTE_ORDER' : undefined;
}

/** The lowest deal of a period, which is the floor of the next; undefined without a deal. */
export const floorOf = (deals: readonly PriceSum[]): PriceSum | undefined =>
  deals.reduce<PriceSum | undefined>(
    (least, sum) => (least === undefined || sum < least ? sum : least),
    undefined,
  );

/** Money of a pair's energy, floored for the seller (market-reputation 0). */
export const energyMoney = (priceSum: PriceSum, energyWh: WattHour): Money =>
  ((priceSum * energyWh) / 2n) as Money;
