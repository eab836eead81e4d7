// Which form a vector file is of, and its run (interfaces "conformance"). A form is known by fields
// that no other has; a known form that this version does not run is refused by its name.
import { ProtocolError } from '../../../core/src/errors.js';
import { compareWithGolden, type Misprint } from '../../../market/src/conformance.js';
import { isGoldenCall } from '../../../market/src/goldenCall.js';
import { runCredit } from './credit.js';
import { runDraws } from './draws.js';
import { runLight } from './light.js';
import { runNeighbourhood } from './neighbourhood.js';
import { runReputation } from './reputation.js';
import type { Outcome } from './tally.js';
import { runTwoRound } from './twoRound.js';

export interface Report extends Outcome {
  /** Cells of the papers' tables that contradict the rest of the paper. */
  readonly misprints?: readonly Misprint[];
}

interface Form {
  readonly name: string;
  readonly fields: readonly string[];
  /** undefined: not in this version. */
  readonly run?: (document: unknown) => Report;
}

const FORMS: readonly Form[] = [
  { name: 'light', fields: ['encoding', 'lists', 'tree', 'chain'], run: runLight },
  { name: 'draws', fields: ['draws', 'beacon'], run: runDraws },
  { name: 'call', fields: ['table1', 'table2_printed', 'unmatched_kwh'], run: runCall },
  { name: 'credit', fields: ['tableA1A2', 'tables2and3'], run: runCredit },
  { name: 'two-round', fields: ['expected_repeat', 'expected_single'], run: runTwoRound },
  {
    name: 'reputation',
    fields: ['round1_default', 'ranking', 'election'],
    run: runReputation,
  },
  { name: 'neighbourhood', fields: ['auctions', 'escrow', 'game'], run: runNeighbourhood },
  { name: 'power flow', fields: ['units', 'cases', 'days'] },
  { name: 'co-simulation', fields: ['case2_steps', 'traded_kwh', 'series'] },
];

function runCall(document: unknown): Report {
  if (isGoldenCall(document)) return compareWithGolden(document);
  throw new ProtocolError('FILE_FORMAT', 'call: a table is missing or no table');
}

const hasFields = (document: unknown, fields: readonly string[]): boolean =>
  typeof document === 'object' &&
  document !== null &&
  fields.every((name) => Object.hasOwn(document, name));

/** Runs vectors through this program. Throws FILE_FORMAT, or NOT_SUPPORTED naming the form. */
export function runConformance(document: unknown): Report {
  const form = FORMS.find(({ fields }) => hasFields(document, fields));
  if (form === undefined)
    throw new ProtocolError('FILE_FORMAT', 'not of the form of any vector file known here');
  const { name, run } = form;
  if (run !== undefined) return run(document);
  throw new ProtocolError('NOT_SUPPORTED', `vectors of the form ${name}: not in this version`, {
    form: name,
  });
}
