// Tables 1-4 of papers/000 (spec/market-call 2, 4): everything consistent reproduces, and every
// misprint is known and listed beside what is right.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { compareWithGolden } from '../src/conformance.js';
import { clearDocument } from '../src/file/clear.js';
import { settleDocument } from '../src/file/settle.js';
import { clearDocumentOf, goldenCallOf, settleDocumentOf } from '../src/goldenCall.js';

const root = new URL('../../../', import.meta.url);
const readJson = (path: string): unknown => JSON.parse(readFileSync(new URL(path, root), 'utf8'));
const golden = goldenCallOf(readJson('test/vectors/call/call.json'));
const example = (name: string): unknown => readJson(`examples/call/${name}.json`);

test('every consistent cell is computed as it stands in the vectors', () => {
  const { passed, failed } = compareWithGolden(golden);
  assert.deepEqual(failed, []);
  assert.equal(passed, 168);
});

test('the misprinted cells, each with what is printed, consistent and computed', (t) => {
  const { misprints } = compareWithGolden(golden);
  for (const { cell, printed, consistent, computed } of misprints) {
    t.diagnostic(`${cell}: printed ${printed}, consistent ${consistent}, computed ${computed}`);
    assert.equal(computed, consistent);
    assert.notEqual(printed, computed);
  }
  const cells = misprints.map(({ cell }) => cell.split(' ').slice(0, 2).join(' '));
  assert.deepEqual(
    [...new Set(cells)],
    ['table1 A', 'table2 CPS-B', 'table2 CPS-A', 'table3 CPS', 'table4 CPS+', 'table4 CPS-'],
  );
  assert.equal(misprints.length, 16);
});

test('a wrong cell in the vectors is found', () => {
  const spoilt = structuredClone(golden) as unknown as { table3_consistent_eq6_basis: never };
  (spoilt.table3_consistent_eq6_basis as { A: { reward: string } }).A.reward = '1.428';
  const { failed } = compareWithGolden(spoilt);
  const name = 'table3 consistent_eq6_basis A reward';
  assert.deepEqual(failed, [{ case: name, want: '1.428', got: '1.429' }]);
});

test('table 1 as printed: A is refused and the others trade otherwise (E1)', () => {
  const report = clearDocument(clearDocumentOf(golden, 'printed_sha1'));
  assert.deepEqual(report.rejected, [{ id: 'A', code: 'COMMITMENT_MISMATCH' }]);
  assert.deepEqual(
    report.trades.map(
      ({ seller, buyer, energy, price }) => `${seller}-${buyer} ${energy}@${price}`,
    ),
    ['PV-B 52@0.474', 'ESS-B 56@0.476', 'CPS-B 13@0.476', 'CPS-EV 29@0.439'],
  );
  assert.deepEqual(report.unmatched, [{ id: 'CPS', energy: '112' }]);
});

test('the example files are the tables', () => {
  const clearing = (name: string) => clearDocument(example(name));
  assert.deepEqual(
    clearing('table1-printed'),
    clearDocument(clearDocumentOf(golden, 'printed_sha1')),
  );
  const consistent = clearDocument(clearDocumentOf(golden, 'sha1_of_price_text'));
  assert.deepEqual(clearing('table1'), consistent);
  const settled = (recipe: Parameters<typeof settleDocumentOf>[1]) =>
    settleDocument(settleDocumentOf(golden, recipe), 'paper');
  const averaged = { basis: 'rounded-average' } as const;
  const misprinted = { ...averaged, misprinted: '138' };
  const paper = (name: string) => settleDocument(example(name), 'paper');
  assert.deepEqual(paper('table3-printed'), settled(misprinted));
  assert.deepEqual(paper('table3'), settled(averaged));
  assert.deepEqual(paper('table3-exact'), settled({ basis: 'exact' }));
  const more = (CPS: string) => ({ CPS, A: '131.25' });
  const less = (CPS: string) => ({ CPS, A: '118.75' });
  assert.deepEqual(paper('table4-printed'), [
    settled({ ...misprinted, metered: more('144.9') }),
    settled({ ...misprinted, metered: less('131.1') }),
  ]);
  assert.deepEqual(paper('table4'), [
    settled({ ...averaged, metered: more('161.7') }),
    settled({ ...averaged, metered: less('146.3') }),
  ]);
  assert.deepEqual(paper('table4-exact'), [
    settled({ basis: 'exact', metered: more('161.7') }),
    settled({ basis: 'exact', metered: less('146.3') }),
  ]);
});

test('trades as printed by clear are accepted in place of contracts', () => {
  const { trades } = clearDocument(clearDocumentOf(golden, 'sha1_of_price_text'));
  const { contracts: _, ...document } = settleDocumentOf(golden, { basis: 'exact' });
  assert.deepEqual(
    settleDocument({ ...document, trades }),
    settleDocument(settleDocumentOf(golden, { basis: 'exact' })),
  );
});
