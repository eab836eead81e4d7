// Market "reputation" in files (interfaces "market clear"): reads its document, runs all bidding
// rounds, prints them. Every rule is in the files beside this one.
import { MAX_AMOUNT, type Price } from '../../../core/src/amount.js';
import { assert } from '../../../core/src/assert.js';
import { printFixed } from '../../../core/src/decimal.js';
import type { CepOptions } from '../cep.js';
import { admitOrders, readOrders, type Rejected } from '../file/clearOrders.js';
import { type Cleared, type ClearReport, clearReport } from '../file/clearReport.js';
import { type Fields, fieldsOf, listOf, refuse } from '../file/document.js';
import {
  type CepParams,
  cepParams,
  commitmentOf,
  type MarketParams,
  marketParams,
  paramFields,
  type Scale,
} from '../file/params.js';
import { type FileGrid, fileGridOf, nodeOf, nodeRefusal } from '../grid/file.js';
import { equilibriumOf, isAlarm } from './cep.js';
import {
  clearReputation,
  type ReputationClearing,
  type ReputationOrder,
  type ReputationRules,
} from './clear.js';
import { reputationFault } from './faults.js';
import { type Invoice, invoiceOf } from './invoice.js';
import {
  compareNames,
  gradesByAccount,
  ownFields,
  type ReputationFileOrder,
  withOwn,
} from './orders.js';
import { type ReputationParams, reputationParams } from './params.js';
import { roundText, type RoundText } from './print.js';
import { checkFloor, type PriceSum } from './quote.js';

const NAMES: ReadonlySet<string> = new Set(['mechanism', 'params', 'orders']);

export interface ReputationReport extends ClearReport {
  /** One entry per bidding round, from the first. */
  readonly rounds: readonly RoundText[];
  /** Whether the equilibrium price moved by more than cepAlarm from that of the history. */
  readonly alarm: boolean;
}

interface FileRules {
  readonly params: MarketParams;
  readonly cep: CepParams;
  readonly own: ReputationParams;
  readonly network: FileGrid | undefined;
}

/** Clears a document whose mechanism is "reputation". */
export function clearReputationDocument(document: Fields): ReputationReport {
  const fields = fieldsOf(document.values, document.path, NAMES);
  const given = paramFields(fields);
  const params = marketParams(given);
  const own = reputationParams(given, params.scale);
  const rules = { params, own, cep: cepParams(given), network: fileGridOf(given, true) };
  const commitment = commitmentOf(given, params.scale, 'cda1');
  const { orders, rejected } = ordersOf(listOf(fields, 'orders'), rules, commitment);
  return reportOf(rules, orders, rejected);
}

function ordersOf(
  values: readonly unknown[],
  { params, own, network }: FileRules,
  commitment: ReturnType<typeof commitmentOf>,
): {
  readonly orders: readonly ReputationFileOrder[];
  readonly rejected: readonly Rejected[];
} {
  const read = readOrders(values, params);
  const owns = values.map((value, place) =>
    ownFields(value, place, { scale: params.scale, biddingRounds: own.biddingRounds }),
  );
  const grades = gradesByAccount(owns);
  const whole = read.map((order, i) => withOwn(order, owns[i] as (typeof owns)[0], grades));
  checkPartners(whole);
  const isNodeKnown = nodeRefusal(network);
  const { admitted, rejected } = admitOrders(whole, {
    ...params,
    commitment,
    refusal: (order) => checkFloor(order, own.floor) ?? isNodeKnown(order),
  });
  // The order of ids, which is what ties are broken by.
  const orders = [...(admitted as readonly ReputationFileOrder[])];
  orders.sort((a, b) => compareNames(a.account, b.account));
  return { orders, rejected };
}

/** A choice names accounts of the file; one that stands in no book is just not feasible. */
function checkPartners(orders: readonly ReputationFileOrder[]): void {
  const accounts = new Set(orders.map(({ account }) => account));
  for (const { place, partners } of orders)
    for (const name of partners.flat())
      if (!accounts.has(name))
        refuse('FILE_FORMAT', `orders[${place}].choices`, `${name} is no account of the file`);
}

function reportOf(
  rules: FileRules,
  orders: readonly ReputationFileOrder[],
  rejected: readonly Rejected[],
): ReputationReport {
  const { params, cep, own, network } = rules;
  const { scale } = params;
  const clearingRules = clearingRulesOf(rules);
  const pure = pureOrders(orders, network);
  const clearing = clearReputation(pure, clearingRules);
  refuseBeyondMoney(clearing, own.wheeling);
  const fault = reputationFault(pure, clearing, clearingRules);
  assert(fault === undefined, `a clearing that breaks a rule: ${fault}`);
  const last = clearing.rounds[clearing.rounds.length - 1];
  const trades = clearing.trades.map((trade): Cleared['trades'][number] => {
    const { energyWh, priceSum, congestion } = trade;
    const invoice: Invoice = invoiceOf({ energyWh, priceSum, congestion, wheeling: own.wheeling });
    const price = dealText(priceSum, scale);
    return { ...trade, price: 0n as Price, paid: { price, ...invoice } };
  });
  const equilibrium = { price: last?.cep };
  const cleared = { params, cep, orders, trades, rejected, equilibrium };
  const before = equilibriumOf(own.history, clearingRules.cep);
  return {
    ...clearReport({ ...cleared, remainingWh: clearing.remainingWh }),
    rounds: clearing.rounds.map((round, i) =>
      roundText(round, { biddingRound: i + 1, orders, scale, network }),
    ),
    alarm: isAlarm(last?.cep, before, own.cepAlarmPpm),
  };
}

/** Fees have no bound of their own; what everything costs stays an amount. */
function refuseBeyondMoney({ trades }: ReputationClearing, wheeling: Price): void {
  const total = trades.reduce(
    (sum, { energyWh, priceSum, congestion }) =>
      sum + energyWh * (priceSum + wheeling) + congestion,
    0n,
  );
  if (total > MAX_AMOUNT)
    refuse('AMOUNT_RANGE', 'params', 'wheeling or congestion fees beyond what money can hold');
}

function clearingRulesOf({ params, cep, own, network }: FileRules): ReputationRules {
  const { tick } = params.scale;
  const options: CepOptions = { ...cep, tick };
  return {
    biddingRounds: own.biddingRounds,
    rangeSides: own.rangeSides,
    prices: { ...params, tick },
    cep: options,
    history: own.history,
    network: network === undefined ? undefined : { ...network, ...own },
  };
}

function pureOrders(
  orders: readonly ReputationFileOrder[],
  network: FileGrid | undefined,
): readonly ReputationOrder[] {
  const indexOf = new Map(orders.map(({ account }, i) => [account, i]));
  return orders.map((order) => ({
    ...order,
    node: network === undefined ? undefined : nodeOf(network, order),
    // An empty list names nobody in particular: any partner (settlement 8 "none: any").
    choices: order.partners.map((names) =>
      names.length === 0 ? undefined : { partners: names.map((name) => indexOf.get(name) ?? -1) },
    ),
  }));
}

/** Half of a price sum: the tick's decimals, one more where the mean needs it. */
function dealText(priceSum: PriceSum, { tick, tickDecimals }: Scale): string {
  const halfTicks = priceSum / tick;
  return halfTicks % 2n === 0n
    ? printFixed(halfTicks / 2n, tickDecimals)
    : printFixed(halfTicks * 5n, tickDecimals + 1);
}
