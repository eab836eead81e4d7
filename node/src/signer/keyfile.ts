// Private keys at rest: JSON of the shape of EIP-2335 (scrypt, AES-128-CTR, SHA-256 checksum), mode
// 0600. A key in plain text is written and read only where the caller says so: demo networks.
// One file holds one key; participants' and meters' keys never come to a node.
import { createCipheriv, createDecipheriv, randomBytes, randomUUID, scryptSync } from 'node:crypto';
import { closeSync, fstatSync, fsyncSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import { assert } from '../../../core/src/assert.js';
import { concatBytes, equalBytes, fromHex, toHex } from '../../../core/src/bytes.js';
import { publicKeyOf } from '../../../core/src/ed25519.js';
import { ProtocolError } from '../../../core/src/errors.js';
import { sha256 } from '../../../core/src/hash.js';
import { syncDirectory } from './device.js';

/** 'ed25519': signing key of a node or account. 'beacon': BLS key of consensus 4.5. */
export type KeyKind = 'ed25519' | 'beacon';

export interface StoredKey {
  readonly kind: KeyKind;
  /** 32 bytes: the seed of an Ed25519 key, or the BLS scalar. */
  readonly secret: Uint8Array;
  readonly publicKey: Uint8Array;
}

/** 0.3 to 1 s per file. */
export const SCRYPT_N = 2 ** 18;
/** For networks whose keys protect nothing: about 10 ms. */
export const SCRYPT_N_DEMO = 2 ** 12;
const MAX_SCRYPT_N = 2 ** 20;
const MAX_FILE_BYTES = 8192;
const SECRET_BYTES = 32;

const hex = (bytes?: number) =>
  z
    .string()
    .regex(bytes === undefined ? /^([0-9a-f]{2})+$/ : new RegExp(`^[0-9a-f]{${bytes * 2}}$`));

const scryptParams = z.strictObject({
  dklen: z.literal(32),
  n: z.int().min(2).max(MAX_SCRYPT_N),
  r: z.literal(8),
  p: z.literal(1),
  salt: hex(32),
});
const encryptedForm = z.strictObject({
  version: z.literal(4),
  kind: z.enum(['ed25519', 'beacon']),
  uuid: z.string(),
  path: z.literal(''),
  pubkey: hex(),
  crypto: z.strictObject({
    kdf: z.strictObject({
      function: z.literal('scrypt'),
      params: scryptParams,
      message: z.literal(''),
    }),
    checksum: z.strictObject({
      function: z.literal('sha256'),
      params: z.strictObject({}),
      message: hex(32),
    }),
    cipher: z.strictObject({
      function: z.literal('aes-128-ctr'),
      params: z.strictObject({ iv: hex(16) }),
      message: hex(SECRET_BYTES),
    }),
  }),
});
const plainForm = z.strictObject({
  version: z.literal('plain'),
  kind: z.enum(['ed25519', 'beacon']),
  pubkey: hex(),
  secret: hex(SECRET_BYTES),
});
const form = z.union([encryptedForm, plainForm]);
type EncryptedForm = z.infer<typeof encryptedForm>;

const refuse = (path: string, why: string): ProtocolError =>
  new ProtocolError('KEY_FILE', `${path}: ${why}`, { path });

const bytesOf = (text: string): Uint8Array => {
  const bytes = fromHex(text);
  assert(bytes !== undefined, 'checked by the form');
  return bytes;
};

/** EIP-2335: NFKD, without control characters. */
const passwordBytes = (password: string): Buffer =>
  Buffer.from(password.normalize('NFKD').replace(/\p{Cc}/gu, ''), 'utf8');

function derive(password: string, salt: Uint8Array, n: number): Uint8Array {
  const [r, p] = [8, 1];
  const maxmem = 128 * n * r + 64 * 1024 * 1024;
  return scryptSync(passwordBytes(password), salt, 32, { N: n, r, p, maxmem });
}

/** `password`: encrypted with scrypt N (default SCRYPT_N); 'plain': as text, for demos only. */
export type Protection = 'plain' | { readonly password: string; readonly n?: number };

function encrypted(key: StoredKey, password: string, n: number): EncryptedForm {
  const salt = randomBytes(32);
  const iv = randomBytes(16);
  const derived = derive(password, salt, n);
  const cipher = createCipheriv('aes-128-ctr', derived.subarray(0, 16), iv);
  const message = concatBytes(cipher.update(key.secret), cipher.final());
  const checksum = sha256(concatBytes(derived.subarray(16), message));
  const kdfParams = { dklen: 32 as const, n, r: 8 as const, p: 1 as const, salt: toHex(salt) };
  return {
    version: 4,
    kind: key.kind,
    uuid: randomUUID(),
    path: '',
    pubkey: toHex(key.publicKey),
    crypto: {
      kdf: { function: 'scrypt', params: kdfParams, message: '' },
      checksum: { function: 'sha256', params: {}, message: toHex(checksum) },
      cipher: { function: 'aes-128-ctr', params: { iv: toHex(iv) }, message: toHex(message) },
    },
  };
}

/** Writes a new file, mode 0600, synced. Throws KEY_FILE where one exists already. */
export function writeKeyFile(path: string, key: StoredKey, protection: Protection): void {
  assert(key.secret.length === SECRET_BYTES, 'a secret has 32 bytes');
  const { kind } = key;
  const content =
    protection === 'plain'
      ? { version: 'plain', kind, pubkey: toHex(key.publicKey), secret: toHex(key.secret) }
      : encrypted(key, protection.password, protection.n ?? SCRYPT_N);
  let fd: number;
  try {
    fd = openSync(path, 'wx', 0o600);
  } catch (cause) {
    throw refuse(path, (cause as Error).message);
  }
  try {
    writeFileSync(fd, `${JSON.stringify(content, null, 2)}\n`);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  syncDirectory(dirname(path));
}

export interface ReadKeyOptions {
  readonly password?: string;
  /** Plain files are read only with this. */
  readonly allowPlain?: boolean;
}

function readPrivate(path: string): string {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch (cause) {
    throw refuse(path, (cause as Error).message);
  }
  try {
    const { mode, size } = fstatSync(fd);
    if ((mode & 0o077) !== 0) throw refuse(path, 'others may read or change it; use chmod 600');
    if (size > MAX_FILE_BYTES) throw refuse(path, 'too large');
    return readFileSync(fd, 'utf8');
  } finally {
    closeSync(fd);
  }
}

function parseForm(path: string, text: string): z.infer<typeof form> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw refuse(path, 'not JSON');
  }
  const parsed = form.safeParse(json);
  if (!parsed.success) throw refuse(path, 'not a key file');
  return parsed.data;
}

function decrypt(path: string, file: EncryptedForm, password: string | undefined): Uint8Array {
  if (password === undefined) throw refuse(path, 'a password is wanted');
  const { kdf, checksum, cipher } = file.crypto;
  const derived = derive(password, bytesOf(kdf.params.salt), kdf.params.n);
  const message = bytesOf(cipher.message);
  const computed = sha256(concatBytes(derived.subarray(16), message));
  if (!equalBytes(computed, bytesOf(checksum.message)))
    throw refuse(path, 'wrong password, or damaged');
  const iv = bytesOf(cipher.params.iv);
  const opened = createDecipheriv('aes-128-ctr', derived.subarray(0, 16), iv);
  return concatBytes(opened.update(message), opened.final());
}

/** Throws KEY_FILE: missing, readable by others, damaged, plain without leave, wrong password. */
export function readKeyFile(path: string, options: ReadKeyOptions): StoredKey {
  const file = parseForm(path, readPrivate(path));
  if (file.version === 'plain' && options.allowPlain !== true)
    throw refuse(path, 'the key is not encrypted; only demo networks read such files');
  const secret =
    file.version === 'plain' ? bytesOf(file.secret) : decrypt(path, file, options.password);
  const publicKey = bytesOf(file.pubkey);
  if (file.kind === 'ed25519' && !equalBytes(publicKeyOf(secret), publicKey))
    throw refuse(path, 'the public key is not that of the secret');
  return { kind: file.kind, secret, publicKey };
}
