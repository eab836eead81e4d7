// golden/dpoa-credit.json through the code that ships: tables A1/A2 and 2/3 of papers/004, penalty
// ratios, sharing, deductions, the draw of validators (market-bilateral 2); and the printed cells
// that contradict the rest of the paper.
import { present } from '../../../core/src/assert.js';
import { ACCOUNT_ID_BYTES, type AccountId } from '../../../core/src/ids.js';
import { FULL_CREDIT } from '../../../core/src/draw.js';
import { drawByWeight, weightOf } from '../../../consensus/src/committee.js';
import { settleFile } from '../../../market/src/file/settle.js';
import type { SettledContract, SettledPeriod } from '../../../market/src/settle/period.js';
import { penaltyRatio, rewardCredit } from '../../../market/src/settle/penalty.js';
import {
  bothDefaultOf,
  type CreditNode,
  type CreditSide,
  type CreditVectors,
  creditForm,
  defaultsOf,
  sequenceOf,
  tableOf,
} from './creditForm.js';
import { creditMisprints } from './creditMisprints.js';
import { pooledShares } from './creditPooling.js';
import { readForm } from './form.js';
import type { Report } from './run.js';
import { createTally, type Tally } from './tally.js';

const MILLION = 1_000_000n;
const DEFAULTS = { k1Ppm: 5n * MILLION, k2Ppm: 5n * MILLION, gPpm: 3n * MILLION };

export function runCredit(document: unknown): Report {
  const vectors = readForm(creditForm, document, 'credit');
  const tally = createTally();
  checkSequence(tally, vectors);
  checkTables(tally, vectors);
  checkPooling(tally, vectors);
  checkRatios(tally, vectors);
  checkBothSides(tally, vectors);
  checkDeductions(tally, vectors);
  checkSelection(tally, vectors);
  return { ...tally.outcome(), misprints: creditMisprints(vectors) };
}

const line = (period: SettledPeriod, i: number) => present(period.accounts[i], 'an account');
const flag = (value: boolean | undefined): number => (value === true ? 1 : 0);

/** Cells of one case by name: what is wanted and what is computed. */
function checkCells(
  tally: Tally,
  name: string,
  cells: Readonly<Record<string, readonly [want: unknown, got: unknown]>>,
): void {
  for (const [cell, [want, got]] of Object.entries(cells))
    tally.check(`${name} ${cell}`, String(want), String(got));
}

function checkSequence(tally: Tally, { tableA1A2 }: CreditVectors): void {
  const settled = settleFile(sequenceOf(tableA1A2));
  tableA1A2.forEach((row, at) => {
    const { period } = present(settled[at], 'a period each');
    const contract = present(period.contracts[0], 'one contract');
    const name = `tableA1A2 ${row.period}`;
    checkSide(tally, `${name} supplier`, { want: row.sup, period, of: 'Seller', contract });
    checkSide(tally, `${name} consumer`, { want: row.con, period, of: 'Buyer', contract });
  });
}

interface Side {
  readonly want: CreditSide;
  readonly period: SettledPeriod;
  readonly contract: SettledContract;
  readonly of: 'Seller' | 'Buyer';
}

function checkSide(tally: Tally, name: string, { want, period, contract, of }: Side): void {
  const { credit, step, penalty } = line(period, of === 'Seller' ? 0 : 1);
  checkCells(tally, name, {
    n: [want.n, credit.n],
    U: [want.U, step?.deducted],
    comp: [want.comp, flag(step?.compensated)],
    C: [want.C, credit.C],
    D: [want.D, credit.D],
    i: [want.i, credit.i],
    ratio_1e12: [want.ratio_1e12, contract[`ratio${of}`]],
    T_micro: [want.T_micro, penalty],
  });
}

function checkTables(tally: Tally, vectors: CreditVectors): void {
  const { contracts, nodes } = vectors.tables2and3;
  const { period } = present(settleFile(tableOf(vectors))[0], 'one period');
  contracts.forEach((want, i) => {
    const got = present(period.contracts[i], 'a contract each');
    checkCells(tally, `tables2and3 contract ${want.sup}-${want.con}`, {
      delivered_wh: [want.delivered_wh, got.deliveredWh],
      short_sup_wh: [want.short_sup_wh, got.shortSellerWh],
      short_con_wh: [want.short_con_wh, got.shortBuyerWh],
    });
  });
  Object.entries(nodes).forEach(([id, want], i) => checkNode(tally, id, [want, line(period, i)]));
  const { grid, fees, rewardPool, reserve } = period.counter;
  const net = period.accounts.reduce((sum, account) => sum + account.net, 0n);
  tally.check('tables2and3 residue', '0', String(net + grid + fees + rewardPool + reserve));
}

/** The file prints magnitudes: what a consumer pays is positive there. */
function checkNode(
  tally: Tally,
  id: string,
  [want, got]: readonly [CreditNode, SettledPeriod['accounts'][number]],
): void {
  const sign = want.role === 'sup' ? 1n : -1n;
  checkCells(tally, `tables2and3 ${id}`, {
    C_after: [want.C_after, got.credit.C],
    short_wh: [want.short_wh, got.shortfallWh],
    energy_micro: [want.energy_micro, sign * got.energyMoney],
    grid_micro: [want.grid_micro, sign * got.gridMoney],
    T_micro: [want.T_micro, got.penalty],
    share_micro: [want.share_micro, got.penaltyShare],
    net_micro: [want.net_micro, sign * got.net],
  });
}

function checkPooling(tally: Tally, vectors: CreditVectors): void {
  const got = pooledShares(vectors);
  for (const [id, want] of Object.entries(vectors.tables2and3SharesAsPrintedPaperPooling))
    tally.check(`tables2and3 as the paper pools ${id}`, want, got.get(id) ?? 'nothing');
}

function checkRatios(tally: Tally, vectors: CreditVectors): void {
  vectors.sigmoidSquared1e12.forEach((want, n) => {
    tally.check(`sigmoidSquared1e12 ${n}`, String(want), String(rewardCredit(n, MILLION)));
  });
  for (const [key, want] of Object.entries(vectors.priceRatio1e12ByCreditAndN)) {
    const [C = 0, n = 0] = key.split(',').map(Number);
    tally.check(`priceRatio ${key}`, String(want), String(penaltyRatio(C, n, DEFAULTS)));
  }
  const { k2, g } = vectors.figure1Sweeps;
  for (const [name, sweep] of [['k2Ppm', k2] as const, ['gPpm', g] as const])
    for (const [value, [at92, at98]] of Object.entries(sweep)) {
      const rules = { ...DEFAULTS, [name]: BigInt(value) * MILLION };
      checkCells(tally, `figure1 ${name.slice(0, -3)} = ${value}`, {
        'C = 92': [at92, penaltyRatio(92, 10, rules)],
        'C = 98': [at98, penaltyRatio(98, 10, rules)],
      });
    }
}

function checkBothSides(tally: Tally, vectors: CreditVectors): void {
  const want = vectors.bothSidesDefault;
  const { file, period } = present(settleFile(bothDefaultOf(vectors))[0], 'one period');
  const contract = present(period.contracts[0], 'one contract');
  checkCells(tally, 'bothSidesDefault', {
    T_sup: [want.T_sup, contract.penaltySeller],
    T_con: [want.T_con, contract.penaltyBuyer],
    'share reserve': [want.shares.reserve, period.counter.reserve],
  });
  file.accounts.forEach(({ id }, i) => {
    const { credit, penaltyShare } = line(period, i);
    checkCells(tally, `bothSidesDefault ${id}`, {
      credit: [want.credit[id], credit.C],
      share: [want.shares[id], penaltyShare],
    });
  });
}

function checkDeductions(tally: Tally, { uncompensatedDefaults: rows }: CreditVectors): void {
  settleFile(defaultsOf(rows.length)).forEach(({ period }, i) => {
    const { credit, step, penalty } = line(period, 0);
    const [deducted, after, penalised] = present(rows[i], 'a row each');
    checkCells(tally, `uncompensatedDefaults ${i + 1}`, {
      deducted: [deducted, step?.deducted],
      'credit after': [after, credit.C],
      penalised: [penalised, flag(penalty > 0n)],
    });
  });
}

/** Drawn by the code of the committees, all credits 100 (S2, S5). */
function checkSelection(tally: Tally, { selection }: CreditVectors): void {
  const { records, seed, order } = selection;
  const nobody = new Uint8Array(ACCOUNT_ID_BYTES) as AccountId;
  const weights = records.map(([id, correct, wrong], place) => {
    const record = { id: nobody, credit: FULL_CREDIT, correct, wrong, suspended: false };
    const weight = weightOf(record);
    tally.check(`selection weight ${id}`, String(selection.weights[place]), String(weight));
    return weight;
  });
  const drawn = drawByWeight(weights, seed, records.length);
  const ids = drawn.map((place) => records[place]?.[0]);
  tally.check('selection order', order.join(' '), ids.join(' '));
}
