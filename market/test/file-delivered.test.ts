// Documents of `market settle` with payment "delivered" (interfaces "market settle"): the example
// of the page, modules, refusals, states, trades of every clearing, rounding.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDecimal } from '../../core/src/decimal.js';
import { ProtocolError } from '../../core/src/errors.js';
import { settleDocument } from '../src/file/settle.js';
import type { SettledAccount, SettleReport } from '../src/file/settlePrint.js';

const paper = { feedIn: '0.5', retail: '0.75', tolAbs: '0', tolRel: '0' };
const supplier = { id: 's', role: 'supplier', metered: '7', credit: { C: 90, D: 3, i: 1, n: 2 } };
const consumer = { id: 'b', role: 'consumer', metered: '12' };
const other = { id: 'o', meteredImport: '1', meteredExport: '2', credit: { C: 80 } };
const contract = { id: 'k', seller: 's', buyer: 'b', energy: '10', price: '0.6' };

const documentOf = (change: object = {}, more: object = {}) => ({
  params: { ...paper, ...more },
  accounts: [supplier, consumer, other],
  contracts: [contract],
  ...change,
});
const settle = (document: unknown): SettleReport => settleDocument(document) as SettleReport;
const accountOf = (report: SettleReport | undefined, id: string): SettledAccount =>
  report?.accounts.find((account) => account.id === id) as SettledAccount;

function refusal(document: unknown): string {
  try {
    settleDocument(document);
  } catch (error) {
    if (error instanceof ProtocolError) return `${error.code} ${error.data.field ?? error.message}`;
    throw error;
  }
  return 'accepted';
}

test('the example of the interfaces page', () => {
  const report = settle({
    params: {
      feedIn: '0.5',
      retail: '0.75',
      k1: '5',
      k2: '5',
      g: '3',
      mu: '0.8',
      c: 10,
      tolAbs: '0',
      tolRel: '0',
      reward: false,
    },
    accounts: [
      {
        id: '1',
        role: 'supplier',
        green: true,
        metered: '100',
        credit: { C: 96, D: 0, i: 0, n: 0 },
      },
      { id: 'g', role: 'consumer', metered: '80', credit: { C: 95, D: 0, i: 0, n: 0 } },
    ],
    contracts: [
      { id: 'k1', seller: '1', buyer: 'g', energy: '80', price: '0.64', replacement: false },
    ],
  });
  const none = { shortfall: '0', penalty: '0', penaltyShare: '0', fees: '0', reward: '0' };
  assert.deepEqual(report, {
    contracts: [
      {
        id: 'k1',
        delivered: '80',
        shortSeller: '0',
        shortBuyer: '0',
        penaltyPriceSeller: '0',
        penaltyPriceBuyer: '0',
      },
    ],
    accounts: [
      {
        id: '1',
        energyMoney: '51.2',
        gridEnergy: '20',
        gridMoney: '10',
        ...none,
        net: '61.2',
        credit: { C: 96, D: 1, i: 0, n: 0 },
      },
      {
        id: 'g',
        energyMoney: '-51.2',
        gridEnergy: '0',
        gridMoney: '0',
        ...none,
        net: '-51.2',
        credit: { C: 95, D: 1, i: 0, n: 0 },
      },
    ],
    reserve: '0',
    summary: { grid: '-10', fees: '0', rewardPool: '0' },
  });
});

test('a default: penalty price, penalty, shares, credit', () => {
  const report = settle(documentOf());
  assert.equal(report.contracts[0]?.penaltyPriceSeller, '0.233457');
  const { penalty, penaltyShare, shortfall, credit } = accountOf(report, 's');
  assert.deepEqual([penalty, penaltyShare, shortfall], ['0.700372', '0', '3']);
  assert.deepEqual(credit, { C: 89, D: 0, i: 2, n: 2 });
  assert.deepEqual(
    ['b', 'o'].map((id) => accountOf(report, id).penaltyShare),
    ['0.560297', '0.140075'],
  );
  const rounded = settleDocument(documentOf(), 'paper') as SettleReport;
  assert.equal(rounded.contracts[0]?.penaltyPriceSeller, '0.23');
  assert.deepEqual(
    [accountOf(rounded, 's').penalty, accountOf(rounded, 's').shortfall],
    ['0.70', '3'],
  );
});

test('modules: zeros where off, and what a switch turns on', () => {
  const off = settle(documentOf({}, { credit: false, penalty: false, balancing: false }));
  const { penalty, gridMoney, net, credit } = accountOf(off, 's');
  assert.deepEqual([penalty, gridMoney, net], ['0', '0', '4.2']);
  assert.deepEqual(credit, supplier.credit);
  const wheeling = { c1: '0.005', c2: '0.002', c3: '0.003' };
  const fees = (more: object): readonly string[] => {
    const report = settle(documentOf({}, { wheeling, handlingFee: '0.02', ...more }));
    return [...['s', 'b'].map((id) => accountOf(report, id).fees), report.summary.fees];
  };
  assert.deepEqual(fees({}), ['0', '0', '0']);
  assert.deepEqual(fees({ wheelingOn: true }), ['0', '0.07', '0']);
  assert.deepEqual(fees({ fees: true }), ['0.09', '0.09', '0.04']);
  const congested = { contracts: [{ ...contract, congestion: '0.003' }] };
  assert.equal(accountOf(settle(documentOf(congested)), 'b').fees, '0');
  assert.equal(accountOf(settle(documentOf(congested, { security: true })), 'b').fees, '0.021');
  const declared = { accounts: [{ ...supplier, declared: '7' }, consumer, other] };
  assert.equal(accountOf(settle(documentOf(declared)), 's').reward, '0.12');
  assert.equal(accountOf(settle(documentOf(declared, { reward: false })), 's').reward, '0');
});

test('the default tolerance is 0.1 kWh or 2 %', () => {
  const at = (metered: string, energy: string): string => {
    const accounts = [{ ...supplier, metered }, { ...consumer, metered: '99' }, other];
    const contracts = [{ ...contract, energy }];
    const params = { feedIn: '0.5', retail: '0.75' };
    return accountOf(settle({ params, accounts, contracts }), 's').penalty;
  };
  assert.deepEqual([at('0.9', '1'), at('9.8', '10')], ['0', '0']);
  assert.notEqual(at('0.899', '1'), '0');
  assert.notEqual(at('9.799', '10'), '0');
});

test('trades of a clearing: half a tick, two prices, no id', () => {
  const trade = { seller: 's', buyer: 'b', energy: '10', round: 1, queue: 'non-green' };
  const trades = (price: object) => {
    const { contracts: _, ...document } = documentOf({ trades: [{ ...trade, ...price }] });
    return document;
  };
  const money = (price: object): readonly string[] => {
    const report = settle(trades(price));
    return [...['s', 'b'].map((id) => accountOf(report, id).energyMoney), report.reserve];
  };
  assert.deepEqual(money({ price: '0.6005' }), ['4.2035', '-4.2035', '0']);
  assert.deepEqual(money({ buyPrice: '0.7', sellPrice: '0.6', auctioneer: 'N1' }), [
    '4.2',
    '-4.9',
    '0.7',
  ]);
  assert.equal(settle(trades({ price: '0.6' })).contracts[0]?.id, '1');
  assert.equal(refusal(trades({ price: '0.6001' })), 'AMOUNT_GRAMMAR trades[0].price');
  assert.equal(refusal(trades({})), 'FILE_FORMAT trades[0].price');
  assert.equal(refusal(trades({ buyPrice: '0.6' })), 'FILE_FORMAT trades[0].sellPrice');
  const crossed = { buyPrice: '0.6', sellPrice: '0.7' };
  assert.equal(refusal(trades(crossed)), 'FILE_FORMAT trades[0].buyPrice');
  assert.equal(refusal(trades({ ...crossed, price: '0.6' })), 'FILE_FORMAT trades[0].price');
});

test('allocation "pro-rata" beside "fifo"', () => {
  const accounts = [{ ...supplier, metered: '4' }, { ...consumer, metered: '3.5' }, other];
  const contracts = [
    { ...contract, energy: '3' },
    { ...contract, id: 'l', energy: '2' },
  ];
  const delivered = (allocation: string): readonly string[] =>
    settle(documentOf({ accounts, contracts }, { allocation })).contracts.map(
      (row) => row.delivered,
    );
  assert.deepEqual(delivered('fifo'), ['3', '0.5']);
  assert.deepEqual(delivered('pro-rata'), ['2.1', '1.4']);
});

test('a list: credit and suspension are carried; n and suspended may be told', () => {
  const low = { ...supplier, credit: { C: 60, D: 0, i: 0, n: 0 } };
  const first = documentOf({ accounts: [low, consumer, other] });
  const faithful = { ...contract, seller: 'x', buyer: 'b' };
  const failing = { id: 'x', role: 'supplier', metered: '0', credit: { C: 90, D: 0, i: 0, n: 0 } };
  const idle = { id: 's', role: 'supplier', metered: '0', n: 5 };
  const second = documentOf({ accounts: [idle, consumer, other, failing], contracts: [faithful] });
  const told = documentOf({
    accounts: [{ ...idle, suspended: false }, consumer, other, failing],
    contracts: [faithful],
  });
  const reports = settleDocument([first, second, told]) as readonly SettleReport[];
  const of = (i: number) => accountOf(reports[i], 's');
  assert.deepEqual([of(0).suspended, of(1).suspended, of(2).suspended], [true, true, true]);
  assert.deepEqual(of(1).credit, { C: 59, D: 0, i: 1, n: 5 });
  assert.equal(of(1).penaltyShare, '0');
  assert.notEqual(of(2).penaltyShare, '0');
  const alone = settle(
    documentOf({ accounts: [supplier, consumer, { ...other, credit: { C: 59 } }] }),
  );
  assert.equal(accountOf(alone, 'o').suspended, true);
  assert.equal(alone.reserve, '0.140075');
});

test('parameters outside their range are refused by name', () => {
  const refused = (more: object): string => refusal(documentOf({}, more));
  assert.equal(refused({ mu: '1' }), 'PARAM_RANGE params.mu');
  assert.equal(refused({ k2: '12.4' }), 'PARAM_RANGE params.k2');
  assert.equal(refused({ k2: '12.375' }), 'accepted');
  for (const [name, value] of [
    ['c', 0],
    ['iMax', 21],
    ['suspendBelow', 101],
    ['tolRel', '1.1'],
    ['k1', '1001'],
  ] as const)
    assert.equal(refused({ [name]: value }), `PARAM_RANGE params.${name}`);
  assert.equal(refused({ penaltySharing: 'all' }), 'FILE_FORMAT params.penaltySharing');
  assert.equal(refused({ allocation: 'lifo' }), 'FILE_FORMAT params.allocation');
  assert.equal(refused({ wheeling: { c4: '0' } }), 'UNKNOWN_FIELD params.wheeling.c4');
  assert.equal(refused({ creditOnly: true }), 'accepted');
});

test('any sum is zero: net, reserve and counter-entries, with every module on', () => {
  const micro = (text: string): bigint =>
    parseDecimal(text, { field: 'money', decimals: 6, signed: true });
  const more = {
    fees: true,
    security: true,
    wheeling: { c1: '0.011' },
    handlingFee: '0.123456',
    penaltySharing: 'pooled',
  };
  const { accounts, reserve, summary } = settle(documentOf({}, more));
  const parts = [...accounts.map(({ net }) => net), reserve, ...Object.values(summary)];
  assert.equal(
    parts.reduce((sum, text) => sum + micro(text), 0n),
    0n,
  );
});
