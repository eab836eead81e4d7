// The form of golden/dpoa-credit.json, and the documents of `market settle` that its tables amount
// to (market-bilateral 2): integers in micro currency and Wh become texts, so that the vectors go
// through the same readers as files of users.
import { z } from 'zod';
import { printMinimal } from '../../../core/src/decimal.js';
import { count, hash } from './form.js';

const side = z.object({
  metered_wh: count,
  n: count,
  U: count,
  comp: count,
  C: count,
  D: count,
  i: count,
  ratio_1e12: count,
  T_micro: count,
});
export type CreditSide = z.output<typeof side>;

const period = z.object({
  period: count,
  price_micro: count,
  q_treaty_wh: count,
  sup: side,
  con: side,
});
export type CreditPeriod = z.output<typeof period>;

const contract = z.object({
  sup: z.string(),
  con: z.string(),
  qty_wh: count,
  price_micro: count,
  replacement: z.boolean(),
  delivered_wh: count,
  short_sup_wh: count,
  short_con_wh: count,
});

const node = z.object({
  role: z.enum(['sup', 'con']),
  C_before: count,
  C_after: count,
  n: count,
  metered_wh: count,
  short_wh: count,
  energy_micro: count,
  grid_micro: count,
  T_micro: count,
  share_micro: count,
  net_micro: count,
});
export type CreditNode = z.output<typeof node>;

const ratios = z.record(z.string(), count);

export const creditForm = z.object({
  tableA1A2: z.array(period).min(1),
  tables2and3: z.object({
    contracts: z.array(contract),
    nodes: z.record(z.string(), node),
  }),
  tables2and3SharesAsPrintedPaperPooling: z.record(z.string(), z.string()),
  sigmoidSquared1e12: z.array(count),
  priceRatio1e12ByCreditAndN: ratios,
  figure1Sweeps: z.record(z.enum(['k2', 'g']), z.record(z.string(), z.tuple([count, count]))),
  bothSidesDefault: z.object({
    credit: ratios,
    T_sup: count,
    T_con: count,
    shares: ratios,
  }),
  uncompensatedDefaults: z.array(z.tuple([count, count, count])),
  selection: z.object({
    seed: hash,
    records: z.array(z.tuple([z.string(), count, count])),
    weights: z.array(count),
    order: z.array(z.string()),
  }),
});
export type CreditVectors = z.output<typeof creditForm>;

const kwh = (wh: number): string => printMinimal(BigInt(wh), 3);
const perKwh = (micro: number): string => printMinimal(BigInt(micro), 6);

/** Feed-in and retail of the paper; no tolerance, as in its tables (G1). */
const PARAMS = { feedIn: '0.5', retail: '0.75', tolAbs: '0', tolRel: '0' };

type Credit = Readonly<Record<'C' | 'D' | 'i' | 'n', number>>;

/** Tables A1 and A2 as one sequence; `price_micro` of period 3 may be the misprinted one (M1). */
export const sequenceOf = (periods: readonly CreditPeriod[]) =>
  periods.map(({ price_micro, q_treaty_wh, sup, con }) => ({
    params: PARAMS,
    accounts: [
      { id: 'S', role: 'supplier', metered: kwh(sup.metered_wh), n: sup.n, ...START.S },
      { id: 'B', role: 'consumer', metered: kwh(con.metered_wh), n: con.n, ...START.B },
    ],
    contracts: [
      { id: 'k', seller: 'S', buyer: 'B', energy: kwh(q_treaty_wh), price: perKwh(price_micro) },
    ],
  }));

const START = {
  S: { credit: { C: 100, D: 0, i: 0, n: 0 } },
  B: { credit: { C: 90, D: 0, i: 0, n: 0 } },
};

/** Tables 2 and 3: ten suppliers and ten consumers in one period. */
export const tableOf = ({ tables2and3 }: CreditVectors, penaltySharing = 'per-penalty') => ({
  params: { ...PARAMS, penaltySharing },
  accounts: Object.entries(tables2and3.nodes).map(([id, one]) => ({
    id,
    role: one.role === 'sup' ? 'supplier' : 'consumer',
    metered: kwh(one.metered_wh),
    credit: { C: one.C_before, D: 0, i: 0, n: one.n },
  })),
  contracts: tables2and3.contracts.map((one, i) => ({
    id: String(i + 1),
    seller: one.sup,
    buyer: one.con,
    energy: kwh(one.qty_wh),
    price: perKwh(one.price_micro),
    replacement: one.replacement,
  })),
});

/** The last period of table A1 with three others, which share both penalties (G9). */
export function bothDefaultOf({ tableA1A2, bothSidesDefault }: CreditVectors) {
  const [before, last] = tableA1A2.slice(-2) as [CreditPeriod, CreditPeriod];
  const start = ({ C, D, i }: CreditSide, { n }: CreditSide): Credit => ({ C, D, i, n });
  const credits: Readonly<Record<string, Credit>> = {
    S: start(before.sup, last.sup),
    B: start(before.con, last.con),
  };
  const [document] = sequenceOf([last]);
  const parties = (document?.accounts ?? []).map((account) => ({
    ...account,
    credit: credits[account.id],
  }));
  const others = Object.entries(bothSidesDefault.credit)
    .filter(([id]) => credits[id] === undefined)
    .map(([id, C]) => ({
      id,
      role: 'consumer',
      metered: '0',
      credit: { C, D: 0, i: 0, n: 0 },
    }));
  return { ...document, accounts: [...parties, ...others] };
}

/** Defaults that follow each other; the other side of each contract performs. */
export const defaultsOf = (count: number) =>
  Array.from({ length: count }, () => ({
    params: PARAMS,
    accounts: [
      { id: 'S', role: 'supplier', metered: '0' },
      { id: 'B', role: 'consumer', metered: '1' },
    ],
    contracts: [{ id: 'k', seller: 'S', buyer: 'B', energy: '1', price: '0.6' }],
  }));
