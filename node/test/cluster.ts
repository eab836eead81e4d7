// A whole network in one process for tests: real nodes, real LevelDB files, the memory transport.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ChainMs } from '../../core/src/amount.js';
import { assert } from '../../core/src/assert.js';
import { toHex, u64be } from '../../core/src/bytes.js';
import { sign } from '../../core/src/ed25519.js';
import type { ErrorCode } from '../../core/src/errors.js';
import { type AccountId, accountIdOf } from '../../core/src/ids.js';
import { type BodyOf, buildTx, type TxKind, type TxOf } from '../../core/src/tx.js';
import { type Person, person, testGenesis } from '../../state/test/harness.js';
import { readGenesis, type Genesis } from '../../state/src/genesis/genesis.js';
import type { World } from '../../state/src/world.js';
import { nodeBackend, sodiumBackend } from '../src/crypto/backend.js';
import { createVerifier } from '../src/crypto/verifier.js';
import { openLinks } from '../src/links.js';
import { MemoryNetwork } from '../src/net/memory.js';
import { type NodeParts, startNode } from '../src/node.js';
import type { Counters, Log, NodeClock, Timers } from '../src/ports.js';

export const quietLog: Log = { debug() {}, info() {}, warn() {}, error() {} };

/** Timers that are set and neither fired nor cancelled, by all nodes of this process. */
export const pendingTimers = new Set<NodeJS.Timeout>();

export const timers: Timers = {
  after(ms, action) {
    const handle = setTimeout(() => {
      pendingTimers.delete(handle);
      action();
    }, ms);
    pendingTimers.add(handle);
    return () => {
      pendingTimers.delete(handle);
      clearTimeout(handle);
    };
  },
};

export interface ClusterOptions {
  readonly validators: number;
  readonly homes?: readonly string[];
  readonly rate?: number;
  /** Wall ms; default 1000. */
  readonly maxIdleMs?: number;
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
  #skippedMs = 0n;
  #salt = 0n;

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
          maxIdleMs: options.maxIdleMs ?? 1000,
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
    const wallMs = (): bigint => BigInt(Date.now()) + this.#skippedMs;
    return {
      monotonicMs: () => performance.now(),
      chainNowMs: () => chainStartMs + BigInt(rate) * (wallMs() - wallStartMs),
    };
  }

  /** All clocks go forward: what a stop of so many wall ms does. */
  skip(ms: bigint): void {
    this.#skippedMs += ms;
  }

  /** Signed by a person, valid from the newest final block on. */
  tx<K extends TxKind>(who: Person, kind: K, body: BodyOf<K>): TxOf<K> {
    const { chainId } = this.genesis;
    const now = this.clock().chainNowMs();
    const draft = {
      kind,
      sender: this.idOf(who),
      validFrom: now as ChainMs,
      validUntil: (now + 3_000_000n) as ChainMs,
      salt: u64be(++this.#salt),
      body,
    };
    return buildTx(chainId, draft, (bytes) => sign(who.seed, bytes));
  }

  idOf(who: Person): AccountId {
    return accountIdOf(this.genesis.chainId, who.key);
  }

  /** Final state of a running node. */
  world(name: string): World {
    const node = this.nodes.get(name);
    assert(node !== undefined, 'a node that runs');
    return node.executor.world();
  }

  /** Waits for a fact about every running node; false when it takes too long. */
  async until(holds: (node: NodeParts) => boolean, limitMs = 60_000): Promise<boolean> {
    for (const end = performance.now() + limitMs; performance.now() < end; ) {
      if ([...this.nodes.values()].every(holds)) return true;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return false;
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
    return this.until((node) => node.executor.at.parent.height >= height, limitMs);
  }

  async close(): Promise<void> {
    for (const name of [...this.nodes.keys()]) await this.stop(name);
    rmSync(this.dir, { recursive: true, force: true });
  }
}
