// The uniform-price market in files (interfaces "market clear"): reads its document, clears,
// prints.
import { compareIds, utf8ToBytes } from '../../../core/src/bytes.js';
import { readBook } from '../file/book.js';
import { type ClearReport, clearReport } from '../file/clearReport.js';
import type { Fields } from '../file/document.js';
import { clearUniform } from './clear.js';

/** Clears a document whose mechanism is "uniform". */
export function clearUniformDocument(document: Fields): ClearReport {
  const book = readBook(document);
  const ids = book.orders.map(({ id }) => utf8ToBytes(id));
  const clearing = clearUniform(book.orders, {
    tick: book.params.scale.tick,
    compareIds: (a, b) => compareIds(ids[a] as Uint8Array, ids[b] as Uint8Array),
  });
  return clearReport({ ...book, ...clearing });
}
