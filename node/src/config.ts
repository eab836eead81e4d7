// Options of one node: a TOML file under overrides of the command line, checked once and frozen.
// What the chain decides (genesis, parameters) is not here. Every refusal names its option.
import { readFileSync } from 'node:fs';
import { parse } from 'smol-toml';
import { z } from 'zod';
import { PUBLIC_KEY_BYTES } from '../../core/src/ids.js';
import { ProtocolError } from '../../core/src/errors.js';

const MAX_FILE_BYTES = 256 * 1024;

const text = (most: number) => z.string().min(1).max(most);
const port = z.int().min(0).max(65_535);
const publicKey = z.string().regex(new RegExp(`^[0-9a-f]{${2 * PUBLIC_KEY_BYTES}}$`), {
  error: 'a public key is 64 hex digits',
});
/** For example /ip4/10.0.0.1/tcp/9000 or /dns4/node.example/tcp/9000. */
const address = z.string().regex(/^\/(ip4|ip6|dns4|dns6|dns)\/[^/]+\/tcp\/[0-9]{1,5}$/, {
  error: 'an address looks like /ip4/127.0.0.1/tcp/9000',
});

export const ROLES = ['centre', 'standby', 'validator', 'full'] as const;
export type Role = (typeof ROLES)[number];
export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const;

const rpc = z.strictObject({
  host: text(255).default('127.0.0.1').describe('Address on which JSON-RPC listens.'),
  port: port.default(9100).describe('Port of JSON-RPC; 0 takes a free one.'),
  tokens: text(4096).optional().describe('File with the tokens and their scopes.'),
});

const peer = z.strictObject({
  publicKey: publicKey.describe('Public key of the peer.'),
  address: address.describe('Where the peer listens.'),
});

const keys = z.strictObject({
  file: text(4096).optional().describe('Key file of the node; default keys/node.json in dataDir.'),
  beaconFile: text(4096).optional().describe('Beacon key of a validator.'),
  allowPlain: z
    .boolean()
    .default(false)
    .describe('Read unencrypted key files: demo networks only.'),
});

export const optionsSchema = z.strictObject({
  name: text(64).describe('Name in logs and status.'),
  role: z.enum(ROLES).default('full').describe('What the node is for.'),
  dataDir: text(4096).describe('Directory of store, sign-state and journal.'),
  genesis: text(4096).optional().describe('Genesis file; default genesis.json in dataDir.'),
  listen: address.default('/ip4/0.0.0.0/tcp/9000').describe('Where peers connect.'),
  gossip: z
    .enum(['direct', 'gossipsub'])
    .default('direct')
    .describe('How transactions spread: over the direct streams, or by gossipsub.'),
  keys: keys.prefault({}).describe('Keys of the node.'),
  rpc: rpc.prefault({}).describe('JSON-RPC.'),
  peers: z.array(peer).max(256).optional().describe('Peers in place of those of genesis.'),
  logLevel: z.enum(LOG_LEVELS).default('info').describe('Least level that is logged.'),
  verifyWorkers: z
    .int()
    .min(0)
    .max(64)
    .optional()
    .describe('Threads that verify signatures; 0: none. Default: cores - 1, none on two cores.'),
  review: z
    .boolean()
    .default(true)
    .describe('A validator votes by itself on listings that it has to review.'),
  metrics: z.boolean().default(true).describe('Serve /metrics beside JSON-RPC.'),
});

type Frozen<T> = T extends readonly (infer U)[]
  ? readonly Frozen<U>[]
  : T extends object
    ? { readonly [K in keyof T]: Frozen<T[K]> }
    : T;
export type NodeOptions = Frozen<z.output<typeof optionsSchema>>;
/** Values from the command line; they stand before those of the file, field by field. */
export type Overrides = { readonly [key: string]: unknown };

const refuse = (option: string, why: string): ProtocolError =>
  new ProtocolError('CONFIG', `${option}: ${why}`, { option });

const isTable = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function merge(below: unknown, above: unknown): unknown {
  if (above === undefined) return below;
  if (!isTable(below) || !isTable(above)) return above;
  const out: Record<string, unknown> = { ...below };
  for (const [key, value] of Object.entries(above)) out[key] = merge(out[key], value);
  return out;
}

function freeze<T>(value: T): Frozen<T> {
  if (typeof value === 'object' && value !== null) {
    for (const inner of Object.values(value)) freeze(inner);
    Object.freeze(value);
  }
  return value as Frozen<T>;
}

/** Options from a parsed file and overrides. Throws CONFIG. */
export function checkOptions(file: unknown, overrides: Overrides = {}): NodeOptions {
  const parsed = optionsSchema.safeParse(merge(file, overrides));
  if (parsed.success) return freeze(parsed.data);
  const [issue] = parsed.error.issues;
  const path = issue?.path.join('.') ?? '';
  if (issue?.code === 'unrecognized_keys') {
    const name = [path, issue.keys[0]].filter((part) => part !== '').join('.');
    throw refuse(name, 'no such option');
  }
  throw refuse(path === '' ? 'options' : path, issue?.message ?? 'not accepted');
}

/** Reads a TOML file; without a path only the overrides count. Throws CONFIG. */
export function loadOptions(path: string | undefined, overrides: Overrides = {}): NodeOptions {
  return checkOptions(path === undefined ? {} : readToml(path), overrides);
}

function readToml(path: string): unknown {
  let content: string;
  try {
    content = readFileSync(path, 'utf8');
  } catch (cause) {
    throw refuse('file', (cause as Error).message);
  }
  if (content.length > MAX_FILE_BYTES) throw refuse('file', `${path}: too large`);
  try {
    return parse(content);
  } catch (cause) {
    throw refuse('file', `${path}: ${(cause as Error).message.split('\n')[0]}`);
  }
}
