// Comments of a source file by what they stand over: `/** ... */` before a name, and the group
// headings (`// Money`) within a table. Types know the shape of things, only the source knows
// these.
import { readFileSync } from 'node:fs';

const NAME = /^\s*(?:readonly |export const |export function )?([A-Za-z_]\w*)\b/;
const HEADING = /^ {2}\/\/ (.+)$/;

const strip = (comment: string): string =>
  comment
    .replace(/^\s*\/\*\*?/, '')
    .replace(/\*\/\s*$/, '')
    .split('\n')
    .map((line) => line.replace(/^\s*\*? ?/, '').trim())
    .join(' ')
    .trim();

/**
 * Text of the doc comment before each name; of names that come twice, by the place of the first.
 */
export function docstrings(file: string, from = '', to = ''): ReadonlyMap<string, string> {
  const text = between(readFileSync(file, 'utf8'), from, to);
  const found = new Map<string, string>();
  for (const match of text.matchAll(/\/\*\*[^]*?\*\//g)) {
    const after = text.slice(match.index + match[0].length).replace(/^\s*\n/, '');
    const name = NAME.exec(after)?.[1];
    if (name !== undefined && !found.has(name)) found.set(name, strip(match[0]));
  }
  return found;
}

/** Doc comments within `record('name', {...})`, by name of the field. */
export const recordDocs = (file: string, name: string): ReadonlyMap<string, string> =>
  docstrings(file, `record('${name}', {`, '\n});');

/** For each name of an object literal, the `// heading` that it stands under. */
export function headings(file: string, from: string): ReadonlyMap<string, string> {
  const text = between(readFileSync(file, 'utf8'), from, '\n}');
  const found = new Map<string, string>();
  let heading = '';
  for (const line of text.split('\n')) {
    heading = HEADING.exec(line)?.[1] ?? heading;
    const name = /^ {2}([A-Za-z_]\w*):/.exec(line)?.[1];
    if (name !== undefined) found.set(name, heading);
  }
  return found;
}

function between(text: string, from: string, to: string): string {
  const start = from === '' ? 0 : text.indexOf(from);
  if (start < 0) return '';
  const end = to === '' ? -1 : text.indexOf(to, start);
  return end < 0 ? text.slice(start) : text.slice(start, end);
}
