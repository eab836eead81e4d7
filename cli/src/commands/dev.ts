// `busbar dev`: a network on this machine, without scripted participants, until a signal.
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { MARKET_ID, periodMsOf } from '../network/genesis.js';
import {
  DEFAULT_HOMES,
  findNetwork,
  type LocalOptions,
  makeNetwork,
  rateOf,
  wholeOption,
} from '../network/local.js';
import { networkPaths } from '../network/files.js';
import { type Network, runNetwork } from '../network/network.js';
import { untilSignal } from '../network/signals.js';
import { printDiagnostic, printJson, printLine, printTable } from '../print.js';

const EXAMPLES = `
The directory holds keys, genesis, logs and data; the same network goes on when it is started again
with the same --dir. Where its nodes answer: DIR/endpoints.json. Keys of the homes: DIR/homes.json.

Example:
  $ busbar dev --dir dev-data --rate 60`;

interface Options {
  readonly dir: string;
  readonly rate?: number;
  readonly validators?: number;
  readonly homes?: number;
  readonly market?: string;
  readonly restart: boolean;
  readonly json?: boolean;
}

/** Wall ms until all processes must answer. */
const READY_MS = 60_000;
/** Chain time starts so long after the files are made, wall ms. */
const LEAD_MS = 3000;

export function register(program: Command): void {
  program
    .command('dev')
    .description('run a network on this machine, without scripted participants')
    .option('--dir <dir>', 'where the network lives', 'dev-data')
    .option(
      '--rate <n>',
      'chain time runs so much faster',
      wholeOption('--rate', { min: 1, max: 100_000 }),
    )
    .option(
      '--validators <n>',
      'beside centre and standby (4)',
      wholeOption('--validators', { min: 1, max: 60 }),
    )
    .option(
      '--homes <n>',
      'accounts with a meter (20)',
      wholeOption('--homes', { min: 1, max: 1000 }),
    )
    .option('--market <mechanism>', 'mechanism of its market (call)')
    .option('--no-restart', 'a process that dies stays dead')
    .option('--json', 'the endpoints as one JSON document on stdout')
    .addHelpText('after', EXAMPLES)
    .action(dev);
}

async function dev(options: Options): Promise<void> {
  const dir = resolve(options.dir);
  const signal = untilSignal();
  const network = await networkOf(dir, options);
  const running = await runNetwork(network, {
    restart: options.restart,
    logLevel: 'info',
    note: printDiagnostic,
    readyMs: READY_MS,
  });
  try {
    const files = await Promise.race([running.ready, signal]);
    if (typeof files !== 'string') {
      if (options.json === true) printJson(files);
      else printUp(running.network, files);
      await signal;
    }
  } finally {
    await running.stop();
  }
}

async function networkOf(dir: string, options: Options): Promise<Network> {
  const { rate, validators, homes, market } = options;
  const wanted: LocalOptions = { kind: 'dev', rate, validators, homes, market };
  const found = findNetwork(dir, wanted);
  if (found !== undefined) return found;
  const now = Date.now();
  return makeNetwork(dir, wanted, {
    names: Array.from({ length: homes ?? DEFAULT_HOMES }, (_, i) => `home-${i + 1}`),
    green: (i) => i % 2 === 0,
    retail: '0.30',
    feedIn: '0.08',
    currency: 'EUR',
    rate: rateOf(wanted),
    wallStartMs: now + LEAD_MS,
    chainStartMs: Math.floor(now / periodMsOf(market)) * periodMsOf(market),
  });
}

function printUp(
  { dir, plan }: Network,
  files: readonly { name: string; role: string; pid: number; rpc: string }[],
): void {
  printTable(
    `Market ${MARKET_ID} (${plan.market}), ${plan.homes} homes, rate ${plan.rate}`,
    files,
    [
      { title: 'node', of: (f) => f.name },
      { title: 'role', of: (f) => f.role },
      { title: 'pid', of: (f) => String(f.pid), right: true },
      { title: 'JSON-RPC', of: (f) => f.rpc },
    ],
  );
  printLine(`Tokens: ${networkPaths(dir).endpoints}. Ctrl-C stops; the same command goes on.`);
}
