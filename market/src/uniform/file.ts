// The uniform-price market in files (interfaces "market clear"): reads its document, clears,
// prints.
import { compareIds, utf8ToBytes } from '../../../core/src/bytes.js';
import { type CheckedReport, checkedReport, readBook } from '../file/book.js';
import type { Fields } from '../file/document.js';
import { clearUniform } from './clear.js';

/** Clears a document whose mechanism is "uniform". */
export function clearUniformDocument(document: Fields): CheckedReport {
  const book = readBook(document, { checksLines: true });
  const ids = book.orders.map(({ id }) => utf8ToBytes(id));
  const clearing = clearUniform(book.orders, {
    tick: book.params.scale.tick,
    compareIds: (a, b) => compareIds(ids[a] as Uint8Array, ids[b] as Uint8Array),
  });
  return checkedReport(book, clearing);
}
