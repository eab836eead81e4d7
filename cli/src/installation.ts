// Where this installation of the program is, and which version. This file lies as deep in `dist` as
// the bundle of the program (tools/bundle.ts), so that both find the same files.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const ROOT = new URL('../../../', import.meta.url);

/** The program `busbar` of this installation. */
export const PROGRAM = fileURLToPath(new URL('bin/busbar.js', ROOT));

/** Version of the program, from package.json. */
export function programVersion(): string {
  const text = readFileSync(new URL('package.json', ROOT), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
