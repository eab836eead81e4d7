// Many seeds one after the other, and what they amounted to.
import { type RunResult, runSeed } from './run.js';
import type { Quirks } from './node.js';

export interface SeedsOptions {
  readonly from: number;
  readonly count: number;
  readonly profile?: string;
  readonly quirks?: Quirks;
  /** Stop at the first failure. */
  readonly stopAtFailure?: boolean;
  readonly onResult?: (result: RunResult) => void;
}

export interface SeedsSummary {
  readonly runs: number;
  readonly failures: readonly RunResult[];
  readonly blocks: number;
  readonly events: number;
  readonly virtualMs: number;
  readonly slowestConvergenceMs: number;
  readonly counters: ReadonlyMap<string, number>;
}

export function runSeeds(options: SeedsOptions): SeedsSummary {
  const failures: RunResult[] = [];
  const counters = new Map<string, number>();
  let [runs, blocks, events, virtualMs, slowestConvergenceMs] = [0, 0, 0, 0, 0];
  const { profile, quirks } = options;
  for (let seed = options.from; seed < options.from + options.count; seed++) {
    const result = runSeed({
      seed,
      ...(profile === undefined ? {} : { profile }),
      ...(quirks === undefined ? {} : { quirks }),
    });
    runs += 1;
    blocks += result.blocks;
    events += result.events;
    virtualMs += result.virtualMs;
    slowestConvergenceMs = Math.max(slowestConvergenceMs, result.convergedMs);
    for (const [name, count] of result.counters)
      counters.set(name, (counters.get(name) ?? 0) + count);
    options.onResult?.(result);
    if (result.failure !== undefined) failures.push(result);
    if (result.failure !== undefined && options.stopAtFailure === true) break;
  }
  return { runs, failures, blocks, events, virtualMs, slowestConvergenceMs, counters };
}
