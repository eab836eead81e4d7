// When the phases of a market begin and end and when its steps are due (parameters 4), in chain
// ms, by delivery period m. What every market has is in PeriodTimes, the rest in SCHEDULES.
import type { ChainMs, PeriodIndex } from '../../../core/src/amount.js';
import { present } from '../../../core/src/assert.js';
import { MAX_PERIODS_AHEAD } from '../../../core/src/limits.js';
import { type MarketConfig, type Mechanism, OFFSETS } from '../../../core/src/markets.js';

/** Numbers of the steps (consensus 5a.1a); of bidding round n it is that + 32 x (n - 1). */
export const STEPS = {
  settle: 1,
  pay: 2,
  markReading: 3,
  closeOrders: 4,
  markReveal: 5,
  clear: 6,
  adjust: 7,
  expire: 8,
  active: 13,
  correct: 16,
  receipt: 9,
  board: 10,
  signed: 11,
  close: 12,
  reviewed: 14,
  begun: 15,
} as const;
export type StepName = keyof typeof STEPS;
const NAMES = new Map<number, StepName>(
  Object.entries(STEPS).map(([name, n]) => [n, name as StepName]),
);
const STEPS_OF_ROUND = 32;

export const stepNumber = (step: StepName, biddingRound: number): number =>
  STEPS[step] + STEPS_OF_ROUND * (biddingRound - 1);

/** Name and bidding round of a step number; undefined for 0, the cursor of genesis. */
export function stepOf(number: number): { step: StepName; biddingRound: number } | undefined {
  const step = NAMES.get(((number - 1) % STEPS_OF_ROUND) + 1);
  return step && { step, biddingRound: Math.floor((number - 1) / STEPS_OF_ROUND) + 1 };
}

/** What every market has. */
export interface PeriodTimes {
  /** First moment at which orders for the period are taken. */
  readonly opens: bigint;
  readonly deliveryStart: bigint;
  readonly deliveryEnd: bigint;
  readonly markReading: bigint;
  readonly readingLate: bigint;
  readonly settle: bigint;
}

/** Phases in which transactions are taken; what else a period goes through is for people. */
export type PhaseName =
  | 'declare'
  | 'reveal'
  | 'orders'
  | 'adjust'
  | 'activate'
  | 'forecast'
  | 'flex'
  | 'choose'
  | 'sign'
  | 'listing'
  | 'review'
  | 'confirm';

/** Half-open, chain ms. */
export interface Window {
  readonly name: PhaseName;
  /** 1 where the mechanism has one. */
  readonly biddingRound: number;
  readonly startMs: bigint;
  readonly endMs: bigint;
}

export interface StepTime {
  readonly step: StepName;
  readonly biddingRound: number;
  readonly timeMs: bigint;
}

export interface Schedule {
  readonly windows: readonly Window[];
  /** Beside markReading and settle, in order. */
  readonly steps: readonly StepTime[];
}

/** Offset of a market by its name in files. */
export function offsetOf(market: MarketConfig, name: string): bigint {
  const index = OFFSETS[market.mechanism].findIndex((offset) => offset.name === name);
  return present(market.offsets[index], `the offset ${name}`);
}

type Scheduler = (market: MarketConfig, period: PeriodIndex) => Schedule;
const at = (step: StepName, timeMs: bigint, biddingRound = 1): StepTime => ({
  step,
  biddingRound,
  timeMs,
});
const phase = (name: PhaseName, startMs: bigint, endMs: bigint, biddingRound = 1): Window => ({
  name,
  biddingRound,
  startMs,
  endMs,
});

const callSchedule: Scheduler = (market, period) => {
  const start = startOf(market, period - 1n);
  const [close, clear, pay] = ['close', 'clear', 'pay'].map(
    (name) => start + offsetOf(market, name),
  ) as [bigint, bigint, bigint];
  return {
    windows: [phase('declare', start, close), phase('reveal', close, clear)],
    steps: [
      at('closeOrders', close),
      at('markReveal', close + (clear - close) / 4n),
      at('clear', clear),
      at('pay', pay),
    ],
  };
};

const twoRoundSchedule: Scheduler = (market, period) => {
  const start = startOf(market, period - 1n);
  const round1 = start + offsetOf(market, 'round1');
  const round2 = start + offsetOf(market, 'round2');
  return {
    windows: [phase('orders', start, round1), phase('adjust', round1, round2)],
    steps: [at('clear', round1), at('adjust', round2)],
  };
};

const uniformSchedule: Scheduler = (market, period) => {
  const start = startOf(market, period - 1n);
  const clear = start + offsetOf(market, 'clear');
  return { windows: [phase('orders', start, clear)], steps: [at('clear', clear)] };
};

const continuousSchedule: Scheduler = (market, period) => {
  const delivery = startOf(market, period);
  const gate = delivery + offsetOf(market, 'gate');
  const open = delivery + offsetOf(market, 'open');
  return { windows: [phase('orders', open, gate)], steps: [at('clear', gate)] };
};

/** With the internal price nothing is sealed and nothing activated (market-neighbourhood 1.7). */
const neighbourhoodSchedule: Scheduler = (market, period) => {
  const start = startOf(market, period - 1n);
  const end = startOf(market, period);
  const [reveal, clear] = ['reveal', 'clear'].map((name) => start + offsetOf(market, name)) as [
    bigint,
    bigint,
  ];
  const forecast = phase('forecast', reveal, end);
  if (market.params.pricing === 'internal')
    return { windows: [phase('flex', start, clear), forecast], steps: [at('clear', clear)] };
  return {
    windows: [
      phase('declare', start, reveal),
      phase('reveal', reveal, clear),
      phase('activate', clear, end),
      forecast,
    ],
    steps: [
      at('closeOrders', reveal),
      at('markReveal', reveal + (clear - reveal) / 4n),
      at('clear', clear),
      at('active', end),
    ],
  };
};

/** Bids of every bidding round may be sealed from the start of the period (settlement 2.2). */
const reputationSchedule: Scheduler = (market, period) => {
  const { biddingRounds, receiptMs } = market.params;
  const start = startOf(market, period - 1n);
  const offsets = ['commit', 'reveal', 'choose', 'match', 'every'].map((name) =>
    offsetOf(market, name),
  ) as [bigint, bigint, bigint, bigint, bigint];
  const [commit, reveal, choose, match, every] = offsets;
  const [windows, steps]: [Window[], StepTime[]] = [[], []];
  for (let n = 1; n <= biddingRounds; n++) {
    const from = start + commit + BigInt(n - 1) * every;
    windows.push(
      phase('declare', start, from + reveal, n),
      phase('reveal', from + reveal, from + choose, n),
      phase('choose', from + choose, from + match, n),
      phase('sign', from + match, from + every, n),
    );
    steps.push(
      at('closeOrders', from + reveal, n),
      at('markReveal', from + reveal + (choose - reveal) / 4n, n),
      at('board', from + choose, n),
      at('clear', from + match, n),
      at('signed', from + every, n),
    );
  }
  const end = start + commit + BigInt(biddingRounds) * every;
  steps.push(at('close', end, biddingRounds));
  steps.push(at('receipt', startOf(market, period + 1n) + receiptMs));
  return { windows, steps };
};

/** Listings until one period before the end of the review; then the committee, then the parties. */
const bilateralSchedule: Scheduler = (market, period) => {
  const begun = startOf(market, period);
  const reviewed = begun - offsetOf(market, 'review') * market.periodMs;
  const listed = reviewed - market.periodMs;
  return {
    windows: [
      phase('listing', begun - BigInt(MAX_PERIODS_AHEAD) * market.periodMs, listed),
      phase('review', listed, reviewed),
      phase('confirm', reviewed, begun),
    ],
    steps: [at('reviewed', reviewed), at('begun', begun)],
  };
};

const SCHEDULES: { readonly [M in Mechanism]: Scheduler } = {
  call: callSchedule,
  'two-round': twoRoundSchedule,
  uniform: uniformSchedule,
  continuous: continuousSchedule,
  neighbourhood: neighbourhoodSchedule,
  reputation: reputationSchedule,
  bilateral: bilateralSchedule,
};

const startOf = (market: MarketConfig, period: bigint): bigint => period * market.periodMs;

export const scheduleOf = (market: MarketConfig, period: PeriodIndex): Schedule =>
  SCHEDULES[market.mechanism](market, period);

/**
 * How long before the start of its delivery a period is given to the market: it opens, and in a
 * bilateral one its last listings come in.
 */
function leadOf(market: MarketConfig): bigint {
  if (market.mechanism === 'continuous') return -offsetOf(market, 'open');
  if (market.mechanism !== 'bilateral') return market.periodMs;
  return (offsetOf(market, 'review') + 1n) * market.periodMs;
}

/** First moment at which anything of a period is taken. */
function opensOf(market: MarketConfig, period: PeriodIndex): bigint {
  const listing = windowOf(market, period, 'listing');
  return listing?.startMs ?? startOf(market, period) - leadOf(market);
}

export function periodTimes(market: MarketConfig, period: PeriodIndex): PeriodTimes {
  const deliveryStart = startOf(market, period);
  const deliveryEnd = deliveryStart + market.periodMs;
  const reading = market.params.readingDeadlineMs;
  return {
    opens: opensOf(market, period),
    deliveryStart,
    deliveryEnd,
    markReading: deliveryEnd + reading / 2n,
    readingLate: deliveryEnd + (reading * 3n) / 4n,
    settle: deliveryEnd + reading,
  };
}

/** The phase of that name, or undefined where the mechanism has none. */
export const windowOf = (
  market: MarketConfig,
  period: PeriodIndex,
  name: PhaseName,
  biddingRound = 1,
): Window | undefined =>
  scheduleOf(market, period).windows.find(
    (window) => window.name === name && window.biddingRound === biddingRound,
  );

/** From here on markReveal is late: the last quarter of the reveal window. */
export function revealLateOf(market: MarketConfig, period: PeriodIndex, biddingRound = 1): bigint {
  const window = windowOf(market, period, 'reveal', biddingRound);
  const { startMs, endMs } = present(window, 'a market with reveals');
  return startMs + ((endMs - startMs) * 3n) / 4n;
}

/** The last delivery period for which orders are open, or have been, at a time. */
export const tradingPeriod = (market: MarketConfig, time: ChainMs): PeriodIndex =>
  ((time + leadOf(market)) / market.periodMs) as PeriodIndex;

/** First period that starts at or after a time. */
export const firstPeriodFrom = (market: MarketConfig, time: bigint): PeriodIndex =>
  ((time + market.periodMs - 1n) / market.periodMs) as PeriodIndex;

/** Whole Wh that a connection of so many W can carry in a period (settlement 2.1). */
export const mostWh = (watts: bigint, ms: bigint): bigint => (watts * ms) / 3_600_000n;
