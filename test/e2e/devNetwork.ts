// `busbar dev` for tests: a network of real processes in a directory of its own, reached over
// JSON-RPC alone; its processes can be killed. It decides nothing about what should be true.
// (interfaces.md "A network to script against")
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { ProtocolError } from '../../core/src/errors.js';
import { clientOf, type RpcClient } from '../../cli/src/network/client.js';
import {
  type EndpointFile,
  networkPaths,
  nodePaths,
  readJson,
} from '../../cli/src/network/files.js';
import { type HomeKeys, loadHomes } from '../../cli/src/network/keys.js';
import { PROGRAM } from '../../cli/src/installation.js';

export interface DevOptions {
  readonly rate: number;
  readonly homes: number;
}

/** Wall ms; machines differ, nothing is concluded from being quick. */
export const GENEROUS_MS = 120_000;
const CALL_MS = 3000;
const POLL_MS = 50;
const STOP_MS = 30_000;
const TAIL_LINES = 12;

/** A node that does not answer now may answer later. */
async function orSilent<T>(look: () => Promise<T> | T): Promise<T | undefined> {
  try {
    return await look();
  } catch (error) {
    if (error instanceof ProtocolError && error.code === 'RPC_UNREACHABLE') return undefined;
    throw error;
  }
}

/** Polls until `look` gives something else than undefined; throws CHECK_FAILED after `limitMs`. */
export async function until<T>(
  what: string,
  look: () => Promise<T | undefined> | T | undefined,
  limitMs = GENEROUS_MS,
): Promise<T> {
  for (const end = performance.now() + limitMs; performance.now() < end; ) {
    const found = await orSilent(look);
    if (found !== undefined) return found;
    await sleep(POLL_MS);
  }
  throw new ProtocolError('CHECK_FAILED', `${what}: not within ${limitMs} ms`);
}

/** One look at a node. */
export interface Sight {
  readonly height: bigint;
  readonly hash: string;
}

export class DevNetwork {
  readonly dir = mkdtempSync(join(tmpdir(), 'busbar-e2e-'));
  readonly #options: DevOptions;
  #child: ChildProcess | undefined;
  readonly #onExit = (): void => void this.#child?.kill('SIGTERM');

  constructor(options: DevOptions) {
    this.#options = options;
  }

  get logFile(): string {
    return join(this.dir, 'dev.log');
  }

  /** Starts, or goes on from the directory; resolves once every process answers. */
  async up(): Promise<void> {
    const { rate, homes } = this.#options;
    const args = [PROGRAM, 'dev', '--dir', this.dir, '--rate', `${rate}`, '--homes', `${homes}`];
    const log = openSync(this.logFile, 'a');
    const child = spawn(process.execPath, args, { stdio: ['ignore', log, log] });
    closeSync(log);
    this.#child = child;
    process.once('exit', this.#onExit);
    await until('the network answers', () => {
      if (child.exitCode !== null)
        throw new ProtocolError('CHECK_FAILED', `busbar dev ended with ${child.exitCode}`);
      return this.nodes().length > 0 ? true : undefined;
    });
  }

  /** Where the processes answer now, with their pids; empty until all answer. */
  nodes(): readonly EndpointFile[] {
    const { endpoints } = networkPaths(this.dir);
    return (readJson(endpoints) as readonly EndpointFile[] | undefined) ?? [];
  }

  get names(): readonly string[] {
    return this.nodes().map(({ name }) => name);
  }

  node(name: string): EndpointFile {
    const found = this.nodes().find((node) => node.name === name);
    if (found === undefined) throw new ProtocolError('NOT_FOUND', `no node ${name}`);
    return found;
  }

  client(name: string): RpcClient {
    const { rpc, token } = this.node(name);
    return clientOf({ name, url: rpc, token }, CALL_MS);
  }

  homes(): readonly HomeKeys[] {
    return loadHomes(readJson(networkPaths(this.dir).homes));
  }

  /** Newest final block of a node; undefined while it does not answer. */
  async sight(name: string): Promise<Sight | undefined> {
    const status = await orSilent(() => this.client(name).call('node_status', {}));
    return status && { height: BigInt(status.height.final), hash: status.finalHash };
  }

  /** Greatest final height among the nodes that answer. */
  async tip(names: readonly string[] = this.names): Promise<bigint> {
    const sights = await Promise.all(names.map((name) => this.sight(name)));
    return sights.reduce((most, s) => (s !== undefined && s.height > most ? s.height : most), 0n);
  }

  async reach(height: bigint, names = this.names, limitMs = GENEROUS_MS): Promise<void> {
    await until(
      `height ${height} at ${names.join(', ')}`,
      async () => {
        const sights = await Promise.all(names.map((name) => this.sight(name)));
        return sights.every((s) => s !== undefined && s.height >= height) ? true : undefined;
      },
      limitMs,
    );
  }

  /** kill -9; gives the pid that ended. */
  kill(name: string): number {
    const { pid } = this.node(name);
    process.kill(pid, 'SIGKILL');
    return pid;
  }

  /** Wall moment (performance.now) at which the process after `oldPid` was seen started. */
  async restarted(name: string, oldPid: number): Promise<number> {
    return until(`${name} is started again`, () => {
      const found = this.nodes().find((node) => node.name === name);
      return found !== undefined && found.pid !== 0 && found.pid !== oldPid
        ? performance.now()
        : undefined;
    });
  }

  /** Stops the processes as SIGTERM does; the directory stays. */
  async down(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    process.off('exit', this.#onExit);
    if (child === undefined || child.exitCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    const limit = sleep(STOP_MS, 'late', { ref: false });
    if ((await Promise.race([ended, limit])) === 'late') child.kill('SIGKILL');
  }

  /** The last lines of every log, for a failure. */
  tails(): string {
    const files = [this.logFile, ...this.names.map((name) => nodePaths(this.dir, name).log)];
    return files.map((file) => `== ${file}\n${tailOf(file)}`).join('\n');
  }

  async close(): Promise<void> {
    await this.down();
    rmSync(this.dir, { recursive: true, force: true });
  }
}

function tailOf(file: string): string {
  try {
    return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-TAIL_LINES).join('\n');
  } catch {
    return '(no such file)';
  }
}

/** Runs the body of a test; a failure is told with what the nodes wrote last. */
export const reporting =
  (net: DevNetwork) =>
  (body: (t: TestContext) => Promise<void>) =>
  async (t: TestContext): Promise<void> => {
    try {
      await body(t);
    } catch (error) {
      t.diagnostic(net.tails());
      throw error;
    }
  };
