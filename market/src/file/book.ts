// The document of a mechanism whose orders need nothing but the common rules: parameters, orders
// that take part, orders that do not (interfaces "market clear"). Clearing and what else a
// mechanism prints: the file.ts of its folder.
import { admitOrders, type FileOrder, readOrders, type Rejected } from './clearOrders.js';
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
}

export function readBook(document: Fields, { severalOrders = false } = {}): FileBook {
  const fields = fieldsOf(document.values, document.path, NAMES);
  const given = paramFields(fields);
  const params = marketParams(given);
  const commitment = commitmentOf(given, params.scale);
  const cep = cepParams(given);
  const interval = intervalOf(given);
  if (given.values.security === true)
    refuse('NOT_SUPPORTED', 'params.security', 'the check of lines is not in this version');
  const read = readOrders(listOf(fields, 'orders'), params);
  const { admitted, rejected } = admitOrders(read, {
    ...params,
    commitment,
    interval,
    severalOrders,
  });
  return { given, params, cep, orders: admitted, rejected };
}
