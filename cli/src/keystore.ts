// Keys of the person at the keyboard. They are read here, sign here, and never go to a node.
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { type Command, Option } from 'commander';
import { publicKeyOf, sign } from '../../core/src/ed25519.js';
import { ProtocolError } from '../../core/src/errors.js';
import type { PublicKey } from '../../core/src/ids.js';
import { readKeyFile } from '../../node/src/signer/keyfile.js';
import { readKeyInfo } from './keyInfo.js';
import { readText } from './read.js';

export interface KeyOptions {
  readonly key?: string;
  readonly passwordFile?: string;
}

/** A key that can sign. */
export interface Signer {
  readonly publicKey: PublicKey;
  sign(message: Uint8Array): Uint8Array;
}

export function withKey(command: Command): Command {
  return withPassword(
    command.addOption(new Option('--key <file>', 'key file to sign with').env('BUSBAR_KEY')),
  );
}

export const withPassword = (command: Command): Command =>
  command.option('--password-file <file>', 'first line: password of the key file');

const MAX_PASSWORD_BYTES = 4096;

/** From the file, the environment, or the person; undefined where there is nobody to ask. */
export async function passwordOf(
  options: KeyOptions,
  prompt = 'Password of the key: ',
): Promise<string | undefined> {
  const { passwordFile } = options;
  if (passwordFile !== undefined)
    return readText(passwordFile, MAX_PASSWORD_BYTES).split(/\r?\n/)[0] ?? '';
  return process.env.BUSBAR_PASSWORD ?? (process.stdin.isTTY ? ask(prompt) : undefined);
}

/** Asks without showing what is typed. */
function ask(prompt: string): Promise<string> {
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: silent, terminal: true });
  process.stderr.write(prompt);
  return new Promise((resolve) => {
    lines.question('', (answer) => {
      lines.close();
      process.stderr.write('\n');
      resolve(answer);
    });
  });
}

/** Opens the key of `--key`; one in plain text only for a demo chain. */
export async function openSigner(options: KeyOptions, demo: boolean): Promise<Signer> {
  const { key } = options;
  if (key === undefined) throw new ProtocolError('USAGE', '--key FILE: which key signs?');
  const password = readKeyInfo(key).plain ? undefined : await passwordOf(options);
  const stored = readKeyFile(key, {
    allowPlain: demo,
    ...(password !== undefined && { password }),
  });
  if (stored.kind !== 'ed25519')
    throw new ProtocolError('KEY_FILE', `${key}: not a key for transactions`);
  const { secret } = stored;
  return { publicKey: publicKeyOf(secret), sign: (message) => sign(secret, message) };
}
