// `market clear`: one document in, one report out (interfaces "market clear"). Chooses the
// mechanism; the reading and the printing that mechanisms share are beside this file.
import { clearCall } from '../call/clear.js';
import { admitOrders, readOrders } from './clearOrders.js';
import { type ClearReport, clearReport } from './clearReport.js';
import { type Fields, fieldsOf, listOf, refuse, wordOf } from './document.js';
import { cepParams, commitmentOf, marketParams, paramFields } from './params.js';

/** Mechanisms of `market clear` by their names in files. */
export const MECHANISMS = [
  'call',
  'two-round',
  'reputation',
  'neighbourhood',
  'uniform',
  'continuous',
  'internal-price',
] as const;

const NAMES: ReadonlySet<string> = new Set(['mechanism', 'params', 'orders']);

/** Clears a document of JSON values. Throws ProtocolError where the document is refused whole. */
export function clearDocument(document: unknown): ClearReport {
  const mechanism = wordOf(anyFields(document), 'mechanism', MECHANISMS);
  if (mechanism !== 'call')
    return refuse('NOT_SUPPORTED', 'mechanism', `${mechanism} is not in this version`);
  return clearCallDocument(fieldsOf(document, '', NAMES));
}

/** Which fields there may be depends on the mechanism, so that one is read first. */
function anyFields(document: unknown): Fields {
  const isObject = typeof document === 'object' && document !== null;
  return fieldsOf(document, '', new Set(isObject ? Object.keys(document) : []));
}

function clearCallDocument(fields: Fields): ClearReport {
  const given = paramFields(fields);
  const params = marketParams(given);
  const commitment = commitmentOf(given, params.scale);
  const cep = cepParams(given);
  if (given.values.security === true)
    refuse('NOT_SUPPORTED', 'params.security', 'the check of lines is not in this version');
  const orders = readOrders(listOf(fields, 'orders'), params);
  const { admitted, rejected } = admitOrders(orders, { ...params, commitment });
  const { trades, remainingWh } = clearCall(admitted, { tick: params.scale.tick });
  return clearReport({ params, cep, orders: admitted, trades, remainingWh, rejected });
}
