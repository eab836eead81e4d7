// The worked examples of docs/guide: every `console` block is run, and prints what stands there.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

const GUIDE = join('docs', 'guide');
const BLOCK = /```console\n\$ npx busbar (.*)\n([\s\S]*?)```/g;

const lines = (text: string): readonly string[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => line.trimEnd());

const MARKETS = ['call', 'two-round', 'uniform', 'continuous', 'reputation', 'bilateral'];

let examples = 0;
for (const page of readdirSync(GUIDE).filter((name) => name.endsWith('.md')))
  for (const [, command = '', expected = ''] of readFileSync(join(GUIDE, page), 'utf8').matchAll(
    BLOCK,
  )) {
    examples++;
    test(`${page}: busbar ${command}`, () => {
      const run = spawnSync(process.execPath, ['bin/busbar.js', ...command.split(' ')], {
        encoding: 'utf8',
      });
      assert.equal(run.status, 0, run.stderr);
      assert.deepEqual(lines(run.stdout), lines(expected));
    });
  }

test('each market that a chain runs has a page with an example', () => {
  for (const name of MARKETS)
    assert.match(readFileSync(join(GUIDE, `${name}.md`), 'utf8'), /```console/, name);
  assert.ok(examples >= 6);
});
