// Arguments of commands that go into transactions: ids, delivery periods and amounts, which the
// encoding of a transaction takes for granted.
import {
  MAX_AMOUNT,
  type Money,
  type PeriodIndex,
  type Price,
  type WattHour,
} from '../../core/src/amount.js';
import { fromHex } from '../../core/src/bytes.js';
import { type DecimalGrammar, parseDecimal } from '../../core/src/decimal.js';
import { ProtocolError } from '../../core/src/errors.js';
import { asHash, type Hash, ZERO_HASH } from '../../core/src/hash.js';
import { ENERGY_DECIMALS, type Scale } from './client.js';

/** Throws USAGE. */
export function idOf(text: string): Hash {
  const bytes = fromHex(text, ZERO_HASH.length);
  if (bytes !== undefined) return asHash(bytes);
  throw new ProtocolError('USAGE', 'an id is 64 characters of lower-case hex');
}

/** What a transaction can carry. Throws AMOUNT_GRAMMAR, AMOUNT_RANGE; so do all that follow. */
function amountIn(text: string | undefined, grammar: DecimalGrammar): bigint {
  const value = parseDecimal(text, grammar);
  if (value <= MAX_AMOUNT && value >= -MAX_AMOUNT) return value;
  throw new ProtocolError('AMOUNT_RANGE', `${grammar.field}: too large`);
}

export const wholeOf = (text: string | undefined, field: string): bigint =>
  amountIn(text, { field, decimals: 0 });

export const periodIn = (text: string, field = 'period'): PeriodIndex =>
  wholeOf(text, field) as PeriodIndex;

const MAX_COUNT = 0xffff_ffffn;

export function countIn(text: string, field: string): number {
  const value = wholeOf(text, field);
  if (value > MAX_COUNT) throw new ProtocolError('AMOUNT_RANGE', `${field}: too large`);
  return Number(value);
}

/** kWh (or kW) in Wh (or W). */
export const energyIn = (text: string | undefined, field = 'energy'): WattHour =>
  amountIn(text, { field, decimals: ENERGY_DECIMALS }) as WattHour;

/** kWh that may flow either way, in Wh. */
export const flowIn = (text: string, field: string): bigint =>
  amountIn(text, { field, decimals: ENERGY_DECIMALS, signed: true });

export const priceIn = (text: string | undefined, scale: Scale, field = 'price'): Price =>
  amountIn(text, { field, decimals: scale.price }) as Price;

export const moneyIn = (text: string, scale: Scale, field: string): Money =>
  amountIn(text, { field, decimals: scale.money }) as Money;
