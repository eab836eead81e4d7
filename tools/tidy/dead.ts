// Source files that nothing imports. Tests do not count: what only a test uses does not ship.
import type { Finding } from './finding.js';
import { importsOf } from './imports.js';
import { roomOf } from './path.js';
import type { Source } from './source.js';

const ENTRY = /\/main\.ts$|\.d\.ts$/;
const TEST = /(^|\/)test\//;

export function dead(sources: readonly Source[]): readonly Finding[] {
  const imported = new Set<string>();
  for (const source of sources)
    if (!TEST.test(source.path))
      for (const { path } of importsOf(source)) if (path !== undefined) imported.add(path);
  return sources
    .map(({ path }) => path)
    .filter((path) => roomOf(path) !== undefined && !ENTRY.test(path) && !imported.has(path))
    .map((file) => ({
      file,
      line: 0,
      rule: 'dead file',
      instead: 'import it where it is needed, or remove it',
    }));
}
