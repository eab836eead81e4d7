// The call auction in files (interfaces "market clear"): reads its document, clears, prints.
import { type CheckedReport, checkedReport, readBook } from '../file/book.js';
import type { Fields } from '../file/document.js';
import { clearCall } from './clear.js';

/** Clears a document whose mechanism is "call". */
export function clearCallDocument(document: Fields): CheckedReport {
  const book = readBook(document, { checksLines: true });
  return checkedReport(book, clearCall(book.orders, { tick: book.params.scale.tick }));
}
