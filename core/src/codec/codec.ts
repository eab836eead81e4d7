// Canonical bytes (conventions "Bytes"): MessagePack arrays of fixed fields, behind a schema.
// Reading: size limit, scan, decode, schema check. Because the scanner admits one encoding per
// value only, encode(decode(b)) = b holds for whatever passes (property-tested).
import { Packr } from 'msgpackr';
import { assert } from '../assert.js';
import { ProtocolError } from '../errors.js';
import { scan } from './scan.js';
import { encodeWire, type Wire } from './write.js';

/** Reads; what writes is write.ts. */
const reader = (copyBuffers: boolean): Packr =>
  new Packr({
    useRecords: false,
    mapsAsObjects: true,
    variableMapSize: true,
    int64AsType: 'bigint',
    copyBuffers,
  });
const copying = reader(true);
const viewing = reader(false);

/** Short bytes are read from here: msgpackr hangs a view of its own on whatever it reads from. */
const desk = new Uint8Array(4096);

function unpack(bytes: Uint8Array, views: boolean): unknown {
  if (views) return viewing.unpack(bytes);
  if (bytes.length > desk.length) return copying.unpack(bytes);
  desk.set(bytes);
  return copying.unpack(desk, { end: bytes.length });
}

export { encodeShared, encodeWire, type Wire } from './write.js';

/** One type of field: how a value looks on the wire and what of the wire is accepted. */
export interface Field<T> {
  readonly name: string;
  /** Fields of a record by name, or what a list or an optional holds: for the reference pages. */
  readonly parts?: Readonly<Record<string, Field<unknown>>>;
  readonly inner?: Field<unknown>;
  toWire(value: T): Wire;
  /** The value, or MISFIT where the wire holds something else. */
  fromWire(wire: unknown): T | typeof MISFIT;
}

/** Not undefined, because an absent optional reads as undefined. */
export const MISFIT: unique symbol = Symbol('misfit');

export type ValueOf<F> = F extends Field<infer T> ? T : never;

function field<T>(name: string, holds: (wire: unknown) => boolean): Field<T> {
  return {
    name,
    toWire(value) {
      assert(holds(value), `not a ${name}`);
      return value as Wire;
    },
    fromWire: (wire) => (holds(wire) ? (wire as T) : MISFIT),
  };
}

const isInt = (v: unknown, from: number, to: number): boolean =>
  typeof v === 'number' && Number.isInteger(v) && v >= from && v <= to && !Object.is(v, -0);
const isBig = (v: unknown, from: bigint, to: bigint): boolean =>
  typeof v === 'bigint' && v >= from && v <= to;

export const u32 = field<number>('u32', (v) => isInt(v, 0, 0xffff_ffff));
export const i32 = field<number>('i32', (v) => isInt(v, -0x8000_0000, 0x7fff_ffff));
export const u64 = field<bigint>('u64', (v) => isBig(v, 0n, (1n << 64n) - 1n));
export const i64 = field<bigint>('i64', (v) => isBig(v, -(1n << 63n), (1n << 63n) - 1n));
export const bool = field<boolean>('bool', (v) => typeof v === 'boolean');

/** A u64 under a brand (Wh, money, price, chain ms, period). */
export const amount = <T extends bigint>(): Field<T> => u64 as unknown as Field<T>;

/** Bytes; exactly `length` of them, or at most `maxLength`. */
export function bin<T extends Uint8Array = Uint8Array>(size: {
  length?: number;
  maxLength?: number;
}): Field<T> {
  const { length, maxLength = length ?? 0 } = size;
  return field<T>(
    length === undefined ? `bin of at most ${maxLength} bytes` : `bin of ${length} bytes`,
    (v) =>
      v instanceof Uint8Array &&
      (length === undefined ? v.length <= maxLength : v.length === length),
  );
}

/** ASCII text of at most `maxLength` characters. */
export function str(maxLength: number): Field<string> {
  return field<string>(
    `str of at most ${maxLength}`,
    // biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII includes them
    (v) => typeof v === 'string' && v.length <= maxLength && /^[\x00-\x7f]*$/.test(v),
  );
}

/** One of a closed list of words. */
export function oneOf<const T extends string>(...words: readonly T[]): Field<T> {
  return field<T>(`one of ${words.join(', ')}`, (v) => words.includes(v as T));
}

/** nil or the field; nil stands only for an absent optional. */
export function optional<T>(inner: Field<T>): Field<T | undefined> {
  return {
    name: `optional ${inner.name}`,
    inner: inner as Field<unknown>,
    toWire: (value) => (value === undefined ? null : inner.toWire(value)),
    fromWire: (wire) => (wire === null ? undefined : inner.fromWire(wire)),
  };
}

/** A list of at most `max` items of one type. */
export function list<T>(inner: Field<T>, max: number): Field<readonly T[]> {
  return {
    name: `list of ${inner.name}`,
    inner: inner as Field<unknown>,
    toWire(values) {
      assert(values.length <= max, `list longer than ${max}`);
      return values.map((value) => inner.toWire(value));
    },
    fromWire(wire) {
      if (!Array.isArray(wire) || wire.length > max) return MISFIT;
      const out: T[] = [];
      for (const item of wire) {
        const value = inner.fromWire(item);
        if (value === MISFIT) return MISFIT;
        out.push(value);
      }
      return out;
    },
  };
}

type Fields = Readonly<Record<string, Field<never>>>;
export type RecordOf<F> = { readonly [K in keyof F]: ValueOf<F[K]> };

/** An array of fixed fields, in the order in which `fields` lists them. */
export function record<const F extends Readonly<Record<string, unknown>>>(
  name: string,
  fields: F,
): Field<RecordOf<F>> {
  const names = Object.keys(fields);
  const inner = Object.values(fields as unknown as Fields) as Field<unknown>[];
  return {
    name,
    parts: fields as unknown as Readonly<Record<string, Field<unknown>>>,
    toWire: (value) =>
      inner.map((field, i) => field.toWire((value as Record<string, unknown>)[names[i] as string])),
    fromWire(wire) {
      if (!Array.isArray(wire) || wire.length !== inner.length) return MISFIT;
      const out: Record<string, unknown> = {};
      for (let i = 0; i < inner.length; i++) {
        const value = (inner[i] as Field<unknown>).fromWire(wire[i]);
        if (value === MISFIT) return MISFIT;
        out[names[i] as string] = value;
      }
      return out as RecordOf<F>;
    },
  };
}

export const encode = <T>(schema: Field<T>, value: T): Uint8Array =>
  encodeWire(schema.toWire(value));

export interface ReadLimits {
  readonly maxBytes: number;
  /** Scalars and arrays together; default 100,000. */
  readonly maxItems?: number;
  /** Byte strings of the result are parts of the bytes read: for what lives no longer than they. */
  readonly views?: boolean;
}

/** The value, or undefined where the bytes are not its canonical encoding. */
export function tryDecode<T>(
  schema: Field<T>,
  bytes: Uint8Array,
  limits: ReadLimits,
): T | undefined {
  if (bytes.length > limits.maxBytes) return undefined;
  if (scan(bytes, limits.maxItems ?? 100_000) !== undefined) return undefined;
  const value = schema.fromWire(unpack(bytes, limits.views === true));
  return value === MISFIT ? undefined : value;
}

/** Like tryDecode; throws ProtocolError TOO_LARGE or BAD_ENCODING. */
export function decode<T>(schema: Field<T>, bytes: Uint8Array, limits: ReadLimits): T {
  if (bytes.length > limits.maxBytes)
    throw new ProtocolError('TOO_LARGE', `${schema.name}: more than ${limits.maxBytes} bytes`);
  const value = tryDecode(schema, bytes, limits);
  if (value === undefined) {
    const why = scan(bytes, limits.maxItems ?? 100_000) ?? 'fields do not fit';
    throw new ProtocolError('BAD_ENCODING', `${schema.name}: ${why}`);
  }
  return value;
}
