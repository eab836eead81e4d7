// `npm test`: everything that a change must pass, cheapest first, stopping at the first red stage.
// Its last line is 'N passed, N failed'. A stage that ran no test is a failure: node --test ends
// with 0 where its files hold none.
//   node dist/tools/test.js [stage ...]     stages: tidy docs unit sim e2e
import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

interface Count {
  readonly passed: number;
  readonly failed: number;
}

interface Stage {
  readonly name: string;
  readonly run: () => Promise<Count>;
}

const ROOMS = ['core', 'market', 'state', 'consensus', 'node', 'rpc', 'cli', 'sim', 'tools'];
const dist = (...parts: string[]): string => join('dist', ...parts);

interface Ended {
  readonly status: number;
  readonly output: string;
}

/** Runs Node, shows what it prints, and keeps it. */
function node(args: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.setEncoding('utf8');
    child.stdout.on('data', (text: string) => {
      output += text;
      process.stdout.write(text);
    });
    child.on('close', (status) => resolve({ status: status ?? 1, output }));
  });
}

/** Numbers of the spec reporter's closing lines. */
function countOf({ status, output }: Ended): Count {
  const number = (word: string): number =>
    Number(new RegExp(`^\\S* ?${word} (\\d+)$`, 'm').exec(output)?.[1] ?? '0');
  const passed = number('pass');
  const failed = number('fail') + number('cancelled');
  if (failed === 0 && (status !== 0 || passed === 0)) return { passed, failed: 1 };
  return { passed, failed };
}

const testFiles = (dir: string): readonly string[] =>
  existsSync(dir)
    ? readdirSync(dir, { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.test.js'))
        .sort()
        .map((name) => join(dir, name))
    : [];

async function nodeTests(files: readonly string[], concurrency: number): Promise<Count> {
  // Without files node --test would run whatever it finds.
  if (files.length === 0) return { passed: 0, failed: 1 };
  const args = ['--test', '--test-reporter=spec', `--test-concurrency=${concurrency}`];
  return countOf(await node([...args, ...files]));
}

/** A tool that checks one thing: one pass or one failure. */
const single = (args: readonly string[]) => async (): Promise<Count> =>
  (await node(args)).status === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };

const STAGES: readonly Stage[] = [
  { name: 'tidy', run: single([dist('tools', 'tidy.js')]) },
  { name: 'docs', run: single([dist('tools', 'docs.js'), '--check']) },
  {
    name: 'unit',
    run: () =>
      nodeTests(
        [...ROOMS.map((room) => dist(room, 'test')), dist('test', 'naive')].flatMap(testFiles),
        2,
      ),
  },
  { name: 'sim', run: single([dist('sim', 'src', 'main.js'), '--seeds', '100']) },
  { name: 'e2e', run: () => nodeTests(testFiles(dist('test', 'e2e')), 1) },
];

async function main(names: readonly string[]): Promise<void> {
  let [passed, failed] = [0, 0];
  for (const stage of STAGES) {
    if (names.length > 0 && !names.includes(stage.name)) continue;
    console.log(`\n== ${stage.name}`);
    const started = performance.now();
    const count = await stage.run();
    passed += count.passed;
    failed += count.failed;
    console.log(`== ${stage.name}: ${((performance.now() - started) / 1000).toFixed(1)} s`);
    if (count.failed > 0) break;
  }
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
}

await main(process.argv.slice(2));
