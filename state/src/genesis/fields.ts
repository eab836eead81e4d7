// Strict reading of a JSON object: every field is named, unknown ones are refused, nothing is
// rounded or guessed. Errors name the path of the field (GENESIS).
import { MAX_AMOUNT } from '../../../core/src/amount.js';
import { fromHex } from '../../../core/src/bytes.js';
import { parseDecimal } from '../../../core/src/decimal.js';
import { ProtocolError } from '../../../core/src/errors.js';

type Json = Readonly<Record<string, unknown>>;

export class Fields {
  private readonly object: Json;
  readonly path: string;

  constructor(value: unknown, path: string, known: readonly string[]) {
    this.path = path;
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      this.refuse('', 'an object is wanted');
    this.object = value as Json;
    for (const name of Object.keys(this.object))
      if (!known.includes(name)) this.refuse(name, 'unknown field', 'UNKNOWN_FIELD');
  }

  refuse(name: string, why: string, code: 'GENESIS' | 'UNKNOWN_FIELD' = 'GENESIS'): never {
    const field = [this.path, name].filter((part) => part !== '').join('.');
    throw new ProtocolError(code, `${field}: ${why}`, { field });
  }

  has(name: string): boolean {
    return this.raw(name) !== undefined;
  }

  raw(name: string): unknown {
    return Object.hasOwn(this.object, name) ? this.object[name] : undefined;
  }

  /** What stands there, or the fallback where nothing does: null is something, and refused. */
  private given(name: string, fallback: unknown): unknown {
    return this.has(name) ? this.raw(name) : fallback;
  }

  object_(name: string, known: readonly string[]): Fields {
    return new Fields(this.given(name, {}), this.at(name), known);
  }

  at(name: string): string {
    return this.path === '' ? name : `${this.path}.${name}`;
  }

  text(name: string, fallback?: string, most = 64): string {
    const value = this.given(name, fallback);
    // Text goes into canonical bytes, which hold ASCII only.
    if (typeof value !== 'string' || value.length > most || !/^[\x20-\x7e]*$/.test(value))
      return this.refuse(name, `text of at most ${most} ASCII characters is wanted`);
    return value;
  }

  flag(name: string, fallback: boolean): boolean {
    const value = this.given(name, fallback);
    return typeof value === 'boolean' ? value : this.refuse(name, 'true or false is wanted');
  }

  integer(name: string, fallback?: number): number {
    const value = this.given(name, fallback);
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0)
      return this.refuse(name, 'a whole number is wanted');
    return value;
  }

  /** A whole number of either sign. */
  whole(name: string, fallback: number): number {
    const value = this.given(name, fallback);
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || Object.is(value, -0))
      return this.refuse(name, 'a whole number is wanted');
    return value;
  }

  decimal(name: string, decimals: number, fallback?: string): bigint {
    const text = this.given(name, fallback);
    if (text === undefined) return this.refuse(name, 'is missing');
    const value = parseDecimal(text, { field: this.at(name), decimals });
    return value <= MAX_AMOUNT ? value : this.refuse(name, 'is too large');
  }

  hex<T extends Uint8Array>(name: string, length: number): T {
    const value = this.raw(name);
    const bytes = typeof value === 'string' ? fromHex(value, length) : undefined;
    return (bytes ?? this.refuse(name, `${length} bytes of lower-case hex are wanted`)) as T;
  }

  list(name: string, max: number): readonly { value: unknown; path: string }[] {
    const value = this.given(name, []);
    if (!Array.isArray(value) || value.length > max)
      return this.refuse(name, `a list of at most ${max} is wanted`);
    return value.map((item, i) => ({ value: item, path: `${this.at(name)}[${i}]` }));
  }
}
