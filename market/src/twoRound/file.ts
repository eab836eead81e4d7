// The two-round auction in files (interfaces "two-round"): the quotes of round 2 come from
// `reserve` as an agent would send them (two-round 4.12), and references and steps are printed.
import { MAX_AMOUNT, type Price } from '../../../core/src/amount.js';
import { printFixed } from '../../../core/src/decimal.js';
import { type FileBook, readBook } from '../file/book.js';
import {
  type ClearReport,
  clearReport,
  priceText,
  type ReferenceText,
} from '../file/clearReport.js';
import type { FileOrder } from '../file/clearOrders.js';
import { countOf, type Fields, has, ppmOf, refuse, wordOf } from '../file/document.js';
import type { Scale } from '../file/params.js';
import { quoteDecimals, quotesPerPrice } from './adjust.js';
import {
  clearTwoRound,
  type References,
  type StandingQuote,
  type TwoRoundOptions,
} from './clear.js';

const MODES = ['repeat', 'single'] as const;
/** Above zero and below one. */
const BETA = { from: 1n, to: 999_999n };
const DEFAULT_BETA = 100_000n;
const MAX_STEPS = { from: 1, to: 100 };
const DEFAULT_STEPS = 2;

/** Clears a document whose mechanism is "two-round". */
export function clearTwoRoundDocument(document: Fields): ClearReport {
  const book = readBook(document);
  const options = optionsOf(book);
  checkPrices(book.orders, options);
  const { references, steps, ...clearing } = clearTwoRound(book.orders, options);
  return {
    ...clearReport({ ...book, ...clearing }),
    references: referencesText(references, book.params.scale),
    steps: steps.map((step) => stepText(step, book)),
  };
}

function optionsOf({ given, params: { scale } }: FileBook): TwoRoundOptions {
  return {
    tick: scale.tick,
    perPrice: quotesPerPrice(scale.priceDecimals),
    mode: has(given, 'mode') ? wordOf(given, 'mode', MODES) : 'repeat',
    betaPpm: has(given, 'beta') ? ppmOf(given, 'beta', BETA) : DEFAULT_BETA,
    maxSteps: has(given, 'maxSteps') ? countOf(given, 'maxSteps', MAX_STEPS) : DEFAULT_STEPS,
  };
}

/** Quotes are finer than prices, and an amount as well. */
function checkPrices(orders: readonly FileOrder[], { perPrice }: TwoRoundOptions): void {
  for (const { price, reserve, place } of orders)
    for (const [name, value] of Object.entries({ price, reserve }))
      if (value * perPrice > MAX_AMOUNT)
        refuse('AMOUNT_RANGE', `orders[${place}].${name}`, 'larger than a quote can be');
}

function referencesText(
  references: readonly References[],
  scale: Scale,
): ReferenceText | readonly ReferenceText[] {
  const text = (price: Price | undefined): string | null =>
    price === undefined ? null : priceText(price, scale);
  const [first, ...others] = references.map(({ type, askMax, bidMin }) => ({
    type: type ?? null,
    askMax: text(askMax),
    bidMin: text(bidMin),
  }));
  if (first !== undefined && others.length > 0) return [first, ...others];
  return { askMax: first?.askMax ?? null, bidMin: first?.bidMin ?? null };
}

/** Names of orders in the order of the file. */
function stepText(
  quotes: readonly StandingQuote[],
  { orders, params }: FileBook,
): Readonly<Record<string, string>> {
  const decimals = quoteDecimals(params.scale.priceDecimals);
  const named = quotes.map(({ order, quote }) => ({ order: orders[order] as FileOrder, quote }));
  named.sort((a, b) => a.order.place - b.order.place);
  return Object.fromEntries(
    named.map(({ order, quote }) => [order.id, printFixed(quote, decimals)]),
  );
}
