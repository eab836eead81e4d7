// `busbar market` as a process: exit status, one JSON document on stdout, diagnostics on stderr.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const directory = mkdtempSync(join(tmpdir(), 'busbar-'));
after(() => rmSync(directory, { recursive: true }));

function busbar(...args: readonly string[]) {
  const options = { cwd: root, encoding: 'utf8' } as const;
  return spawnSync(process.execPath, ['bin/busbar.js', ...args], options);
}

function file(name: string, content: string | Uint8Array): string {
  const path = join(directory, name);
  writeFileSync(path, content);
  return path;
}

const TABLE_1 = 'examples/call/table1.json';

test('clear prints the trades as a table, and as one JSON document', () => {
  const table = busbar('market', 'clear', TABLE_1);
  assert.equal(table.status, 0);
  assert.match(table.stdout, /CPS +EV +16 +0\.439 +2 +non-green/);
  const json = busbar('market', 'clear', TABLE_1, '--json');
  assert.equal(json.status, 0);
  assert.equal(json.stderr, '');
  assert.equal(JSON.parse(json.stdout).trades.length, 5);
});

test('a CSV with --mechanism and --params gives what the document gives', () => {
  const options = ['--mechanism', 'call', '--params', 'examples/call/params.json', '--json'];
  const csv = busbar('market', 'clear', 'examples/call/orders.csv', ...options);
  assert.equal(csv.stdout, busbar('market', 'clear', TABLE_1, '--json').stdout);
  assert.equal(busbar('market', 'clear', 'examples/call/orders.csv').status, 2);
});

test('a CSV of every open mechanism', () => {
  const params = ['--params', 'examples/two-round/params.json', '--json'];
  const orders = 'examples/two-round/orders.csv';
  const table = busbar('market', 'clear', 'examples/two-round/table1.json', '--json').stdout;
  const csv = busbar('market', 'clear', orders, '--mechanism', 'two-round', ...params);
  assert.equal(csv.stdout, table);
  for (const mechanism of ['uniform', 'continuous'])
    assert.equal(busbar('market', 'clear', orders, '--mechanism', mechanism, ...params).status, 0);
});

test('clear prints references and steps of the two-round auction', () => {
  const { stdout } = busbar('market', 'clear', 'examples/two-round/table1.json');
  assert.match(stdout, /References after round 1: highest ask 0\.450, lowest bid 0\.510/);
  assert.match(stdout, /2 +S3 +0\.490500/);
});

test('compare prints a table, one JSON document, and writes one HTML file', () => {
  const orders = 'examples/two-round/table1.json';
  const table = busbar('market', 'compare', orders);
  assert.equal(table.status, 0);
  assert.match(table.stdout, /two-round +1495 +0\.482 +0\.470 - 0\.492 +227\.1 +1142\.47/);
  assert.match(table.stdout, /grid only +0 +0 +1303\.9 +463\.45/);
  const html = join(directory, 'compare.html');
  const json = busbar('market', 'compare', orders, '--json', '--html', html);
  assert.equal(JSON.parse(json.stdout).mechanisms[0].mechanism, 'call');
  const text = readFileSync(html, 'utf8');
  assert.equal(text.match(/<svg /g)?.length, 4);
  assert.doesNotMatch(text, /NaN|undefined|(src|href)=/);
  const csv = ['examples/two-round/orders.csv', '--params', 'examples/two-round/params.json'];
  assert.equal(busbar('market', 'compare', ...csv, '--json').stdout, json.stdout);
});

test('settle prints the tables of the paper', () => {
  const paper = busbar('market', 'settle', 'examples/call/table4-printed.json', '--round', 'paper');
  assert.equal(paper.status, 0);
  assert.match(paper.stdout, /A +-6\.25 +0\.000 +3\.306 +1\.953 +2\.954/);
  const json = busbar('market', 'settle', 'examples/call/table4.json', '--json');
  assert.equal(JSON.parse(json.stdout).length, 2);
});

test('1 and a code where the file is refused', () => {
  const codeOf = (...args: readonly string[]): string => {
    const { status, stdout, stderr } = busbar('market', ...args, '--json');
    const { code } = JSON.parse(stdout).error;
    assert.equal(status, 1);
    assert.match(stderr, new RegExp(`^busbar: ${code}: `));
    return code;
  };
  assert.equal(codeOf('clear', join(directory, 'none.json')), 'NOT_FOUND');
  assert.equal(codeOf('clear', directory), 'FILE_FORMAT');
  assert.equal(codeOf('clear', file('a.json', '{"mechanism":')), 'FILE_FORMAT');
  assert.equal(codeOf('clear', file('b.json', new Uint8Array([0x22, 0xff, 0x22]))), 'FILE_FORMAT');
  assert.equal(codeOf('clear', file('c.json', '{"mechanism":"internal-price"}')), 'FILE_FORMAT');
  assert.equal(codeOf('settle', file('d.json', '{"parms":{}}')), 'UNKNOWN_FIELD');
});

test('2 where the command line is wrong, 0 for help with an example', () => {
  const wrong = [['nope'], ['market', 'clear'], ['market', 'clear', 'a', 'b'], ['market']];
  for (const args of [...wrong, ['market', 'settle', TABLE_1, '--round', 'up'], []])
    assert.equal(busbar(...args).status, 2, args.join(' '));
  for (const command of ['clear', 'settle']) {
    const help = busbar('market', command, '--help');
    assert.equal(help.status, 0);
    assert.match(help.stdout, /\$ busbar market/);
  }
});

test('control characters of a file do not reach the terminal', () => {
  const { stdout, stderr } = busbar('market', 'clear', file('e.json', '{"\\u001b[2J":1}'));
  assert.ok(!`${stdout}${stderr}`.includes('\u001b'));
});
