// The form of golden/reputation.json, and the documents of `market clear` that its market parts
// amount to: prices in mill per kWh, energies in Wh. What the file leaves out: every node of the
// market parts has 1,000 Wh and the grade of table 3, and wheeling is 0.
import { z } from 'zod';
import { printFixed } from '../../../core/src/decimal.js';
import type { ReputationReport } from '../../../market/src/reputation/file.js';
import { clearDocument } from '../../../market/src/file/clear.js';
import { count, hash } from './form.js';

const whole = z.int().transform((value) => BigInt(value));
const byName = <T extends z.ZodType>(value: T) => z.record(z.string(), value);
const grade = z.literal([10, 30, 60, 100]);
const round = z.object({
  matches: z.array(z.tuple([z.string(), z.string(), count])),
  rest: byName(count),
});
const cep = z.object({ rounded: whole, exact: z.string(), decimal: z.string() });
const invoice = z.object({ seller: whole, grid: whole, buyer: whole });
const range = z.tuple([z.string(), count, count, count]);

export const reputationForm = z.object({
  table2: z.object({
    bids: byName(whole),
    asks: byName(whole),
    buyers_desc: z.array(z.string()),
    sellers_asc: z.array(z.string()),
  }),
  table3: byName(
    z.object({
      grade_pct: grade,
      range: count,
      feasible: z.array(z.string()),
      may_choose: z.string(),
      printed: z.string(),
    }),
  ),
  round1_default: round,
  round1_chosen: round.extend({ choice: byName(z.array(z.string())) }),
  period: z.object({
    valuations: byName(z.array(whole).min(1)),
    log: z.array(z.tuple([count, z.string(), z.string(), count, z.string()])),
    unmatched: z.array(z.string()),
  }),
  reputation: z.array(
    z.object({
      history: z.array(z.tuple([count, count, count])),
      penalties: whole.optional(),
      R_ppm: whole,
    }),
  ),
  ranking: z.object({ nodes: byName(z.tuple([whole, count])), grades: byName(grade) }),
  cep: z.object({
    prices_oldest_first: z.array(whole),
    beta_10_9: cep,
    beta_1_1: cep,
    beta_9_10: cep,
  }),
  quote_advice: z.array(
    z.object({
      side: z.enum(['buy', 'sell']),
      limit: whole,
      previous: whole,
      e_p: whole,
      next: whole,
    }),
  ),
  congestion: z.object({
    lines: byName(z.tuple([z.string(), z.string(), whole])),
    base: byName(whole),
    trades: byName(z.tuple([z.string(), z.string(), whole])),
    c_up: whole,
    c_down: whole,
    flows: byName(whole),
    flagged: z.array(z.string()),
    unit_fee: byName(whole),
    fee: byName(whole),
    check: z.object({
      passed: z.array(z.string()),
      failed: z.array(z.string()),
      flows: byName(whole),
    }),
    curtail: z.object({
      over: whole,
      loads: byName(whole),
      fees: byName(whole),
      cut: byName(whole),
    }),
  }),
  final_price: z.object({
    p_u: whole,
    p_s: whole,
    c1: whole,
    c2: whole,
    c3: whole,
    P_T: whole,
    P_F: z.string(),
    invoice_1500_wh: invoice,
    odd_price_1501_wh: invoice,
  }),
  contract: z.object({
    start: z.object({ U2: whole }),
    states: z.array(z.string()),
    end: z.object({ U2: whole, D2: whole, GRID: whole }),
  }),
  certificates: z.object({
    produced: z.array(z.tuple([z.string(), count, whole])),
    sold: z.array(z.tuple([z.string(), z.string(), whole])),
    certificates: z.array(z.object({ owner: z.string(), kwh: count, source: z.array(range) })),
    held: byName(z.array(range)),
    stock: byName(z.array(range)),
    open_wh: byName(whole),
  }),
  rewards: z.object({ pool: whole, grades: byName(grade), paid: byName(whole) }),
  activity: z.array(
    z.object({
      events: z.array(z.enum(['bid', 'match', 'decline', 'no_confirm'])),
      value: z.int(),
    }),
  ),
  election: z.object({
    candidates: byName(
      z.object({
        emission_g: whole,
        energy_wh: whole,
        votes: count,
        R: whole,
        ok: z.boolean(),
      }),
    ),
    seats: count,
    elected: z.array(z.string()),
  }),
  period_length: z.array(z.object({ durations: z.array(count), seconds: count })),
  merkle: z.object({ leaves: z.array(z.string()).min(1), root: hash, tampered: hash }),
});
export type ReputationVectors = z.output<typeof reputationForm>;

const MILL_DECIMALS = 3;
const price = (mill: bigint): string => printFixed(mill, MILL_DECIMALS);

/** What the market parts add to their common orders. */
export interface Parts {
  readonly choice?: Readonly<Record<string, readonly string[]>>;
  readonly valuations?: Readonly<Record<string, readonly bigint[]>>;
}

/** The market of tables 2 and 3, cleared from a document as anybody would write it. */
export function clearTables(vectors: ReputationVectors, parts: Parts = {}): ReputationReport {
  const { bids, asks } = vectors.table2;
  const { choice = {}, valuations } = parts;
  const orderOf = (side: 'sell' | 'buy', id: string, mill: bigint) => ({
    id,
    account: id,
    side,
    energy: '1',
    price: price(valuations?.[id]?.[0] ?? mill),
    grade: String(vectors.table3[id]?.grade_pct ?? ''),
    choices: id in choice ? [choice[id]] : [],
    valuations: (valuations?.[id] ?? []).map(price),
  });
  const document = {
    mechanism: 'reputation',
    params: {
      feedIn: '0',
      retail: '1',
      rounds: valuations === undefined ? 1 : Math.max(...lengthsOf(valuations)),
    },
    orders: [
      ...Object.entries(bids).map(([id, mill]) => orderOf('buy', id, mill)),
      ...Object.entries(asks).map(([id, mill]) => orderOf('sell', id, mill)),
    ],
  };
  return clearDocument(document) as ReputationReport;
}

const lengthsOf = (valuations: Readonly<Record<string, readonly bigint[]>>): readonly number[] =>
  Object.values(valuations).map(({ length }) => length);
