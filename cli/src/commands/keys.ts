// `busbar keys new|show`: key files of people, meters and nodes.
import { randomBytes } from 'node:crypto';
import type { Command } from 'commander';
import { toHex } from '../../../core/src/bytes.js';
import { fromHex } from '../../../core/src/bytes.js';
import { publicKeyOf } from '../../../core/src/ed25519.js';
import { ProtocolError } from '../../../core/src/errors.js';
import { asHash } from '../../../core/src/hash.js';
import { accountIdOf, printAccount, type PublicKey } from '../../../core/src/ids.js';
import { writeKeyFile } from '../../../node/src/signer/keyfile.js';
import { type KeyInfo, readKeyInfo } from '../keyInfo.js';
import { type KeyOptions, passwordOf, withPassword } from '../keystore.js';
import { printJson, printLine } from '../print.js';

interface KeysOptions extends KeyOptions {
  readonly plain?: boolean;
  readonly chain?: string;
  readonly json?: boolean;
}

export function register(program: Command): void {
  const keys = program.command('keys').description('key files');
  withPassword(keys.command('new'))
    .description('make a key and write it to a new file, under a password')
    .argument('<file>', 'the file; must not exist')
    .option('--plain', 'without a password: only demo networks take such keys')
    .option('--json', 'one JSON document on stdout')
    .addHelpText('after', '\nExample:\n  $ busbar keys new home.json --password-file secret.txt')
    .action(make);
  keys
    .command('show')
    .description('public key of a key file, and its account on a chain')
    .argument('<file>', 'the file')
    .option('--chain <id>', 'chain id, to print the account of the key there')
    .option('--json', 'one JSON document on stdout')
    .addHelpText('after', '\nExample:\n  $ busbar keys show home.json --json')
    .action(show);
}

async function make(file: string, options: KeysOptions): Promise<void> {
  const secret = new Uint8Array(randomBytes(32));
  const publicKey = publicKeyOf(secret);
  const key = { kind: 'ed25519', secret, publicKey } as const;
  if (options.plain === true) writeKeyFile(file, key, 'plain');
  else writeKeyFile(file, key, { password: await newPassword(options) });
  print({ kind: 'ed25519', publicKey, plain: options.plain === true }, options);
}

/** A password for a new key file, asked twice where a person types it. Throws USAGE. */
export async function newPassword(options: KeysOptions): Promise<string> {
  const password = await passwordOf(options, 'New password: ');
  if (password === undefined || password === '')
    throw new ProtocolError('USAGE', 'a password is wanted: --password-file FILE, or --plain');
  const asked = options.passwordFile === undefined && process.env.BUSBAR_PASSWORD === undefined;
  if (asked && (await passwordOf(options, 'Once more: ')) !== password)
    throw new ProtocolError('USAGE', 'the two passwords differ');
  return password;
}

function show(file: string, options: KeysOptions): void {
  print(readKeyInfo(file), options);
}

function print({ kind, publicKey, plain }: KeyInfo, { chain, json }: KeysOptions): void {
  const account = chain === undefined ? undefined : accountOn(chain, publicKey);
  if (json === true)
    return printJson({ kind, publicKey: toHex(publicKey), encrypted: !plain, account });
  printLine(`public key  ${toHex(publicKey)}`);
  if (account !== undefined) printLine(`account     ${account}`);
  if (plain) printLine('the secret is not encrypted');
}

function accountOn(chain: string, publicKey: Uint8Array): string {
  const chainId = fromHex(chain, 32);
  if (chainId === undefined) throw new ProtocolError('USAGE', '--chain: 32 bytes of hex');
  return printAccount(accountIdOf(asHash(chainId), publicKey as PublicKey));
}
