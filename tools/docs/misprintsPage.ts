// The printed cells of the papers that contradict the rest of their paper: run through the shipping
// code, with what is printed, what is consistent, and what this program computes.
import { readFileSync } from 'node:fs';
import { runConformance } from '../../cli/src/conformance/run.js';
import { code, type Page, table } from './markdown.js';

const VECTORS = new URL('../../../test/vectors/', import.meta.url);
/** Vector files with printed tables, and the paper they are of. */
const FILES = [
  ['call/call.json', 'papers/000, sealed-bid spot call'],
  ['reputation/reputation.json', 'papers/002, reputation'],
  ['dpoa/dpoa-credit.json', 'papers/004, bilateral contracts with credit'],
] as const;

export function misprints(): Page {
  const body = FILES.flatMap(([file, title]) => {
    const text = readFileSync(new URL(file, VECTORS), 'utf8');
    const found = runConformance(JSON.parse(text) as unknown).misprints ?? [];
    return [
      `## ${title}`,
      '',
      ...table(
        ['cell', 'printed', 'consistent', 'computed'],
        found.map((m) => [code(m.cell), m.printed, m.consistent, m.computed]),
      ),
    ];
  });
  const intro = [
    'Cells of the printed tables that do not follow from the rest of their paper. The files in',
    `${code('test/vectors')} say why; ${code('busbar conformance FILE')} compares every cell.`,
    '',
  ];
  return {
    file: 'misprints.md',
    title: 'Misprints of the papers',
    source: 'test/vectors',
    body: [...intro, ...body],
  };
}
