// Pieces of the forms of vector files: hex, hashes, sets, whole numbers; and reading a file by its
// form, which refuses what does not fit with the path of the field.
import { z } from 'zod';
import { fromHex } from '../../../core/src/bytes.js';
import { ProtocolError } from '../../../core/src/errors.js';
import type { Hash } from '../../../core/src/hash.js';
import type { AccountId, PublicKey } from '../../../core/src/ids.js';
import type { Validator } from '../../../core/src/validators.js';

/** Lower-case hex of exactly `length` bytes, or of any number. */
const bytesOf = <T extends Uint8Array>(length?: number) =>
  z.string().transform((text, context): T => {
    const bytes = fromHex(text, length);
    if (bytes !== undefined) return bytes as T;
    context.addIssue({ code: 'custom', message: 'lower-case hex is wanted' });
    return z.NEVER;
  });

export const hex = bytesOf<Uint8Array>();
export const hash = bytesOf<Hash>(32);
export const accountId = bytesOf<AccountId>(20);
export const publicKey = bytesOf<PublicKey>(32);
/** A whole number as text. */
export const whole = z
  .string()
  .regex(/^-?(0|[1-9][0-9]{0,19})$/)
  .transform((text) => BigInt(text));
export const count = z.int().nonnegative();
export const set = z.array(
  z.tuple([accountId, publicKey]).transform(([id, key]): Validator => ({ id, publicKey: key })),
);

/** The vectors of a file. Throws FILE_FORMAT with the first field that does not fit. */
export function readForm<S extends z.ZodType>(
  schema: S,
  document: unknown,
  form: string,
): z.output<S> {
  const read = schema.safeParse(document);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const field = issue?.path.join('.') ?? '';
  throw new ProtocolError('FILE_FORMAT', `${form}: ${field}: ${issue?.message}`, { field });
}
