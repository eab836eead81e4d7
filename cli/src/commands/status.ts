// `busbar status`, `busbar why`: what a node says of itself.
import type { Command } from 'commander';
import { type NodeOptions, openClient, withNode } from '../client.js';
import { printJson, printLine } from '../print.js';

interface StatusOptions extends NodeOptions {
  readonly json?: boolean;
}

export function register(program: Command): void {
  withNode(program.command('status'))
    .description('how far a node has come')
    .option('--json', 'one JSON document on stdout')
    .addHelpText('after', '\nExample:\n  $ busbar status --dir ./net --node v1')
    .action(status);
  withNode(program.command('why'))
    .description('why no block is made')
    .option('--json', 'one JSON document on stdout')
    .addHelpText('after', '\nExample:\n  $ busbar why --dir ./net --node v1')
    .action(why);
}

async function status(options: StatusOptions): Promise<void> {
  const s = await openClient(options).call('node_status', {});
  if (options.json === true) return printJson(s);
  printLine(`${s.name} (${s.roles.join(', ')}) ${s.version}`);
  printLine(`chain      ${s.chainId}`);
  printLine(`final      ${s.height.final}  ${s.finalHash}`);
  printLine(`confirmed  ${s.height.confirmed}`);
  printLine(`state      ${s.stateRoot}`);
  printLine(`time       ${new Date(Number(s.time)).toISOString()}`);
  printLine(`peers      ${s.peers}${s.syncing ? '  catching up' : ''}`);
  if (s.degraded.length > 0) printLine(`degraded   ${s.degraded.join(', ')}`);
}

async function why(options: StatusOptions): Promise<void> {
  const { blocked, causes, ...rest } = await openClient(options).call('node_why', {});
  if (options.json === true) return printJson({ blocked, causes, ...rest });
  printLine(blocked ? 'no block is being made' : 'blocks are being made');
  for (const { code, detail } of causes) printLine(`  ${code}: ${detail}`);
}
