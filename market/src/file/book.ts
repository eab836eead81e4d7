// The document of a mechanism whose orders need nothing but the common rules: parameters, orders
// that take part, orders that do not (interfaces "market clear"). Clearing and what else a
// mechanism prints: the file.ts of its folder.
import {
  type CheckText,
  checkTrades,
  type FileGrid,
  fileGridOf,
  nodeRefusal,
} from '../grid/file.js';
import { admitOrders, type FileOrder, readOrders, type Rejected } from './clearOrders.js';
import { type ClearReport, clearReport, type MatchedTrade } from './clearReport.js';
import type { WattHour } from '../../../core/src/amount.js';
import { type Fields, fieldsOf, listOf, refuse } from './document.js';
import {
  type CepParams,
  cepParams,
  commitmentOf,
  intervalOf,
  type MarketParams,
  marketParams,
  paramFields,
} from './params.js';

const NAMES: ReadonlySet<string> = new Set(['mechanism', 'params', 'orders']);

export interface FileBook {
  /** The params as they stand in the file, for what only one mechanism reads. */
  readonly given: Fields;
  readonly params: MarketParams;
  readonly cep: CepParams;
  /** Orders that take part, by submission. */
  readonly orders: readonly FileOrder[];
  readonly rejected: readonly Rejected[];
  /** Where the check of lines is on. */
  readonly network: FileGrid | undefined;
}

export interface BookForm {
  readonly severalOrders?: boolean;
  /** The mechanism can be run with the check of lines. */
  readonly checksLines?: boolean;
  /** The sealing of its paper, which no other mechanism takes. */
  readonly seal?: 'dda1';
}

export function readBook(
  document: Fields,
  { severalOrders = false, checksLines = false, seal }: BookForm = {},
): FileBook {
  const fields = fieldsOf(document.values, document.path, NAMES);
  const given = paramFields(fields);
  const params = marketParams(given);
  const commitment = commitmentOf(given, params.scale, seal);
  const cep = cepParams(given);
  if (!checksLines && given.values.security === true)
    refuse('NOT_SUPPORTED', 'params.security', 'this mechanism has no check of lines');
  const network = checksLines ? fileGridOf(given, false) : undefined;
  const read = readOrders(listOf(fields, 'orders'), params);
  const rules = { ...params, commitment, severalOrders, interval: intervalOf(given) };
  const { admitted, rejected } = admitOrders(
    read,
    network === undefined ? rules : { ...rules, refusal: nodeRefusal(network) },
  );
  return { given, params, cep, orders: admitted, rejected, network };
}

/** With the check of lines on, `check` says which trades passed it; the others are void. */
export interface CheckedReport extends ClearReport {
  readonly check?: CheckText;
}

export interface BookClearing {
  readonly trades: readonly MatchedTrade[];
  readonly remainingWh: readonly WattHour[];
}

/** The report of a mechanism with one matching, after the check of lines where it is on. */
export function checkedReport(book: FileBook, clearing: BookClearing): CheckedReport {
  if (book.network === undefined) return clearReport({ ...book, ...clearing });
  const { check, ...checked } = checkTrades(book.network, { orders: book.orders, ...clearing });
  return { ...clearReport({ ...book, ...checked }), check };
}
