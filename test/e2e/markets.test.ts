// Every market on a real network of six processes, with households that trade it, until its first
// periods are settled: equal roots, energy and money conserved, balances moved by the bills to the
// unit (the checks of `busbar demo`, which ends with 1 where one fails).
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { PROGRAM } from '../../cli/src/installation.js';

interface Summary {
  readonly energy: { readonly traded: string; readonly bound: string };
  readonly checks: readonly {
    readonly name: string;
    readonly ok: boolean;
    readonly detail: string;
  }[];
  readonly periods: readonly { readonly trades: number; readonly void: boolean }[];
}

interface Part {
  /** First delivery period of the day: there is sun, and somebody has too little of it. */
  readonly from: number;
  readonly periods: number;
  /** In place of the fastest that the machine holds. */
  readonly rate?: number;
}

const USUAL: Part = { from: 45, periods: 3 };
const PARTS: Readonly<Record<string, Part>> = {
  uniform: USUAL,
  continuous: USUAL,
  'two-round': USUAL,
  // Its listings are approved by the validators' own nodes.
  bilateral: USUAL,
  neighbourhood: { from: 133, periods: 2 },
  // A period is an hour: at 120 the test took 89 s, and at 240 every check held too.
  reputation: { from: 12, periods: 1, rate: 180 },
};

async function demo(market: string, part: Part): Promise<Summary> {
  const dir = mkdtempSync(join(tmpdir(), `busbar-${market}-`));
  try {
    const [from, periods] = [String(part.from), String(part.periods)];
    const args = [PROGRAM, 'demo', '--dir', join(dir, 'net'), '--market', market, '--json'];
    args.push('--from', from, '--periods', periods, '--forecast-error', '0');
    if (part.rate !== undefined) args.push('--rate', String(part.rate));
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let [out, said] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (part: string) => (out += part));
    child.stderr.setEncoding('utf8').on('data', (part: string) => (said += part));
    const status = await new Promise((resolve) => child.on('close', resolve));
    assert.equal(status, 0, `${market}: ${said}`);
    return JSON.parse(out) as Summary;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

for (const [market, part] of Object.entries(PARTS))
  test(`${market}: ${part.periods} periods of a community on six processes`, async () => {
    const { checks, energy, periods } = await demo(market, part);
    const failed = checks.filter(({ ok }) => !ok);
    assert.deepEqual(failed, []);
    assert.equal(periods.length, part.periods);
    assert.ok(Number(energy.traded) > 0, `${energy.traded} of ${energy.bound} kWh`);
  });
