// The supervisor, with small scripts in place of nodes.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Supervisor } from '../src/network/supervisor.js';

const STAYS = 'console.log("up"); setInterval(() => {}, 1000);';
const REFUSES = 'console.log("first line"); console.error("PORT: taken"); process.exit(1);';
const DEAF = 'process.on("SIGTERM", () => {}); console.log("up"); setInterval(() => {}, 1000);';

const LIMIT_MS = 30_000;

async function until(what: () => boolean): Promise<void> {
  for (let waited = 0; !what(); waited += 50) {
    assert.ok(waited < LIMIT_MS, 'took too long');
    await sleep(50);
  }
}

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

function setting(t: TestContext, scripts: Record<string, string>, options: object = {}) {
  const dir = mkdtempSync(join(tmpdir(), 'busbar-supervisor-'));
  const starts: { name: string; pid: number }[] = [];
  const exits: { name: string; how: string }[] = [];
  const programs = Object.entries(scripts).map(([name, code]) => {
    const file = join(dir, `${name}.mjs`);
    writeFileSync(file, code);
    return { name, args: [file], logFile: join(dir, `${name}.log`) };
  });
  const supervisor = new Supervisor({
    programs,
    restart: true,
    onStart: (name, pid) => starts.push({ name, pid }),
    onExit: (name, how) => exits.push({ name, how }),
    ...options,
  });
  t.after(async () => {
    await supervisor.stop();
    rmSync(dir, { recursive: true });
  });
  const log = (name: string): string => readFileSync(join(dir, `${name}.log`), 'utf8');
  return { supervisor, starts, exits, log };
}

test('a process that is killed is started again, with a new pid', async (t) => {
  const { supervisor, starts, exits, log } = setting(t, { one: STAYS, two: STAYS });
  supervisor.start();
  assert.equal(starts.length, 2);
  const first = supervisor.pidOf('one') as number;
  const other = supervisor.pidOf('two');
  await until(() => log('one').includes('up'));
  process.kill(first, 'SIGKILL');
  await until(() => starts.length === 3);
  assert.deepEqual(exits, [{ name: 'one', how: 'SIGKILL' }]);
  assert.notEqual(supervisor.pidOf('one'), first);
  assert.equal(supervisor.pidOf('two'), other);
  await until(() => log('one') === 'up\nup\n');
});

test('without restart it stays dead', async (t) => {
  const { supervisor, starts, exits } = setting(t, { one: STAYS }, { restart: false });
  supervisor.start();
  process.kill(supervisor.pidOf('one') as number, 'SIGKILL');
  await until(() => exits.length === 1);
  await sleep(1500);
  assert.equal(starts.length, 1);
  assert.equal(supervisor.pidOf('one'), undefined);
});

test('a process that refuses to start is shown with its last line, tried less often', async (t) => {
  const { supervisor, exits } = setting(t, { one: REFUSES });
  const began = performance.now();
  supervisor.start();
  await until(() => exits.length === 3);
  assert.ok(performance.now() - began >= 3000, 'after 1 s and then 2 s');
  assert.equal(exits[0]?.how, 'exit 1: PORT: taken');
});

test('stop ends all, also those that do not listen, and starts none again', async (t) => {
  const scripts = { one: STAYS, two: DEAF, three: REFUSES };
  const { supervisor, starts, exits, log } = setting(t, scripts, { killMs: 500 });
  supervisor.start();
  await until(() => log('one').includes('up') && log('two').includes('up') && exits.length > 0);
  const pids = ['one', 'two'].map((name) => supervisor.pidOf(name) as number);
  await supervisor.stop();
  assert.deepEqual(pids.map(isAlive), [false, false]);
  const count = starts.length;
  await sleep(1500);
  assert.equal(starts.length, count);
});
