// The call auction in files (interfaces "market clear"): reads its document, clears, prints.
import { admitOrders, readOrders } from '../file/clearOrders.js';
import { type ClearReport, clearReport } from '../file/clearReport.js';
import { type Fields, fieldsOf, listOf, refuse } from '../file/document.js';
import { cepParams, commitmentOf, marketParams, paramFields } from '../file/params.js';
import { clearCall } from './clear.js';

const NAMES: ReadonlySet<string> = new Set(['mechanism', 'params', 'orders']);

/** Clears a document whose mechanism is "call". */
export function clearCallDocument(document: Fields): ClearReport {
  const fields = fieldsOf(document.values, document.path, NAMES);
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
