// All rules over all sources, less the exceptions; an exception that nothing needs is a finding.
import { dead } from './dead.js';
import { EXCEPTIONS, type Exception } from './exceptions.js';
import { byPlace, type Finding } from './finding.js';
import { directions } from './imports.js';
import { names } from './path.js';
import { prose } from './prose.js';
import { sizes } from './size.js';
import type { Source } from './source.js';
import { words } from './words.js';

const RULES = [sizes, words, names, directions, prose];

export function check(
  sources: readonly Source[],
  exceptions: readonly Exception[] = EXCEPTIONS,
): readonly Finding[] {
  const all = [
    ...sources.flatMap((source) => RULES.flatMap((rule) => rule(source))),
    ...dead(sources),
  ];
  const excepts = (finding: Finding) => (exception: Exception) =>
    exception.rule === finding.rule && exception.file === finding.file;
  const unused = exceptions
    .filter((exception) => !all.some((finding) => excepts(finding)(exception)))
    .map(({ rule, file }) => ({
      file,
      line: 0,
      rule: 'exception',
      instead: `no longer needed for "${rule}": remove it from tools/tidy/exceptions.ts`,
    }));
  return [...all.filter((finding) => !exceptions.some(excepts(finding))), ...unused].sort(byPlace);
}
