// The program `busbar`: one file per command in commands/, each of which registers itself.
// Ends with 0 ok, 1 refused or failed with a code of core/errors.ts, 2 usage.
import { Command, CommanderError } from 'commander';
import { ProtocolError } from '../../core/src/errors.js';
import * as account from './commands/account.js';
import * as admit from './commands/admit.js';
import * as conformance from './commands/conformance.js';
import * as demo from './commands/demo.js';
import * as dev from './commands/dev.js';
import * as genesis from './commands/genesis.js';
import * as init from './commands/init.js';
import * as keys from './commands/keys.js';
import * as market from './commands/market.js';
import * as meter from './commands/meter.js';
import * as order from './commands/order.js';
import * as points from './commands/points.js';
import * as rpc from './commands/rpc.js';
import * as start from './commands/start.js';
import * as status from './commands/status.js';
import { printDiagnostic, printJson, ReportedFailure } from './print.js';

const COMMANDS = [
  account,
  admit,
  conformance,
  demo,
  dev,
  genesis,
  init,
  keys,
  market,
  meter,
  order,
  points,
  rpc,
  start,
  status,
];

const EXIT_FAILED = 1;
const EXIT_USAGE = 2;

function programOf(): Command {
  const program = new Command('busbar')
    .description('A self-hosted, permissioned ledger on which neighbours trade electricity')
    .exitOverride()
    .configureHelp({ sortSubcommands: true });
  for (const { register } of COMMANDS) register(program);
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
    await programOf().parseAsync(args, { from: 'user' });
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
