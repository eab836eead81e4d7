// Market "reputation" in files (interfaces "market clear"): what it takes, refuses and prints.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { ProtocolError } from '../../core/src/errors.js';
import { clearDocument } from '../src/file/clear.js';
import type { ReputationReport } from '../src/reputation/file.js';

const params = { feedIn: '0', retail: '0.2' };
type Order = Readonly<Record<string, unknown>>;
const order = (side: 'sell' | 'buy', id: string, price: string, rest: Order = {}): Order => ({
  id,
  account: id,
  side,
  energy: '1',
  price,
  grade: '10',
  ...rest,
});
const documentOf = (orders: readonly Order[], more: Order = {}) => ({
  mechanism: 'reputation',
  params: { ...params, ...more },
  orders,
});
const clear = (orders: readonly Order[], more: Order = {}): ReputationReport =>
  clearDocument(documentOf(orders, more)) as ReputationReport;

function refusal(orders: readonly Order[], more: Order = {}): string {
  try {
    clear(orders, more);
  } catch (error) {
    if (error instanceof ProtocolError) return `${error.code} ${error.data.field ?? error.message}`;
    throw error;
  }
  return 'accepted';
}

const pairs = ({ trades }: ReputationReport): readonly string[] =>
  trades.map(({ buyer, seller, energy, price, round }) =>
    [round, buyer, seller, energy, price].join(' '),
  );

test('the report, field by field', () => {
  const report = clear([order('buy', 'U', '0.1'), order('sell', 'D', '0.091', { energy: '1.5' })], {
    rounds: 1,
    wheeling: { c1: '0.005', c2: '0.002', c3: '0.003' },
  });
  assert.deepEqual(report, {
    trades: [
      {
        seller: 'D',
        buyer: 'U',
        sellOrder: 'D',
        buyOrder: 'U',
        energy: '1',
        price: '0.0955',
        round: 1,
      },
    ],
    rejected: [],
    unmatched: [{ id: 'D', energy: '0.5' }],
    grid: [{ account: 'D', side: 'sell', energy: '0.5', price: '0.000' }],
    accounts: [
      { id: 'U', traded: '1', market: '0.1055', grid: '0', total: '0.1055', gridOnly: '0.2' },
      { id: 'D', traded: '1', market: '0.0955', grid: '0', total: '0.0955', gridOnly: '0' },
    ],
    summary: {
      volume: '1',
      buyersPay: '0.1055',
      sellersGet: '0.0955',
      gridOnlyBuyersPay: '0.2',
      gridOnlySellersGet: '0',
      cep: '0.096',
    },
    rounds: [
      {
        round: 1,
        board: {
          buyers: ['U'],
          sellers: ['D'],
          nodes: [
            { id: 'U', grade: '10', range: 1, feasible: ['D'] },
            { id: 'D', grade: '10', range: 1, feasible: ['U'] },
          ],
        },
        rejected: [],
        flows: {},
        flags: [],
        fees: {},
        check: null,
        cep: '0.096',
        advice: { D: '0.091' },
      },
    ],
    alarm: false,
  });
  assert.equal(clear([]).rounds.length, 3);
  assert.equal(clear([]).summary.cep, null);
});

test('grades by reputation, equal ones by their place in the file', () => {
  const { account: _, grade: __, ...plain } = order('buy', 'x', '0.1');
  const nodes = ['c', 'a', 'b'].map((account) => ({ ...plain, id: `${account}1`, account }));
  const grades = (orders: readonly Order[]) =>
    Object.fromEntries(
      clear(orders).rounds[0]?.board.nodes.map(({ id, grade }) => [id, grade]) ?? [],
    );
  assert.deepEqual(grades(nodes), { c: '10', a: '60', b: '100' });
  const better = nodes.map((node, i) => ({ ...node, reputation: `0.${i + 1}` }));
  assert.deepEqual(grades(better), { b: '10', a: '60', c: '100' });
  const given = better.map((node) => ({ ...node, grade: '30' }));
  assert.deepEqual(grades(given), { a: '30', b: '30', c: '30' });
});

test('ids break ties, whatever the order of the file', () => {
  const side = fc.constantFrom('buy' as const, 'sell' as const);
  const price = fc.integer({ min: 1, max: 4 }).map((mill) => `0.00${mill}`);
  const node = fc.tuple(
    side,
    price,
    fc.constantFrom('10', '60', '100'),
    fc.integer({ min: 1, max: 9 }),
  );
  const orders = fc
    .array(node, { minLength: 2, maxLength: 14 })
    .map((all) =>
      all.map(([side, price, grade, energy], i) =>
        order(side, `N${i}`, price, { grade, energy: String(energy) }),
      ),
    );
  const permuted = orders.chain((all) =>
    fc.tuple(
      fc.constant(all),
      fc.shuffledSubarray(all, { minLength: all.length, maxLength: all.length }),
    ),
  );
  fc.assert(
    fc.property(permuted, ([all, moved]) => {
      const [a, b] = [clear(all), clear(moved)];
      assert.deepEqual(b.trades, a.trades);
      assert.deepEqual(b.rounds, a.rounds);
    }),
  );
  const ties = ['N10', 'N9'].map((id) => order('buy', id, '0.1'));
  assert.deepEqual(pairs(clear([...ties, order('sell', 'D', '0.1')])), ['1 N9 D 1 0.100']);
});

test('valuations: one that turns back is refused and the old quote stands', () => {
  const buyer = order('buy', 'U', '0.05', { valuations: ['0.05', '0.04', '0.09'] });
  const report = clear([buyer, order('sell', 'D', '0.09')]);
  assert.deepEqual(pairs(report), ['3 U D 1 0.090']);
  assert.deepEqual(
    report.rounds.map(({ rejected }) => rejected),
    [[], [{ id: 'U', code: 'QUOTE_ORDER' }], []],
  );
  const beyond = { ...buyer, valuations: ['0.05', '0.3'] };
  assert.deepEqual(clear([beyond]).rounds[1]?.rejected, [{ id: 'U', code: 'PRICE_BOUNDS' }]);
  const limited = { ...buyer, reserve: '0.08', valuations: ['0.05', '0.09'] };
  assert.deepEqual(clear([limited]).rounds[1]?.rejected, [{ id: 'U', code: 'RESERVE' }]);
  const four = { ...buyer, valuations: ['0.05', '0.05', '0.05', '0.05'] };
  assert.equal(refusal([four]), 'FILE_FORMAT orders[0].valuations');
});

test('choices: by accounts, an empty list is silence, one that does not fit is silence too', () => {
  const sellers = [order('sell', 'D1', '0.05'), order('sell', 'D2', '0.06')];
  const partner = (choices: unknown) =>
    clear([order('buy', 'U', '0.1', { choices }), ...sellers]).trades[0]?.seller;
  assert.equal(partner([]), 'D1');
  assert.equal(partner([[]]), 'D1');
  assert.equal(partner([['D2']]), 'D2');
  assert.equal(partner([['D2', 'D2']]), 'D1');
  assert.equal(
    refusal([order('buy', 'U', '0.1', { choices: [['X']] })]),
    'FILE_FORMAT orders[0].choices',
  );
  assert.equal(
    refusal([order('buy', 'U', '0.1', { choices: ['D'] })]),
    'FILE_FORMAT orders[0].choices[0]',
  );
});

test('floor and history: half ticks; the floor binds bids alone', () => {
  const orders = [
    order('buy', 'U', '0.095'),
    order('buy', 'V', '0.096'),
    order('sell', 'D', '0.05'),
  ];
  assert.deepEqual(clear(orders, { floorPrice: '0.0955' }).rejected, [
    { id: 'U', code: 'PRICE_BOUNDS' },
  ]);
  const none = clear([], { history: ['0.092', '0.095', '0.097', '0.096', '0.098'] });
  assert.equal(none.summary.cep, '0.096');
  assert.equal(none.alarm, false);
  assert.equal(clear(orders, { history: ['0.02'] }).alarm, true);
  assert.equal(refusal([], { floorPrice: '0.0952' }), 'AMOUNT_GRAMMAR params.floorPrice');
});

test('parameters outside their range are refused by name', () => {
  const wrong: readonly (readonly [string, unknown, string])[] = [
    ['rounds', 0, 'PARAM_RANGE params.rounds'],
    ['rangeSides', 'sellers', 'FILE_FORMAT params.rangeSides'],
    ['flagAt', '1.1', 'PARAM_RANGE params.flagAt'],
    ['cDown', '0.1', 'PARAM_RANGE params.cDown'],
    ['wheeling', { c4: '1' }, 'UNKNOWN_FIELD params.wheeling.c4'],
    ['baseFlow', { L1: '1' }, 'FILE_FORMAT params.lines'],
    ['lines', [{ id: 'L', from: 'a', to: 'a', capacity: '1' }], 'FILE_FORMAT params.lines'],
    ['lines', [{ id: 'L', from: 'a', to: 'b' }], 'FILE_FORMAT params.lines[0].capacity'],
    ['commitment', 'dda1', 'NOT_SUPPORTED params.commitment'],
  ];
  for (const [name, value, code] of wrong)
    assert.ok(refusal([], { [name]: value }).startsWith(code), `${name}: ${code}`);
  const vast = { wheeling: { c1: '9000000000000000' } };
  const crossing = [order('buy', 'U', '0.1'), order('sell', 'D', '0.1')];
  assert.equal(refusal(crossing, { ...vast }), 'AMOUNT_RANGE params');
});

test('sealed in the form of papers/002', () => {
  const nonce = '000102030405060708090a0b0c0d0e0f';
  const commitment = createHash('sha256').update(`cda1|0|1|U|buy|97|1000|${nonce}`).digest('hex');
  const sealed = order('buy', 'U', '0.097', { nonce, commitment });
  const codes = (one: Order) =>
    clear([one], { commitment: 'cda1' }).rejected.map(({ code }) => code);
  assert.deepEqual(codes(sealed), []);
  assert.deepEqual(codes({ ...sealed, price: '0.098' }), ['COMMITMENT_MISMATCH']);
});

/** The feeder and the trades of golden `congestion`, as quotes that match in that order. */
const lines = [
  { id: 'L1', from: 'grid', to: 'A', capacity: '20' },
  { id: 'L2', from: 'A', to: 'B', capacity: '6' },
  { id: 'L3', from: 'A', to: 'C', capacity: '8' },
];
const congested = {
  rounds: 2,
  lines,
  baseFlow: { L1: '5', L2: '1', L3: '2' },
  cUp: '0.8',
  cDown: '0.4',
  retail: '0.9',
};
const chosen = [
  ['t1', 'A', 'B', '3', '0.104'],
  ['t2', 'C', 'B', '2.5', '0.103'],
  ['t3', 'A', 'B', '1.5', '0.102'],
  ['t4', 'B', 'C', '1', '0.101'],
].flatMap(([id, from, to, energy, price]): Order[] => [
  // Each pair has a generation type of its own, so that it can only meet itself.
  order('sell', `${id}s`, '0.1', { node: from, energy, type: id }),
  order('buy', `${id}b`, price as string, { node: to, energy, type: id }),
]);

test('congestion in a file: flags, fees, check and what the buyers pay', () => {
  const report = clear(chosen, congested);
  const [first, second] = report.rounds;
  assert.deepEqual(first?.flows, { L1: '5', L2: '7', L3: '0.5' });
  assert.deepEqual(first?.flags, ['L2']);
  assert.deepEqual(first?.fees, { L2: '0.058' });
  assert.deepEqual(
    first?.check?.failed.map(({ buyer }) => buyer),
    ['t2b'],
  );
  assert.deepEqual(first?.check?.flows, { L1: '5', L2: '4.5', L3: '3' });
  assert.deepEqual(
    report.trades.map(({ buyer }) => buyer),
    ['t1b', 't3b', 't4b'],
  );
  const market = new Map(report.accounts.map((account) => [account.id, account.market]));
  assert.equal(market.get('t1s'), '0.306');
  assert.equal(market.get('t1b'), '0.48', '3 x 0.102 and a fee of 0.174');
  assert.equal(market.get('t4b'), '0.1005', 'relieves: no fee');
  // Both quote again in the next bidding round, against the flows of what passed.
  assert.deepEqual(second?.board.buyers, ['t2b']);
  assert.deepEqual(second?.flows, { L1: '5', L2: '7', L3: '0.5' });
  assert.deepEqual(
    second?.check?.failed.map(({ energy }) => energy),
    ['2.5'],
  );
});

test('the check wants nodes, and off it prints nothing', () => {
  const homeless = [order('buy', 'U', '0.1'), order('buy', 'V', '0.1', { node: 'A' })];
  assert.deepEqual(clear(homeless, congested).rejected, [{ id: 'U', code: 'NO_NODE' }]);
  const off = clear(chosen, { ...congested, security: false });
  assert.equal(off.trades.length, 4);
  assert.deepEqual(off.rounds[0]?.check, null);
  assert.deepEqual(off.rounds[0]?.flags, []);
});
