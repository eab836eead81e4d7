// Random books through a mechanism at full count, with the checks that the tests run in part:
// limits, conservation, determinism, termination, exhaustive search. Stops at the first book that
// fails, made small, with the seed that finds it again: the books depend on the seed, not on how
// many threads share them. Mechanisms: market/test/bookChecks.ts.
// Run: node dist/bench/books.js [--mechanism uniform] [--books 100000] [--seed N] [--threads 2]
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { BOOK_CHECKS } from '../market/test/bookChecks.js';
import type { Chunk, ChunkResult } from './bookChunk.js';

const DEFAULT_BOOKS = 100_000;
const CHUNK = 1000;

const { values } = parseArgs({
  options: {
    mechanism: { type: 'string' },
    books: { type: 'string', default: String(DEFAULT_BOOKS) },
    seed: { type: 'string', default: String(Date.now() % 0x7fffffff) },
    threads: { type: 'string', default: String(availableParallelism()) },
  },
});
const [books, firstSeed, threads] = [
  Number(values.books),
  Number(values.seed),
  Number(values.threads),
];

/** A seed of its own for each chunk. */
const chunksOf = (mechanism: string): readonly Chunk[] =>
  Array.from({ length: Math.ceil(books / CHUNK) }, (_, i) => ({
    mechanism,
    seed: firstSeed + i,
    books: Math.min(CHUNK, books - i * CHUNK),
  }));

/** Whether all books passed; says so, or prints the book that did not. */
async function run(mechanism: string, workers: readonly Worker[]): Promise<boolean> {
  const start = performance.now();
  const waiting = [...chunksOf(mechanism)];
  let done = 0;
  let failed: ChunkResult | undefined;
  const take = async (worker: Worker): Promise<void> => {
    for (let next = waiting.shift(); next && failed === undefined; next = waiting.shift()) {
      const result = await answerOf(worker, next);
      if (result.failure !== undefined) failed ??= result;
      done += result.books;
      const seconds = ((performance.now() - start) / 1000).toFixed(0);
      process.stderr.write(`\r${mechanism}: ${done} books, seed ${firstSeed}, ${seconds} s`);
    }
  };
  await Promise.all(workers.map(take));
  process.stderr.write('\n');
  if (failed === undefined) {
    console.log(`${mechanism}: ${books} books hold, seed ${firstSeed}`);
    return true;
  }
  console.log(`${mechanism}: FAILED with --seed ${failed.seed} --books ${CHUNK}`);
  console.log(failed.failure);
  return false;
}

async function answerOf(worker: Worker, chunk: Chunk): Promise<ChunkResult> {
  worker.postMessage(chunk);
  const [result] = (await once(worker, 'message')) as [ChunkResult];
  return result;
}

const chosen = Object.keys(BOOK_CHECKS).filter(
  (name) => values.mechanism === undefined || values.mechanism === name,
);
const numbers = [books, firstSeed, threads];
if (chosen.length === 0 || !numbers.every(Number.isSafeInteger) || threads < 1) {
  console.error(`--mechanism: one of ${Object.keys(BOOK_CHECKS).join(', ')}`);
  console.error('--books, --seed, --threads: numbers');
  process.exitCode = 2;
} else {
  const entry = new URL('./bookChunk.js', import.meta.url);
  const workers = Array.from({ length: threads }, () => new Worker(entry));
  for (const name of chosen) if (!(await run(name, workers))) process.exitCode = 1;
  await Promise.all(workers.map((worker) => worker.terminate()));
}
