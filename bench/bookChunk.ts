// A thousand random books, by default, through a mechanism in a thread of its own: the parent sends
// seeds and gets what failed, made small (bench/books.ts).
import assert from 'node:assert/strict';
import { isMainThread, parentPort } from 'node:worker_threads';
import fc from 'fast-check';
import { BOOK_CHECKS } from '../market/test/bookChecks.js';
import { anyBooks } from '../market/test/books.js';

export interface Chunk {
  readonly mechanism: string;
  readonly seed: number;
  readonly books: number;
}

export interface ChunkResult extends Chunk {
  /** The smallest book found and what does not hold; absent: all hold. */
  readonly failure?: string;
}

function run(chunk: Chunk): ChunkResult {
  const check = BOOK_CHECKS[chunk.mechanism];
  const property = fc.property(anyBooks, (book) => assert.equal(check?.(book), undefined));
  const result = fc.check(property, { numRuns: chunk.books, seed: chunk.seed });
  if (!result.failed) return chunk;
  const book = fc.stringify(result.counterexample?.[0]);
  return { ...chunk, failure: `${book}\n${String(result.errorInstance)}` };
}

if (!isMainThread)
  parentPort?.on('message', (chunk: Chunk) => {
    parentPort?.postMessage(run(chunk));
  });
