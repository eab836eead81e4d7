// Sizes (STYLE.md): width of a line, length of a function and of a file.
import type { Finding } from './finding.js';
import { functionsOf } from './functions.js';
import type { Source } from './source.js';

export const MAX_COLUMNS = 100;
export const MAX_FUNCTION_LINES = 70;
export const MAX_FILE_LINES = 500;

export function sizes(source: Source): readonly Finding[] {
  const { path: file, lines } = source;
  const findings: Finding[] = [];
  lines.forEach((text, i) => {
    const width = [...text].length;
    if (width > MAX_COLUMNS)
      findings.push({
        file,
        line: i + 1,
        rule: 'width',
        instead: `${width} columns: break the line, at most ${MAX_COLUMNS}`,
      });
  });
  const length = lines.at(-1) === '' ? lines.length - 1 : lines.length;
  if (length > MAX_FILE_LINES)
    findings.push({
      file,
      line: 0,
      rule: 'file length',
      instead: `${length} lines: move a part that has a name of its own, at most ${MAX_FILE_LINES}`,
    });
  for (const { from, to } of functionsOf(source)) {
    const span = to - from + 1;
    if (span > MAX_FUNCTION_LINES)
      findings.push({
        file,
        line: from,
        rule: 'function length',
        instead: `${span} lines: name its steps, at most ${MAX_FUNCTION_LINES}`,
      });
  }
  return findings;
}
