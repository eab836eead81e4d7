// A node as an operating-system process: files in, service up, clean stop on a signal, exit code 74
// after a failed write (reliability D16).
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { toHex } from '../../core/src/bytes.js';
import { ProtocolError } from '../../core/src/errors.js';
import { type Genesis, type GenesisOptions, readGenesis } from '../../state/src/genesis/genesis.js';
import type { TokenEntry } from '../../rpc/src/access.js';
import { createChainClock, systemClock } from './clock.js';
import type { NodeOptions } from './config.js';
import { createLogger } from './log.js';
import { createMetrics } from './metrics.js';
import { countersOf, portLog, watchGauges } from './observe.js';
import type { NodeClock } from './ports.js';
import { type Service, startService } from './service.js';
import { readKeyFile } from './signer/keyfile.js';

/** Exit status after a write that failed: recover from disk, do not retry (EX_IOERR). */
export const EXIT_WRITE_FAILED = 74;
const EXIT_FAILED = 1;
/** A stop that takes longer is cut short, ms. */
const STOP_LIMIT_MS = 8000;

const CHECKED_FILE = 'genesis-checked';

/**
 * The chain's genesis. That its keys are good is checked at the first start in a data directory and
 * noted there. Throws GENESIS.
 */
export function openGenesis(path: string, dataDir: string): Genesis {
  const note = join(dataDir, CHECKED_FILE);
  const before = existsSync(note) ? readFileSync(note, 'utf8').trim() : '';
  const genesis = readGenesisFile(path, { checkedBefore: before });
  if (toHex(genesis.chainId) !== before) writeFileSync(note, `${toHex(genesis.chainId)}\n`);
  return genesis;
}

/** Throws GENESIS where the file is no genesis. */
export function readGenesisFile(path: string, options: GenesisOptions = {}): Genesis {
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new ProtocolError('GENESIS', `${path}: ${(cause as Error).message}`, { path });
  }
  return readGenesis(json, options);
}

export interface ProcessOptions {
  readonly options: NodeOptions;
  readonly version: string;
  readonly password: string | undefined;
}

const clockOf = (genesis: Genesis): NodeClock => {
  const chain = createChainClock({ ...genesis, rate: BigInt(genesis.rate) }, systemClock);
  return { monotonicMs: () => systemClock.monotonicMs(), chainNowMs: () => chain.now() };
};

const tokensForm = z.array(
  z.strictObject({
    token: z.string().min(16).max(256),
    scopes: z.array(z.enum(['read', 'trade', 'operate'])),
    accounts: z.array(z.string()).optional(),
  }),
);

/** Tokens of JSON-RPC with their scopes; without a file nobody gets in. */
function readTokens(path: string | undefined): readonly TokenEntry[] {
  if (path === undefined) return [];
  try {
    return tokensForm.parse(JSON.parse(readFileSync(path, 'utf8'))).map((entry) => ({
      token: entry.token,
      scopes: entry.scopes,
      ...(entry.accounts === undefined ? {} : { accounts: entry.accounts }),
    }));
  } catch (cause) {
    throw new ProtocolError('CONFIG', `rpc.tokens: ${(cause as Error).message}`, { path });
  }
}

/** Key of the node: in the clear only where the chain is a demo or the options say so. */
function readSeed({ options, password }: ProcessOptions, genesis: Genesis): Uint8Array {
  const path = options.keys.file ?? join(options.dataDir, 'keys', 'node.json');
  const allowPlain = options.keys.allowPlain && genesis.demo;
  return readKeyFile(path, { allowPlain, ...(password === undefined ? {} : { password }) }).secret;
}

/** Runs until a signal or a fatal error; resolves with the exit status. */
export async function runProcess(run: ProcessOptions): Promise<number> {
  const { options, version } = run;
  const { name, dataDir, listen, peers = [] } = options;
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const genesis = openGenesis(options.genesis ?? join(dataDir, 'genesis.json'), dataDir);
  const log = portLog(createLogger({ name, level: options.logLevel }));
  const metrics = createMetrics(name);
  let end: (status: number) => void = () => undefined;
  const ended = new Promise<number>((resolve) => {
    end = resolve;
  });
  const { host, port, tokens } = options.rpc;
  const service = await startService({
    name,
    version,
    dataDir,
    genesis,
    seed: readSeed(run, genesis),
    listen,
    gossip: options.gossip,
    peers: peers.map(({ publicKey, address }) => ({ key: publicKey, address })),
    rpc: { host, port, exposed: false, tokens: readTokens(tokens) },
    verifyWorkers: options.verifyWorkers,
    review: options.review,
    clock: clockOf(genesis),
    log,
    counters: countersOf(metrics),
    metrics: options.metrics ? () => metrics.expose() : undefined,
    onFatal: (error) => {
      log.error({ code: error.code, error: error.message }, 'the node stops');
      end(error.code === 'STORE_WRITE' ? EXIT_WRITE_FAILED : EXIT_FAILED);
    },
  });
  const stopWatching = watchGauges(metrics, service.parts);
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => {
      log.info({ signal }, 'stopping');
      end(0);
    });
  const status = await ended;
  stopWatching();
  await stopWithin(service, STOP_LIMIT_MS);
  return status;
}

async function stopWithin(service: Service, limitMs: number): Promise<void> {
  const limit = new Promise<void>((resolve) => setTimeout(resolve, limitMs).unref());
  await Promise.race([service.close().catch(() => undefined), limit]);
}
