// Rights sold on (settlement 7): the contract falls, a new one opens, the difference is settled at
// once; the same watt-hour is never sold twice; and the sell orders of continuous that name one.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PeriodIndex, Price, WattHour } from '../../core/src/amount.js';
import type { Hash } from '../../core/src/hash.js';
import type { Side, Tx } from '../../core/src/tx.js';
import { servedOf } from '../src/markets/bilateral/contracts.js';
import { BOOK, CREDITS, POSITIONS } from '../src/schema.js';
import { RIGHTS } from '../src/markets/bilateral/tables.js';
import { Pairs } from './bilateral.js';
import { PERIOD, person } from './harness.js';

const HOMES = ['a', 'b', 'c', 'd'];
const TARIFF = { feedIn: '0.5', retail: '0.75' };

const enrolOf = (p: Pairs, who: string, market: string): Tx =>
  p.chain.tx(person(who), 'enrol', { market, node: '' });

const served = (p: Pairs, market = 'pairs', period = 6n): string[] =>
  servedOf(p.chain.world(), { market, period: period as PeriodIndex }).map(({ trade }) => {
    const name = (id: Uint8Array): string =>
      HOMES.find((h) => Buffer.from(p.chain.id(person(h))).equals(id)) ?? '?';
    return `${name(trade.seller)}-${name(trade.buyer)} ${trade.energyWh} ${trade.price}`;
  });

const terms = { seller: 'a', buyer: 'b', kwh: 80, price: 640, period: 6n };

test('a right below the contract price: the old buyer pays the difference out of its lock', () => {
  const p = new Pairs({ homes: HOMES });
  p.agree(1000n, terms);
  p.agree(20_000n, { ...terms, kwh: 10, buyer: 'd' });
  const right = { who: 'b', contract: p.contractId(6n, 0n), period: 6n, kwh: 30, price: 600 };
  const offer = p.offerRight(right);
  p.take(30_000n, [offer]);
  assert.equal(p.locked('b'), 80_000n * 640n, 'an offer moves nothing');
  p.take(31_000n, [p.takeRight('c', offer)]);
  assert.deepEqual(served(p), ['a-b 50000 640', 'a-c 30000 640', 'a-d 10000 640']);
  assert.equal(p.locked('b'), 50_000n * 640n);
  assert.equal(p.gain('b'), -50_000n * 640n - 30_000n * 40n);
  assert.equal(p.locked('c'), 30_000n * 640n);
  assert.equal(p.gain('c'), 30_000n * 40n - 30_000n * 640n);
  assert.equal(p.locked('a'), 90_000n * 640n, 'the lock of the seller stands for both');
  assert.deepEqual(p.chain.world().entries(RIGHTS), []);
  // Only the newest of two sold on from one stands directly after it.
  const more = p.offerRight({ ...right, kwh: 50, price: 700 });
  p.take(32_000n, [more]);
  p.take(33_000n, [p.takeRight('d', more)]);
  assert.deepEqual(served(p), ['a-d 50000 640', 'a-c 30000 640', 'a-d 10000 640']);
  assert.equal(p.gain('b'), -30_000n * 40n + 50_000n * 60n, 'all sold: nothing is locked');
  p.begin(6n, HOMES);
  // a is short by 20: the last in the order bear it. b is in no contract any more.
  p.deliver(6n, { a: [0, 70], b: [0, 0], c: [30, 0], d: [60, 0] });
  assert.equal(p.gain('a'), 70_000n * 640n);
  // c got 20 of its 30, for the contract's price; the difference of the right was settled before.
  assert.equal(p.gain('c'), 30_000n * 40n - 20_000n * 640n - 10_000n * 750n);
  assert.equal(p.gain('d'), -50_000n * 700n - 10_000n * 750n);
  assert.equal(p.gain('b'), -30_000n * 40n + 50_000n * 60n);
  assert.equal(p.chain.world().get(CREDITS, p.chain.id(person('b'))), undefined);
});

test('the seller takes its own energy back: the contract just falls', () => {
  const p = new Pairs({ homes: HOMES });
  p.agree(1000n, terms);
  const contract = p.contractId(6n, 0n);
  const offer = p.offerRight({ who: 'b', contract, period: 6n, kwh: 80, price: 700 });
  p.take(30_000n, [offer]);
  p.take(31_000n, [p.takeRight('a', offer)]);
  assert.deepEqual(served(p), []);
  assert.deepEqual([p.locked('a'), p.locked('b')], [0n, 0n]);
  assert.equal(p.gain('a'), -80_000n * 60n);
  assert.equal(p.gain('b'), 80_000n * 60n);
  p.begin(6n, HOMES);
  p.deliver(6n, { a: [0, 80], b: [80, 0], c: [0, 0], d: [0, 0] });
  assert.equal(p.gain('a'), -80_000n * 60n + 80_000n * 500n);
  assert.equal(p.chain.world().get(CREDITS, p.chain.id(person('a'))), undefined);
});

test('the same watt-hour is not sold twice', () => {
  const more = [{ id: 'spot', mechanism: 'uniform', params: TARIFF }];
  const p = new Pairs({ homes: HOMES, more });
  const contract = p.contractId(12n, 0n);
  p.agree(1000n, { ...terms, period: 12n });
  const right = { who: 'b', contract, period: 12n, kwh: 50, price: 600 };
  const first = p.offerRight({ ...right, until: PERIOD });
  p.take(30_000n, [first]);
  const refused = (timeMs: bigint, tx: Tx, code: string): void =>
    assert.deepEqual(p.refusals(timeMs, [tx]), [code]);
  refused(31_000n, p.offerRight({ ...right, kwh: 31 }), 'RIGHT_SOLD');
  refused(31_000n, p.offerRight({ ...right, who: 'a' }), 'NOT_ALLOWED');
  refused(31_000n, p.offerRight({ ...right, contract: p.contractId(12n, 1n) }), 'NOT_FOUND');
  refused(31_000n, p.offerRight({ ...right, price: 760, kwh: 1 }), 'PRICE_BOUNDS');
  refused(31_000n, p.offerRight({ ...right, until: 31_000n, kwh: 1 }), 'EXPIRED');
  refused(31_000n, p.takeRight('b', first), 'NOT_ALLOWED');
  // b holds energy of the period: it may sell it on, not sell against it.
  refused(31_000n, p.list({ ...terms, seller: 'b', buyer: 'c', period: 12n }), 'WRONG_SIDE');
  refused(31_000n, enrolOf(p, 'b', 'spot'), 'OPEN_CONTRACTS');
  refused(31_000n, enrolOf(p, 'a', 'spot'), 'OPEN_CONTRACTS');
  p.take(31_000n, [p.takeRight('c', first), enrolOf(p, 'd', 'spot')]);
  refused(32_000n, p.takeRight('c', first), 'NOT_FOUND');
  refused(32_000n, p.offerRight({ ...right, kwh: 31 }), 'RIGHT_SOLD');
  // An offer that has lapsed holds nothing back.
  const second = p.offerRight({ ...right, kwh: 30, until: PERIOD });
  p.take(32_000n, [second]);
  p.take(PERIOD);
  refused(PERIOD + 1n, p.takeRight('c', second), 'EXPIRED');
  const third = p.offerRight({ ...right, kwh: 30 });
  p.take(PERIOD + 1n, [third]);
  // c holds 50 of it, and may go on selling it.
  const onward = p.offerRight({ ...right, who: 'c', contract: p.contractId(12n, 1n) });
  p.take(PERIOD + 2n, [onward]);
  p.take(PERIOD + 3n, [p.takeRight('b', onward)]);
  assert.deepEqual(served(p, 'pairs', 12n), ['a-b 30000 640', 'a-b 50000 640']);
  p.take(12n * PERIOD - 1000n);
  const late = p.takeRight('c', third);
  refused(12n * PERIOD, late, 'WRONG_PHASE');
});

const orderOf = (
  p: Pairs,
  o: { who: string; side: Side; kwh: number; price: number; right?: Hash },
) =>
  p.chain.tx(person(o.who), 'order', {
    market: 'free',
    period: 50n as PeriodIndex,
    side: o.side,
    energyWh: BigInt(o.kwh * 1000) as WattHour,
    price: BigInt(o.price) as Price,
    type: '',
    reserve: undefined,
    right: o.right,
  });

test('continuous: a sell order that names a right sells that, and the order locks nothing', () => {
  const more = [{ id: 'free', mechanism: 'continuous', params: TARIFF }];
  const p = new Pairs({ homes: HOMES, more, meters: 'free' });
  p.take(1000n, [
    orderOf(p, { who: 'a', side: 'sell', kwh: 10, price: 600 }),
    orderOf(p, { who: 'b', side: 'buy', kwh: 10, price: 600 }),
  ]);
  assert.equal(p.locked('b'), 10_000n * 750n);
  const right = p.contractId(50n, 0n, 'free');
  const sell = { who: 'b', side: 'sell' as const, kwh: 6, price: 650 };
  const refused = (tx: Tx, code: string): void => assert.deepEqual(p.refusals(2000n, [tx]), [code]);
  refused(orderOf(p, sell), 'WRONG_SIDE');
  refused(orderOf(p, { ...sell, kwh: 11, right }), 'RIGHT_SOLD');
  refused(orderOf(p, { ...sell, side: 'buy', right }), 'WRONG_SIDE');
  refused(orderOf(p, { ...sell, who: 'a', right }), 'NOT_ALLOWED');
  // It rests beside a buy order of its own, and locks nothing.
  p.take(2000n, [
    orderOf(p, { ...sell, right }),
    orderOf(p, { who: 'b', side: 'buy', kwh: 1, price: 550 }),
  ]);
  assert.equal(p.locked('b'), 11_000n * 750n);
  refused(orderOf(p, { ...sell, kwh: 5, right }), 'RIGHT_SOLD');
  const offer = { who: 'b', contract: right, period: 50n, kwh: 5, price: 600, market: 'free' };
  refused(p.offerRight(offer), 'RIGHT_SOLD');
  p.take(3000n, [orderOf(p, { who: 'c', side: 'buy', kwh: 4, price: 700 })]);
  assert.deepEqual(served(p, 'free', 50n), ['a-b 6000 600', 'a-c 4000 600']);
  // c pays 0.65: the contract's 0.60 at settlement, and the difference at once.
  assert.equal(p.gain('c'), -4000n * 650n);
  assert.equal(p.locked('c'), 4000n * 600n);
  assert.equal(p.locked('b'), 7000n * 750n);
  assert.equal(p.gain('b'), 4000n * 50n - 7000n * 750n);
  // A right bought below the contract price, against a resting bid.
  p.take(4000n, [orderOf(p, { who: 'd', side: 'buy', kwh: 2, price: 560 })]);
  p.take(5000n, [orderOf(p, { ...sell, kwh: 3, price: 560, right })]);
  assert.deepEqual(served(p, 'free', 50n), ['a-b 4000 600', 'a-d 2000 600', 'a-c 4000 600']);
  assert.equal(p.gain('d'), -2000n * 560n);
  assert.equal(p.locked('d'), 2000n * 600n);
  // The gate: what rests goes; what b did not sell on stays its contract.
  p.take(50n * PERIOD - 300_000n);
  assert.deepEqual(p.chain.world().entries(BOOK), []);
  assert.equal(p.locked('b'), 4000n * 750n);
  const key = { market: 'free', period: 50n as PeriodIndex, account: p.chain.id(person('b')) };
  const position = p.chain.world().get(POSITIONS, key);
  assert.deepEqual([position?.tradedWh, position?.declaredWh], [4000n, 5000n], 'and its own bid');
  p.begin(50n, HOMES);
  p.deliver(50n, { a: [0, 10], b: [4, 0], c: [4, 0], d: [2, 0] });
  assert.equal(p.gain('a'), 10_000n * 600n);
  assert.equal(p.gain('b'), -4000n * 600n + 4000n * 50n - 2000n * 40n);
  assert.equal(p.gain('c'), -4000n * 650n);
  assert.equal(p.gain('d'), -2000n * 560n);
  assert.deepEqual(
    HOMES.map((h) => p.locked(h)),
    [0n, 0n, 0n, 0n],
  );
});

test('a market of call sells no rights on; uniform does, until delivery begins', () => {
  const spot = { id: 'spot', mechanism: 'uniform', params: TARIFF };
  const sealed = { id: 'sealed', mechanism: 'call', params: TARIFF };
  const p = new Pairs({ homes: HOMES, more: [spot, sealed], meters: 'spot' });
  const order = (who: string, side: Side): Tx =>
    p.chain.tx(person(who), 'order', {
      market: 'spot',
      period: 1n as PeriodIndex,
      side,
      energyWh: 10_000n as WattHour,
      price: 600n as Price,
      type: '',
      reserve: undefined,
      right: undefined,
    });
  p.take(1000n, [order('a', 'sell'), order('b', 'buy')]);
  p.take(600_000n);
  const contract = p.contractId(1n, 0n, 'spot');
  const right = { who: 'b', contract, period: 1n, kwh: 10, price: 650, market: 'spot' };
  assert.deepEqual(p.refusals(600_001n, [p.offerRight({ ...right, market: 'sealed' })]), [
    'WRONG_MECHANISM',
  ]);
  const offer = p.offerRight(right);
  p.take(600_001n, [offer]);
  p.take(600_002n, [p.takeRight('d', offer)]);
  // The lock of an order is energy x retail; that of a right is energy x contract price.
  assert.deepEqual([p.locked('b'), p.locked('d')], [0n, 10_000n * 600n]);
  const key = { market: 'spot', period: 1n as PeriodIndex, account: p.chain.id(person('b')) };
  assert.equal(p.chain.world().get(POSITIONS, key)?.tradedWh, 0n);
  p.begin(1n, HOMES);
  p.deliver(1n, { a: [0, 10], b: [0, 0], c: [0, 0], d: [10, 0] });
  assert.equal(p.gain('a'), 10_000n * 600n);
  assert.equal(p.gain('b'), 10_000n * 50n);
  assert.equal(p.gain('d'), -10_000n * 650n);
});
