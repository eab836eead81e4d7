// The call auction in files (interfaces "market clear"): reads its document, clears, prints.
import { readBook } from '../file/book.js';
import { type ClearReport, clearReport } from '../file/clearReport.js';
import type { Fields } from '../file/document.js';
import { clearCall } from './clear.js';

/** Clears a document whose mechanism is "call". */
export function clearCallDocument(document: Fields): ClearReport {
  const book = readBook(document);
  return clearReport({ ...book, ...clearCall(book.orders, { tick: book.params.scale.tick }) });
}
