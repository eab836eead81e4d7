// What people try in a market of reputation, and outages (market-reputation 1.3-1.10,
// settlement 2.2, consensus 5a.6).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeWire } from '../../core/src/codec/codec.js';
import { toHex } from '../../core/src/bytes.js';
import { DELIVERY_PERIODS, QUOTES, SEALS, STANDINGS } from '../src/markets/reputation/tables.js';
import { POSITIONS } from '../src/schema.js';
import { HOUR, type Person, person } from './harness.js';
import { bidOf, BOND, HUNDRED, Run } from './reputationRun.js';
import {
  aboutContracts,
  chooseRep,
  dealsOf,
  MARKET,
  receiptOf,
  revealRep,
  sealRep,
  settleOf,
  signAll,
  timesOf,
} from './reputationTrade.js';
import { cancelOf } from './trade.js';

const [ann, bob, cat] = [person('ann'), person('bob'), person('cat')];
const grid = person('grid');
const P = 1n;
const [t1, t2, t3] = [timesOf(P, 1), timesOf(P, 2), timesOf(P, 3)];
const ZERO = { imp: 0n, exp: 0n };
const standingOf = (run: Run, who: Person) =>
  run.chain.world().get(STANDINGS, { market: MARKET, account: run.chain.id(who) });
const quoteOf = (run: Run, who: Person, period = P) =>
  run.chain.world().get(QUOTES, {
    market: MARKET,
    period: period as never,
    account: run.chain.id(who),
  });

test('settlement 2.2: the first bid of the period alone has a bond, and loses it unopened', () => {
  const run = new Run(['ann', 'bob']);
  const start = run.pool;
  const bid = bidOf(ann, 'sell', 1000n, 100n);
  run.now(sealRep(run.chain, { ...bid, biddingRound: 2 }));
  run.now(sealRep(run.chain, bid), sealRep(run.chain, { ...bid, biddingRound: 3 }));
  assert.equal(run.balance(ann).locked, BOND, 'one bond for all');
  run.block(t1.closeOrders);
  run.refuses('WRONG_PHASE', sealRep(run.chain, bid));
  run.refuses('COMMITMENT_MISMATCH', revealRep(run.chain, { ...bid, price: 101n }));
  run.refuses('COMMITMENT_MISMATCH', revealRep(run.chain, { ...bid, side: 'buy' }));
  run.refuses('NO_ORDER', revealRep(run.chain, { ...bid, who: bob }));
  run.refuses('WRONG_PHASE', revealRep(run.chain, { ...bid, biddingRound: 2 }));
  run.block(t1.mark);
  run.block(t1.board);
  run.refuses('WRONG_PHASE', revealRep(run.chain, bid));
  assert.deepEqual(run.balance(ann), { available: HUNDRED - BOND, locked: 0n, arrears: 0n });
  assert.equal(run.pool, start + BOND);
  // The bids of bidding rounds 2 and 3 are void without a forfeit, or count where they are opened.
  run.block(t2.closeOrders);
  run.block(t2.mark);
  run.block(t2.board);
  assert.equal(run.pool, start + BOND);
  run.block(t3.closeOrders);
  run.now(revealRep(run.chain, { ...bid, biddingRound: 3 }));
  run.refuses('ALREADY_REVEALED', revealRep(run.chain, { ...bid, biddingRound: 3 }));
  assert.equal(quoteOf(run, ann)?.restWh, 1000n);
  run.close(P);
  assert.deepEqual(run.balance(ann), { available: HUNDRED - BOND, locked: 0n, arrears: 0n });
  assert.equal(run.chain.world().entries(SEALS).length, 0);
});

test('settlement 2.2: a seal is replaced and taken back while its commit is open', () => {
  const run = new Run(['ann', 'bob']);
  const bid = bidOf(ann, 'sell', 1000n, 100n);
  const first = sealRep(run.chain, bid);
  const third = sealRep(run.chain, { ...bid, biddingRound: 3 });
  run.now(first, third);
  run.now(cancelOf(run.chain, ann, first));
  assert.equal(run.balance(ann).locked, BOND, 'it stays with the bid of bidding round 3');
  assert.equal(quoteOf(run, ann)?.bondRound, 3);
  run.refuses('NO_ORDER', cancelOf(run.chain, bob, third));
  run.now(cancelOf(run.chain, ann, third));
  assert.deepEqual(run.balance(ann), { available: HUNDRED, locked: 0n, arrears: 0n });
  assert.equal(run.chain.world().entries(QUOTES).length, 0);
  const other = { ...bid, price: 120n };
  run.now(sealRep(run.chain, bid));
  run.now(sealRep(run.chain, other));
  assert.equal(run.balance(ann).locked, BOND);
  run.block(t1.closeOrders);
  run.refuses('COMMITMENT_MISMATCH', revealRep(run.chain, bid));
  run.now(revealRep(run.chain, other));
  assert.deepEqual(run.balance(ann), { available: HUNDRED, locked: 0n, arrears: 0n });
});

test('what a seal must be, and who may send one', () => {
  const run = new Run(['ann', 'bob'], { balance: '2' });
  const bid = bidOf(ann, 'buy', 1000n, 100n);
  run.refuses('INSUFFICIENT_FUNDS', sealRep(run.chain, bid));
  const rich = new Run(['ann', 'bob']);
  for (const biddingRound of [0, 4])
    rich.refuses('BAD_ENCODING', sealRep(rich.chain, { ...bid, biddingRound }));
  rich.refuses('WRONG_PERIOD', sealRep(rich.chain, { ...bid, period: 2n }));
  rich.refuses('NOT_ALLOWED', sealRep(rich.chain, { ...bid, who: grid }));
  const seal = rich.chain.tx(ann, 'sealBid', {
    market: MARKET,
    period: P as never,
    biddingRound: 1,
    hash: new Uint8Array(32) as never,
    side: 'buy',
    energyWh: 5n as never,
  });
  rich.refuses('BAD_ENCODING', seal);
});

test('market-reputation 1.4: an ask may only fall, a bid rise, and nobody changes sides', () => {
  const run = new Run(['ann', 'bob']);
  run.quote([bidOf(ann, 'sell', 1000n, 200n), bidOf(bob, 'buy', 1000n, 100n)], { period: P });
  run.block(t1.clear);
  const next = [
    { ...bidOf(ann, 'sell', 1000n, 201n), biddingRound: 2 },
    { ...bidOf(bob, 'buy', 1000n, 99n), biddingRound: 2 },
  ];
  const turned = { ...bidOf(ann, 'buy', 1000n, 150n), biddingRound: 3 };
  run.block(
    t2.start,
    [...next, turned].map((bid) => sealRep(run.chain, bid)),
  );
  run.block(t2.closeOrders);
  for (const bid of next) run.refuses('QUOTE_ORDER', revealRep(run.chain, bid));
  run.block(t2.mark);
  run.block(t2.board);
  // Refused, not opened: the old quotes stand, and no bond is lost.
  assert.deepEqual([quoteOf(run, ann)?.price, quoteOf(run, bob)?.price], [200n, 100n]);
  assert.equal(run.balance(ann).available, HUNDRED);
  run.block(t2.clear);
  run.block(t3.closeOrders);
  run.refuses('WRONG_SIDE', revealRep(run.chain, turned));
  run.close(P);
  assert.equal(dealsOf(run.chain, P).length, 0);
});

test('a price is nowhere in the state before it is opened', () => {
  const run = new Run(['ann', 'bob']);
  const bid = bidOf(ann, 'sell', 7919n, 251n);
  run.now(sealRep(run.chain, bid));
  const holds = (value: bigint): boolean => {
    const bytes = toHex(encodeWire(value));
    return [...run.chain.leaves.values()].some((leaf) => toHex(leaf.value).includes(bytes));
  };
  assert.deepEqual([holds(7919n), holds(251n)], [false, false]);
  run.block(t1.closeOrders);
  run.now(revealRep(run.chain, bid));
  assert.deepEqual([holds(7919n), holds(251n)], [true, true]);
});

test('market-reputation 1.4: a bid at the floor price is opened without effect', () => {
  const run = new Run(['ann', 'bob', 'cat']);
  run.quote([bidOf(ann, 'sell', 1000n, 100n), bidOf(bob, 'buy', 1000n, 150n)], { period: P });
  run.block(t1.clear);
  run.sign(P, [[0, [ann, bob]]]);
  run.close(P);
  // 2 x 125 is the floor: a bid of 125 is not above it.
  const t = timesOf(2n, 1);
  const low = { ...bidOf(bob, 'buy', 1000n, 125n), period: 2n };
  const high = { ...bidOf(cat, 'buy', 1000n, 126n), period: 2n };
  const ask = { ...bidOf(ann, 'sell', 1000n, 80n), period: 2n };
  run.block(
    t.start,
    [low, high, ask].map((bid) => sealRep(run.chain, bid)),
  );
  run.block(t.closeOrders);
  const before = run.balance(bob);
  run.now(...[low, high, ask].map((bid) => revealRep(run.chain, bid)));
  assert.equal(run.balance(bob).available, before.available + BOND, 'the bond is back');
  assert.equal(quoteOf(run, bob, 2n)?.side, undefined);
  assert.equal(quoteOf(run, cat, 2n)?.price, 126n);
  run.refuses('ALREADY_REVEALED', revealRep(run.chain, low));
});

test('market-reputation 1.6: choices are feasible and in range; who declines leaves', () => {
  const run = new Run(['ann', 'bob', 'cat']);
  const bids = [
    bidOf(ann, 'sell', 1000n, 100n),
    bidOf(bob, 'sell', 1000n, 120n),
    bidOf(cat, 'buy', 2000n, 110n),
  ];
  run.quote(bids, { period: P });
  const base = { who: cat, period: P, biddingRound: 1 };
  run.refuses('PARTNERS', chooseRep(run.chain, { ...base, partners: [bob] }));
  run.refuses('PARTNERS', chooseRep(run.chain, { ...base, partners: [cat] }));
  run.refuses('PARTNERS', chooseRep(run.chain, { ...base, partners: [ann, ann] }));
  run.refuses('QUANTITY_LIMIT', chooseRep(run.chain, { ...base, wh: 2001n }));
  run.refuses('NO_ORDER', chooseRep(run.chain, { ...base, who: grid }));
  run.refuses('WRONG_PHASE', chooseRep(run.chain, { ...base, biddingRound: 2 }));
  run.now(chooseRep(run.chain, { ...base, decline: true }));
  run.now(chooseRep(run.chain, { ...base, partners: [ann], wh: 300n }));
  run.now(chooseRep(run.chain, { who: bob, period: P, biddingRound: 1, decline: true }));
  run.block(t1.clear);
  assert.deepEqual(
    dealsOf(run.chain, P).map(({ contract }) => contract.energyWh),
    [300n],
  );
  run.sign(P, [[0, [ann, cat]]]);
  run.block(t1.signed);
  run.block(t2.closeOrders);
  run.block(t2.mark);
  run.block(t2.board);
  assert.deepEqual([quoteOf(run, bob)?.out, quoteOf(run, cat)?.out], [true, false]);
  assert.deepEqual([quoteOf(run, bob)?.hasDeclined, quoteOf(run, cat)?.hasDeclined], [true, false]);
  run.refuses('NO_ORDER', sealRep(run.chain, { ...bidOf(bob, 'sell', 1n, 1n), biddingRound: 3 }));
  run.close(P);
});

test('market-reputation 1.6: nobody names more partners than its range', () => {
  const run = new Run(['ann', 'bob', 'cat']);
  const bids = [
    bidOf(ann, 'sell', 1000n, 100n),
    bidOf(bob, 'sell', 1000n, 100n),
    bidOf(cat, 'buy', 2000n, 110n),
  ];
  run.quote(bids, { period: P });
  // The last of three is of grade 100: 2 x 0 partners, at least one.
  assert.deepEqual([quoteOf(run, cat)?.grade, quoteOf(run, cat)?.range], [100, 1]);
  const base = { who: cat, period: P, biddingRound: 1 };
  run.refuses('PARTNERS', chooseRep(run.chain, { ...base, partners: [ann, bob] }));
  run.now(chooseRep(run.chain, { ...base, partners: [bob] }));
  run.block(t1.clear);
  assert.deepEqual(
    dealsOf(run.chain, P).map(({ contract }) => contract.seller),
    [run.chain.id(bob)],
  );
});

test('settlement 2.2: a later quote is of what is left', () => {
  const run = new Run(['ann', 'bob', 'cat']);
  run.quote([bidOf(ann, 'sell', 1000n, 100n), bidOf(bob, 'buy', 700n, 150n)], { period: P });
  run.block(t1.clear);
  run.sign(P, [[0, [ann, bob]]]);
  run.block(t1.signed);
  run.quote([bidOf(ann, 'sell', 1000n, 90n), bidOf(cat, 'buy', 2000n, 150n)], { period: P, n: 2 });
  assert.deepEqual([quoteOf(run, ann)?.restWh, quoteOf(run, ann)?.price], [300n, 90n]);
  run.block(t2.clear);
  run.sign(P, [[1, [ann, cat]]]);
  run.block(t2.signed);
  // Nothing is left of ann's, and a bid of bob's is void without a forfeit.
  const again = { ...bidOf(bob, 'buy', 700n, 160n), biddingRound: 3 };
  run.now(sealRep(run.chain, again));
  run.block(t3.closeOrders);
  run.refuses('NO_ORDER', revealRep(run.chain, again));
  run.close(P);
  assert.deepEqual(
    dealsOf(run.chain, P).map(({ contract }) => contract.energyWh),
    [700n, 300n],
  );
});

test('market-reputation 1.10: who does not sign is out; a silent grid company marks nobody', () => {
  const run = new Run(['ann', 'bob', 'cat']);
  run.quote([bidOf(ann, 'sell', 1000n, 100n), bidOf(bob, 'buy', 1000n, 150n)], { period: P });
  run.refuses('NOT_FOUND', signAll(run.chain, P, 0, [ann])[0] as never);
  run.block(t1.clear);
  run.refuses('NOT_ALLOWED', signAll(run.chain, P, 0, [cat])[0] as never);
  run.now(...signAll(run.chain, P, 0, [ann, bob]));
  run.refuses('WRONG_PHASE', signAll(run.chain, P, 0, [ann])[0] as never);
  run.block(t1.signed);
  run.refuses('WRONG_PHASE', signAll(run.chain, P, 0, [grid])[0] as never);
  assert.deepEqual(
    [ann, bob].map((who) => [quoteOf(run, who)?.unsigned, quoteOf(run, who)?.restWh]),
    [
      [0, 1000n],
      [0, 1000n],
    ],
  );
  assert.equal(run.balance(bob).locked, 150_000n);
  run.block(t2.closeOrders);
  run.block(t2.mark);
  run.block(t2.board);
  run.block(t2.clear);
  run.now(...signAll(run.chain, P, 1, [ann]));
  run.block(t2.signed);
  assert.deepEqual([quoteOf(run, bob)?.unsigned, quoteOf(run, bob)?.out], [1, true]);
  assert.deepEqual(run.balance(bob), { available: HUNDRED, locked: 0n, arrears: 0n });
  assert.equal(quoteOf(run, ann)?.restWh, 1000n);
  run.close(P);
});

/** ann has sold 1 kWh at 0.125 to bob, for period 1; registers begin. */
function sold(more = {}): Run {
  const run = new Run(['ann', 'bob', 'cat'], more);
  run.quote([bidOf(ann, 'sell', 1000n, 100n), bidOf(bob, 'buy', 1000n, 150n)], { period: P });
  run.block(t1.clear);
  run.sign(P, [[0, [ann, bob]]]);
  run.close(P);
  run.deliver(0n, { ann: ZERO, bob: ZERO, cat: ZERO });
  return run;
}
const GOOD = { ann: { imp: 0n, exp: 1000n }, bob: { imp: 1000n, exp: 0n }, cat: ZERO };

test('refusing to confirm for ever: paid by silence, reputation and activity fall', () => {
  const run = sold();
  run.deliver(P, GOOD);
  run.block(receiptOf(P) - 1n);
  assert.equal(run.balance(ann).available, HUNDRED);
  run.block(receiptOf(P));
  assert.equal(run.balance(ann).available, HUNDRED + 125_000n);
  assert.equal(run.balance(bob).available, HUNDRED - 125_000n);
  run.refuses(
    'WRONG_PHASE',
    aboutContracts(run.chain, bob, { kind: 'confirm', period: P, numbers: [0] }),
  );
  bidLater(run);
  // bob: 1 deal in 1 bidding round, good, minus 20,000; ann without it.
  assert.deepEqual(
    [standingOf(run, ann)?.reputation, standingOf(run, bob)?.reputation],
    [1_000_000n, 980_000n],
  );
  assert.deepEqual(
    [ann, bob].map((who) => standingOf(run, who)?.window[0]?.activity),
    [2, 1],
  );
  assert.equal(run.chain.world().entries(QUOTES).length, 1, 'only the period under way');
});

/** Somebody bids, so that its close counts period 1. */
function bidLater(run: Run, period = 4n): void {
  run.quote([{ ...bidOf(cat, 'sell', 1000n, 300n) }], { period });
  run.close(period);
}

test('a bad rating counts until the ratings end; a disputed contract as silent', () => {
  const run = sold();
  const rate = (who: Person, good: boolean) =>
    run.chain.tx(who, 'rate', {
      market: MARKET,
      period: P as never,
      contract: dealsOf(run.chain, P)[0]?.key.id as never,
      good,
    });
  run.refuses('WRONG_PHASE', rate(bob, false));
  run.deliver(P, GOOD);
  run.refuses('NOT_ALLOWED', rate(cat, false));
  run.now(rate(bob, false));
  run.now(aboutContracts(run.chain, bob, { kind: 'confirm', period: P, numbers: [0] }));
  run.block(receiptOf(P) + HOUR - 1n);
  run.block(receiptOf(P) + HOUR);
  run.refuses('WRONG_PHASE', rate(bob, true));
  bidLater(run, 5n);
  assert.deepEqual(
    [standingOf(run, ann)?.reputation, standingOf(run, bob)?.reputation],
    [500_000n, 1_000_000n],
  );
});

test('market-reputation 1.5: a period is not counted before its ratings have ended', () => {
  const run = sold();
  run.deliver(P, GOOD);
  // Its close is at 31 minutes, the ratings of period 1 end an hour later.
  run.quote([bidOf(cat, 'sell', 1000n, 300n)], { period: 3n, n: 2 });
  run.close(3n);
  assert.equal(standingOf(run, ann), undefined);
  bidLater(run);
  assert.ok(standingOf(run, ann));
});

test('a dispute holds the money; the regulator refunds, or silence pays', () => {
  for (const settled of [true, false, undefined]) {
    const run = sold();
    run.deliver(P, GOOD);
    const [deal] = dealsOf(run.chain, P);
    const contract = deal?.key.id as never;
    const resolve = (who: Person) =>
      run.chain.tx(who, 'resolve', {
        market: MARKET,
        period: P as never,
        contract,
        settled: settled ?? true,
      });
    run.refuses('WRONG_PHASE', resolve(person('regulator')));
    run.now(aboutContracts(run.chain, ann, { kind: 'dispute', period: P, numbers: [0] }));
    run.refuses('NOT_ALLOWED', resolve(ann));
    run.block(receiptOf(P));
    assert.equal(run.balance(bob).locked, 125_000n);
    if (settled === undefined) {
      run.block(receiptOf(P) + 24n * HOUR - 1n);
      assert.equal(run.balance(bob).locked, 125_000n);
      run.block(receiptOf(P) + 24n * HOUR);
    } else run.now(resolve(person('regulator')));
    const isPaid = settled !== false;
    // Refunded: 1 kWh at retail for bob, at feed-in for ann.
    assert.equal(run.balance(ann).available, HUNDRED + (isPaid ? 125_000n : 80_000n));
    assert.equal(run.balance(bob).available, HUNDRED - (isPaid ? 125_000n : 300_000n));
    assert.equal(dealsOf(run.chain, P)[0]?.contract.state, isPaid ? 'SETTLED' : 'REFUNDED');
  }
});

test('a dispute that outlives its ratings is still paid, and its period then goes', () => {
  const run = sold();
  run.deliver(P, GOOD);
  run.now(aboutContracts(run.chain, bob, { kind: 'dispute', period: P, numbers: [0] }));
  bidLater(run);
  assert.equal(run.chain.world().entries(DELIVERY_PERIODS).length, 2);
  run.block(receiptOf(P) + 24n * HOUR);
  assert.equal(run.balance(ann).available, HUNDRED + 125_000n);
  const left = run.chain.world().entries(DELIVERY_PERIODS);
  assert.deepEqual(
    left.map(({ key }) => key.period),
    [4n],
  );
});

test('nothing delivered: REFUNDED at settlement, and the lock is free', () => {
  const run = sold();
  run.deliver(P, { ann: ZERO, bob: { imp: 1000n, exp: 0n }, cat: ZERO });
  assert.equal(dealsOf(run.chain, P)[0]?.contract.state, 'REFUNDED');
  assert.deepEqual(run.balance(bob), { available: HUNDRED - 300_000n, locked: 0n, arrears: 0n });
});

test('consensus 5a.6d: a bidding round whose reveal was missed is void by itself', () => {
  const run = new Run(['ann', 'bob', 'cat']);
  const start = run.pool;
  run.now(sealRep(run.chain, bidOf(ann, 'sell', 1000n, 100n)));
  run.now(sealRep(run.chain, bidOf(bob, 'buy', 1000n, 150n)));
  run.now(sealRep(run.chain, { ...bidOf(bob, 'buy', 1000n, 150n), biddingRound: 2 }));
  // No block between the commit and the last quarter of the reveal.
  run.block(t1.closeOrders + 90_000n);
  run.now(revealRep(run.chain, bidOf(ann, 'sell', 1000n, 100n)));
  run.block(t1.board);
  assert.equal(run.pool, start, 'no forfeit');
  assert.equal(run.balance(bob).locked, BOND, 'the bond goes on with bidding round 2');
  assert.equal(quoteOf(run, ann)?.restWh, 1000n, 'what was opened stands');
  run.block(t1.clear);
  assert.equal(dealsOf(run.chain, P).length, 0);
  run.block(t2.closeOrders);
  run.now(revealRep(run.chain, { ...bidOf(bob, 'buy', 1000n, 150n), biddingRound: 2 }));
  run.block(t2.mark);
  run.block(t2.board);
  run.block(t2.clear);
  assert.equal(dealsOf(run.chain, P).length, 1);
  assert.equal(quoteOf(run, ann)?.stood, 1, 'nobody is marked down for the void one');
});

test('consensus 5a.6d: a clear in the last quarter of the signing is void', () => {
  const run = new Run(['ann', 'bob', 'cat']);
  run.quote([bidOf(ann, 'sell', 1000n, 100n), bidOf(bob, 'buy', 1000n, 150n)], { period: P });
  run.now(chooseRep(run.chain, { who: bob, period: P, biddingRound: 1, decline: true }));
  run.block(t1.clear + 135_000n);
  assert.equal(dealsOf(run.chain, P).length, 0);
  assert.equal(quoteOf(run, bob)?.declinedIn, 0, 'what was chosen in it does not count');
  run.block(t2.closeOrders);
  run.block(t2.mark);
  run.block(t2.board);
  run.block(t2.clear + 134_999n);
  assert.equal(dealsOf(run.chain, P).length, 1);
});

test('an outage over the whole period: all locks come back, nothing is forfeited or traded', () => {
  const run = new Run(['ann', 'bob', 'cat']);
  const start = run.pool;
  run.now(
    sealRep(run.chain, bidOf(ann, 'sell', 1000n, 100n)),
    sealRep(run.chain, bidOf(bob, 'buy', 1000n, 150n)),
  );
  run.block(3n * HOUR);
  for (const who of [ann, bob])
    assert.deepEqual(run.balance(who), { available: HUNDRED, locked: 0n, arrears: 0n });
  assert.equal(run.pool, start);
  assert.equal(run.chain.world().entries(POSITIONS).length, 0);
});

test('settle and receipt after one outage: twenty minutes to confirm are left', () => {
  const run = sold();
  const late = settleOf(P) + HOUR;
  run.block(settleOf(P) - 10n * 60_000n, []);
  run.block(settleOf(P) - 300_000n);
  run.block(late);
  const [period] = run.chain.world().entries(DELIVERY_PERIODS);
  assert.equal(period?.value.receiptMs, late + 1_200_000n);
});
