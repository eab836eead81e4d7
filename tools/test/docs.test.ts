// The reference pages: what is printed from code says what the code says, and a changed page is
// found.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { bin, list, optional, record, u32 } from '../../core/src/codec/codec.js';
import { CODES } from '../../core/src/errors.js';
import { TX_KINDS } from '../../core/src/tx.js';
import { METRICS } from '../../node/src/metrics.js';
import { METHODS } from '../../rpc/src/methods/table.js';
import { TABLES } from '../../state/src/schema.js';
import { docstrings, headings } from '../docs/docstrings.js';
import { fieldRows } from '../docs/fields.js';
import { printPage, table } from '../docs/markdown.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const directory = mkdtempSync(join(tmpdir(), 'busbar-'));
after(() => rmSync(directory, { recursive: true }));

test('a table escapes what would end a cell; a page names its source', () => {
  assert.deepEqual(table(['a', 'b'], [['x|y', 'z\nz']]), [
    '| a | b |',
    '| --- | --- |',
    '| x\\|y | z z |',
    '',
  ]);
  assert.deepEqual(table(['a'], []), []);
  const page = printPage({ file: 'x.md', title: 'X', source: 'core/src/x.ts', body: ['b'] });
  assert.ok(page.startsWith('# X\n\nPrinted from `core/src/x.ts`'));
});

test('fields of records within lists and optionals have rows of their own', () => {
  const inner = record('inner', { key: bin({ length: 32 }) });
  const outer = record('outer', { n: u32, items: list(inner, 3), maybe: optional(inner) });
  const rows = fieldRows(outer, new Map([['key', 'a key']]));
  assert.deepEqual(
    rows.map(([name]) => name),
    ['`n`', '`items`', '`items[].key`', '`maybe`', '`maybe.key`'],
  );
  assert.deepEqual(rows[2], ['`items[].key`', 'bin of 32 bytes', 'a key']);
});

test('comments are found by the name they stand over', () => {
  const file = join(directory, 'sample.ts');
  const text = [
    '/** One',
    ' * and more. */',
    'export const A = 1;',
    'export const T = {',
    '  // Group',
    '  /** Two. */',
    '  b: 2,',
    '  // Other',
    '  c: 3,',
    '};',
  ].join('\n');
  writeFileSync(file, text);
  assert.deepEqual(
    [...docstrings(file)],
    [
      ['A', 'One and more.'],
      ['b', 'Two.'],
    ],
  );
  assert.deepEqual(
    [...headings(file, 'export const T = {')],
    [
      ['b', 'Group'],
      ['c', 'Other'],
    ],
  );
});

const page = (name: string): string => readFileSync(join(root, 'docs/reference', name), 'utf8');

test('nothing of the tables is missing on the pages', () => {
  for (const code of Object.keys(CODES)) assert.ok(page('errors.md').includes(`\`${code}\``), code);
  for (const kind of TX_KINDS) assert.ok(page('transactions.md').includes(`## ${kind}\n`), kind);
  for (const name of Object.keys(METRICS)) assert.ok(page('metrics.md').includes(name), name);
  for (const name of Object.keys(METHODS)) assert.ok(page('rpc.md').includes(`## ${name}\n`), name);
  for (const { kind, name } of TABLES) assert.ok(page('state.md').includes(`## ${kind} ${name}\n`));
});

test('--check finds a changed and a stray page', () => {
  cpSync(join(root, 'docs/reference'), join(directory, 'docs/reference'), { recursive: true });
  for (const name of ['dist', 'core', 'state', 'node', 'rpc', 'cli', 'package.json'])
    symlinkSync(join(root, name), join(directory, name));
  const check = () =>
    spawnSync(process.execPath, [join(root, 'dist/tools/docs.js'), '--check'], {
      cwd: directory,
      encoding: 'utf8',
    });
  assert.equal(check().status, 0);
  writeFileSync(join(directory, 'docs/reference/errors.md'), page('errors.md').replace('a', 'b'));
  writeFileSync(join(directory, 'docs/reference/stray.md'), '');
  const found = check();
  assert.equal(found.status, 1);
  assert.match(found.stdout, /errors\.md: not what the code says/);
  assert.match(found.stdout, /stray\.md: not what the code says/);
});
