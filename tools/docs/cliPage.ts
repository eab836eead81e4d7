// The reference page of the commands: their own help, of every file in cli/src/commands.
import { readdirSync } from 'node:fs';
import { Command } from 'commander';
import type { Page } from './markdown.js';

const COMMANDS = new URL('../../cli/src/commands/', import.meta.url);
const COLUMNS = 100;

interface CommandFile {
  readonly register?: (program: Command) => void;
}

async function programOf(): Promise<Command> {
  const program = new Command('busbar').configureHelp({ sortSubcommands: true });
  const files = readdirSync(COMMANDS)
    .filter((name) => name.endsWith('.js'))
    .sort();
  for (const name of files) {
    const { register } = (await import(new URL(name, COMMANDS).href)) as CommandFile;
    register?.(program);
  }
  return program;
}

/** What `--help` prints, examples included. */
function helpOf(command: Command): string {
  let text = '';
  command.configureOutput({
    writeOut: (part) => {
      text += part;
    },
    getOutHelpWidth: () => COLUMNS,
    getOutHasColors: () => false,
  });
  command.outputHelp();
  return text.trim();
}

function sectionsOf(command: Command, path: string): readonly string[] {
  const children = [...command.commands].sort((a, b) => (a.name() < b.name() ? -1 : 1));
  const own = [`## ${path}`, '', '```', helpOf(command), '```', ''];
  return [...own, ...children.flatMap((child) => sectionsOf(child, `${path} ${child.name()}`))];
}

export async function cli(): Promise<Page> {
  const program = await programOf();
  const children = [...program.commands].sort((a, b) => (a.name() < b.name() ? -1 : 1));
  const body = [
    'Every command takes `--help` and, where it prints, `--json` (one document on stdout,',
    'diagnostics on stderr). Status: 0 ok, 1 refused or failed with a code of errors.md, 2 usage.',
    '',
    ...children.flatMap((child) => sectionsOf(child, `busbar ${child.name()}`)),
  ];
  return { file: 'cli.md', title: 'Commands', source: 'cli/src/commands/', body };
}
