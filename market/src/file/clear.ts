// `market clear`: one document in, one report out (interfaces "market clear"). Chooses the
// mechanism by its name; how a mechanism reads and prints its document is in its own folder, and
// what they share is beside this file. A new mechanism is a folder and one line of FILE_MECHANISMS.
import { clearCallDocument } from '../call/file.js';
import { clearContinuousDocument } from '../continuous/file.js';
import { clearInternalPriceDocument } from '../internalPrice/file.js';
import { clearNeighbourhoodDocument } from '../neighbourhood/file.js';
import { clearReputationDocument } from '../reputation/file.js';
import { clearTwoRoundDocument } from '../twoRound/file.js';
import { clearUniformDocument } from '../uniform/file.js';
import type { ClearReport } from './clearReport.js';
import { type Fields, fieldsOf, refuse, wordOf } from './document.js';

/** Mechanisms of `market clear` by their names in files. */
const MECHANISMS = [
  'call',
  'two-round',
  'reputation',
  'neighbourhood',
  'uniform',
  'continuous',
  'internal-price',
] as const;

type MechanismName = (typeof MECHANISMS)[number];

/** Reads, clears and prints one document of a mechanism; it checks the names of the fields. */
export type ClearFile = (document: Fields) => ClearReport;

const FILE_MECHANISMS: { readonly [name in MechanismName]?: ClearFile } = {
  call: clearCallDocument,
  'two-round': clearTwoRoundDocument,
  uniform: clearUniformDocument,
  continuous: clearContinuousDocument,
  reputation: clearReputationDocument,
  neighbourhood: clearNeighbourhoodDocument,
  'internal-price': clearInternalPriceDocument,
};

/** Those of this version that take orders, in the order of the table. */
export const ORDER_MECHANISMS: readonly MechanismName[] = MECHANISMS.filter(
  (name) => FILE_MECHANISMS[name] !== undefined && name !== 'internal-price',
);

/** Clears a document of JSON values. Throws ProtocolError where the document is refused whole. */
export function clearDocument(document: unknown): ClearReport {
  const fields = anyFields(document);
  const mechanism = wordOf(fields, 'mechanism', MECHANISMS);
  const clear = FILE_MECHANISMS[mechanism];
  return clear === undefined
    ? refuse('NOT_SUPPORTED', 'mechanism', `${mechanism} is not in this version`)
    : clear(fields);
}

/** Which fields there may be depends on the mechanism, so that one is read first. */
function anyFields(document: unknown): Fields {
  const isObject = typeof document === 'object' && document !== null;
  return fieldsOf(document, '', new Set(isObject ? Object.keys(document) : []));
}
