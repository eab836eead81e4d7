// `busbar rpc METHOD [PARAMS]`: any method of a node, as it is. `busbar rpc --list`: what there is.
import type { Command } from 'commander';
import { ProtocolError } from '../../../core/src/errors.js';
import { METHODS } from '../../../rpc/src/methods/table.js';
import { type NodeOptions, openClient, withNode } from '../client.js';
import { printJson, printLine, printTable } from '../print.js';

const HELP = `
Examples:
  $ busbar rpc --list
  $ busbar rpc node_status --dir ./net
  $ busbar rpc chain_block '{"height":"5"}' --rpc http://127.0.0.1:7100 --token T
  $ busbar rpc account_get account=bb1... proof=true --dir ./net`;

interface RpcCommandOptions extends NodeOptions {
  readonly list?: boolean;
  readonly json?: boolean;
}

export function register(program: Command): void {
  withNode(program.command('rpc'))
    .description('call a method of a node')
    .argument('[method]', 'its name')
    .argument('[params...]', 'a JSON object, or name=value ...')
    .option('--list', 'the methods there are')
    .option('--json', 'one JSON document on stdout')
    .addHelpText('after', HELP)
    .action(run);
}

async function run(
  method: string | undefined,
  params: readonly string[],
  options: RpcCommandOptions,
): Promise<void> {
  if (options.list === true) return list(options);
  if (method === undefined) throw new ProtocolError('USAGE', 'which method? --list names them');
  const result = await openClient(options).callAny(method, paramsOf(params));
  if (options.json === true) printJson(result);
  else process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
}

/** name=value: true and false are flags, everything else is text. */
export function paramsOf(words: readonly string[]): unknown {
  const [first] = words;
  if (first === undefined) return {};
  if (first.startsWith('{')) return jsonOf(words.join(' '));
  const pairs = words.map((word) => {
    const at = word.indexOf('=');
    if (at < 1) throw new ProtocolError('USAGE', `${word}: wants name=value`);
    return [word.slice(0, at), valueOf(word.slice(at + 1))] as const;
  });
  return Object.fromEntries(pairs);
}

function valueOf(text: string): unknown {
  if (text === 'true' || text === 'false') return text === 'true';
  return text.startsWith('[') ? jsonOf(text) : text;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new ProtocolError('USAGE', 'the parameters are not JSON');
  }
}

function list(options: RpcCommandOptions): void {
  const methods = Object.entries(METHODS).map(([name, { scope, summary, params, result }]) => ({
    name,
    scope,
    summary,
    params: Object.entries(params.shape).map(
      ([param, schema]) => `${param}${schema.safeParse(undefined).success ? '?' : ''}`,
    ),
    result,
  }));
  if (options.json === true) return printJson(methods);
  printTable('Methods', methods, [
    { title: 'method', of: (m) => m.name },
    { title: 'scope', of: (m) => m.scope },
    { title: 'params', of: (m) => m.params.join(', ') },
    { title: 'what', of: (m) => m.summary },
  ]);
  printLine('Integers are decimal strings in base units; bytes are hex. See rpc.discover.');
}
