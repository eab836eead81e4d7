// Every mechanism on random books: two in a hundred of those that `node dist/bench/books.js` runs
// at full count.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { BOOK_CHECKS } from './bookChecks.js';
import { anyBooks } from './books.js';

const BOOKS = 2000;

for (const [mechanism, check] of Object.entries(BOOK_CHECKS))
  test(`${mechanism}: ${BOOKS} random books`, () => {
    fc.assert(
      fc.property(anyBooks, (book) => {
        assert.equal(check(book), undefined);
      }),
      { numRuns: BOOKS },
    );
  });
