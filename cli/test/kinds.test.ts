// Every kind of transaction has a command that sends it: a person never has to write one by hand.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { TX_KINDS } from '../../core/src/tx.js';

const SOURCE = join('cli', 'src');
const folders = [SOURCE, join(SOURCE, 'commands')];
const text = folders
  .flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)))
  .filter((path) => path.endsWith('.ts'))
  .map((path) => readFileSync(path, 'utf8'))
  .join('\n');

for (const kind of TX_KINDS)
  test(`${kind} is sent by a command`, () => {
    const sends = new RegExp(`kind: '${kind}'|of \\[.*'${kind}'.*\\] as const|, '${kind}'\\],`);
    assert.match(text, sends);
  });
