// golden/two-round.json through the code that ships (market-two-round 2): table 1 is cleared in
// both modes, and references, adjusted quotes, trades, cash flows, totals and percentages are
// compared, with the printed table 2 and the printed claims beside them.
import { z } from 'zod';
import { parseDecimal, printFixed } from '../../../core/src/decimal.js';
import { clearDocument } from '../../../market/src/file/clear.js';
import { buyPriceOf, type ClearReport } from '../../../market/src/file/clearReport.js';
import { printRatio, ratio } from '../../../market/src/ratio.js';
import { count, readForm } from './form.js';
import { compareLeaves } from './leaves.js';
import { createTally, type Outcome, type Tally } from './tally.js';

const text = z.string().max(40);
const texts = z.record(z.string(), text);

const trade = z.strictObject({
  round: count,
  seller: text,
  buyer: text,
  kwh: text,
  price: text,
  price_unrounded: text,
});

const expected = z.strictObject({
  refs: texts,
  adjusted: z.array(texts),
  trades: z.array(trade),
  grid: texts,
  cash: z.record(z.string(), texts),
  sellers: z.strictObject({ income: text, baseline: text, change_pct: text }),
  buyers: z.strictObject({ spend: text, baseline: text, change_pct: text }),
});
type Expected = z.output<typeof expected>;

const twoRoundForm = z.object({
  input: z.object({
    parameters: z.object({
      grid_buy_price: text,
      grid_feed_in: text,
      beta: text,
      price_tick: text,
      max_steps: count,
    }),
    table1: z.array(
      z.object({ node: text, role: z.enum(['S', 'B']), reserve: text, kwh: count, price: text }),
    ),
    table2_printed: z.array(z.object({ seller: text, buyer: text, kwh: text, price: text })),
    claims_printed: z.object({
      buyers_total_spend_change_pct: text,
      sellers_total_income_change_pct: text,
    }),
  }),
  expected_repeat: expected,
  expected_single: expected,
});
type TwoRound = z.output<typeof twoRoundForm>;
type Mode = 'repeat' | 'single';

export function runTwoRound(document: unknown): Outcome {
  const vectors = readForm(twoRoundForm, document, 'two-round');
  const tally = createTally();
  for (const mode of ['repeat', 'single'] as const) checkMode(tally, vectors, mode);
  return tally.outcome();
}

function checkMode(tally: Tally, vectors: TwoRound, mode: Mode): void {
  const report = clearDocument(clearingOf(vectors, mode));
  const computed = computedOf(vectors, report);
  compareLeaves(tally, mode, { want: vectors[`expected_${mode}`], got: computed });
  const { table2_printed, claims_printed } = vectors.input;
  compareLeaves(tally, `${mode} table 2`, { want: table2_printed, got: tableOf(report) });
  const claims = {
    buyers_total_spend_change_pct: change(report, 'buyers', 0),
    sellers_total_income_change_pct: change(report, 'sellers', 0),
  };
  compareLeaves(tally, `${mode} claims`, { want: claims_printed, got: claims });
}

/** Table 1 as a document of `market clear`. */
function clearingOf({ input }: TwoRound, mode: Mode): unknown {
  const { grid_feed_in, grid_buy_price, price_tick, beta, max_steps } = input.parameters;
  return {
    mechanism: 'two-round',
    params: {
      feedIn: grid_feed_in,
      retail: grid_buy_price,
      tick: price_tick,
      maxSteps: max_steps,
      beta,
      mode,
    },
    orders: input.table1.map(({ node, role, reserve, kwh, price }) => ({
      id: node,
      account: node,
      side: role === 'S' ? 'sell' : 'buy',
      energy: String(kwh),
      price,
      reserve,
    })),
  };
}

const MONEY_DECIMALS = 6;
const MILL_DECIMALS = 3;
const micro = (value: string): bigint =>
  parseDecimal(value, { field: 'vectors', decimals: MONEY_DECIMALS });
/** Rounded half away from zero to the decimals of the vectors. */
const rounded = (value: string, decimals: number): string =>
  printRatio(ratio(micro(value)), { exponent: MONEY_DECIMALS, decimals, rounding: 'half-away' });
const mill = (value: string): string => rounded(value, MILL_DECIMALS);

function computedOf(vectors: TwoRound, report: ClearReport): Expected {
  const { summary, accounts } = report;
  const { askMax, bidMin } = { askMax: 'none', bidMin: 'none', ...report.references };
  return {
    refs: { P_S_max: askMax ?? 'none', P_B_min: bidMin ?? 'none' },
    adjusted: (report.steps ?? []).map((step) => ({ ...step })),
    trades: report.trades.map((trade) => {
      const { round, seller, buyer, energy } = trade;
      const pair = { seller, buyer, price: buyPriceOf(trade) };
      const price_unrounded = unrounded(vectors, report, { ...pair, round });
      return { round, ...pair, kwh: energy, price_unrounded };
    }),
    grid: Object.fromEntries(report.grid.map(({ account, energy }) => [account, energy])),
    cash: Object.fromEntries(
      accounts.map(({ id, market, grid, total, gridOnly }) => [
        id,
        { p2p: mill(market), grid: mill(grid), total: mill(total), base: mill(gridOnly) },
      ]),
    ),
    sellers: {
      income: mill(summary.sellersGet),
      baseline: mill(summary.gridOnlySellersGet),
      change_pct: change(report, 'sellers', 4),
    },
    buyers: {
      spend: mill(summary.buyersPay),
      baseline: mill(summary.gridOnlyBuyersPay),
      change_pct: change(report, 'buyers', 4),
    },
  };
}

interface Pair {
  readonly seller: string;
  readonly buyer: string;
  readonly price: string;
  readonly round: number;
}

/** Mean of the two quotes that met: those of table 1, or of the last step before the trade. */
function unrounded({ input }: TwoRound, { steps = [] }: ClearReport, of: Pair): string {
  const table = Object.fromEntries(input.table1.map(({ node, price }) => [node, price]));
  const quotes = of.round === 1 ? table : (steps.findLast((s) => of.seller in s) ?? table);
  const twice = micro(quotes[of.seller] ?? '0') + micro(quotes[of.buyer] ?? '0');
  const form = {
    exponent: MONEY_DECIMALS,
    decimals: MONEY_DECIMALS,
    rounding: 'half-away',
  } as const;
  return printRatio(ratio(twice, 2n), form);
}

/** Change against the grid alone, in percent. */
function change({ summary }: ClearReport, of: 'buyers' | 'sellers', decimals: number): string {
  const [is, was] =
    of === 'buyers'
      ? [summary.buyersPay, summary.gridOnlyBuyersPay]
      : [summary.sellersGet, summary.gridOnlySellersGet];
  const base = micro(was);
  if (base === 0n) return printFixed(0n, decimals);
  const percent = ratio(100n * (micro(is) - base), base);
  return printRatio(percent, { exponent: 0, decimals, rounding: 'half-away' });
}

/** Trades, then the rest with the grid, as table 2 lists them. */
const tableOf = ({ trades, grid }: ClearReport): TwoRound['input']['table2_printed'] => [
  ...trades.map((trade) => {
    const { seller, buyer, energy } = trade;
    return { seller, buyer, kwh: energy, price: buyPriceOf(trade) };
  }),
  ...grid.map(({ account, side, energy, price }) => {
    const [seller, buyer] = side === 'buy' ? ['GRID', account] : [account, 'GRID'];
    return { seller, buyer, kwh: energy, price };
  }),
];
