// The call auction in files (interfaces "market clear"): reads its document, clears, prints.
import { admitOrders, readOrders } from '../file/clearOrders.js';
import { type ClearReport, clearReport } from '../file/clearReport.js';
import { type Fields, fieldsOf, listOf } from '../file/document.js';
import { cepParams, commitmentOf, marketParams, paramFields } from '../file/params.js';
import { type CheckText, checkTrades, fileGridOf, nodeRefusal } from '../grid/file.js';
import { clearCall } from './clear.js';

const NAMES: ReadonlySet<string> = new Set(['mechanism', 'params', 'orders']);

/** With the check of lines on, `check` says which trades passed it; the others are void. */
export interface CallReport extends ClearReport {
  readonly check?: CheckText;
}

/** Clears a document whose mechanism is "call". */
export function clearCallDocument(document: Fields): CallReport {
  const fields = fieldsOf(document.values, document.path, NAMES);
  const given = paramFields(fields);
  const params = marketParams(given);
  const commitment = commitmentOf(given, params.scale);
  const cep = cepParams(given);
  const network = fileGridOf(given, false);
  const read = readOrders(listOf(fields, 'orders'), params);
  const rules = { ...params, commitment, refusal: nodeRefusal(network) };
  const { admitted: orders, rejected } = admitOrders(read, rules);
  const clearing = { orders, ...clearCall(orders, { tick: params.scale.tick }) };
  if (network === undefined) return clearReport({ params, cep, rejected, ...clearing });
  const { check, ...checked } = checkTrades(network, clearing);
  return { ...clearReport({ params, cep, rejected, orders, ...checked }), check };
}
