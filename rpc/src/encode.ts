// Results as JSON: integers become decimal strings in base units, bytes lower-case hex, absent
// fields vanish. The one place where this happens (interfaces.md "JSON-RPC").
import { AssertionFailure, assert } from '../../core/src/assert.js';

export type Json =
  | string
  | boolean
  | null
  | readonly Json[]
  | { readonly [name: string]: Json | undefined };

/** How a result type looks to a client. */
export type Encoded<T> = T extends bigint | number | Uint8Array
  ? string
  : T extends string | boolean | null | undefined
    ? T
    : T extends readonly (infer U)[]
      ? readonly Encoded<U>[]
      : { readonly [K in keyof T]: Encoded<T[K]> };

/** JSON that is to stay as it is (a schema document has numbers). */
export class Verbatim {
  readonly json: Json;

  constructor(json: unknown) {
    this.json = json as Json;
  }
}

const hexOf = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');

export function toJson(value: unknown): Json {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'bigint':
      return value.toString();
    case 'number':
      assert(Number.isSafeInteger(value), 'a result holds whole numbers only');
      return value.toString();
    case 'object':
      return objectToJson(value);
    default:
      throw new AssertionFailure(`a result holds a ${typeof value}`);
  }
}

function objectToJson(value: object | null): Json {
  if (value === null) return null;
  if (value instanceof Uint8Array) return hexOf(value);
  if (Array.isArray(value)) return value.map(toJson);
  if (value instanceof Verbatim) return value.json;
  const out: Record<string, Json> = {};
  for (const name in value) {
    const field = (value as Record<string, unknown>)[name];
    if (field !== undefined) out[name] = toJson(field);
  }
  return out;
}
