// Options, logs, metrics, clocks.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { ProtocolError } from '../../core/src/errors.js';
import { createChainClock } from '../src/clock.js';
import { checkOptions, loadOptions } from '../src/config.js';
import { createLogger, errorFields } from '../src/log.js';
import { createMetrics, METRICS, watchLoopLag } from '../src/metrics.js';

const dir = mkdtempSync(join(tmpdir(), 'busbar-config-'));
after(() => rmSync(dir, { recursive: true }));

const base = { name: 'ann', dataDir: '/var/lib/busbar' };

const refusesOption = (option: string) => (error: unknown) =>
  error instanceof ProtocolError && error.code === 'CONFIG' && error.data['option'] === option;

test('defaults, file and overrides: the command line stands before the file', () => {
  const path = join(dir, 'node.toml');
  writeFileSync(
    path,
    ['name = "ben"', 'dataDir = "/data"', 'role = "validator"', '[rpc]', 'port = 9200'].join('\n'),
  );
  const options = loadOptions(path, { name: 'cleo', rpc: { host: '::1' }, logLevel: undefined });
  assert.equal(options.name, 'cleo');
  assert.equal(options.role, 'validator');
  assert.deepEqual(options.rpc, { host: '::1', port: 9200 });
  assert.equal(options.logLevel, 'info');
  assert.equal(loadOptions(undefined, base).keys.allowPlain, false);
});

test('frozen all the way down', () => {
  const options = checkOptions(base, { peers: [] });
  for (const part of [options, options.rpc, options.peers, options.keys])
    assert.ok(Object.isFrozen(part));
});

test('a refusal names its option', () => {
  const cases: [object, string][] = [
    [{ role: 'king' }, 'role'],
    [{ rpc: { port: 70_000 } }, 'rpc.port'],
    [{ rpc: { prot: 1 } }, 'rpc.prot'],
    [{ nmae: 'x' }, 'nmae'],
    [{ name: '' }, 'name'],
    [{ peers: [{ publicKey: 'ab', address: '/ip4/1.2.3.4/tcp/1' }] }, 'peers.0.publicKey'],
    [{ peers: [{ publicKey: 'ab'.repeat(32), address: '1.2.3.4:1' }] }, 'peers.0.address'],
    [{ verifyWorkers: -1 }, 'verifyWorkers'],
    [{ listen: 'tcp://x' }, 'listen'],
  ];
  for (const [bad, option] of cases)
    assert.throws(() => checkOptions(base, bad as never), refusesOption(option), option);
  assert.throws(() => checkOptions({ name: 'x' }), refusesOption('dataDir'));
  assert.throws(() => loadOptions(join(dir, 'none.toml')), refusesOption('file'));
  const path = join(dir, 'bad.toml');
  writeFileSync(path, 'name = \n');
  assert.throws(() => loadOptions(path), refusesOption('file'));
});

test('a log line is one JSON object with level, time and fields; bigints as text', () => {
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  const log = createLogger({ name: 'ann', level: 'info', destination });
  log.debug('not written');
  log.child({ room: 'net' }).info('block', { height: 7n, txs: 3, code: undefined });
  log.error('refused', errorFields(new ProtocolError('CONFIG', 'why', { option: 'x' })));
  assert.equal(lines.length, 2);
  const [first, second] = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  assert.match(String(first?.['time']), /^\d{4}-\d\d-\d\dT/);
  assert.equal(first?.['level'], 'info');
  assert.deepEqual([first?.['room'], first?.['height'], first?.['node']], ['net', '7', 'ann']);
  assert.deepEqual([second?.['code'], second?.['option']], ['CONFIG', 'x']);
  assert.ok(!log.writes('debug') && log.writes('warn'));
});

test('metrics: every row is exposed, with help and unit in its name', async () => {
  const metrics = createMetrics('ann');
  metrics.count('busbar_tx_refused_total', 2, { code: 'EXPIRED' });
  metrics.observe('busbar_finality_ms', 42);
  metrics.beforeScrape(() => metrics.set('busbar_height', 9));
  const text = await metrics.expose();
  assert.match(text, /busbar_tx_refused_total\{.*code="EXPIRED".*\} 2/);
  assert.match(text, /busbar_height\{node="ann"\} 9/);
  assert.match(text, /busbar_finality_ms_bucket\{.*le="50".*\} 1/);
  for (const [name, row] of Object.entries(METRICS)) {
    assert.ok(text.includes(`# TYPE ${name} ${row.type}`), name);
    assert.ok(row.help.endsWith('.'), name);
    if (row.type === 'counter') assert.match(name, /_total$/);
  }
});

test('loop lag: a busy loop is seen', async () => {
  const lags: number[] = [];
  const stop = watchLoopLag((lag) => lags.push(lag), 10);
  const until = performance.now() + 60;
  while (performance.now() < until);
  for (let i = 0; i < 100 && lags.length === 0; i++)
    await new Promise((resolve) => setTimeout(resolve, 5));
  stop();
  assert.ok((lags[0] ?? 0) >= 40);
});

test('chain clock: rate and start, waits rounded up, never negative', () => {
  let wall = 1_000_000;
  const clock = { monotonicMs: () => 0, wallMs: () => wall };
  const params = { wallStartMs: 1_000_000n, chainStartMs: 5_000n, rate: 360n };
  const chain = createChainClock(params, clock);
  assert.equal(chain.now(), 5_000n);
  wall += 10.7;
  assert.equal(chain.now(), 8_600n);
  assert.equal(chain.wallMsUntil(8_600n), 0);
  assert.equal(chain.wallMsUntil(8_601n), 1);
  assert.equal(chain.wallMsUntil(8_961n), 2);
  wall = 0;
  assert.equal(chain.now(), 0n);
  const utc = { wallStartMs: 0n, chainStartMs: 0n, rate: 1n };
  assert.equal(createChainClock(utc, clock).now(), 0n);
});
