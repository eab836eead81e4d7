// What an account's history says of it (market-neighbourhood 1.2): information tokens with a daily
// quota, mismatch of declared and metered energy, flags of the last intervals, SUSPECT. A record
// per account, read and written by those who keep it.
import { assert } from '../../../core/src/assert.js';

const DAY_MS = 86_400_000n;
const PPM = 1_000_000n;
/** Intervals in which flags count. */
const FLAG_WINDOW = 12n;
/** Intervals that a record keeps: the window, and those that settle after later ones began. */
const KEPT = 16n;

export interface Tokens {
  /** UTC day of `spent`. */
  readonly day: bigint;
  readonly spent: number;
}

export const NO_TOKENS_SPENT: Tokens = { day: 0n, spent: 0 };

export interface TokenRules {
  /** Chain time. */
  readonly timeMs: bigint;
  readonly tokensPerDay: number;
}

const spentToday = ({ day, spent }: Tokens, timeMs: bigint): number =>
  day === timeMs / DAY_MS ? spent : 0;

/** What an account may still spend today; tokens of another day have lapsed. */
export const tokensLeft = (tokens: Tokens, { timeMs, tokensPerDay }: TokenRules): number =>
  Math.max(0, tokensPerDay - spentToday(tokens, timeMs));

/** undefined: there is none (NO_TOKEN). */
export function spendToken(tokens: Tokens, rules: TokenRules): Tokens | undefined {
  if (tokensLeft(tokens, rules) === 0) return undefined;
  const { timeMs } = rules;
  return { day: timeMs / DAY_MS, spent: spentToday(tokens, timeMs) + 1 };
}

export interface MismatchRules {
  /** Ratio above which an interval is flagged. */
  readonly mismatchAtPpm: bigint;
  /** Least divisor. */
  readonly mismatchMinWh: bigint;
}

/** |actual - declared| / max(|declared|, mismatchMin) above mismatchAt; net energies, signed. */
export function isMismatch(
  actualWh: bigint,
  declaredWh: bigint,
  { mismatchAtPpm, mismatchMinWh }: MismatchRules,
): boolean {
  const size = declaredWh < 0n ? -declaredWh : declaredWh;
  const base = size > mismatchMinWh ? size : mismatchMinWh;
  const apart = actualWh > declaredWh ? actualWh - declaredWh : declaredWh - actualWh;
  return apart * PPM > base * mismatchAtPpm;
}

/** Bit k of `bits`: interval `newest` - k is flagged. */
export interface Flags {
  readonly newest: bigint;
  readonly bits: bigint;
}

export const NO_FLAGS: Flags = { newest: 0n, bits: 0n };
const MASK = (1n << KEPT) - 1n;

/** The flags with one more; an interval is flagged once. */
export function withFlag({ newest, bits }: Flags, period: bigint): Flags {
  assert(period >= 0n && bits >= 0n && bits <= MASK, 'flags in range');
  if (period > newest) {
    const by = period - newest;
    const older = by >= KEPT ? 0n : (bits << by) & MASK;
    return { newest: period, bits: older | 1n };
  }
  const behind = newest - period;
  return behind >= KEPT ? { newest, bits } : { newest, bits: bits | (1n << behind) };
}

/** Flags of `current` and the 12 intervals before it. */
export function flagsCounted({ newest, bits }: Flags, current: bigint): number {
  let count = 0;
  for (let k = 0n; k < KEPT; k++) {
    const isIn = newest - k >= current - FLAG_WINDOW;
    if (isIn && ((bits >> k) & 1n) === 1n) count++;
  }
  return count;
}

/** Whether bids and published auctions are refused (SUSPECT) in the interval `current`. */
export const isSuspect = (flags: Flags, current: bigint, suspectAfter: number): boolean =>
  flagsCounted(flags, current) >= suspectAfter;
