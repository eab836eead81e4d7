// Processes of the six-process network killed with -9 at random while homes pay and trade: how soon
// each is back at the tip, whether the chain went on, and that nothing final was lost.
//   node dist/bench/kills.js [--kills 30] [--rate 60] [--homes 8] [--seed N]
// Times are wall ms from the start of the new process: the second for which `busbar dev` leaves a
// dead process alone is not in them. Ends with 1 where a check failed.
import { parseArgs } from 'node:util';
import { setTimeout as sleep } from 'node:timers/promises';
import { ProtocolError } from '../core/src/errors.js';
import { Chronicle } from '../test/e2e/chronicle.js';
import { agreedAt, chainIdOf } from '../test/e2e/desk.js';
import { DevNetwork } from '../test/e2e/devNetwork.js';
import { killAll, type KillReport, killOne } from '../test/e2e/kill.js';
import { Traffic } from '../test/e2e/traffic.js';
import { chance } from '../cli/src/demo/draw.js';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '30' },
    rate: { type: 'string', default: '60' },
    homes: { type: 'string', default: '8' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    keep: { type: 'boolean', default: false },
  },
});
const seed = Number(values.seed);
/** Longest pause before a kill. */
const PAUSE_MS = 3000;

const cell = (text: string | number | bigint, width: number): string => `${text}`.padStart(width);
const row = (...cells: readonly (string | number | bigint)[]): string =>
  cells.map((text, i) => (i === 1 ? `${text}`.padEnd(12) : cell(text, 12))).join(' ');

function print(i: number, r: KillReport): void {
  const { node, atHeight, meanwhile, nextBlockMs, answersMs, backMs } = r;
  const times = [nextBlockMs, answersMs, backMs].map((ms) => ms.toFixed(0));
  console.log(row(i, node, atHeight, meanwhile, ...times));
}

const most = (reports: readonly KillReport[], of: (r: KillReport) => number): string =>
  Math.max(...reports.map(of)).toFixed(0);
const median = (reports: readonly KillReport[], of: (r: KillReport) => number): string =>
  (reports.map(of).sort((a, b) => a - b)[reports.length >> 1] ?? 0).toFixed(0);

async function run(net: DevNetwork): Promise<void> {
  await net.up();
  const traffic = new Traffic(net, await chainIdOf(net.client('centre')));
  const chronicle = new Chronicle(net);
  await net.reach(2n);
  chronicle.begin();
  traffic.begin();
  console.log(`seed ${seed}, rate ${values.rate}, ${net.names.join(' ')}`);
  console.log(row('kill', 'node', 'at height', 'meanwhile', 'next ms', 'answers ms', 'back ms'));
  const reports: KillReport[] = [];
  for (let i = 1; i <= Number(values.kills); i++) {
    await sleep(PAUSE_MS * chance(seed, 'pause', i));
    const name = net.names[Math.floor(net.names.length * chance(seed, 'node', i))] ?? 'centre';
    const report = await killOne(net, name);
    print(i, report);
    reports.push(report);
  }
  if (reports.length > 0) {
    const of = [(r: KillReport) => r.nextBlockMs, (r: KillReport) => r.answersMs];
    const all = [...of, (r: KillReport) => r.backMs];
    console.log(row('median', '', '', '', ...all.map((f) => median(reports, f))));
    console.log(row('most', '', '', '', ...all.map((f) => most(reports, f))));
    if (reports.some(({ meanwhile }) => meanwhile === 0n))
      throw new ProtocolError('CHECK_FAILED', 'the chain stood while one process was down');
  }
  const blackout = await killAll(net);
  console.log(
    `all six at height ${blackout.atHeight}: next block ${blackout.firstBlockMs.toFixed(0)} ms ` +
      `after the last start, everywhere ${blackout.everywhereMs.toFixed(0)} ms`,
  );
  await net.reach(blackout.atHeight + 3n);
  await traffic.end();
  await chronicle.end();
  await chronicle.compare();
  const height = await net.tip();
  await net.reach(height);
  await agreedAt(net, height);
  console.log(`${chronicle.size} heights up to ${height}: one hash each, on every node`);
  console.log(`transactions: ${JSON.stringify(await traffic.audit('validator-1'))}`);
}

const net = new DevNetwork({ rate: Number(values.rate), homes: Number(values.homes) });
try {
  await run(net);
} catch (error) {
  if (!(error instanceof ProtocolError)) throw error;
  console.log(net.tails());
  console.log(`failed: ${error.code}: ${error.message}`);
  process.exitCode = 1;
} finally {
  if (values.keep) await net.down();
  else await net.close();
  if (values.keep) console.log(net.dir);
}
