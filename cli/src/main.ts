// The program `busbar`: one file per command in commands/, each of which registers itself.
// Ends with 0 ok, 1 refused or failed with a code of core/errors.ts, 2 usage.
import { Command, CommanderError } from 'commander';
import { ProtocolError } from '../../core/src/errors.js';
import { printDiagnostic, printJson, ReportedFailure } from './print.js';

/** By the file's main command; loaded when it is called, so that a node starts without the rest. */
const COMMANDS = {
  account: () => import('./commands/account.js'),
  admit: () => import('./commands/admit.js'),
  auction: () => import('./commands/auction.js'),
  certificate: () => import('./commands/certificate.js'),
  choose: () => import('./commands/choose.js'),
  conformance: () => import('./commands/conformance.js'),
  contract: () => import('./commands/contract.js'),
  correct: () => import('./commands/correct.js'),
  demo: () => import('./commands/demo.js'),
  dev: () => import('./commands/dev.js'),
  flex: () => import('./commands/flex.js'),
  forecast: () => import('./commands/forecast.js'),
  genesis: () => import('./commands/genesis.js'),
  grid: () => import('./commands/grid.js'),
  init: () => import('./commands/init.js'),
  keys: () => import('./commands/keys.js'),
  market: () => import('./commands/market.js'),
  meter: () => import('./commands/meter.js'),
  offer: () => import('./commands/offer.js'),
  order: () => import('./commands/order.js'),
  points: () => import('./commands/points.js'),
  right: () => import('./commands/right.js'),
  rpc: () => import('./commands/rpc.js'),
  start: () => import('./commands/start.js'),
  status: () => import('./commands/status.js'),
  watch: () => import('./commands/watch.js'),
} as const;

/** The files for a first word: one where it names one, else all (help, other words, mistakes). */
async function filesFor(word: string | undefined) {
  const load = Object.entries(COMMANDS).find(([name]) => name === word)?.[1];
  if (load !== undefined) return [await load()];
  return Promise.all(Object.values(COMMANDS).map((one) => one()));
}

const EXIT_FAILED = 1;
const EXIT_USAGE = 2;

async function programOf(word: string | undefined): Promise<Command> {
  const program = new Command('busbar')
    .description('A self-hosted, permissioned ledger on which neighbours trade electricity')
    .exitOverride()
    .configureHelp({ sortSubcommands: true });
  for (const { register } of await filesFor(word)) register(program);
  inheritExit(program);
  return program;
}

/** Every command reports wrong usage here, also one that is added with addCommand. */
function inheritExit(command: Command): void {
  for (const child of command.commands) {
    child.exitOverride();
    inheritExit(child);
  }
}

/** The exit status, after telling people on stderr and programs on stdout what went wrong. */
function report(error: unknown, json: boolean): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_USAGE;
  // Anything else is our own mistake: it ends the process with its stack.
  if (!(error instanceof ProtocolError)) throw error;
  const { code, message, data } = error;
  printDiagnostic(`busbar: ${code}: ${message}`);
  if (json && !(error instanceof ReportedFailure)) printJson({ error: { code, message, data } });
  return code === 'USAGE' ? EXIT_USAGE : EXIT_FAILED;
}

async function main(args: readonly string[]): Promise<number> {
  try {
    const program = await programOf(args[0]);
    await program.parseAsync(args, { from: 'user' });
    return 0;
  } catch (error) {
    return report(error, args.includes('--json'));
  }
}

// `busbar ... | head` is no failure: the reader has what it wanted.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

// A command that did its work and found fault with its subject has set the status itself.
const failed = await main(process.argv.slice(2));
if (failed !== 0) process.exitCode = failed;
