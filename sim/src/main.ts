// node dist/sim/src/main.js --seeds 1000 [--from S] [--profile P]: runs seeds and prints what they
// amounted to. --seed S [--trace]: repeats one. --mutant NAME plants a bug that must be found.
import { parseArgs } from 'node:util';
import { MUTANTS } from './mutants.js';
import type { Quirks } from './node.js';
import { type RunResult, runSeed } from './run.js';
import { runSeeds } from './seeds.js';

/** Lines kept for the report of a failure. */
const LAST_LINES = 200;

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '100' },
    from: { type: 'string', default: '1' },
    seed: { type: 'string' },
    profile: { type: 'string' },
    mutant: { type: 'string' },
    trace: { type: 'boolean', default: false },
  },
});

const print = (line: string): void => void process.stdout.write(`${line}\n`);

function commandOf(seed: number, profile: string): string {
  const mutant = values.mutant === undefined ? '' : ` --mutant ${values.mutant}`;
  return `node dist/sim/src/main.js --seed ${seed} --profile ${profile}${mutant} --trace`;
}

function chosen(): { readonly profile?: string; readonly quirks?: Quirks } {
  const mutant = MUTANTS.find((m) => m.name === values.mutant);
  return {
    ...(values.profile === undefined ? {} : { profile: values.profile }),
    ...(mutant === undefined ? {} : { quirks: mutant.quirks }),
  };
}

function report(result: RunResult): void {
  const { failure, seed, profile } = result;
  if (failure === undefined) return;
  print(`FAILED seed ${seed} (${profile}, N = ${result.validators}): ${failure.detail}`);
  print(`  repeat: ${commandOf(seed, profile)}`);
}

function one(seed: number): boolean {
  const last: string[] = [];
  const trace = (line: string): void => {
    last.push(line);
    if (last.length > LAST_LINES) last.shift();
    if (values.trace) print(line);
  };
  const result = runSeed({ seed, ...chosen(), trace });
  if (result.failure !== undefined && !values.trace) for (const line of last) print(line);
  report(result);
  print(`seed ${seed} ${result.profile}: ${result.blocks} blocks, digest ${result.digest}`);
  return result.failure === undefined;
}

function many(): boolean {
  const started = performance.now();
  const summary = runSeeds({
    from: Number(values.from),
    count: Number(values.seeds),
    ...chosen(),
    onResult: report,
  });
  const seconds = (performance.now() - started) / 1000;
  const count = (name: string): number => summary.counters.get(name) ?? 0;
  print(`${summary.runs} seeds, ${summary.failures.length} failed, ${seconds.toFixed(1)} s`);
  print(`${(summary.runs / seconds).toFixed(1)} seeds/s, ${summary.events} events`);
  print(`${(summary.virtualMs / 1000 / seconds).toFixed(0)} x real time`);
  print(`${summary.blocks} final blocks, slowest convergence ${summary.slowestConvergenceMs} ms`);
  print(`${(count('rounds') / count('decided')).toFixed(3)} rounds per decision`);
  for (const [name, value] of [...summary.counters].sort()) print(`  ${name} ${value}`);
  return summary.failures.length === 0;
}

const good = values.seed === undefined ? many() : one(Number(values.seed));
process.exitCode = good ? 0 : 1;
