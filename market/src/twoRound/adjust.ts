// The price adjustment of round 2 (two-round 7, 4.12): the quote that rule 7 gives, the quotes of
// an agent inside its reservation price, and the check of quotes that an agent sent. All quotes
// here are in 10^-6 currency per kWh (finer where prices are finer) and never rounded to the tick.
import type { ErrorCode } from '../../../core/src/errors.js';
import type { Side } from '../../../core/src/tx.js';

const QUOTE_DECIMALS = 6;
const PPM = 1_000_000n;

/** Decimals of quotes in round 2, where prices have `priceDecimals`. */
export const quoteDecimals = (priceDecimals: number): number =>
  Math.max(QUOTE_DECIMALS, priceDecimals);

/** How many units of quotes one unit of prices is: 1000 where prices are in 0.001. */
export const quotesPerPrice = (priceDecimals: number): bigint =>
  10n ** BigInt(quoteDecimals(priceDecimals) - priceDecimals);

export interface Adjustment {
  readonly side: Side;
  /** The quote before. */
  readonly quote: bigint;
  /** Of the own side after round 1; undefined: there is none, and the quote stays (rule 6). */
  readonly reference: bigint | undefined;
  /** 1..999,999. */
  readonly betaPpm: bigint;
}

/** Rule 7 without the reservation price: toward the other side, cut toward the old quote. */
export function ruleQuote({ side, quote, reference, betaPpm }: Adjustment): bigint {
  if (reference === undefined) return quote;
  const distance = side === 'sell' ? quote - reference : reference - quote;
  if (distance <= 0n) return quote;
  const move = (distance * betaPpm) / PPM;
  return side === 'sell' ? quote - move : quote + move;
}

/** Rule 7: never past the reservation price. */
export function adjustedQuote(adjustment: Adjustment, reserve: bigint): bigint {
  const quote = ruleQuote(adjustment);
  const isPast = adjustment.side === 'sell' ? quote < reserve : quote > reserve;
  return isPast ? reserve : quote;
}

/** The quotes of all steps that an agent sends for one order. */
export function agentQuotes(
  adjustment: Adjustment,
  { reserve, maxSteps }: { readonly reserve: bigint; readonly maxSteps: number },
): readonly bigint[] {
  const quotes: bigint[] = [];
  let { quote } = adjustment;
  while (quotes.length < maxSteps) {
    quote = adjustedQuote({ ...adjustment, quote }, reserve);
    quotes.push(quote);
  }
  return quotes;
}

/**
 * Quotes of steps 1..maxSteps that an agent sent: each lies between the one before it and the value
 * of rule 7 from there (4.12). STEP_QUOTE, or undefined.
 */
export function checkStepQuotes(
  prices: readonly bigint[],
  { maxSteps, ...adjustment }: Adjustment & { readonly maxSteps: number },
): ErrorCode | undefined {
  if (prices.length !== maxSteps) return 'STEP_QUOTE';
  let before = adjustment.quote;
  for (const next of prices) {
    const furthest = ruleQuote({ ...adjustment, quote: before });
    const isBetween =
      adjustment.side === 'sell'
        ? next >= furthest && next <= before
        : next >= before && next <= furthest;
    if (!isBetween) return 'STEP_QUOTE';
    before = next;
  }
  return undefined;
}
