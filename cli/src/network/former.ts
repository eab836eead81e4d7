// One network per directory: DIR/run.json names the processes of the run. A new run waits for a
// former one that is still stopping, and ends nodes that one left behind when it was killed: they
// hold the ports and the stores. Only processes whose command line fits are touched.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ProtocolError } from '../../../core/src/errors.js';
import { nodePaths, readJson, removeFile, writeJson } from './files.js';

const STEP_MS = 100;
const TERM_MS = 10_000;
/** As long as a stop may take. */
const STOPPING_MS = 15_000;

interface Run {
  /** The process that supervises. */
  readonly supervisor: number;
  readonly nodes: readonly { readonly name: string; readonly pid: number }[];
}

const runFile = (dir: string): string => join(dir, 'run.json');

export const writeRun = (dir: string, nodes: Run['nodes']): void =>
  writeJson(runFile(dir), { supervisor: process.pid, nodes });

export const removeRun = (dir: string): void => removeFile(runFile(dir));

function readRun(dir: string): Run | undefined {
  try {
    return readJson(runFile(dir)) as Run | undefined;
  } catch {
    return undefined;
  }
}

/** Command line of a process; empty where it does not run or cannot be seen. */
function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    // Not on Linux, or no such process.
  }
  try {
    const args = ['-ww', '-o', 'command=', '-p', String(pid)];
    return execFileSync('ps', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  } catch {
    return '';
  }
}

async function hasEnded(pid: number, words: string, limitMs: number): Promise<boolean> {
  for (let waited = 0; commandOf(pid).includes(words); waited += STEP_MS) {
    if (waited >= limitMs) return false;
    await sleep(STEP_MS);
  }
  return true;
}

/** Gives the names of nodes that had to be ended. Throws STORE_LOCKED while another run goes on. */
export async function endFormerRun(dir: string): Promise<readonly string[]> {
  const run = readRun(dir);
  if (run === undefined) return [];
  const { supervisor, nodes } = run;
  if (supervisor !== process.pid && !(await hasEnded(supervisor, 'busbar', STOPPING_MS)))
    throw new ProtocolError('STORE_LOCKED', `${dir} is used by process ${supervisor}`, { dir });
  const configOf = (name: string): string => nodePaths(dir, name).config;
  const left = nodes.filter(({ name, pid }) => commandOf(pid).includes(configOf(name)));
  for (const { pid } of left) signal(pid, 'SIGTERM');
  for (const { name, pid } of left)
    if (!(await hasEnded(pid, configOf(name), TERM_MS))) signal(pid, 'SIGKILL');
  removeRun(dir);
  return left.map(({ name }) => name);
}

function signal(pid: number, name: 'SIGTERM' | 'SIGKILL'): void {
  try {
    process.kill(pid, name);
  } catch {
    // It ended meanwhile.
  }
}
