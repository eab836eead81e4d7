// The reference pages, printed from code so that they cannot lie.
//   node dist/tools/docs.js --write    writes docs/reference/*.md
//   node dist/tools/docs.js --check    ends with 1 where a page differs from what the code says
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cli } from './docs/cliPage.js';
import { errors, limits, lines, parameters, transactions } from './docs/corePages.js';
import { type Page, printPage } from './docs/markdown.js';
import { misprints } from './docs/misprintsPage.js';
import { metrics, rpc, state } from './docs/nodePages.js';

const FOLDER = join('docs', 'reference');

async function pages(): Promise<readonly Page[]> {
  const printed = [errors, transactions, state, lines, parameters, metrics, rpc, limits, misprints];
  return [...printed.map((page) => page()), await cli()];
}

function read(file: string): string | undefined {
  try {
    return readFileSync(join(FOLDER, file), 'utf8');
  } catch {
    return undefined;
  }
}

function strangers(known: readonly Page[]): readonly string[] {
  const names = new Set(known.map(({ file }) => file));
  return readdirSync(FOLDER).filter((name) => !names.has(name));
}

function write(all: readonly Page[]): void {
  mkdirSync(FOLDER, { recursive: true });
  for (const name of strangers(all)) rmSync(join(FOLDER, name));
  for (const page of all) writeFileSync(join(FOLDER, page.file), printPage(page));
  console.log(`docs: ${all.length} pages written`);
}

/** Names of the pages that do not say what the code says. */
function differing(all: readonly Page[]): readonly string[] {
  const stale = all.filter((page) => read(page.file) !== printPage(page)).map(({ file }) => file);
  return [...stale, ...strangers(all)];
}

const all = await pages();
if (process.argv.includes('--write')) write(all);
else {
  const different = differing(all);
  for (const file of different)
    console.log(`${join(FOLDER, file)}: not what the code says: npm run docs`);
  console.log(`docs: ${all.length} pages, ${different.length} differ`);
  process.exitCode = different.length === 0 ? 0 : 1;
}
