// The two-round auction on books made by hand (market-two-round 3-8, 4.1, 4.12).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  agentQuotes,
  adjustedQuote,
  checkStepQuotes,
  quotesPerPrice,
  ruleQuote,
} from '../src/twoRound/adjust.js';
import {
  clearRound1,
  clearRound2,
  clearTwoRound,
  type TwoRoundOrder,
  type TwoRoundOptions,
} from '../src/twoRound/clear.js';
import { buy, mill, sell, wh } from './books.js';

const REPEAT: TwoRoundOptions = {
  tick: 1n,
  mode: 'repeat',
  betaPpm: 100_000n,
  maxSteps: 2,
  perPrice: 1000n,
};
const SINGLE = { ...REPEAT, mode: 'single' } as const;

const within = (order: TwoRoundOrder, reserve: number, adjust = true): TwoRoundOrder => ({
  ...order,
  reserve: mill(reserve),
  adjust,
});

/** Table 1: S1, S2, S3, S4, B1, B2, B3, B4. */
const TABLE_1 = [
  within(sell(220, 410), 340),
  within(sell(540, 450), 410),
  within(sell(435, 500), 450),
  within(sell(300, 450), 400),
  within(buy(400, 530), 580),
  within(buy(480, 510), 560),
  within(buy(830, 490), 550),
  within(buy(500, 460), 530),
];

/** Trades as "round: sell-buy energy @ price". */
const shown = (orders: readonly TwoRoundOrder[], options = REPEAT): readonly string[] =>
  clearTwoRound(orders, options).trades.map(
    (t) => `${t.biddingRound}: ${t.sell}-${t.buy} ${t.energyWh} @ ${t.price}`,
  );

test('round 1 of table 1: trades in order, remainders, references of filled orders', () => {
  const round1 = clearRound1(TABLE_1, REPEAT);
  assert.deepEqual(
    round1.trades.map(({ sell, buy, energyWh, price }) => [sell, buy, energyWh, price]),
    [
      [0, 4, 220n, 470n],
      [1, 4, 180n, 490n],
      [1, 5, 360n, 480n],
      [3, 5, 120n, 480n],
      [3, 6, 180n, 470n],
    ],
  );
  assert.deepEqual(round1.remainingWh, [0n, 0n, 435n, 0n, 0n, 0n, 650n, 500n]);
  assert.deepEqual(round1.references, [{ type: undefined, askMax: 450n, bidMin: 510n }]);
  const single = clearRound1(TABLE_1, SINGLE);
  assert.deepEqual(single.references, [{ type: undefined, askMax: 450n, bidMin: 490n }]);
});

test('round 2 with quotes that were sent: they stand, or the one before does', () => {
  const round1 = clearRound1(TABLE_1, REPEAT);
  const sent = new Map([
    [2, [500_000n, 491_000n]],
    [6, [491_000n, 491_001n]],
  ]);
  const { trades, steps } = clearRound2(
    { orders: TABLE_1, ...round1, quotes: (i, step, before) => sent.get(i)?.[step - 1] ?? before },
    REPEAT,
  );
  assert.deepEqual(steps, [
    [
      { order: 2, quote: 500_000n },
      { order: 6, quote: 491_000n },
      { order: 7, quote: 460_000n },
    ],
    [
      { order: 2, quote: 491_000n },
      { order: 6, quote: 491_001n },
      { order: 7, quote: 460_000n },
    ],
  ]);
  assert.deepEqual(
    trades.map(({ sell, buy, energyWh, price }) => [sell, buy, energyWh, price]),
    [[2, 6, 435n, 491n]],
  );
});

test('nobody sends a quote: no step, no trade', () => {
  const round1 = clearRound1(TABLE_1, REPEAT);
  const stay = (_: number, __: number, before: bigint): bigint => before;
  const round2 = clearRound2({ orders: TABLE_1, ...round1, quotes: stay }, REPEAT);
  assert.deepEqual([round2.steps, round2.trades], [[], []]);
  assert.deepEqual(round2.remainingWh, round1.remainingWh);
});

test('no trade in round 1: no references and no round 2 (rule 6)', () => {
  const orders = [within(sell(5, 500), 400), within(buy(5, 490), 600)];
  const { trades, references, steps } = clearTwoRound(orders, { ...REPEAT, maxSteps: 50 });
  assert.deepEqual([trades, steps], [[], []]);
  assert.deepEqual(references, [{ type: undefined, askMax: undefined, bidMin: undefined }]);
});

test('a side without a filled order keeps its price (rule 6)', () => {
  const orders = [
    within(sell(5, 400), 400),
    within(buy(9, 500), 600),
    within(sell(9, 501), 300),
    within(buy(9, 450), 600),
  ];
  const { references, steps } = clearTwoRound(orders, REPEAT);
  assert.deepEqual(references, [{ type: undefined, askMax: 400n, bidMin: undefined }]);
  assert.deepEqual(steps[0], [
    { order: 1, quote: 500_000n },
    { order: 2, quote: 490_900n },
    { order: 3, quote: 450_000n },
  ]);
});

test('rule 7: toward the other side, cut toward the old quote, never past the reserve', () => {
  const seller = { side: 'sell', quote: 500_001n, reference: 450_000n, betaPpm: 100_000n } as const;
  assert.equal(ruleQuote(seller), 495_001n);
  assert.equal(adjustedQuote(seller, 498_000n), 498_000n);
  assert.equal(ruleQuote({ ...seller, quote: 449_000n }), 449_000n);
  const buyer = { ...seller, side: 'buy', quote: 400_001n } as const;
  assert.equal(ruleQuote(buyer), 405_000n);
  assert.equal(adjustedQuote(buyer, 402_000n), 402_000n);
  assert.equal(ruleQuote({ ...buyer, quote: 460_000n }), 460_000n);
  assert.equal(ruleQuote({ ...buyer, reference: undefined }), 400_001n);
  assert.deepEqual([quotesPerPrice(3), quotesPerPrice(6), quotesPerPrice(9)], [1000n, 1n, 1n]);
});

test('quotes that an agent sent lie between the one before and rule 7 (4.12)', () => {
  const from = { side: 'sell', quote: 500_000n, reference: 450_000n, betaPpm: 100_000n } as const;
  const check = (...prices: readonly bigint[]) =>
    checkStepQuotes(prices, { ...from, maxSteps: 2 }) ?? 'good';
  assert.equal(check(495_000n, 490_500n), 'good');
  assert.equal(check(500_000n, 500_000n), 'good');
  assert.equal(check(500_000n, 495_000n), 'good');
  assert.equal(check(494_999n, 494_999n), 'STEP_QUOTE');
  assert.equal(check(500_001n, 500_000n), 'STEP_QUOTE');
  assert.equal(check(495_000n, 490_499n), 'STEP_QUOTE');
  assert.equal(check(495_000n, 495_001n), 'STEP_QUOTE');
  assert.equal(check(495_000n), 'STEP_QUOTE');
  assert.equal(check(495_000n, 495_000n, 495_000n), 'STEP_QUOTE');
  const buyer = { ...from, side: 'buy', quote: 400_000n, maxSteps: 1 } as const;
  const checkBuyer = (price: bigint) => checkStepQuotes([price], buyer) ?? 'good';
  assert.deepEqual([400_000n, 405_000n].map(checkBuyer), ['good', 'good']);
  assert.deepEqual([399_999n, 405_001n].map(checkBuyer), ['STEP_QUOTE', 'STEP_QUOTE']);
  const unreferenced = { ...from, reference: undefined, maxSteps: 1 };
  assert.equal(checkStepQuotes([499_999n], unreferenced), 'STEP_QUOTE');
  assert.equal(checkStepQuotes([500_000n], unreferenced), undefined);
});

test('what an agent computes passes the check, and shows the reserve where it binds', () => {
  const from = { side: 'sell', quote: 500_000n, reference: 450_000n, betaPpm: 100_000n } as const;
  const quotes = agentQuotes(from, { reserve: 492_000n, maxSteps: 3 });
  assert.deepEqual(quotes, [495_000n, 492_000n, 492_000n]);
  assert.equal(checkStepQuotes(quotes, { ...from, maxSteps: 3 }), undefined);
});

test('opting out keeps the quote; others still come to it (4.5)', () => {
  const stays = TABLE_1.map((order, i) => (i === 2 ? { ...order, adjust: false } : order));
  const { steps, trades } = clearTwoRound(stays, REPEAT);
  assert.ok(steps.every((step) => step[0]?.order === 2 && step[0].quote === 500_000n));
  assert.equal(trades.length, 5);
  assert.equal(shown(stays, SINGLE).length, 5);
  assert.equal(shown(stays, { ...REPEAT, maxSteps: 10 }).at(-1), '2: 2-6 435 @ 500');
});

test('single: no crossing test, but the mean lies within both reserves (4.1 b)', () => {
  assert.equal(shown(TABLE_1, SINGLE).at(-1), '2: 2-6 435 @ 492');
  const with3 = (reserve: number) =>
    TABLE_1.map((order, i) => (i === 2 ? { ...order, reserve: mill(reserve) } : order));
  assert.equal(shown(with3(492), SINGLE).length, 6);
  // 0.493 to 0.490: the mean 0.4925 would be floored below nothing, yet lies below the reserve.
  assert.equal(shown(with3(493), SINGLE).length, 5);
  const unknown = TABLE_1.map(({ reserve: _, ...order }) => order);
  const round1 = clearRound1(unknown, SINGLE);
  const quotes = (i: number, _: number, before: bigint): bigint => (i === 2 ? 495_000n : before);
  const round2 = clearRound2({ orders: unknown, ...round1, quotes }, SINGLE);
  assert.deepEqual(round2.trades, []);
});

test('prices in round 2 are floored to the tick, quotes are not', () => {
  const coarse = TABLE_1.map((order) => ({
    ...order,
    price: mill(order.price / 10n),
    reserve: mill((order.reserve ?? 0n) / 10n),
  }));
  const options = { ...REPEAT, perPrice: 10_000n };
  assert.equal(shown(coarse, options).at(-1), '2: 2-6 435 @ 49');
  assert.equal(shown(TABLE_1, { ...REPEAT, tick: 10n }).at(-1), '2: 2-6 435 @ 490');
});

test('one book per generation type, each with its own references', () => {
  const typed = [...TABLE_1, ...TABLE_1].map((order, i) => ({
    ...order,
    energyWh: wh(order.energyWh),
    type: i < 8 ? 'pv' : 'wind',
  }));
  const { trades, references, steps } = clearTwoRound(typed, REPEAT);
  assert.deepEqual(
    references.map(({ type, askMax, bidMin }) => [type, askMax, bidMin]),
    [
      ['pv', 450n, 510n],
      ['wind', 450n, 510n],
    ],
  );
  assert.equal(trades.length, 12);
  assert.deepEqual(
    trades.map(({ biddingRound }) => biddingRound),
    [...Array(10).fill(1), 2, 2],
  );
  assert.deepEqual(
    steps[1]?.map(({ order }) => order),
    [2, 6, 7, 10, 14, 15],
  );
});

test('equal quotes meet in round 2 as well (4.3)', () => {
  const round1 = clearRound1(TABLE_1, REPEAT);
  const quotes = (i: number, _: number, before: bigint): bigint =>
    i === 2 || i === 6 ? 495_000n : before;
  const round2 = clearRound2({ orders: TABLE_1, ...round1, quotes }, REPEAT);
  assert.deepEqual(
    round2.trades.map(({ price, biddingRound }) => [price, biddingRound]),
    [[495n, 2]],
  );
});

test('equal prices: time decides (4.3, 4.4)', () => {
  assert.deepEqual(shown([sell(5, 10), sell(5, 10), buy(6, 10)]), [
    '1: 0-2 5 @ 10',
    '1: 1-2 1 @ 10',
  ]);
});
