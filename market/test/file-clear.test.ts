// Documents of `market clear`: what is refused whole, left out with a code, and printed.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { ProtocolError } from '../../core/src/errors.js';
import { clearDocument } from '../src/file/clear.js';
import { ordersOfCsv } from '../src/file/csv.js';
import { parseJson } from '../src/file/document.js';

const params = { tick: '0.001', feedIn: '0.3', retail: '0.7' };
const ask = { id: 'S', account: 'S', side: 'sell', energy: '5', price: '0.4' };
const bid = { id: 'B', account: 'B', side: 'buy', energy: '8', price: '0.501' };
const documentOf = (orders: readonly object[], more: object = {}) => ({
  mechanism: 'call',
  params: { ...params, ...more },
  orders,
});

/** Code and field of the refusal. */
function refusal(document: unknown): string {
  try {
    clearDocument(document);
  } catch (error) {
    if (error instanceof ProtocolError) return `${error.code} ${error.data.field ?? error.message}`;
    throw error;
  }
  return 'accepted';
}

const codes = (orders: readonly object[], more: object = {}): readonly string[] =>
  clearDocument(documentOf(orders, more)).rejected.map(({ id, code }) => `${id} ${code}`);

test('the report, field by field', () => {
  assert.deepEqual(clearDocument(documentOf([bid, ask])), {
    trades: [
      {
        seller: 'S',
        buyer: 'B',
        sellOrder: 'S',
        buyOrder: 'B',
        energy: '5',
        price: '0.450',
        round: 2,
        queue: 'non-green',
      },
    ],
    rejected: [],
    unmatched: [{ id: 'B', energy: '3' }],
    grid: [{ account: 'B', side: 'buy', energy: '3', price: '0.700' }],
    accounts: [
      { id: 'B', traded: '5', market: '2.25', grid: '2.1', total: '4.35', gridOnly: '5.6' },
      { id: 'S', traded: '5', market: '2.25', grid: '0', total: '2.25', gridOnly: '1.5' },
    ],
    summary: {
      volume: '5',
      buyersPay: '4.35',
      sellersGet: '2.25',
      gridOnlyBuyersPay: '5.6',
      gridOnlySellersGet: '1.5',
      cep: '0.450',
    },
  });
  assert.equal(clearDocument(documentOf([])).summary.cep, null);
});

test('seq is the submission, whatever the place in the file', () => {
  const late = { ...ask, id: 'L', account: 'L', seq: 9 };
  const { trades } = clearDocument(documentOf([late, { ...ask, seq: 2 }, { ...bid, seq: 1 }]));
  assert.deepEqual(
    trades.map(({ sellOrder, energy }) => [sellOrder, energy]),
    [
      ['S', '5'],
      ['L', '3'],
    ],
  );
});

test('unknown fields are refused by name, on every level', () => {
  assert.equal(refusal({ ...documentOf([]), colour: 1 }), 'UNKNOWN_FIELD colour');
  assert.equal(refusal(documentOf([], { retial: '1' })), 'UNKNOWN_FIELD params.retial');
  assert.equal(refusal(documentOf([bid, { ...ask, prise: '1' }])), 'UNKNOWN_FIELD orders[1].prise');
  const hidden = parseJson('{"mechanism":"call","__proto__":{"params":{}}}', 'text');
  assert.equal(refusal(hidden), 'UNKNOWN_FIELD __proto__');
});

test('other mechanisms are known but not in this version', () => {
  assert.equal(refusal({ ...documentOf([]), mechanism: 'auction' }), 'FILE_FORMAT mechanism');
  for (const form of ['cda1', 'dda1'])
    assert.equal(refusal(documentOf([], { commitment: form })), 'NOT_SUPPORTED params.commitment');
});

test('numbers are plain decimal strings of the given fineness', () => {
  for (const energy of ['1.0005', '-1', '-0', '1e3', '01', '.5', '5.', '', ' 5', 5, null])
    assert.match(refusal(documentOf([{ ...ask, energy }])), /^AMOUNT_GRAMMAR orders\[0\]\.energy/);
  assert.match(refusal(documentOf([{ ...ask, price: '0.4005' }])), /^AMOUNT_GRAMMAR/);
  assert.match(
    refusal(documentOf([{ ...ask, price: '0.45' }], { tick: '0.1' })),
    /^AMOUNT_GRAMMAR/,
  );
  assert.match(refusal(documentOf([{ ...ask, energy: '9'.repeat(20) }])), /^AMOUNT_RANGE/);
  const vast = { ...ask, energy: '9'.repeat(15) };
  assert.equal(refusal(documentOf([vast])), 'AMOUNT_RANGE orders[0].energy');
});

test('malformed documents are refused whole', () => {
  assert.equal(refusal(null), 'FILE_FORMAT document');
  assert.equal(refusal([]), 'FILE_FORMAT document');
  assert.equal(refusal({ mechanism: 'call', orders: [] }), 'FILE_FORMAT params');
  assert.equal(
    refusal(documentOf([], { retail: undefined })),
    'AMOUNT_GRAMMAR params.retail: a decimal string is wanted',
  );
  assert.equal(refusal({ mechanism: 'call', params: {}, orders: [] }), 'FILE_FORMAT params.feedIn');
  assert.equal(refusal({ ...documentOf([]), orders: {} }), 'FILE_FORMAT orders');
  assert.equal(refusal({ ...documentOf([]), orders: [7] }), 'FILE_FORMAT orders[0]');
  const { account: _, ...nameless } = ask;
  assert.equal(refusal(documentOf([nameless])), 'FILE_FORMAT orders[0].account');
  assert.equal(refusal(documentOf([ask, { ...bid, id: 'S' }])), 'FILE_FORMAT orders[1].id');
  assert.equal(refusal(documentOf([{ ...ask, side: 'lend' }])), 'FILE_FORMAT orders[0].side');
  assert.equal(refusal(documentOf([{ ...ask, green: 'yes' }])), 'FILE_FORMAT orders[0].green');
  assert.equal(refusal(documentOf([{ ...ask, id: 'a\u001b[2J' }])), 'FILE_FORMAT orders[0].id');
  assert.equal(refusal(documentOf([{ ...ask, nonce: '12' }])), 'FILE_FORMAT orders[0].nonce');
  assert.equal(refusal(documentOf([{ ...ask, seq: 1.5 }])), 'FILE_FORMAT orders[0].seq');
});

test('parameters outside their range are refused by name', () => {
  assert.equal(refusal(documentOf([], { tick: '0.002' })), 'PARAM_RANGE params.tick');
  assert.equal(refusal(documentOf([], { feedIn: '0.8' })), 'PARAM_RANGE params.feedIn');
  assert.equal(refusal(documentOf([], { maxOrders: 0 })), 'PARAM_RANGE params.maxOrders');
  assert.equal(refusal(documentOf([], { cepN: 0 })), 'PARAM_RANGE params.cepN');
  assert.equal(refusal(documentOf([], { cepBeta: '0' })), 'PARAM_RANGE params.cepBeta');
  assert.equal(refusal(documentOf([], { security: true })), 'FILE_FORMAT params.lines');
  const fine = { tick: '0.0001', commitment: 'sha1-price' };
  assert.equal(refusal(documentOf([], fine)), 'PARAM_RANGE params.tick');
  assert.equal(refusal(documentOf([], { mode: 'repeat', beta: '0.1', maxSteps: 2 })), 'accepted');
});

test('an order that breaks a rule is left out with its code', () => {
  assert.deepEqual(codes([{ ...ask, energy: '0' }, bid]), ['S DUST']);
  assert.deepEqual(codes([{ ...ask, energy: '0.009' }]), ['S DUST']);
  assert.deepEqual(codes([{ ...ask, energy: '0.009' }], { minOrder: '0.009' }), []);
  assert.deepEqual(codes([{ ...ask, pMax: '4.999' }]), ['S QUANTITY_LIMIT']);
  assert.deepEqual(codes([{ ...ask, pMax: '5' }]), []);
  assert.deepEqual(codes([{ ...ask, price: '0.299' }]), ['S PRICE_BOUNDS']);
  assert.deepEqual(codes([{ ...bid, price: '0.701' }]), ['B PRICE_BOUNDS']);
  assert.deepEqual(codes([{ ...bid, price: '0.701' }], { bounds: false }), []);
  assert.deepEqual(codes([{ ...ask, reserve: '0.401' }]), ['S RESERVE']);
  assert.deepEqual(codes([{ ...bid, reserve: '0.5' }]), ['B RESERVE']);
  assert.deepEqual(codes([ask, { ...bid, account: 'S' }]), ['B DUPLICATE_ORDER']);
  assert.deepEqual(
    codes([
      { ...ask, price: '0.1' },
      { ...bid, account: 'S' },
    ]),
    ['S PRICE_BOUNDS'],
  );
  assert.deepEqual(codes([ask, bid], { maxOrders: 1 }), ['B BOOK_FULL']);
});

test('what is rejected takes no part: not in grid, accounts or sums', () => {
  const report = clearDocument(documentOf([{ ...ask, price: '0.2' }, bid]));
  assert.deepEqual(report.trades, []);
  assert.deepEqual(
    report.accounts.map(({ id }) => id),
    ['B'],
  );
  assert.equal(report.summary.gridOnlySellersGet, '0');
});

/** The canonical array of conventions "Sealed bid", written out by hand. */
function sealedByHand(price: bigint): string {
  const u64 = (value: bigint): Buffer => {
    const bytes = Buffer.alloc(9, 0xd3);
    bytes.writeBigUInt64BE(value, 1);
    return bytes;
  };
  const account = createHash('sha256').update('S').digest().subarray(0, 20);
  const bytes = Buffer.concat([
    Buffer.from([0x9a, 0xaa]),
    Buffer.from('sealed-bid'),
    Buffer.from([0xc4, 32]),
    Buffer.alloc(32),
    Buffer.from([0xa0]),
    u64(0n),
    Buffer.from([1, 0xc4, 20]),
    account,
    Buffer.from([0xa4]),
    Buffer.from('sell'),
    u64(5000n),
    u64(price),
    Buffer.from([0xc4, 16]),
    Buffer.alloc(16, 0xab),
  ]);
  return createHash('sha256').update(bytes).digest('hex');
}

test('sealed bids in the form of the chain', () => {
  const sealed = { ...ask, commitment: sealedByHand(400n), nonce: 'ab'.repeat(16) };
  assert.deepEqual(codes([sealed]), []);
  assert.deepEqual(codes([sealed], { tick: '0.01' }), []);
  const mismatch = ['S COMMITMENT_MISMATCH'];
  assert.deepEqual(codes([{ ...sealed, price: '0.401' }]), mismatch);
  assert.deepEqual(codes([{ ...sealed, energy: '6' }]), mismatch);
  assert.deepEqual(codes([{ ...sealed, account: 'T' }]), mismatch);
  assert.deepEqual(codes([{ ...sealed, nonce: 'ac'.repeat(16) }]), mismatch);
  assert.deepEqual(codes([{ ...ask, commitment: sealed.commitment }]), mismatch);
});

test('sealed bids as SHA-1 of the price text with exactly three decimals', () => {
  const sha1 = (text: string): string => createHash('sha1').update(text).digest('hex');
  const form = { commitment: 'sha1-price' };
  const withHash = (commitment: string) => codes([{ ...ask, commitment }], form);
  assert.deepEqual(withHash(sha1('0.400')), []);
  for (const text of ['0.4', '0.40', '0.400\n', '0.4000'])
    assert.deepEqual(withHash(sha1(text)), ['S COMMITMENT_MISMATCH']);
  assert.deepEqual(withHash(sha1('0.400').toUpperCase()), ['S COMMITMENT_MISMATCH']);
  const coarse = { ...form, tick: '0.01' };
  assert.deepEqual(codes([{ ...ask, commitment: sha1('0.400') }], coarse), []);
});

test('ticks: prices print with its decimals, money to the last unit', () => {
  const orders = [ask, { ...bid, price: '0.5' }];
  const coarse = clearDocument(documentOf(orders, { tick: '0.1' }));
  assert.equal(coarse.trades[0]?.price, '0.4');
  const fine = clearDocument(documentOf([ask, { ...bid, price: '0.40005' }], { tick: '0.00001' }));
  assert.equal(fine.trades[0]?.price, '0.40002');
  assert.equal(fine.accounts[0]?.market, '2.0001');
});

test('a CSV of orders holds what the JSON form holds', () => {
  const text = 'id,account,side,energy,price,green,seq,type\r\nS,"S, ""x""",sell,5,0.4,true,3,\r\n';
  assert.deepEqual(ordersOfCsv(`\ufeff${text}\n`), [
    { id: 'S', account: 'S, "x"', side: 'sell', energy: '5', price: '0.4', green: true, seq: 3 },
  ]);
  for (const bad of ['', 'id,id\n1,2\n', 'id,side\n1\n', 'id\n"1\n', 'id\n"1"2\n', 'id\n1"2\n'])
    assert.throws(() => ordersOfCsv(bad), { code: 'FILE_FORMAT' });
  assert.equal(
    refusal(documentOf(ordersOfCsv('id,colour\nS,red\n'))),
    'UNKNOWN_FIELD orders[0].colour',
  );
});
