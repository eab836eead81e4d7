// Exact amounts (conventions "Units and exactness"). Everything is a bigint in base units:
//   energy  Wh
//   price   10^-p currency per kWh, p = priceDecimals of genesis
//   money   10^-(p+3) currency, so that price x energy is exact
// This file does not know about accounts, nor about text (decimal.ts).
import { assert } from './assert.js';

declare const unit: unique symbol;
export type WattHour = bigint & { readonly [unit]: 'Wh' };
export type Price = bigint & { readonly [unit]: 'price' };
export type Money = bigint & { readonly [unit]: 'money' };
/** Chain time, ms. */
export type ChainMs = bigint & { readonly [unit]: 'chain ms' };
/** Index of a delivery period: floor(time / periodMs). */
export type PeriodIndex = bigint & { readonly [unit]: 'period' };

/** Largest amount of anything: 2^63 - 1 (province scale, conventions). */
export const MAX_AMOUNT = (1n << 63n) - 1n;

const inRange = (value: bigint): boolean => value >= -MAX_AMOUNT && value <= MAX_AMOUNT;

/** Energy in Wh, 0..2^63-1. */
export function wattHours(value: bigint): WattHour {
  assert(value >= 0n && value <= MAX_AMOUNT, 'energy out of range');
  return value as WattHour;
}

/** Energy in Wh with a sign (deviations), within +-(2^63-1). */
export function signedWattHours(value: bigint): WattHour {
  assert(inRange(value), 'energy out of range');
  return value as WattHour;
}

/** Price per kWh in 10^-p currency, 0..2^63-1. */
export function price(value: bigint): Price {
  assert(value >= 0n && value <= MAX_AMOUNT, 'price out of range');
  return value as Price;
}

/** Money in 10^-(p+3) currency, within +-(2^63-1). */
export function money(value: bigint): Money {
  assert(inRange(value), 'money out of range');
  return value as Money;
}

export const NO_MONEY = 0n as Money;
export const NO_ENERGY = 0n as WattHour;

/** Exact: (10^-p currency / kWh) x Wh = 10^-(p+3) currency. */
export const cost = (energyWh: WattHour, pricePerKWh: Price): Money =>
  money(energyWh * pricePerKWh);

export const addMoney = (a: Money, b: Money): Money => money(a + b);
export const subMoney = (a: Money, b: Money): Money => money(a - b);

export const least = <T extends bigint>(a: T, b: T): T => (a < b ? a : b);
export const largest = <T extends bigint>(a: T, b: T): T => (a > b ? a : b);

/** Quotient rounded toward minus infinity; the divisor is positive. */
export function divFloor(a: bigint, b: bigint): bigint {
  assert(b > 0n, 'divFloor: divisor must be positive');
  const quotient = a / b;
  return a % b !== 0n && a < 0n ? quotient - 1n : quotient;
}

/** Quotient rounded half away from zero; the divisor is positive. */
export function divHalfAway(a: bigint, b: bigint): bigint {
  assert(b > 0n, 'divHalfAway: divisor must be positive');
  const quotient = (2n * (a < 0n ? -a : a) + b) / (2n * b);
  return a < 0n ? -quotient : quotient;
}
