// Style that types cannot see, as a test: prints `file:line: rule: what to do instead` and ends
// with 1 where it finds anything. The rules are in tools/tidy/, their reasons in STYLE.md.
//   node dist/tools/tidy.js
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { check } from './tidy/check.js';
import { print } from './tidy/finding.js';
import { machinePaths } from './tidy/prose.js';
import { readSource } from './tidy/source.js';

const tracked = execFileSync(
  'git',
  ['ls-files', '-z', '--cached', '--others', '--exclude-standard'],
  {
    encoding: 'utf8',
  },
)
  .split('\0')
  .filter((path) => path !== '');

const sources = tracked
  .filter((path) => path.endsWith('.ts'))
  .map((path) => readSource(path, readFileSync(path, 'utf8')));
const texts = tracked.filter(
  (path) => /\.(md|json|toml|yml|sh)$/.test(path) && !/(^|\/)vectors\/|package-lock/.test(path),
);

const findings = [
  ...check(sources),
  ...texts.flatMap((path) => machinePaths(path, readFileSync(path, 'utf8'))),
];
for (const finding of findings) console.log(print(finding));
console.log(`tidy: ${sources.length} files, ${findings.length} findings`);
process.exitCode = findings.length === 0 ? 0 : 1;
