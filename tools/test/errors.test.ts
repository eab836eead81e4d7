// Every code of the registry is produced somewhere in what ships; none is only documented. (That
// none is used which is not in the registry, the type of ErrorCode holds.)
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { CODES } from '../../core/src/errors.js';
import { ROOMS } from '../tidy/rooms.js';
import { readSource } from '../tidy/source.js';

/** Codes of rules that stand in the design and that no code follows yet. */
const ANNOUNCED: Readonly<Record<string, string>> = {
  CENSORED: 'consensus 6.3: nil on a block that leaves out what was held for inclusionMs',
};

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** Contents of all strings of the rooms, the registry apart. */
function stringsOfRooms(): ReadonlySet<string> {
  const found = new Set<string>();
  for (const room of ROOMS)
    for (const name of readdirSync(join(root, room, 'src'), {
      recursive: true,
      encoding: 'utf8',
    })) {
      const file = join(room, 'src', name);
      if (!name.endsWith('.ts') || file === join('core', 'src', 'errors.ts')) continue;
      const { strings } = readSource(file, readFileSync(join(root, file), 'utf8'));
      for (const { text } of strings) found.add(text.slice(1, -1));
    }
  return found;
}

test('every error code is produced by what ships', () => {
  const strings = stringsOfRooms();
  const silent = Object.keys(CODES).filter((code) => !strings.has(code));
  assert.deepEqual(silent, Object.keys(ANNOUNCED));
  assert.ok(!strings.has('NO_SUCH_CODE'), 'the search can fail');
});

test('every error code has a meaning that is a sentence', () => {
  for (const [code, { meaning }] of Object.entries(CODES)) {
    assert.match(code, /^[A-Z]+(_[A-Z]+)*$/);
    assert.match(meaning, /^[A-Za-z].*\.$/, code);
  }
});
