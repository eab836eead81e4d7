// Vector files through the shipping code (interfaces "conformance"): what agrees, what does not,
// and for the papers' tables the cells that are misprinted, with what is printed, what is
// consistent with the rest of the paper, and what we compute. This file: golden/call.json.
import { parseDecimal, printMinimal } from '../../core/src/decimal.js';
import { clearDocument } from './file/clear.js';
import { buyPriceOf } from './file/clearReport.js';
import { refuse } from './file/document.js';
import { ENERGY_DECIMALS } from './file/params.js';
import { settleDocument } from './file/settle.js';
import type { PaperAccount, SettleReport } from './file/settlePrint.js';
import {
  clearDocumentOf,
  type GoldenCall,
  goldenCallOf,
  type GoldenIncome,
  type GoldenLoss,
  type GoldenTrade,
  type Recipe,
  settleDocumentOf,
} from './goldenCall.js';
import { sealPriceText } from './seal.js';

export interface Failed {
  readonly case: string;
  readonly want: string;
  readonly got: string;
}

export interface Misprint {
  readonly cell: string;
  readonly printed: string;
  readonly consistent: string;
  readonly computed: string;
}

export interface Conformance {
  readonly passed: number;
  readonly failed: readonly Failed[];
  readonly misprints: readonly Misprint[];
}

/** One cell of a table, by name. */
type Cells = ReadonlyMap<string, string>;

/** Runs the vectors of papers/000. Throws FILE_FORMAT where the file is of another form. */
export function compareWithGolden(vectors: unknown): Conformance {
  const golden = goldenCallOf(vectors);
  const tables = tablesOf(golden);
  const failed: Failed[] = [];
  let passed = 0;
  for (const { name, want, got } of tables)
    for (const cell of new Set([...want.keys(), ...got.keys()])) {
      const [value, computed] = [want.get(cell) ?? 'nothing', got.get(cell) ?? 'nothing'];
      if (computed === value) passed++;
      else failed.push({ case: `${name} ${cell}`, want: value, got: computed });
    }
  return { passed, failed, misprints: misprintsOf(golden, tables) };
}

interface Table {
  readonly name: string;
  readonly want: Cells;
  readonly got: Cells;
}

function tablesOf(golden: GoldenCall): readonly Table[] {
  const recipes = [
    ['recipe_with_138', { basis: 'rounded-average', misprinted: misprintedOf(golden) }],
    ['consistent_printed_basis', { basis: 'rounded-average' }],
    ['consistent_eq6_basis', { basis: 'exact' }],
  ] as const;
  const clearing = clearingCells(golden);
  const table = (name: string, want: Cells, got: Cells): Table => ({ name, want, got });
  const exact = settleOf(golden, { basis: 'exact' }, 'exact');
  return [
    table('table1', hashCells(golden, 'sha1_of_price_text'), sealCells(golden)),
    table('table2', tradeCells(golden.table2_computed), clearing.trades),
    table('unmatched', new Map(Object.entries(golden.unmatched_kwh)), clearing.unmatched),
    ...recipes.map(([name, recipe]) =>
      table(
        `table3 ${name}`,
        incomeCells(golden[`table3_${name}`]),
        computedIncomes(golden, recipe),
      ),
    ),
    table(
      'amount',
      new Map(Object.entries(golden.amount_A_eq6).map(([user, text]) => [user, minimal(text)])),
      new Map(exact.map(({ id, amount }) => [id, amount])),
    ),
    lossTable(golden, 'table4_recipe_with_138', misprintedOf(golden)),
    lossTable(golden, 'table4_consistent_154'),
  ];
}

const MICRO_DECIMALS = 6;
const minimal = (text: string): string =>
  printMinimal(parseDecimal(text, { field: 'amount', decimals: MICRO_DECIMALS }), MICRO_DECIMALS);

/** The 138 kWh of CPS (E2). */
const misprintedOf = (golden: GoldenCall): string | undefined =>
  golden.table3_recipe_with_138.CPS?.kwh;

function hashCells(golden: GoldenCall, of: 'sha1_of_price_text' | 'printed_sha1'): Cells {
  return new Map(golden.table1.map((user) => [`${user.user} hash`, user[of]]));
}

const sealCells = (golden: GoldenCall): Cells =>
  new Map(golden.table1.map(({ user, price }) => [`${user} hash`, sealPriceText(price)]));

/** Trades are compared by the pair, since the numbers of two of them are misprinted (E3). */
function tradeCells(trades: readonly GoldenTrade[]): Cells {
  return new Map(
    trades.flatMap(({ no, seller, buyer, kwh, price, queue }) => {
      const pair = `${seller}-${buyer}`;
      const cells: [string, string][] = [
        [`${pair} no`, String(no)],
        [`${pair} kwh`, kwh],
        [`${pair} price`, price],
      ];
      return queue === undefined ? cells : [...cells, [`${pair} queue`, queue]];
    }),
  );
}

function clearingCells(golden: GoldenCall): { readonly trades: Cells; readonly unmatched: Cells } {
  const report = clearDocument(clearDocumentOf(golden, 'sha1_of_price_text'));
  const trades = report.trades.map((trade, i) => ({
    ...trade,
    price: buyPriceOf(trade),
    no: i + 1,
    kwh: trade.energy,
  }));
  const none = golden.table1.map(({ user }): [string, string] => [user, '0']);
  const left = report.unmatched.map(({ id, energy }): [string, string] => [id, energy]);
  return { trades: tradeCells(trades), unmatched: new Map([...none, ...left]) };
}

function settleOf(
  golden: GoldenCall,
  recipe: Recipe,
  mode: 'exact' | 'paper',
): readonly PaperAccount[] {
  const report = settleDocument(settleDocumentOf(golden, recipe), mode) as SettleReport;
  return report.accounts as readonly PaperAccount[];
}

function incomeCells(incomes: Readonly<Record<string, GoldenIncome>>): Cells {
  return new Map(
    Object.entries(incomes).flatMap(([user, row]) =>
      Object.entries(row).map(([name, value]): [string, string] => [`${user} ${name}`, value]),
    ),
  );
}

function computedIncomes(golden: GoldenCall, recipe: Recipe): Cells {
  const rows = settleOf(golden, recipe, 'paper').map((account): [string, GoldenIncome] => [
    account.id,
    {
      kwh: account.traded,
      avg_price: account.averagePrice,
      reward: account.reward,
      net_income: account.netIncome,
      reward_rate_pct: account.rewardRate,
    },
  ]);
  return incomeCells(Object.fromEntries(rows));
}

type LossName = 'table4_recipe_with_138' | 'table4_consistent_154' | 'table4_printed';

const ROW_SIGN = (row: GoldenLoss): string => (row.deviation_kwh.startsWith('-') ? '-' : '+');

function lossCells(rows: readonly GoldenLoss[]): Cells {
  return new Map(
    rows.flatMap((row) =>
      Object.entries(row)
        .filter(([name]) => name !== 'user')
        .map(([name, value]): [string, string] => [`${row.user}${ROW_SIGN(row)} ${name}`, value]),
    ),
  );
}

function lossTable(golden: GoldenCall, name: LossName, misprinted?: string): Table {
  const rows = golden[name];
  const computed = rows.map((row) => computedLoss(golden, row, misprinted));
  return { name: name.replace('_', ' '), want: lossCells(rows), got: lossCells(computed) };
}

/** Kilowatt-hours plus a deviation, as text. */
function shifted(kwh: string, deviation: string): string {
  const [base, by] = [kwh, deviation].map((text) =>
    parseDecimal(text, { field: 'kwh', decimals: ENERGY_DECIMALS, signed: true }),
  ) as [bigint, bigint];
  return printMinimal(base + by, ENERGY_DECIMALS);
}

function computedLoss(golden: GoldenCall, row: GoldenLoss, misprinted?: string): GoldenLoss {
  const { user, deviation_kwh } = row;
  const recipe: Recipe = { basis: 'rounded-average', misprinted };
  const traded = accountOf(golden, user, recipe).traded;
  const metered = { [user]: shifted(traded, deviation_kwh) };
  const account = accountOf(golden, user, { ...recipe, metered });
  return {
    user,
    deviation_kwh: account.deviation,
    balance_loss: account.balanceLoss,
    reward: account.reward,
    net_loss: account.netLoss,
    loss_rate_pct: account.lossRate,
  };
}

function accountOf(golden: GoldenCall, user: string, recipe: Recipe): PaperAccount {
  const account = settleOf(golden, recipe, 'paper').find(({ id }) => id === user);
  return account ?? refuse('FILE_FORMAT', 'vectors', `${user} is not in table 1`);
}

/** Cells in which a printed table differs from the consistent one. */
function misprintsOf(golden: GoldenCall, tables: readonly Table[]): readonly Misprint[] {
  const printed: readonly (readonly [string, Cells])[] = [
    ['table1', hashCells(golden, 'printed_sha1')],
    ['table2', tradeCells(golden.table2_printed)],
    ['table3 consistent_printed_basis', incomeCells(golden.table3_printed)],
    ['table4 consistent_154', lossCells(golden.table4_printed)],
  ];
  return printed.flatMap(([name, cells]) => {
    const table = tables.find((candidate) => candidate.name === name) as Table;
    return [...cells].flatMap(([cell, text]): Misprint[] => {
      const consistent = table.want.get(cell) ?? 'nothing';
      if (consistent === text) return [];
      const computed = table.got.get(cell) ?? 'nothing';
      return [{ cell: `${name.split(' ')[0]} ${cell}`, printed: text, consistent, computed }];
    });
  });
}
