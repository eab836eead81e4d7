// Strict reading of the JSON documents of `market clear|settle` (interfaces): every field is known
// by name, every number is a plain decimal string, and what does not fit is refused with the path
// of the field. Knows nothing about markets.
import { MAX_AMOUNT } from '../../../core/src/amount.js';
import { parseDecimal } from '../../../core/src/decimal.js';
import { type ErrorCode, ProtocolError } from '../../../core/src/errors.js';

/** Fields of one JSON object and where it stands ("orders[3]"). */
export interface Fields {
  readonly path: string;
  readonly values: Readonly<Record<string, unknown>>;
}

export function refuse(code: ErrorCode, field: string, why: string): never {
  throw new ProtocolError(code, `${field}: ${why}`, { field });
}

/** The value of JSON text. Throws FILE_FORMAT. */
export function parseJson(text: string, name: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return refuse('FILE_FORMAT', name, 'not JSON');
  }
}

/** The fields of an object, all of which must be `known`. */
export function fieldsOf(value: unknown, path: string, known: ReadonlySet<string>): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return refuse('FILE_FORMAT', path === '' ? 'document' : path, 'an object is wanted');
  for (const name of Object.keys(value))
    if (!known.has(name)) refuse('UNKNOWN_FIELD', pathOf(path, name), 'no such field');
  return { path, values: value as Readonly<Record<string, unknown>> };
}

const pathOf = (path: string, name: string): string => (path === '' ? name : `${path}.${name}`);

/** Path of a field, for messages. */
export const at = (fields: Fields, name: string): string => pathOf(fields.path, name);

export const has = (fields: Fields, name: string): boolean => Object.hasOwn(fields.values, name);

const valueOf = (fields: Fields, name: string): unknown =>
  has(fields, name) ? fields.values[name] : undefined;

function required(fields: Fields, name: string): unknown {
  return has(fields, name)
    ? fields.values[name]
    : refuse('FILE_FORMAT', at(fields, name), 'is missing');
}

/** Items of a list; an absent list is empty where it is `optional`. */
export function listOf(fields: Fields, name: string, optional = false): readonly unknown[] {
  if (optional && !has(fields, name)) return [];
  const value = required(fields, name);
  return Array.isArray(value) ? value : refuse('FILE_FORMAT', at(fields, name), 'a list is wanted');
}

const MAX_TEXT = 128;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;

/** A name: 1 to 128 characters, no control characters. */
export function textOf(fields: Fields, name: string): string {
  const value = required(fields, name);
  if (typeof value !== 'string' || value === '' || value.length > MAX_TEXT || CONTROL.test(value))
    return refuse('FILE_FORMAT', at(fields, name), `a text of 1 to ${MAX_TEXT} characters`);
  return value;
}

export function optionalText(fields: Fields, name: string): string | undefined {
  return has(fields, name) ? textOf(fields, name) : undefined;
}

/** One of a closed list of words. */
export function wordOf<const T extends string>(
  fields: Fields,
  name: string,
  words: readonly T[],
): T {
  const value = required(fields, name);
  const word = words.find((candidate) => candidate === value);
  return word ?? refuse('FILE_FORMAT', at(fields, name), `one of ${words.join(', ')} is wanted`);
}

export function flagOf(fields: Fields, name: string, otherwise: boolean): boolean {
  const value = valueOf(fields, name);
  if (value === undefined) return otherwise;
  return typeof value === 'boolean'
    ? value
    : refuse('FILE_FORMAT', at(fields, name), 'true or false is wanted');
}

export interface Range<T> {
  readonly from: T;
  readonly to: T;
}

/** A whole number that counts something, outside `range` refused with PARAM_RANGE. */
export function countOf(fields: Fields, name: string, range: Range<number>): number {
  const value = required(fields, name);
  if (typeof value !== 'number' || !Number.isSafeInteger(value))
    return refuse('FILE_FORMAT', at(fields, name), 'a whole number is wanted');
  if (value < range.from || value > range.to)
    return refuse('PARAM_RANGE', at(fields, name), `outside ${range.from}..${range.to}`);
  return value;
}

/** An amount in units of 10^-decimals, at most 2^63 - 1. */
export function amountOf(fields: Fields, name: string, decimals: number): bigint {
  const value = parseDecimal(required(fields, name), { field: at(fields, name), decimals });
  return value > MAX_AMOUNT
    ? refuse('AMOUNT_RANGE', at(fields, name), 'larger than any amount can be')
    : value;
}

/** A ratio in ppm, outside `range` (ppm) refused with PARAM_RANGE. */
export function ppmOf(fields: Fields, name: string, range: Range<bigint>): bigint {
  const grammar = { field: at(fields, name), decimals: 6, signed: range.from < 0n };
  const value = parseDecimal(required(fields, name), grammar);
  if (value < range.from || value > range.to)
    return refuse('PARAM_RANGE', at(fields, name), 'outside its range');
  return value;
}

/** A signed amount in units of 10^-decimals, within +-(2^63 - 1). */
export function signedAmountOf(fields: Fields, name: string, decimals: number): bigint {
  const grammar = { field: at(fields, name), decimals, signed: true };
  const value = parseDecimal(required(fields, name), grammar);
  return value > MAX_AMOUNT || value < -MAX_AMOUNT
    ? refuse('AMOUNT_RANGE', at(fields, name), 'larger than any amount can be')
    : value;
}
