// The continuous market in files (interfaces "market clear"): orders arrive by `seq`; an account
// may have several, and what an order lost to its own account's is printed as `reduced`.
import { readBook } from '../file/book.js';
import { type ClearReport, clearReport, energyText } from '../file/clearReport.js';
import type { Fields } from '../file/document.js';
import { clearContinuous } from './clear.js';

/** Clears a document whose mechanism is "continuous". */
export function clearContinuousDocument(document: Fields): ClearReport {
  const book = readBook(document, { severalOrders: true });
  const { selfTradeWh, ...clearing } = clearContinuous(book.orders);
  const lost = book.orders.flatMap((order, i) => {
    const wh = selfTradeWh[i] ?? 0n;
    return wh > 0n ? [{ order, wh }] : [];
  });
  const reduced = lost
    .sort((a, b) => a.order.place - b.order.place)
    .map(({ order, wh }) => ({
      id: order.id,
      code: 'SELF_TRADE' as const,
      energy: energyText(wh),
    }));
  return { ...clearReport({ ...book, ...clearing, reducedWh: selfTradeWh }), reduced };
}
