// Every refusal of orders and readings, at the edges of its rule.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PeriodIndex, WattHour } from '../../core/src/amount.js';
import type { ErrorCode } from '../../core/src/errors.js';
import type { BodyOf, Tx, TxKind } from '../../core/src/tx.js';
import { type Person, PERIOD, person, QUICK, TestChain, testGenesis } from './harness.js';
import { assertRefused } from './refused.js';
import {
  type Bid,
  bodiesOf,
  cancelOf,
  NONCE,
  readingOf,
  redeemFrom,
  type Registers,
  revealOf,
  sealOf,
} from './trade.js';

const [ann, bob, v1] = [person('ann'), person('bob'), person('v1')];
const [CLOSE, CLEAR] = [300_000n, 600_000n];
const SELL: Bid = { who: ann, side: 'sell', wh: 1000n, price: 100n, period: 1n };
const BUY: Bid = { ...SELL, who: bob, side: 'buy', price: 200n };

const withHomes = (change: object = {}): TestChain =>
  new TestChain(testGenesis(['ann', 'bob'], change), QUICK);

/** One market with some parameters changed. */
const marketWith = (params: object): object => ({
  markets: [
    {
      id: 'spot',
      mechanism: 'call',
      params: { feedIn: '0.08', retail: '0.30', ...params },
      offsets: { close: 300_000, clear: 600_000, pay: 780_000 },
    },
  ],
});

interface Case {
  readonly chain?: TestChain;
  readonly at?: bigint;
}

function refusesSeal(code: ErrorCode, bid: Partial<Bid>, at: Case = {}): void {
  const chain = at.chain ?? withHomes();
  const tx = sealOf(chain, { ...SELL, ...bid });
  assertRefused(chain, { tx, timeMs: at.at ?? chain.at.parent.timeMs + 1n, code });
}

test('sealed bids: market, role, form, period and phase', () => {
  refusesSeal('UNKNOWN_MARKET', { market: 'none' });
  refusesSeal('NOT_ALLOWED', { who: v1 });
  refusesSeal('NOT_ALLOWED', { who: person('ann meter') });
  for (const change of [{ biddingRound: 2 }, { side: undefined }, { energyWh: undefined }]) {
    const chain = withHomes();
    const body = { ...bodiesOf(chain, SELL).seal, ...change };
    const tx = chain.tx(ann, 'sealBid', body);
    assertRefused(chain, { tx, timeMs: 1n, code: 'BAD_ENCODING' });
  }
  for (const period of [0n, 2n, (1n << 64n) - 1n]) refusesSeal('WRONG_PERIOD', { period });
  const chain = withHomes();
  const tx = sealOf(chain, SELL);
  assert.deepEqual(chain.build(CLOSE - 1n, [tx]).refused, []);
  for (const timeMs of [CLOSE, CLEAR - 1n, CLEAR, PERIOD - 1n])
    assertRefused(chain, { tx, timeMs, code: 'WRONG_PHASE' });
  assertRefused(chain, { tx, timeMs: PERIOD, code: 'WRONG_PERIOD' });
});

test('sealed bids: enrolment, quantity, book and money', () => {
  const admitted = withHomes();
  const profile = { market: '', organisation: '', green: false, node: '', expiresMs: 0n };
  const admit = {
    ...profile,
    publicKey: person('new').key,
    role: 'prosumer',
    pMaxImportW: 17_000n,
    pMaxExportW: 17_000n,
    commitment: undefined,
  } as unknown as BodyOf<'admit'>;
  admitted.block(1n, [admitted.tx(person('centre'), 'admit', admit)]);
  refusesSeal('NOT_ENROLLED', { who: person('new') }, { chain: admitted });
  // 17 kW for 15 minutes; the smallest order is 10 Wh.
  refusesSeal('DUST', { wh: 9n });
  refusesSeal('DUST', { wh: 0n }, { chain: withHomes(marketWith({ minOrder: '0' })) });
  refusesSeal('QUANTITY_LIMIT', { wh: 4251n });
  const chain = withHomes(marketWith({ maxOrders: 1 }));
  for (const wh of [10n, 4250n])
    assert.deepEqual(chain.build(1n, [sealOf(chain, { ...SELL, wh })]).refused, []);
  chain.block(1n, [sealOf(chain, SELL)]);
  refusesSeal('BOOK_FULL', BUY, { chain });
  assert.deepEqual(chain.build(2n, [sealOf(chain, { ...SELL, wh: 20n })]).refused, []);
  // The bond: 4250 Wh at 220.
  const poor = withHomes();
  poor.block(1n, [redeemFrom(poor, poor.id(ann), 100_000_000n - 935_000n)]);
  assert.deepEqual(poor.build(2n, [sealOf(poor, SELL)]).refused, []);
  poor.block(2n, [redeemFrom(poor, poor.id(ann), 1n)]);
  refusesSeal('INSUFFICIENT_FUNDS', {}, { chain: poor });
  const money = { currency: 'CNY', priceDecimals: 3, gridCreditLimit: '0' };
  refusesSeal('GRID_LIMIT', {}, { chain: withHomes({ money }) });
});

test('who owes seals no bid, and what an order releases pays the debt', () => {
  const chain = withHomes();
  chain.block(1n, [redeemFrom(chain, chain.id(ann), 98_000_000n)]);
  chain.block(PERIOD, [readingOf(chain, 'ann', { end: PERIOD, imp: 4000n, exp: 0n })]);
  const bid = { ...SELL, period: 2n };
  const sealed = sealOf(chain, bid);
  // The bond stands before the bill comes: ann has 65,000 beside it, and is to pay 1,200,000.
  chain.block(PERIOD + 1n, [sealed, redeemFrom(chain, chain.id(ann), 1_000_000n)]);
  chain.block(PERIOD + CLOSE);
  chain.block(PERIOD + CLEAR - 1n, [revealOf(chain, bid)]);
  chain.block(PERIOD + CLEAR);
  // settle, then clear: the lock that comes back pays, and the rest is owed.
  assert.deepEqual(chain.balance(ann), { available: 0n, locked: 0n, arrears: 200_000n });
  chain.block(2n * PERIOD);
  refusesSeal('ARREARS', { period: 3n }, { chain });
});

const revealed = (): { chain: TestChain; sealed: Tx } => {
  const chain = withHomes();
  const sealed = sealOf(chain, SELL);
  chain.block(1n, [sealed, sealOf(chain, BUY)]);
  chain.block(CLOSE);
  return { chain, sealed };
};

function refusesReveal(code: ErrorCode, change: Partial<BodyOf<'revealBid'>>, who = ann): void {
  const { chain } = revealed();
  const body = { ...bodiesOf(chain, SELL).reveal, ...change };
  assertRefused(chain, { tx: chain.tx(who, 'revealBid', body), timeMs: CLOSE + 1n, code });
}

test('openings: each field is bound, and each rule has its code', () => {
  const other = NONCE.with(15, 8);
  refusesReveal('UNKNOWN_MARKET', { market: 'none' });
  refusesReveal('BAD_ENCODING', { biddingRound: 2 });
  refusesReveal('WRONG_PERIOD', { period: 2n as PeriodIndex });
  refusesReveal('NO_ORDER', {}, v1);
  refusesReveal('COMMITMENT_MISMATCH', { side: 'buy' });
  for (const wh of [999n, 1001n])
    refusesReveal('COMMITMENT_MISMATCH', { energyWh: wh as WattHour });
  for (const price of [99n, 101n, 0n])
    refusesReveal('COMMITMENT_MISMATCH', { price: price as never });
  refusesReveal('COMMITMENT_MISMATCH', { nonce: other });
  // bob copies ann's opening.
  refusesReveal('COMMITMENT_MISMATCH', {}, bob);
  const { chain } = revealed();
  const tx = revealOf(chain, SELL);
  assert.deepEqual(chain.build(CLOSE + 1n, [tx]).refused, []);
  assertRefused(chain, { tx, timeMs: CLEAR, code: 'WRONG_PHASE' });
  assertRefused(chain, { tx, timeMs: PERIOD, code: 'WRONG_PERIOD' });
  chain.block(CLOSE + 1n, [tx]);
  const again = revealOf(chain, SELL);
  assertRefused(chain, { tx: again, timeMs: CLOSE + 2n, code: 'ALREADY_REVEALED' });
  const early = withHomes();
  early.block(1n, [sealOf(early, SELL)]);
  assertRefused(early, { tx: revealOf(early, SELL), timeMs: CLOSE - 1n, code: 'WRONG_PHASE' });
});

test('a wrong opening moves nothing and may be mended until the reveal closes', () => {
  const { chain } = revealed();
  const wrong = chain.tx(ann, 'revealBid', { ...bodiesOf(chain, SELL).reveal, price: 1n as never });
  const built = chain.block(CLEAR - 1n, [wrong, revealOf(chain, SELL)]);
  assert.deepEqual(
    built.refused.map((r) => r.code),
    ['COMMITMENT_MISMATCH'],
  );
  assert.equal(chain.balance(ann).locked, 1000n * 220n);
});

test('only the newest of replaced bids can be opened', () => {
  const chain = withHomes();
  const newer = { ...SELL, wh: 1200n, price: 90n };
  chain.block(1n, [sealOf(chain, SELL)]);
  chain.block(2n, [sealOf(chain, newer)]);
  chain.block(CLOSE);
  const timeMs = CLOSE + 1n;
  assertRefused(chain, { tx: revealOf(chain, SELL), timeMs, code: 'COMMITMENT_MISMATCH' });
  assert.deepEqual(chain.build(timeMs, [revealOf(chain, newer)]).refused, []);
});

test('prices: bounds and tick', () => {
  const opens = (params: object, price: bigint): ErrorCode | undefined => {
    const chain = withHomes(marketWith(params));
    const bid = { ...SELL, price };
    chain.block(1n, [sealOf(chain, bid)]);
    chain.block(CLOSE);
    const tx = revealOf(chain, bid);
    const code = chain.build(CLOSE + 1n, [tx]).refused[0]?.code;
    if (code !== undefined) assertRefused(chain, { tx, timeMs: CLOSE + 1n, code });
    return code;
  };
  for (const price of [80n, 81n, 300n]) assert.equal(opens({}, price), undefined);
  for (const price of [0n, 79n, 301n, (1n << 64n) - 1n])
    assert.equal(opens({}, price), 'PRICE_BOUNDS');
  assert.equal(opens({ tick: '0.01' }, 110n), undefined);
  assert.equal(opens({ tick: '0.01' }, 111n), 'PRICE_BOUNDS');
  for (const price of [0n, 79n, 300_000n]) assert.equal(opens({ bounds: false }, price), undefined);
  assert.equal(opens({ bounds: false }, 300_001n), 'PRICE_BOUNDS');
});

test('a reveal whose lock cannot be covered, with the bond counted', () => {
  const chain = withHomes();
  const bid = { ...BUY, wh: 4250n, price: 300n };
  chain.block(1n, [sealOf(chain, bid)]);
  // Lock 1,275,000, bond 935,000.
  chain.block(2n, [redeemFrom(chain, chain.id(bob), 100_000_000n - 935_000n - 340_000n)]);
  chain.block(CLOSE);
  const tx = revealOf(chain, bid);
  assert.deepEqual(chain.build(CLOSE + 1n, [tx]).refused, []);
  chain.block(CLOSE + 1n, [redeemFrom(chain, chain.id(bob), 1n)]);
  assertRefused(chain, { tx, timeMs: CLOSE + 2n, code: 'INSUFFICIENT_FUNDS' });
});

test('cancelling', () => {
  const { chain, sealed } = revealed();
  const draft = (change: object): Tx =>
    chain.tx(ann, 'cancel', { ...cancelOf(chain, ann, sealed).body, ...change } as never);
  assertRefused(chain, { tx: draft({}), timeMs: CLOSE + 1n, code: 'WRONG_PHASE' });
  const open = withHomes();
  const own = sealOf(open, SELL);
  open.block(1n, [own, sealOf(open, BUY)]);
  const cancel = (who: Person, change: object = {}): Tx =>
    open.tx(who, 'cancel', { ...cancelOf(open, who, own).body, ...change } as never);
  const refuses = (code: ErrorCode, tx: Tx): void => assertRefused(open, { tx, timeMs: 2n, code });
  refuses('UNKNOWN_MARKET', cancel(ann, { market: 'none' }));
  refuses('WRONG_PERIOD', cancel(ann, { period: 2n }));
  refuses('NO_ORDER', cancel(bob));
  refuses('NO_ORDER', cancel(v1));
  refuses('NO_ORDER', cancel(ann, { order: new Uint8Array(32) }));
  open.block(CLOSE - 1n, [cancel(ann)]);
  assert.deepEqual(open.balance(ann), { available: 100_000_000n, locked: 0n, arrears: 0n });
});

test('a cancelled bid is gone: it cannot be opened or cancelled again', () => {
  const chain = withHomes();
  const sealed = sealOf(chain, SELL);
  chain.block(1n, [sealed, sealOf(chain, BUY)]);
  chain.block(2n, [cancelOf(chain, ann, sealed)]);
  const again = cancelOf(chain, ann, sealed);
  assertRefused(chain, { tx: again, timeMs: 3n, code: 'NO_ORDER' });
  chain.block(CLOSE);
  assertRefused(chain, { tx: revealOf(chain, SELL), timeMs: CLOSE + 1n, code: 'NO_ORDER' });
});

test('readings', () => {
  const chain = withHomes();
  const read = (r: Partial<Registers> = {}): Tx =>
    readingOf(chain, 'ann', { end: PERIOD, imp: 1000n, exp: 1000n, ...r });
  const refuses = (code: ErrorCode, tx: Tx, timeMs = 4n * PERIOD): void =>
    assertRefused(chain, { tx, timeMs, code });
  chain.block(1n);
  const body = read().body as BodyOf<'reading'>;
  for (const who of [ann, v1])
    refuses('UNKNOWN_METER', chain.tx(who, 'reading' as TxKind, body as never), PERIOD);
  refuses('READING_PERIOD', read(), PERIOD - 1n);
  for (const end of [PERIOD + 1n, PERIOD / 2n, 2n * PERIOD])
    refuses('READING_PERIOD', read({ end, sequence: 9n }), PERIOD + 1n);
  refuses('READING_CONTRADICTS', read({ end: 0n }), PERIOD);
  refuses('READING_REPLAYED', read({ end: 0n, imp: 0n, exp: 0n }), PERIOD);
  refuses('READING_IMPLAUSIBLE', read({ imp: 4251n }), PERIOD);
  refuses('READING_IMPLAUSIBLE', read({ exp: 4251n }), PERIOD);
  refuses('READING_ORDER', read({ sequence: 0n }), PERIOD);
  refuses('AMOUNT_RANGE', read({ imp: 10n ** 12n + 1n }), PERIOD);
  // The gap counts: two periods carry twice as much.
  chain.block(2n * PERIOD, [read({ end: 2n * PERIOD, imp: 8500n, exp: 8500n, sequence: 5n })]);
  const last = { end: 3n * PERIOD, imp: 8500n, exp: 8500n };
  chain.block(3n * PERIOD - 1n);
  refuses('READING_ORDER', read({ end: PERIOD, imp: 8500n, exp: 8500n, sequence: 6n }));
  refuses('READING_ORDER', read({ ...last, sequence: 5n }));
  refuses('READING_FALLING', read({ ...last, imp: 8499n, sequence: 6n }));
  refuses('READING_FALLING', read({ ...last, exp: 8499n, sequence: 6n }));
  const two = { end: 2n * PERIOD, imp: 8500n, exp: 8500n, sequence: 6n };
  refuses('READING_REPLAYED', read(two));
  refuses('READING_CONTRADICTS', read({ ...two, imp: 8501n }));
  refuses('READING_CONTRADICTS', read({ ...two, exp: 8499n }));
  assert.deepEqual(chain.build(4n * PERIOD, [read({ ...last, sequence: 6n })]).refused, []);
});
