// `busbar init DIR`: the folder of one node for its operator: key, options, a token for JSON-RPC,
// and the genesis file where there is one. Nothing that exists is written over.
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { stringify } from 'smol-toml';
import { toHex } from '../../../core/src/bytes.js';
import { publicKeyOf } from '../../../core/src/ed25519.js';
import { ProtocolError } from '../../../core/src/errors.js';
import { checkOptions } from '../../../node/src/config.js';
import { writeKeyFile } from '../../../node/src/signer/keyfile.js';
import { readGenesis } from '../../../state/src/genesis/genesis.js';
import { readGenesisJson, writeGenesisJson } from '../genesisFile.js';
import { type KeyOptions, withPassword } from '../keystore.js';
import { wholeOption } from '../network/local.js';
import { printJson, printLine } from '../print.js';
import { makeFolder, writeText } from '../write.js';
import { newPassword } from './keys.js';

const ROLES: readonly string[] = ['centre', 'standby', 'validator', 'full'];

const EXAMPLES = `
Give the printed public key to whoever makes the genesis file (busbar genesis add-validator), put
the genesis file into the folder, and start the node.

Example:
  $ busbar init v1 --name v1 --role validator --password-file secret.txt
  $ busbar start --config v1/node.toml`;

interface InitOptions extends KeyOptions {
  readonly name: string;
  readonly role: string;
  readonly listen: string;
  readonly rpcPort: number;
  readonly genesis?: string;
  readonly plain?: boolean;
  readonly json?: boolean;
}

export function register(program: Command): void {
  withPassword(program.command('init'))
    .description('make the folder of one node: key, options, token')
    .argument('<dir>', 'folder; must not hold a node yet')
    .requiredOption('--name <name>', 'name of the node in logs and status')
    .option('--role <role>', `${ROLES.join(', ')}`, 'full')
    .option('--listen <address>', 'where peers connect', '/ip4/0.0.0.0/tcp/9000')
    .option(
      '--rpc-port <port>',
      'port of JSON-RPC on loopback',
      wholeOption('--rpc-port', { min: 0, max: 65_535 }),
      9100,
    )
    .option('--genesis <file>', 'genesis file of the chain, copied into the folder')
    .option('--plain', 'a key without a password: only demo networks take such keys')
    .option('--json', 'one JSON document on stdout')
    .addHelpText('after', EXAMPLES)
    .action(init);
}

async function init(folder: string, options: InitOptions): Promise<void> {
  const dir = resolve(folder);
  const config = join(dir, 'node.toml');
  if (existsSync(config)) throw new ProtocolError('CONFIG', `${config} exists already`, { dir });
  const genesis = options.genesis === undefined ? undefined : readGenesisJson(options.genesis);
  if (genesis !== undefined) readGenesis(genesis);
  const files = optionsOf(dir, options);
  if (!ROLES.includes(options.role))
    throw new ProtocolError('USAGE', `--role: one of ${ROLES.join(', ')}`);
  // What `start` would refuse is not written.
  checkOptions(files);
  const protection = options.plain === true ? 'plain' : { password: await newPassword(options) };
  makeFolder(join(dir, 'keys'));
  const secret = new Uint8Array(randomBytes(32));
  const publicKey = publicKeyOf(secret);
  writeKeyFile(files.keys.file, { kind: 'ed25519', secret, publicKey }, protection);
  if (genesis !== undefined) writeGenesisJson(files.genesis, genesis, true);
  const token = randomBytes(24).toString('hex');
  writePrivate(files.rpc.tokens, JSON.stringify([{ token, scopes: ['read', 'trade', 'operate'] }]));
  writePrivate(config, stringify(files));
  if (options.json === true) return printJson({ config, publicKey: toHex(publicKey), token });
  printLine(`public key  ${toHex(publicKey)}`);
  printLine(`options     ${config}`);
  printLine(`token       in ${files.rpc.tokens}`);
  if (genesis === undefined) printLine(`genesis     to be put at ${files.genesis}`);
}

const writePrivate = (path: string, text: string): void =>
  writeText(path, text, { flag: 'wx', mode: 0o600, flush: true });

function optionsOf(dir: string, { name, role, listen, rpcPort, plain }: InitOptions) {
  return {
    name,
    role,
    dataDir: join(dir, 'data'),
    genesis: join(dir, 'genesis.json'),
    listen,
    keys: { file: join(dir, 'keys', 'node.json'), allowPlain: plain === true },
    rpc: { host: '127.0.0.1', port: rpcPort, tokens: join(dir, 'tokens.json') },
  };
}
