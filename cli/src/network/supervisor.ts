// Keeps the processes of a local network running: starts each, notes its output, restarts one that
// ends after a second, and stops them all. It knows commands and pids, not what the programs do.
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { assert } from '../../../core/src/assert.js';

export interface Program {
  readonly name: string;
  /** Arguments of this Node.js. */
  readonly args: readonly string[];
  readonly logFile: string;
}

export interface SupervisorOptions {
  readonly programs: readonly Program[];
  /** False: a process that ends stays ended. */
  readonly restart: boolean;
  /** A process was started; its pid. */
  readonly onStart: (name: string, pid: number) => void;
  /** One ended that was not told to; for people. */
  readonly onExit: (name: string, how: string) => void;
  /** SIGKILL so many wall ms after SIGTERM; default KILL_MS. */
  readonly killMs?: number;
}

/** Wall ms until an ended process is started again. */
const RESTART_MS = 1000;
/** A process that refuses to start is tried less and less often, up to this. */
const RESTART_MAX_MS = 30_000;
/** One that lived this long did start. */
const STARTED_MS = 5000;
const KILL_MS = 10_000;
const LOG_TAIL = 4000;
/**
 * Threads of the engine itself (collection, compilation): one a process. With four each, six
 * processes on two cores took about a tenth more CPU for a transaction. A young generation of twice
 * the default size: what a transaction leaves behind is gone before it is copied (0 to 8 % less).
 */
const MANY_ON_ONE_MACHINE = ['--v8-pool-size=1', '--max-semi-space-size=32'];

interface Running {
  readonly program: Program;
  child: ChildProcess | undefined;
  timer: NodeJS.Timeout | undefined;
  startedMs: number;
  refusals: number;
  ended: Promise<void>;
}

export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #running: readonly Running[];
  #stopping = false;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#running = options.programs.map((program) => ({
      program,
      child: undefined,
      timer: undefined,
      startedMs: 0,
      refusals: 0,
      ended: Promise.resolve(),
    }));
  }

  start(): void {
    for (const one of this.#running) this.#spawn(one);
  }

  /** Pid of a running process. */
  pidOf(name: string): number | undefined {
    return this.#running.find((one) => one.program.name === name)?.child?.pid;
  }

  /** SIGTERM to all, SIGKILL to those that do not end; resolves when none runs. */
  async stop(): Promise<void> {
    this.#stopping = true;
    const kill = setTimeout(() => this.#signal('SIGKILL'), this.#options.killMs ?? KILL_MS);
    for (const one of this.#running) clearTimeout(one.timer);
    this.#signal('SIGTERM');
    await Promise.all(this.#running.map((one) => one.ended));
    clearTimeout(kill);
  }

  #signal(signal: 'SIGTERM' | 'SIGKILL'): void {
    for (const { child } of this.#running) child?.kill(signal);
  }

  #spawn(one: Running): void {
    assert(one.child === undefined, 'a process is started once');
    const { program } = one;
    const log = openSync(program.logFile, 'a', 0o600);
    const args = [...MANY_ON_ONE_MACHINE, ...program.args];
    const child = spawn(process.execPath, args, { stdio: ['ignore', log, log] });
    closeSync(log);
    one.child = child;
    one.startedMs = performance.now();
    one.ended = new Promise((resolve) => {
      child.once('error', (error) => this.#ended(one, error.message, resolve));
      child.once('exit', (code, signal) => this.#ended(one, signal ?? `exit ${code}`, resolve));
    });
    if (child.pid !== undefined) this.#options.onStart(program.name, child.pid);
  }

  #ended(one: Running, how: string, resolve: () => void): void {
    if (one.child === undefined) return;
    one.child = undefined;
    resolve();
    if (this.#stopping) return;
    const lived = performance.now() - one.startedMs >= STARTED_MS;
    const refused = !lived && how.startsWith('exit') && how !== 'exit 0';
    one.refusals = refused ? one.refusals + 1 : 0;
    const words = refused ? `${how}: ${lastLine(one.program.logFile)}` : how;
    this.#options.onExit(one.program.name, words);
    if (!this.#options.restart) return;
    const pause = Math.min(RESTART_MAX_MS, RESTART_MS * 2 ** Math.max(0, one.refusals - 1));
    one.timer = setTimeout(() => this.#spawn(one), pause);
  }
}

/** The last line that a process wrote: mostly why it ended. */
export function lastLine(logFile: string): string {
  try {
    const lines = readFileSync(logFile, 'utf8').slice(-LOG_TAIL).trimEnd().split('\n');
    return lines.at(-1) ?? '';
  } catch {
    return '';
  }
}
