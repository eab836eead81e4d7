// Building blocks of parameter schemas: one form each, nothing guessed. What a schema takes in is
// what rpc.discover shows; what it gives out is what a method gets.
import { z } from 'zod';
import { fromHex } from '../../core/src/bytes.js';
import { type AccountId, parseAccount } from '../../core/src/ids.js';

const MAX_U64 = (1n << 64n) - 1n;

/** A whole number as a decimal string. */
export const integer = (about: string) =>
  z
    .string()
    .regex(/^(0|[1-9][0-9]{0,19})$/)
    .transform((text, context) => {
      const value = BigInt(text);
      if (value <= MAX_U64) return value;
      context.addIssue({ code: 'custom', message: 'above 2^64 - 1' });
      return z.NEVER;
    })
    .describe(about);

/** A small whole number (u32) as a decimal string. */
export const count = (about: string) =>
  z
    .string()
    .regex(/^(0|[1-9][0-9]{0,8})$/)
    .transform(Number)
    .describe(about);

/** Bytes as lower-case hex without prefix. */
export const bytes = (about: string, length?: number) =>
  z
    .string()
    .regex(length === undefined ? /^([0-9a-f]{2})*$/ : new RegExp(`^[0-9a-f]{${2 * length}}$`))
    .transform((text) => fromHex(text) as Uint8Array)
    .describe(about);

export const hash = (about: string) => bytes(about, 32);

/** An account id as it is printed. */
export const account = (about: string) =>
  z
    .string()
    .max(64)
    .regex(/^bb1[02-9ac-hj-np-z]+$/)
    .transform((text, context): AccountId => {
      try {
        return parseAccount(text);
      } catch {
        context.addIssue({ code: 'custom', message: 'not an account id' });
        return z.NEVER;
      }
    })
    .describe(about);

export const marketId = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,31}$/)
  .describe('id of a market');

export const flag = (about: string) => z.boolean().describe(about);

/** Where the page before ended. */
export const cursor = z
  .string()
  .regex(/^[0-9]{1,20}(:[0-9]{1,10}){0,2}$/)
  .describe('cursor of the answer before');
