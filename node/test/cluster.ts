// A whole network in one process for tests: real nodes, real LevelDB files, the memory transport.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toHex } from '../../core/src/bytes.js';
import type { ErrorCode } from '../../core/src/errors.js';
import { type Person, person, testGenesis } from '../../state/test/harness.js';
import { readGenesis, type Genesis } from '../../state/src/genesis/genesis.js';
import { nodeBackend, sodiumBackend } from '../src/crypto/backend.js';
import { createVerifier } from '../src/crypto/verifier.js';
import { openLinks } from '../src/links.js';
import { MemoryNetwork } from '../src/net/memory.js';
import { type NodeParts, startNode } from '../src/node.js';
import type { Counters, Log, NodeClock, Timers } from '../src/ports.js';

export const quietLog: Log = { debug() {}, info() {}, warn() {}, error() {} };

export const timers: Timers = {
  after(ms, action) {
    const handle = setTimeout(action, ms);
    return () => clearTimeout(handle);
  },
};

export interface ClusterOptions {
  readonly validators: number;
  readonly homes?: readonly string[];
  readonly rate?: number;
  readonly log?: (name: string) => Log;
}

export class Cluster {
  readonly dir = mkdtempSync(join(tmpdir(), 'busbar-cluster-'));
  readonly genesis: Genesis;
  readonly names: readonly string[];
  readonly nodes = new Map<string, NodeParts>();
  readonly refusals: ErrorCode[] = [];
  readonly #network = new MemoryNetwork();
  readonly #options: ClusterOptions;

  constructor(options: ClusterOptions) {
    this.#options = options;
    const validators = Array.from({ length: options.validators }, (_, i) => `v${i + 1}`);
    this.names = ['centre', 'standby', ...validators];
    const rate = options.rate ?? 60;
    this.genesis = readGenesis(
      testGenesis(options.homes ?? ['ann', 'bob'], {
        clock: { wallStartMs: Date.now(), chainStartMs: 0, rate },
        consensus: {
          minBlockMs: 50,
          maxIdleMs: 1000,
          proposeTimeoutMs: 400,
          voteTimeoutMs: 200,
          driftMs: 300,
        },
        centres: ['centre', 'standby'].map((name) => ({
          name,
          publicKey: toHex(person(name).key),
        })),
        validators: validators.map((name) => ({
          name,
          organisation: name,
          publicKey: toHex(person(name).key),
        })),
      }),
    );
  }

  clock(): NodeClock {
    const { wallStartMs, chainStartMs, rate } = this.genesis;
    return {
      monotonicMs: () => performance.now(),
      chainNowMs: () => chainStartMs + BigInt(rate) * (BigInt(Date.now()) - wallStartMs),
    };
  }

  async start(name: string): Promise<NodeParts> {
    const who: Person = person(name);
    const backend = sodiumBackend() ?? nodeBackend();
    const counters: Counters = { finalBlock() {}, diskWrite() {}, refused() {}, nilVote() {} };
    const node = await startNode({
      genesis: this.genesis,
      dataDir: join(this.dir, name),
      keyPair: backend.keyPair(who.seed),
      backend,
      verifier: createVerifier({ backend, workers: 0 }),
      clock: this.clock(),
      timers,
      log: this.#options.log?.(name) ?? quietLog,
      counters,
      stop: (error) => {
        this.refusals.push(error.code);
        throw error;
      },
      openLinks: (admitted, events) =>
        openLinks(
          {
            admitted,
            peers: this.names
              .filter((other) => other !== name)
              .map((other) => ({ key: toHex(person(other).key), address: other })),
            create: async (handlers) => this.#network.create(toHex(who.key), handlers),
          },
          events,
        ),
    });
    this.nodes.set(name, node);
    return node;
  }

  async startAll(): Promise<void> {
    for (const name of this.names) await this.start(name);
  }

  async stop(name: string): Promise<void> {
    await this.nodes.get(name)?.close();
    this.nodes.delete(name);
  }

  height(name: string): bigint {
    return this.nodes.get(name)?.executor.at.parent.height ?? -1n;
  }

  /** Waits until every running node has the height; false when it takes too long. */
  async reach(height: bigint, limitMs = 60_000): Promise<boolean> {
    const end = performance.now() + limitMs;
    while (performance.now() < end) {
      if ([...this.nodes.keys()].every((name) => this.height(name) >= height)) return true;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return false;
  }

  async close(): Promise<void> {
    for (const name of [...this.nodes.keys()]) await this.stop(name);
    rmSync(this.dir, { recursive: true, force: true });
  }
}
