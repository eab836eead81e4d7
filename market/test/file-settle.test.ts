// Documents of `market settle` with payment "contract": refusals, states, sums, rounding.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseDecimal } from '../../core/src/decimal.js';
import { ProtocolError } from '../../core/src/errors.js';
import { settleDocument } from '../src/file/settle.js';
import type { PaperAccount, SettleReport } from '../src/file/settlePrint.js';

const params = { payment: 'contract', feedIn: '0.3', retail: '0.7' };
const seller = { id: 's', role: 'supplier', declared: '10', metered: '9' };
const buyer = { id: 'b', role: 'consumer', declared: '10', metered: '12', green: true };
const contract = { id: 'k', seller: 's', buyer: 'b', energy: '10', price: '0.5' };

const documentOf = (change: object = {}, more: object = {}) => ({
  params: { ...params, ...more },
  accounts: [seller, buyer],
  contracts: [contract],
  ...change,
});
const settle = (document: unknown): SettleReport => settleDocument(document) as SettleReport;
const accountOf = (report: SettleReport, id: string): PaperAccount =>
  report.accounts.find((account) => account.id === id) as PaperAccount;

function refusal(document: unknown): string {
  try {
    settleDocument(document);
  } catch (error) {
    if (error instanceof ProtocolError) return `${error.code} ${error.data.field ?? error.message}`;
    throw error;
  }
  return 'accepted';
}

test('every field of an account and the counter-entries', () => {
  const report = settle(documentOf());
  assert.deepEqual(accountOf(report, 's'), {
    id: 's',
    energyMoney: '5',
    gridEnergy: '1',
    gridMoney: '-0.7',
    shortfall: '0',
    penalty: '0',
    penaltyShare: '0',
    fees: '0',
    reward: '0.088888',
    net: '4.388888',
    credit: { C: 100, D: 0, i: 0, n: 0 },
    traded: '10',
    averagePrice: '0.500',
    amount: '5',
    coefficient: '0.888888',
    rewardRate: '1.777777',
    netIncome: '5.088888',
    deviation: '-1',
    balanceCash: '-0.7',
    balanceLoss: '0.2',
    netLoss: '0.111112',
    lossRate: '2.222222',
  });
  const { reserve, summary } = report;
  assert.deepEqual(
    { reserve, summary },
    {
      reserve: '0',
      summary: { grid: '2.1', fees: '0', rewardPool: '-0.175288' },
    },
  );
});

test('what has no place, and what contradicts payment "contract", is refused by name', () => {
  for (const name of ['certificates', 'points'])
    assert.equal(refusal(documentOf({}, { [name]: true })), `NOT_SUPPORTED params.${name}`);
  for (const name of ['credit', 'penalty'])
    assert.equal(refusal(documentOf({}, { [name]: true })), `PARAM_RANGE params.${name}`);
  assert.equal(
    refusal(documentOf({}, { credit: false, penalty: false, k1: '5', c: 10 })),
    'accepted',
  );
});

test('malformed documents are refused whole, with the place', () => {
  const accounts = (...list: object[]) => documentOf({ accounts: list });
  assert.equal(refusal(documentOf({ trade: [] })), 'UNKNOWN_FIELD trade');
  assert.equal(refusal(documentOf({ trades: [] })), 'FILE_FORMAT contracts');
  assert.equal(refusal(documentOf({ contracts: undefined })), 'FILE_FORMAT contracts');
  assert.equal(refusal(accounts(seller)), 'FILE_FORMAT contracts[0]');
  assert.equal(refusal(accounts(seller, buyer, buyer)), 'FILE_FORMAT accounts[2].id');
  assert.equal(
    refusal(accounts(seller, { ...buyer, credit: { X: 1 } })),
    'UNKNOWN_FIELD accounts[1].credit.X',
  );
  assert.equal(
    refusal(accounts({ ...seller, role: 'consumer' }, buyer)),
    'WRONG_SIDE accounts[0].role',
  );
  assert.equal(
    refusal(accounts({ ...seller, metered: '-1' }, buyer)).slice(0, 14),
    'AMOUNT_GRAMMAR',
  );
  assert.equal(
    refusal(accounts({ id: 's', role: 'supplier' }, buyer)),
    'FILE_FORMAT accounts[0].meteredImport',
  );
  assert.equal(
    refusal(accounts({ id: 's', metered: '1' }, buyer)),
    'FILE_FORMAT accounts[0].metered',
  );
  assert.equal(
    refusal(accounts({ ...seller, meteredImport: '1' }, buyer)),
    'FILE_FORMAT accounts[0].meteredImport',
  );
  const back = { ...contract, seller: 'b', buyer: 's' };
  assert.equal(refusal(documentOf({ contracts: [contract, back] })), 'WRONG_SIDE contracts[1]');
  assert.equal(
    refusal(documentOf({ contracts: [{ ...contract, buyer: 's' }] })),
    'FILE_FORMAT contracts[0].buyer',
  );
  assert.equal(
    refusal([documentOf(), documentOf({ accounts: [7] })]),
    'FILE_FORMAT [1].accounts[0]',
  );
  assert.equal(refusal(documentOf({}, { rewardFactor: '1.1' })), 'PARAM_RANGE params.rewardFactor');
  assert.equal(
    refusal(documentOf({}, { coefficientFloor: '1.1' })),
    'PARAM_RANGE params.coefficientFloor',
  );
  const vast = { ...contract, energy: '9'.repeat(15), price: '9' };
  assert.equal(refusal(documentOf({ contracts: [vast] })), 'AMOUNT_RANGE accounts[0]');
});

test('a household with both registers: the side of its contracts, the other besides', () => {
  const home = { id: 's', meteredExport: '11', meteredImport: '2' };
  const report = settle(documentOf({ accounts: [home, buyer] }));
  const { balanceCash, gridMoney, gridEnergy, reward } = accountOf(report, 's');
  assert.deepEqual([balanceCash, gridMoney, gridEnergy, reward], ['0.3', '-1.1', '3', '0']);
  const idle = settle({ params, accounts: [home], contracts: [] });
  assert.deepEqual(accountOf(idle, 's').gridMoney, '1.9');
  assert.deepEqual(accountOf(idle, 's').balanceCash, '0');
});

test('the coefficient floor: -1 by default, another one, none', () => {
  const nothing = { ...seller, metered: '0' };
  const kOf = (more: object): string =>
    accountOf(settle(documentOf({ accounts: [nothing, buyer] }, more)), 's').coefficient;
  assert.equal(kOf({}), '-1');
  assert.equal(kOf({ coefficientFloor: '-0.5' }), '-0.5');
  assert.equal(kOf({ coefficientFloor: 'null' }), '-10000');
  assert.equal(kOf({ coefficientFloor: null }), '-10000');
});

test('switches off: zeros', () => {
  const off = accountOf(settle(documentOf({}, { reward: false, balancing: false })), 's');
  assert.deepEqual([off.reward, off.gridMoney, off.balanceLoss, off.net], ['0', '0', '0', '5']);
});

test('a list of periods carries credit from one to the next; n replaces the carried one', () => {
  const credit = { C: 90, D: 3, i: 1, n: 2 };
  const first = documentOf({ accounts: [{ ...seller, credit }, buyer] });
  const second = documentOf({ accounts: [{ ...seller, n: 7 }, buyer] });
  const reports = settleDocument([first, second, documentOf()]) as readonly SettleReport[];
  assert.deepEqual(
    reports.map((report) => accountOf(report, 's').credit.n),
    [2, 7, 7],
  );
  assert.deepEqual(accountOf(reports[2] as SettleReport, 's').credit, { ...credit, n: 7 });
});

test('--round paper: decimals of the tables, half away from zero from exact values', () => {
  const report = settleDocument(documentOf(), 'paper') as SettleReport;
  const { reward, rewardRate, netLoss, lossRate, net, coefficient } = accountOf(report, 's');
  assert.deepEqual(
    [reward, rewardRate, netLoss, lossRate, net, coefficient],
    ['0.089', '1.78', '0.111', '2.222', '4.389', '0.888888'],
  );
});

const micro = (text: string): bigint =>
  parseDecimal(text, { field: 'money', decimals: 6, signed: true });

const kwh = fc.integer({ min: 0, max: 900_000 }).map((wh) => (wh / 1000).toFixed(3));

const anyDocument = fc
  .record({
    sellers: fc.integer({ min: 1, max: 4 }),
    buyers: fc.integer({ min: 1, max: 4 }),
    seeds: fc.array(fc.record({ s: fc.nat(), b: fc.nat(), energy: kwh, price: fc.nat(2000) }), {
      maxLength: 12,
      size: 'max',
    }),
    meters: fc.array(fc.tuple(kwh, kwh, kwh, fc.boolean(), fc.boolean()), {
      minLength: 9,
      maxLength: 9,
    }),
    basis: fc.constantFrom('exact', 'rounded-average'),
    floor: fc.constantFrom('-1', 'null', '0'),
  })
  .map(({ sellers, buyers, seeds, meters, basis, floor }) => ({
    params: { ...params, amountBasis: basis, coefficientFloor: floor },
    accounts: Array.from({ length: sellers + buyers + 1 }, (_, i) => {
      const [meteredImport, meteredExport, declared, green, isDeclared] = meters[i] ?? [];
      const registers = { id: `a${i}`, meteredImport, meteredExport, green };
      return isDeclared ? { ...registers, declared } : registers;
    }),
    contracts: seeds.map(({ s, b, energy, price }, i) => ({
      id: `k${i}`,
      seller: `a${s % sellers}`,
      buyer: `a${sellers + (b % buyers)}`,
      energy,
      price: (price / 1000).toFixed(3),
    })),
  }));

test('any period: net, reserve and counter-entries sum to zero as printed', () => {
  fc.assert(
    fc.property(anyDocument, (document) => {
      const { accounts, reserve, summary } = settle(document);
      let sum = micro(reserve) + micro(summary.grid) + micro(summary.fees);
      sum += micro(summary.rewardPool);
      const rows = accounts as readonly PaperAccount[];
      for (const { net, energyMoney, gridMoney, reward, netLoss, balanceLoss } of rows) {
        sum += micro(net);
        assert.equal(micro(net), micro(energyMoney) + micro(gridMoney) + micro(reward));
        assert.equal(micro(netLoss), micro(balanceLoss) - micro(reward));
      }
      assert.equal(sum, 0n);
    }),
    { numRuns: 300 },
  );
});
