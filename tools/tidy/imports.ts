// Import directions: rooms, packages, Node. The table is in rooms.ts.
import { posix } from 'node:path';
import type { Finding } from './finding.js';
import { isPure, roomOf } from './path.js';
import { PACKAGES, WAYS } from './rooms.js';
import type { Source } from './source.js';

export interface Import {
  readonly line: number;
  /** As it is written. */
  readonly name: string;
  /** Path of the imported source file where it is one of ours. */
  readonly path: string | undefined;
  readonly types: boolean;
}

const IMPORT = /^(import|export)\b([^;]*?\bfrom\s*)?\s*$/s;
const CALLED = /(\bimport\(|\bnew URL\(|\bimport)\s*$/;

/** Static and dynamic imports, and workers started by URL. */
export function importsOf(source: Source): readonly Import[] {
  const starts = lineStarts(source.text);
  return source.strings.flatMap(({ line, text }): Import[] => {
    const name = text.slice(1, -1);
    const at = source.text.indexOf(text, starts[line - 1] ?? 0);
    const before = source.code.slice(0, at);
    const statement = before.slice(Math.max(before.lastIndexOf(';') + 1, 0)).trimStart();
    const isStatic = IMPORT.test(statement) && /\bfrom\s*$|^import\s*$/.test(statement);
    if (!isStatic && !CALLED.test(before)) return [];
    const types = /^(import|export) type\b/.test(statement);
    return [{ line, name, path: pathOf(source.path, name), types }];
  });
}

function lineStarts(text: string): readonly number[] {
  const starts = [0];
  for (let i = 0; i < text.length; i++) if (text[i] === '\n') starts.push(i + 1);
  return starts;
}

function pathOf(from: string, name: string): string | undefined {
  if (!name.startsWith('.')) return undefined;
  return posix.join(posix.dirname(from), name).replace(/\.js$/, '.ts');
}

export function directions(source: Source): readonly Finding[] {
  return importsOf(source).flatMap((imported): Finding[] => {
    const instead = faultOf(source.path, imported);
    if (instead === undefined) return [];
    return [{ file: source.path, line: imported.line, rule: 'import', instead }];
  });
}

function faultOf(file: string, imported: Import): string | undefined {
  if (imported.path !== undefined) return roomFault(file, imported);
  const { name } = imported;
  if (name.startsWith('node:')) {
    return isPure(file) ? `${name} is of the shell: return facts or effects` : undefined;
  }
  const rule = PACKAGES.find((candidate) => candidate.name.test(name));
  if (rule !== undefined) return rule.by.test(file) ? undefined : `${name}: ${rule.instead}`;
  return isPure(file) ? `${name}: pure rooms have no packages beside core's` : undefined;
}

function roomFault(file: string, { path = '', types }: Import): string | undefined {
  const from = roomOf(file);
  if (from === undefined) return undefined;
  if (/^(test|tools|bench)\//.test(path) || /^[a-z]+\/test\//.test(path))
    return 'what ships imports no tests and no tools';
  const to = roomOf(path);
  if (to === undefined || to === from) return undefined;
  const allowed = WAYS[from].some(
    (way) =>
      way.to === to &&
      (way.from?.test(file) ?? true) &&
      (way.only?.test(path) ?? true) &&
      (way.types !== true || types),
  );
  return allowed ? undefined : `${from} may not import ${path}: see the table of ARCHITECTURE`;
}
