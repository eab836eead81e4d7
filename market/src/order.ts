// What a well-formed order is: size, price, reservation price. One check for the chain and for the
// files; it answers with the code of the first rule that is broken. Sealing: seal.ts. Whether the
// sender may trade at all, and has the money, is not decided here.
import type { Price, WattHour } from '../../core/src/amount.js';
import type { ErrorCode } from '../../core/src/errors.js';
import type { Side } from '../../core/src/tx.js';

export interface QuantityRules {
  readonly minOrderWh: WattHour;
  /** Most that the connection carries in a period; absent: no limit (files). */
  readonly pMaxWh?: WattHour | undefined;
}

/** DUST, QUANTITY_LIMIT (market-call 4, settlement 2.1), or undefined. */
export function checkQuantity(energyWh: WattHour, rules: QuantityRules): ErrorCode | undefined {
  if (energyWh <= 0n || energyWh < rules.minOrderWh) return 'DUST';
  if (rules.pMaxWh !== undefined && energyWh > rules.pMaxWh) return 'QUANTITY_LIMIT';
  return undefined;
}

export interface PriceRules {
  /** Price step, in the unit of prices. */
  readonly tick: bigint;
  readonly feedIn: Price;
  readonly retail: Price;
  /** Whether prices outside feed-in and retail are refused (market-call A14). */
  readonly bounds: boolean;
}

/** PRICE_BOUNDS where the price is off the tick or outside the bounds, or undefined. */
export function checkPrice(price: Price, rules: PriceRules): ErrorCode | undefined {
  if (price % rules.tick !== 0n) return 'PRICE_BOUNDS';
  const outside = price < rules.feedIn || price > rules.retail;
  return rules.bounds && outside ? 'PRICE_BOUNDS' : undefined;
}

export interface Quote {
  readonly side: Side;
  readonly price: Price;
  /** Lowest acceptable ask or highest acceptable bid. */
  readonly reserve: Price;
}

/** RESERVE where a quote is worse than its own reservation price (two-round 2), or undefined. */
export function checkReserve({ side, price, reserve }: Quote): ErrorCode | undefined {
  const worse = side === 'sell' ? price < reserve : price > reserve;
  return worse ? 'RESERVE' : undefined;
}

export interface OrderFields extends Quote {
  readonly energyWh: WattHour;
}

/** All of them, in the order in which the chain meets them. */
export function checkOrder(
  order: OrderFields,
  rules: QuantityRules & PriceRules,
): ErrorCode | undefined {
  return (
    checkQuantity(order.energyWh, rules) ?? checkPrice(order.price, rules) ?? checkReserve(order)
  );
}
