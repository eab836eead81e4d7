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

/** Five hours after the beginning: there is sun, and somebody has too little of it. */
const FROM: Readonly<Record<string, string>> = { neighbourhood: '133' };
const FIRST = '45';

async function demo(market: string): Promise<Summary> {
  const dir = mkdtempSync(join(tmpdir(), `busbar-${market}-`));
  try {
    const from = FROM[market] ?? FIRST;
    const args = [PROGRAM, 'demo', '--dir', join(dir, 'net'), '--market', market, '--json'];
    args.push('--from', from, '--periods', '3', '--forecast-error', '0');
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

for (const market of ['uniform', 'continuous', 'two-round', 'neighbourhood'])
  test(`${market}: three periods of a community on six processes`, async () => {
    const { checks, energy, periods } = await demo(market);
    const failed = checks.filter(({ ok }) => !ok);
    assert.deepEqual(failed, []);
    assert.equal(periods.length, 3);
    assert.ok(Number(energy.traded) > 0, `${energy.traded} of ${energy.bound} kWh`);
  });
