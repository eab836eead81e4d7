// Numbers of a run as people read them.
import { printFixed, printMinimal } from '../../../core/src/decimal.js';

export const PRICE_DECIMALS = 3;
export const MONEY_DECIMALS = PRICE_DECIMALS + 3;

/** Wh as kWh. */
export const kWh = (wh: bigint): string => printFixed(wh, 3);
export const kWhMinimal = (wh: bigint): string => printMinimal(wh, 3);
/** Base units as currency, two decimals, half away from zero. */
export function currency(money: bigint): string {
  const unit = 10n ** BigInt(MONEY_DECIMALS - 2);
  const size = money < 0n ? -money : money;
  const cents = (size + unit / 2n) / unit;
  return printFixed(money < 0n ? -cents : cents, 2);
}
export const moneyMinimal = (money: bigint): string => printMinimal(money, MONEY_DECIMALS);
export const price = (value: bigint): string => printFixed(value, PRICE_DECIMALS);

/** Chain ms as date and time of day. */
export const dayTime = (ms: number): string =>
  new Date(ms).toISOString().slice(0, 16).replace('T', ' ');
export const timeOfDay = (ms: number): string => new Date(ms).toISOString().slice(11, 16);

export const percent = (part: bigint, whole: bigint): string =>
  whole === 0n ? '100.00' : printFixed((part * 10_000n) / whole, 2);
export const whole = (value: number): string => (Number.isNaN(value) ? '-' : value.toFixed(0));
