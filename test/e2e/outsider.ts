// A node process beside the network: the right genesis, all peers configured, a key of its own that
// nobody has admitted.
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ChainMs } from '../../core/src/amount.js';
import type { PublicKey } from '../../core/src/ids.js';
import { toHex } from '../../core/src/bytes.js';
import { clientOf, type RpcClient } from '../../cli/src/network/client.js';
import { networkPaths, publicKeyIn, readJson, writeJson } from '../../cli/src/network/files.js';
import { newSecret, type Secret } from '../../cli/src/network/keys.js';
import { PROGRAM } from '../../cli/src/installation.js';
import { listenAddress, type NetworkPlan } from '../../cli/src/network/plan.js';
import { freePorts } from '../../cli/src/network/ports.js';
import type { BodyOf, TxOf } from '../../core/src/tx.js';
import type { Signer, Window } from './hand.js';
import { writeKeyFile } from '../../node/src/signer/keyfile.js';

export class Outsider {
  readonly dir: string;
  readonly #secret: Secret = newSecret();
  #rpcPort = 0;
  #child: ChildProcess | undefined;

  /** Makes its files inside the directory of the network. */
  constructor(networkDir: string) {
    this.dir = join(networkDir, 'outsider');
    mkdirSync(this.dir, { mode: 0o700 });
    const { seed, publicKey } = this.#secret;
    writeKeyFile(
      join(this.dir, 'node.json'),
      { kind: 'ed25519', secret: seed, publicKey },
      'plain',
    );
    writeJson(join(this.dir, 'tokens.json'), [{ token: this.#token, scopes: ['read', 'operate'] }]);
  }

  get publicKey(): PublicKey {
    return this.#secret.publicKey;
  }

  readonly #token = toHex(newSecret().seed);

  /** Attempts to connect that came to nothing, by its own log. */
  get refusals(): number {
    return readFileSync(join(this.dir, 'node.log'), 'utf8').split('dial failed').length - 1;
  }

  /** What a centre signs to let it in. */
  admission(centre: Signer, window: Window): TxOf<'admit'> {
    const body: BodyOf<'admit'> = {
      market: '',
      publicKey: this.publicKey,
      role: 'full',
      organisation: 'outsider',
      pMaxImportW: 0n,
      pMaxExportW: 0n,
      green: false,
      node: '',
      expiresMs: 0n as ChainMs,
      commitment: undefined,
    };
    return centre.tx('admit', body, window);
  }

  client(): RpcClient {
    const url = `http://127.0.0.1:${this.#rpcPort}`;
    return clientOf({ name: 'outsider', url, token: this.#token }, 3000);
  }

  async start(networkDir: string): Promise<void> {
    const [p2p = 0, rpc = 0] = await freePorts(2);
    this.#rpcPort = rpc;
    const config = join(this.dir, 'node.toml');
    writeFileSync(config, this.#options(networkDir, p2p), { mode: 0o600 });
    const log = openSync(join(this.dir, 'node.log'), 'a');
    const args = [PROGRAM, 'start', '--config', config];
    this.#child = spawn(process.execPath, args, { stdio: ['ignore', log, log] });
    closeSync(log);
  }

  #options(networkDir: string, p2pPort: number): string {
    const plan = readJson(networkPaths(networkDir).plan) as NetworkPlan;
    const text = (value: string): string => JSON.stringify(value);
    const peers = plan.nodes.map(
      (node) =>
        `[[peers]]\npublicKey = ${text(toHex(publicKeyIn(networkDir, node.name)))}\n` +
        `address = ${text(listenAddress(node))}\n`,
    );
    return [
      'name = "outsider"',
      'role = "full"',
      `dataDir = ${text(join(this.dir, 'data'))}`,
      `genesis = ${text(networkPaths(networkDir).genesis)}`,
      `listen = "/ip4/127.0.0.1/tcp/${p2pPort}"`,
      'logLevel = "debug"',
      'verifyWorkers = 0',
      `keys = { file = ${text(join(this.dir, 'node.json'))}, allowPlain = true }`,
      `rpc = { port = ${this.#rpcPort}, tokens = ${text(join(this.dir, 'tokens.json'))} }`,
      ...peers,
    ].join('\n');
  }

  async stop(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || child.exitCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
  }
}
