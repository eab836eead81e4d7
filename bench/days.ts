// One community over a whole day on each market, on six real processes: what was traded, whether
// every check of the demo held, and how long finality took. About two hours for all of them.
//   node dist/bench/days.js [--markets call,uniform,...] [--data DIR] [--season NAME] [--day N]
//                           [--from N --periods N]
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { PROGRAM } from '../cli/src/installation.js';
import { CHAIN_MECHANISMS } from '../core/src/markets.js';

const { values } = parseArgs({
  options: {
    markets: { type: 'string', default: CHAIN_MECHANISMS.join(',') },
    data: { type: 'string' },
    season: { type: 'string' },
    day: { type: 'string' },
    from: { type: 'string' },
    periods: { type: 'string' },
  },
});
/** Given to `busbar demo` as they are. */
const PASSED = ['data', 'season', 'day', 'from', 'periods'] as const;

interface Summary {
  readonly wallSeconds: string;
  readonly energy: { readonly traded: string; readonly bound: string };
  readonly chain: { readonly finalityMs: { readonly p50: string; readonly p99: string } };
  readonly voidPeriods: readonly unknown[];
  readonly checks: readonly { readonly name: string; readonly ok: boolean }[];
}

function demo(market: string): Promise<string> {
  const dir = mkdtempSync(join(tmpdir(), 'busbar-day-'));
  const args = [PROGRAM, 'demo', '--dir', join(dir, 'net'), '--market', market];
  args.push('--forecast-error', '0', '--json');
  for (const name of PASSED) if (values[name] !== undefined) args.push(`--${name}`, values[name]);
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    text += part;
  });
  return new Promise((resolve) =>
    child.on('close', () => {
      rmSync(dir, { recursive: true, force: true });
      resolve(text);
    }),
  );
}

for (const market of values.markets.split(',')) {
  const text = await demo(market);
  const summary = (text === '' ? undefined : JSON.parse(text)) as Summary | undefined;
  if (summary?.checks === undefined) {
    console.log(`${market}: did not end: ${text}`);
    process.exitCode = 1;
    continue;
  }
  const { energy, chain, checks, voidPeriods, wallSeconds } = summary;
  const failed = checks.filter(({ ok }) => !ok).map(({ name }) => name);
  if (failed.length > 0) process.exitCode = 1;
  console.log(
    `${market}: ${energy.traded} of ${energy.bound} kWh, ${voidPeriods.length} void, finality ` +
      `p50 ${chain.finalityMs.p50} ms, p99 ${chain.finalityMs.p99} ms, ${wallSeconds} s; ` +
      (failed.length === 0 ? `${checks.length} checks hold` : `FAILED: ${failed.join(', ')}`),
  );
}
