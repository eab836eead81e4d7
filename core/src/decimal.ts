// Decimal text at the edges: "0.25" <-> integers in base units. Anything outside the grammar is
// refused by name, never rounded (conventions "Units and exactness").
import { assert } from './assert.js';
import { ProtocolError } from './errors.js';

const PLAIN = /^(0|[1-9][0-9]*)(\.[0-9]+)?$/;
/** No number in a file or a command needs more characters. */
export const MAX_DECIMAL_CHARS = 40;

export interface DecimalGrammar {
  /** Name of the field, for the error. */
  readonly field: string;
  /** Digits allowed after the point. */
  readonly decimals: number;
  /** A leading '-' is allowed ("-0" never is). */
  readonly signed?: boolean;
}

/** Integer in units of 10^-decimals. Throws ProtocolError AMOUNT_GRAMMAR. */
export function parseDecimal(text: unknown, grammar: DecimalGrammar): bigint {
  const refuse = (why: string): never => {
    const shown = String(text).slice(0, MAX_DECIMAL_CHARS);
    throw new ProtocolError('AMOUNT_GRAMMAR', `${grammar.field}: ${why}`, { value: shown });
  };
  if (typeof text !== 'string') return refuse('a decimal string is wanted');
  if (text.length > MAX_DECIMAL_CHARS) return refuse('too long');
  const negative = grammar.signed === true && text.startsWith('-');
  const digits = negative ? text.slice(1) : text;
  if (!PLAIN.test(digits)) return refuse('not a plain decimal number');
  const [whole = '', fraction = ''] = digits.split('.');
  if (fraction.length > grammar.decimals) return refuse(`more than ${grammar.decimals} decimals`);
  const value = BigInt(whole + fraction.padEnd(grammar.decimals, '0'));
  if (negative && value === 0n) return refuse('-0');
  return negative ? -value : value;
}

/** Text with exactly `decimals` digits after the point. */
export function printFixed(value: bigint, decimals: number): string {
  assert(decimals >= 0, 'printFixed: negative decimals');
  const sign = value < 0n ? '-' : '';
  const digits = (value < 0n ? -value : value).toString().padStart(decimals + 1, '0');
  if (decimals === 0) return sign + digits;
  return `${sign}${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}

/** Shortest text: no trailing zeros, no bare point ("220", "0.25"). */
export function printMinimal(value: bigint, decimals: number): string {
  const fixed = printFixed(value, decimals);
  return fixed.includes('.') ? fixed.replace(/\.?0+$/, '') : fixed;
}
