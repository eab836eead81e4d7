// Every text that a person can type, 300 characters of it: each command ends with a code that says
// what is wrong, never in an assertion or with a stack.
import assert from 'node:assert/strict';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Command } from 'commander';
import { toHex } from '../../core/src/bytes.js';
import { person } from '../../state/test/harness.js';
import { repGenesis } from '../../state/test/reputationTrade.js';
import type { CommandModule } from './run.js';
import { TestNode } from './testNode.js';

const FOLDER = join(import.meta.dirname, '..', 'src', 'commands');
const loaded = await Promise.all(
  readdirSync(FOLDER)
    .filter((name) => name.endsWith('.js'))
    .map((name) => import(join(FOLDER, name)) as Promise<Partial<CommandModule>>),
);
/** Some hold subcommands of another. */
const modules = loaded.filter((one): one is CommandModule => one.register !== undefined);
/** It ends the process. */
const ENDS: ReadonlySet<string> = new Set(['start']);

const ID = '00'.repeat(32);
const KEY = toHex(person('new').key);
const node = await TestNode.start({
  genesis: repGenesis(['ann', 'bob']),
  modules,
  keys: ['ann', 'grid', 'centre'],
});
node.view.block(1000n);
test.after(() => node.stop());
const ann = node.idOf('ann');
const genesis = node.file('genesis.json');
writeFileSync(genesis, '{}');

/** A sound value by the name of an argument or a mandatory option. */
const SOUND: Readonly<Record<string, string>> = {
  ...{ account: ann, amount: '1', contract: ID, contracts: ID, listing: ID, id: ID, offer: ID },
  ...{ meter: ann, method: 'node_status', params: '{}', dir: node.file('new'), file: genesis },
  ...{ market: 'spot', period: '1', side: 'sell', with: node.idOf('bob'), energy: '1' },
  ...{ price: '0.1', out: node.file('deal.json'), reason: 'why', end: '3600000', import: '1' },
  ...{ export: '1', line: 'L1', net: '1', first: '9', name: 'n', organisation: 'o', centre: KEY },
  ...{ grid: KEY, 'feed-in': '0.08', retail: '0.3', 'public-key': KEY, 'max-import': '1' },
  ...{ 'max-export': '1', serial: '0', terms: '100 EUR by transfer', until: '3600000' },
};
const FILES: Readonly<Record<string, string>> = {
  'genesis new': node.file('none.json'),
  'keys new': node.file('none.json'),
  'keys show': node.file('ann.json'),
  'market clear': join('examples', 'guide', 'reputation.json'),
  'market compare': join('examples', 'guide', 'reputation.json'),
};
function sound(name: string, command: string): string {
  const value = (name === 'file' ? FILES[command] : undefined) ?? SOUND[name];
  return value ?? assert.fail(`no sound value of ${name}`);
}

/** What else a command wants before it looks at an option. */
const BESIDE: Readonly<Record<string, readonly string[]>> = {
  admit: ['--public-key', KEY],
  'admit participant': ['--role', 'meter', '--number', '0'.repeat(12), '--public-key', KEY],
  'admit number': ['--role', 'meter', '--participant', ann, '--public-key', KEY],
  'admit import': ['--role', 'meter', '--participant', ann, '--number', '0'.repeat(12)],
  'admit export': ['--role', 'meter', '--participant', ann, '--number', '0'.repeat(12)],
  'flex k': ['--g', '1'],
  'flex usual': ['--g', '1'],
  'flex emin': ['--g', '1', '--k', '1'],
  'flex emax': ['--g', '1', '--k', '1'],
  'keys new': ['--plain'],
  init: ['--plain'],
  'demo season': ['--data', join('cli', 'test')],
};
/** Plain keys have no password, and of terms only the hash is sent: any length will do. */
const UNREAD: ReadonlySet<string> = new Set(['password-file', 'terms']);

interface Leaf {
  readonly path: readonly string[];
  readonly command: Command;
}

function leavesOf(command: Command, path: readonly string[]): readonly Leaf[] {
  if (command.commands.length === 0) return [{ path, command }];
  return command.commands.flatMap((child) => leavesOf(child, [...path, child.name()]));
}
const program = new Command();
for (const { register } of modules) register(program);

function lineOf({ path, command }: Leaf, name: string, text: string): readonly string[] {
  const words = path.join(' ');
  const args = command.registeredArguments
    .filter((argument) => argument.required || argument.name() === name)
    .map((argument) => (argument.name() === name ? text : sound(argument.name(), words)));
  const long = (option: string): string => option.replace(/^--/, '');
  const takes = command.options.filter((option) => option.required || option.optional);
  const has = (option: string): boolean => takes.some((one) => long(one.long ?? '') === option);
  const given = takes
    .filter((option) => option.mandatory || long(option.long ?? '') === name)
    .flatMap(({ long: of = '' }) => [of, long(of) === name ? text : sound(long(of), words)]);
  const own = BESIDE[`${words} ${name}`] ?? BESIDE[words] ?? [];
  const beside = own.includes(`--${name}`) ? [] : own;
  const key = has('key') && name !== 'key' ? ['--key', node.file('ann.json')] : [];
  const dir = has('rpc') ? node.dir : node.file('net');
  const at = has('dir') && name !== 'dir' && name !== 'rpc' ? ['--dir', dir] : [];
  return [...path, ...args, ...given, ...beside, ...key, ...at];
}

for (const leaf of leavesOf(program, []).filter(({ path }) => !ENDS.has(path[0] ?? '')))
  test(`busbar ${leaf.path.join(' ')}`, async () => {
    const { command } = leaf;
    const options = command.options.filter((option) => option.required || option.optional);
    const names = [
      ...command.registeredArguments.map((argument) => argument.name()),
      ...options.map(({ long = '' }) => long.replace(/^--/, '')),
    ];
    for (const name of names.filter((one) => !UNREAD.has(one)))
      for (const text of ['x', '9'].map((one) => one.repeat(300))) {
        const line = lineOf(leaf, name, text);
        const { code } = await node.run(line).catch((error: Error) => {
          return assert.fail(`${name}: ${error.stack}`);
        });
        assert.ok(code !== undefined, `${name} of 300 characters is taken: ${line.join(' ')}`);
      }
  });

const sent: readonly (readonly [string, readonly string[]])[] = [
  ['centre', ['admit', '--public-key', KEY, '--organisation']],
  ['centre', ['admit', '--public-key', KEY, '--grid-node']],
  ['centre', ['suspend', ann, '--reason']],
  ['ann', ['meter', 'enrol', '--market', 'spot', '--grid-node']],
];
for (const [who, line] of sent)
  test(`busbar ${line[0]} ${line.at(-1)} says how long its text may be`, async () => {
    const key = ['--key', node.file(`${who}.json`), '--dir', node.dir];
    const { code, message } = await node.run([...line, 'x'.repeat(65), ...key]);
    assert.deepEqual([code, /(64|32) ASCII characters$/.test(message)], ['USAGE', true], message);
    const foreign = await node.run([...line, '\u00fc', ...key]);
    assert.equal(foreign.code, 'USAGE');
  });
