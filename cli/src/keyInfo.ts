// What a key file says openly: kind and public key. The secret stays shut.
import { z } from 'zod';
import { fromHex } from '../../core/src/bytes.js';
import { ProtocolError } from '../../core/src/errors.js';
import { readText } from './read.js';

const MAX_KEY_FILE_BYTES = 8192;
const form = z.looseObject({
  version: z.union([z.string(), z.number()]),
  kind: z.string(),
  pubkey: z.string(),
});

export interface KeyInfo {
  readonly kind: string;
  readonly publicKey: Uint8Array;
  /** The secret stands in the file as it is. */
  readonly plain: boolean;
}

export function readKeyInfo(path: string): KeyInfo {
  const refuse = (why: string): never => {
    throw new ProtocolError('KEY_FILE', `${path}: ${why}`, { path });
  };
  let json: unknown;
  try {
    json = JSON.parse(readText(path, MAX_KEY_FILE_BYTES));
  } catch (error) {
    if (error instanceof ProtocolError) throw error;
    return refuse('not JSON');
  }
  const parsed = form.safeParse(json);
  const publicKey = parsed.success ? fromHex(parsed.data.pubkey) : undefined;
  if (!parsed.success || publicKey === undefined) return refuse('not a key file');
  return { kind: parsed.data.kind, publicKey, plain: parsed.data.version === 'plain' };
}

export const publicKeyIn = (path: string): Uint8Array => readKeyInfo(path).publicKey;
