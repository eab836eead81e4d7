// Each rule of tidy finds its small bad sample and leaves the good one alone.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { check } from '../tidy/check.js';
import { functionsOf } from '../tidy/functions.js';
import { machinePaths } from '../tidy/prose.js';
import { readSource } from '../tidy/source.js';

/** Rules with their lines that a file breaks; that it is imported is taken for granted. */
function findings(path: string, text: string): readonly string[] {
  return check([readSource(path, text)], [])
    .filter(({ rule }) => rule !== 'dead file')
    .map(({ line, rule }) => `${line} ${rule}`);
}
const PURE = 'state/src/x.ts';
const SHELL = 'node/src/x.ts';
const fill = (count: number, line = 'x();'): string => `${line}\n`.repeat(count);

test('scanner: comments, strings, templates and patterns are no code', () => {
  const text = [
    "const a = 'any'; // any",
    'const b = `any ${a as unknown} any ${`${b}`}`; /* any */ const c = 1;',
    'const d = /[/\'any]/.test(a) ? 4 / 2 : "it\'s";',
    'const e = 1;',
  ].join('\n');
  const { code, comments, strings } = readSource('core/src/x.ts', text);
  assert.equal(code.length, text.length);
  assert.ok(!code.includes('any'));
  for (const kept of ['as unknown', 'const c = 1', '4 / 2', 'const e = 1']) {
    assert.ok(code.includes(kept), kept);
    assert.equal(code.indexOf(kept), text.indexOf(kept));
  }
  assert.deepEqual(
    comments.map(({ line, text: comment }) => [line, comment]),
    [
      [1, '// any'],
      [2, '/* any */'],
    ],
  );
  assert.equal(strings[0]?.text, "'any'");
  assert.equal(strings.at(-1)?.text, '"it\'s"');
});

test('functions: every way of writing one, and no control block', () => {
  const text = `function a(x: number) {
}
const b = (x: number): string => {
};
class C { d(): { readonly e: string } | undefined {
  if (x) {
    for (const y of z) {
    }
  }
} }
const f = async () => ({
});
interface G { h: string }
const i = { j: 1 };
class K extends L {
  m = 1;
}
`;
  const spans = functionsOf(readSource(PURE, text)).map(({ from, to }) => `${from}-${to}`);
  assert.deepEqual(spans, ['1-2', '3-4', '5-10', '11-12']);
});

test('width, function length, file length', () => {
  assert.deepEqual(findings(SHELL, `${'x'.repeat(100)}\n`), []);
  assert.deepEqual(findings(SHELL, `\n${'x'.repeat(101)}\n`), ['2 width']);
  const f = (lines: number): string => `\nexport function f() {\n${fill(lines - 2)}}\n`;
  assert.deepEqual(findings(SHELL, f(70)), []);
  assert.deepEqual(findings(SHELL, f(71)), ['2 function length']);
  assert.deepEqual(findings(SHELL, fill(500)), []);
  assert.deepEqual(findings(SHELL, fill(501)), ['0 file length']);
});

test('banned everywhere', () => {
  for (const [text, rule] of [
    ['let x: any;', 'any'],
    ['f(x as any);', 'any'],
    ['const m = new Map<string, any>();', 'any'],
    ['let x: any[];', 'any'],
    ["throw new Error('no');", 'bare error'],
    ["throw new RangeError('no');", 'bare error'],
    ['export default f;', 'default export'],
    ['enum A { B, C }', 'enum'],
    ['const enum A { B }', 'enum'],
    [`// ${'TO'}DO: later`, 'later'],
    [`/* ${'FIX'}ME */`, 'later'],
    [`const a = '${'XX'}X';`, 'later'],
  ] as const)
    assert.deepEqual(findings(SHELL, text), [`1 ${rule}`], text);
  const good = "const any = z.enum(['a']); throw new ProtocolError('X', 'any'); // any Error";
  assert.deepEqual(findings(SHELL, good), []);
  assert.deepEqual(findings('node/test/x.test.ts', "throw new Error('a peer');"), []);
});

test('banned in pure rooms, allowed in the shell', () => {
  for (const [text, rule] of [
    ['const t = Date.now();', 'clock'],
    ['const t = performance.now();', 'clock'],
    ['const r = Math.random();', 'chance'],
    ['setTimeout(f, 5);', 'timer'],
    ['const f = async () => 1;', 'waiting'],
    ['await f();', 'waiting'],
    ['let p: Promise<void>;', 'waiting'],
    ['const n = Number(x);', 'number'],
    ['const n = Number.parseInt(x);', 'number'],
    ['const n = x * 0.5;', 'float'],
    ['const n = Math.sqrt(x);', 'library arithmetic'],
    ['a.localeCompare(b);', 'locale'],
    ['x.toLocaleString();', 'locale'],
    ['console.log(x);', 'shell'],
  ] as const) {
    const found = findings(PURE, text);
    assert.ok(found.includes(`1 ${rule}`), `${text}: ${found.join()}`);
    assert.deepEqual(findings(SHELL, text), [], text);
    assert.deepEqual(findings('state/test/x.test.ts', text), [], text);
  }
  assert.deepEqual(findings(PURE, 'const n = Math.floor(x / 2); // 0.5 of the Date'), []);
});

test('file names', () => {
  for (const name of ['utils', 'util', 'helpers', 'common', 'misc'])
    assert.deepEqual(findings(`node/src/${name}.ts`, ''), ['0 file name'], name);
  assert.deepEqual(findings('node/src/common/x.ts', ''), ['0 file name']);
  assert.deepEqual(findings('node/src/commonGround.ts', ''), []);
});

test('import directions between rooms', () => {
  const of = (path: string, imported: string): readonly string[] =>
    findings(path, `import { x } from '${imported}';`);
  const bad = ['1 import'];
  assert.deepEqual(of('core/src/x.ts', '../../market/src/a.js'), bad);
  assert.deepEqual(of('core/src/codec/x.ts', '../../../state/src/a.js'), bad);
  assert.deepEqual(of('market/src/x.ts', '../../core/src/a.js'), []);
  assert.deepEqual(of('market/src/x.ts', '../../state/src/a.js'), bad);
  assert.deepEqual(of('consensus/src/x.ts', '../../state/src/a.js'), bad);
  assert.deepEqual(of('node/src/x.ts', '../../market/src/a.js'), bad);
  assert.deepEqual(findings(SHELL, "import type { A } from '../../market/src/a.js';"), []);
  assert.deepEqual(of('cli/src/commands/start.ts', '../../../node/src/process.js'), []);
  assert.deepEqual(of('cli/src/commands/stop.ts', '../../../node/src/process.js'), bad);
  assert.deepEqual(of('rpc/src/x.ts', '../../sim/src/a.js'), bad);
  assert.deepEqual(of('node/src/x.ts', '../test/a.js'), bad);
  assert.deepEqual(of('node/src/x.ts', '../../tools/a.js'), bad);
  assert.deepEqual(of('node/test/x.test.ts', '../../sim/src/a.js'), []);
  const long = "import {\n  a,\n  b,\n} from '../../sim/src/a.js';\nf('../../sim/src/a.js');";
  assert.deepEqual(findings(SHELL, long), ['4 import']);
  assert.deepEqual(findings(SHELL, "export * from '../../sim/src/a.js';"), bad);
  assert.deepEqual(findings(SHELL, "const a = await import('../../sim/src/a.js');"), bad);
  assert.deepEqual(findings(SHELL, "import '../../sim/src/a.js';"), bad);
});

test('packages and Node in their places', () => {
  const of = (path: string, imported: string): readonly string[] =>
    findings(path, `import { x } from '${imported}';`);
  for (const [name, good] of [
    ['libp2p', 'node/src/net/libp2p/a.ts'],
    ['@libp2p/tcp', 'node/src/net/libp2p/a.ts'],
    ['@chainsafe/libp2p-noise', 'node/src/net/libp2p/a.ts'],
    ['classic-level', 'node/src/store/a.ts'],
    ['sodium-native', 'node/src/crypto/a.ts'],
    ['fastify', 'rpc/src/a.ts'],
    ['@fastify/websocket', 'rpc/src/a.ts'],
    ['commander', 'cli/src/a.ts'],
    ['@noble/hashes/sha2.js', 'core/src/a.ts'],
    ['msgpackr', 'core/src/codec/a.ts'],
  ] as const) {
    assert.deepEqual(of(good, name), [], `${name} in ${good}`);
    assert.deepEqual(of('sim/src/a.ts', name), ['1 import'], name);
  }
  assert.deepEqual(of('node/src/net/dialler.ts', 'libp2p'), ['1 import']);
  assert.deepEqual(of('node/src/commands.ts', 'commander'), ['1 import']);
  assert.deepEqual(of(PURE, 'node:fs'), ['1 import']);
  assert.deepEqual(of(PURE, 'zod'), ['1 import']);
  assert.deepEqual(of(SHELL, 'node:fs'), []);
});

test('dead files: imported by a test is not imported', () => {
  const source = (path: string, text = ''): ReturnType<typeof readSource> => readSource(path, text);
  const dead = (...sources: ReturnType<typeof readSource>[]): readonly string[] =>
    check(sources, []).map(({ file, rule }) => `${file} ${rule}`);
  const main = source('cli/src/main.ts', "import { a } from './a.js';");
  assert.deepEqual(dead(main, source('cli/src/a.ts')), []);
  assert.deepEqual(dead(main, source('cli/src/b.ts')), ['cli/src/b.ts dead file']);
  const spec = source('cli/test/b.test.ts', "import { b } from '../src/b.js';");
  assert.deepEqual(dead(main, spec, source('cli/src/b.ts')), ['cli/src/b.ts dead file']);
  const url = "new Worker(new URL('./worker.js', import.meta.url));";
  assert.deepEqual(dead(source('node/src/main.ts', url), source('node/src/worker.ts')), []);
});

test('rule ids have one form', () => {
  for (const bad of [
    'see market-call rule 8',
    'consensus section 4',
    'consensus.md, section 4',
    'settlement § 3',
    'the market-call market',
    'light-clients',
  ])
    assert.deepEqual(findings(PURE, `// ${bad}\n`), ['1 rule id'], bad);
  for (const good of [
    'market-call 8',
    'market-call 15-17, A10',
    'consensus 3.5a and settlement of the period',
    'conventions "Lists"',
    'meters-and-grid "Meters"',
    'market-bilateral D',
    'spec/light-clients.md',
  ])
    assert.deepEqual(findings(PURE, `// ${good}\n`), [], good);
  assert.deepEqual(findings(PURE, '// as settled (market-call\n// 8) before\n'), []);
  assert.deepEqual(findings(PURE, '// as settled (market-call\n// and so) before\n'), [
    '1 rule id',
  ]);
});

test('machine paths', () => {
  const path = ['', 'home', 'somebody', 'x'].join('/');
  assert.deepEqual(findings(SHELL, `const a = '${path}';`), ['1 machine path']);
  assert.deepEqual(findings(SHELL, `// see ${path}`), ['1 machine path']);
  assert.deepEqual(findings(SHELL, `// see \`.${path}\` and https://example.org${path}`), []);
  assert.equal(machinePaths('README.md', `a\nrun ${path}\n`)[0]?.line, 2);
});

test('an exception silences its rule in its file, and is found when nothing needs it', () => {
  const bad = readSource('cli/src/main.ts', 'let x: any;');
  const exception = { rule: 'any', file: 'cli/src/main.ts', reason: 'a test' };
  assert.deepEqual(check([bad], [exception]), []);
  const other = { ...exception, rule: 'enum' };
  const rules = check([bad], [other]).map(({ rule }) => rule);
  assert.deepEqual(rules.sort(), ['any', 'exception']);
});
