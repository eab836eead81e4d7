// Random books through a mechanism at full count, with the checks that the tests run in part:
// limits, conservation, determinism, termination, exhaustive search. Stops at the first book that
// fails, made small, with the seed that finds it again. Mechanisms: market/test/bookChecks.ts.
// Run: node dist/bench/books.js [--mechanism uniform] [--books 100000] [--seed N]
import assert from 'node:assert/strict';
import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { BOOK_CHECKS, type BookCheck } from '../market/test/bookChecks.js';
import { anyBooks } from '../market/test/books.js';

const DEFAULT_BOOKS = 100_000;
const CHUNK = 1000;

const { values } = parseArgs({
  options: {
    mechanism: { type: 'string' },
    books: { type: 'string', default: String(DEFAULT_BOOKS) },
    seed: { type: 'string', default: String(Date.now() % 0x7fffffff) },
  },
});
const books = Number(values.books);
const firstSeed = Number(values.seed);

interface Run {
  readonly mechanism: string;
  readonly check: BookCheck;
}

/** Whether all books passed; says so, or prints the book that did not. */
function run({ mechanism, check }: Run): boolean {
  const start = performance.now();
  const property = fc.property(anyBooks, (book) => assert.equal(check(book), undefined));
  for (let done = 0; done < books; done += CHUNK) {
    const seed = firstSeed + done / CHUNK;
    const numRuns = Math.min(CHUNK, books - done);
    const result = fc.check(property, { numRuns, seed });
    if (result.failed) {
      process.stderr.write('\n');
      console.log(`${mechanism}: FAILED with --seed ${seed} --books ${CHUNK}`);
      console.log(fc.stringify(result.counterexample?.[0]));
      console.log(String(result.errorInstance));
      return false;
    }
    const seconds = ((performance.now() - start) / 1000).toFixed(0);
    process.stderr.write(
      `\r${mechanism}: ${done + numRuns} books, seed ${firstSeed}, ${seconds} s`,
    );
  }
  process.stderr.write('\n');
  console.log(`${mechanism}: ${books} books hold, seed ${firstSeed}`);
  return true;
}

const chosen = Object.entries(BOOK_CHECKS).filter(
  ([name]) => values.mechanism === undefined || values.mechanism === name,
);
if (chosen.length === 0 || !Number.isSafeInteger(books) || !Number.isSafeInteger(firstSeed)) {
  console.error(
    `--mechanism one of ${Object.keys(BOOK_CHECKS).join(', ')}; --books, --seed: numbers`,
  );
  process.exitCode = 2;
} else {
  const held = chosen.map(([mechanism, check]) => run({ mechanism, check }));
  if (held.includes(false)) process.exitCode = 1;
}
