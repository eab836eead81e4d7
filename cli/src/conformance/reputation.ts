// golden/reputation.json through the code that ships (market-reputation 2): tables 2 and 3 and the
// bidding rounds as documents of `market clear`, the rest by the functions that the chain calls.
// Cells of table 3 that the paper prints otherwise are listed as misprints.
import { parseDecimal, printMinimal } from '../../../core/src/decimal.js';
import type { Misprint } from '../../../market/src/conformance.js';
import { buyPriceOf } from '../../../market/src/file/clearReport.js';
import { ENERGY_DECIMALS } from '../../../market/src/file/params.js';
import type { ReputationReport } from '../../../market/src/reputation/file.js';
import { readForm } from './form.js';
import { clearTables, reputationForm, type ReputationVectors } from './reputationForm.js';
import { checkGrid } from './reputationGrid.js';
import { checkNodes } from './reputationNodes.js';
import { checkPrices } from './reputationPrices.js';
import type { Report } from './run.js';
import { createTally, type Tally } from './tally.js';

export function runReputation(document: unknown): Report {
  const vectors = readForm(reputationForm, document, 'reputation');
  const tally = createTally();
  const clearing = clearTables(vectors);
  const misprints = checkTables(tally, vectors, clearing);
  checkRound(tally, 'round1_default', vectors.round1_default, clearing);
  const { choice } = vectors.round1_chosen;
  checkRound(tally, 'round1_chosen', vectors.round1_chosen, clearTables(vectors, { choice }));
  checkPeriod(tally, vectors);
  checkPrices(tally, vectors);
  checkGrid(tally, vectors);
  checkNodes(tally, vectors);
  return { ...tally.outcome(), misprints };
}

/** Tables 2 and 3; answers with the printed cells that are not those of the rule. */
function checkTables(
  tally: Tally,
  { table2, table3 }: ReputationVectors,
  { rounds }: ReputationReport,
): readonly Misprint[] {
  const [round] = rounds;
  tally.check('table2 buyers', table2.buyers_desc.join(), round?.board.buyers.join() ?? '');
  tally.check('table2 sellers', table2.sellers_asc.join(), round?.board.sellers.join() ?? '');
  return Object.entries(table3).flatMap(([id, row]) => {
    const node = round?.board.nodes.find((candidate) => candidate.id === id);
    const feasible = node?.feasible ?? [];
    const range = node?.range ?? 0;
    const computed = feasible.join(feasible.length > range ? ' or ' : ', ');
    tally.check(`table3 ${id} grade`, String(row.grade_pct), node?.grade ?? '');
    tally.check(`table3 ${id} range`, String(row.range), String(range));
    tally.check(`table3 ${id} feasible`, row.feasible.join(), feasible.join());
    tally.check(`table3 ${id} may choose`, row.may_choose, computed);
    const { printed, may_choose: consistent } = row;
    return printed === consistent ? [] : [{ cell: `table3 ${id}`, printed, consistent, computed }];
  });
}

const inWh = (kwh: string): string =>
  String(parseDecimal(kwh, { field: 'energy', decimals: ENERGY_DECIMALS }));

type Round = ReputationVectors['round1_default'];

function checkRound(tally: Tally, name: string, want: Round, report: ReputationReport): void {
  const matches = report.trades.map(({ buyer, seller, energy }) => [buyer, seller, inWh(energy)]);
  tally.check(`${name} number of matches`, String(want.matches.length), String(matches.length));
  for (const [i, match] of want.matches.entries())
    tally.check(`${name} match ${i}`, match.join(' '), matches[i]?.join(' ') ?? 'nothing');
  const rest = new Map(report.unmatched.map(({ id, energy }) => [id, inWh(energy)]));
  for (const [id, wh] of Object.entries(want.rest))
    tally.check(`${name} rest of ${id}`, String(wh), rest.get(id) ?? '0');
}

/** Prices of the log are in mill. */
function checkPeriod(tally: Tally, vectors: ReputationVectors): void {
  const { valuations, log, unmatched } = vectors.period;
  const report = clearTables(vectors, { valuations });
  const mill = (price: string): string =>
    printMinimal(parseDecimal(price, { field: 'price', decimals: 4 }), 1);
  const got = report.trades.map((trade) => {
    const { round, buyer, seller, energy } = trade;
    return [round, buyer, seller, inWh(energy), mill(buyPriceOf(trade))].join(' ');
  });
  tally.check('period number of deals', String(log.length), String(got.length));
  for (const [i, deal] of log.entries())
    tally.check(`period deal ${i}`, deal.join(' '), got[i] ?? 'nothing');
  const left = report.unmatched.map(({ id }) => id).join();
  tally.check('period unmatched', unmatched.join(), left);
}
