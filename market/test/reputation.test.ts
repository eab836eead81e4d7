// The pure rules of market "reputation" one by one, beyond what the golden file says.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Money } from '../../core/src/amount.js';
import {
  attitudeOf,
  grantsPaid,
  mayStand,
  rankingRewards,
  subsidyOf,
} from '../src/reputation/activity.js';
import { boardOf, matchableRange } from '../src/reputation/board.js';
import { equilibriumOf, factorBeta, isAlarm } from '../src/reputation/cep.js';
import { checkChoice } from '../src/reputation/choose.js';
import { clearReputation, type ReputationOrder } from '../src/reputation/clear.js';
import {
  advance,
  type ContractEvent,
  type ContractProgress,
  PROPOSAL,
} from '../src/reputation/contract.js';
import { periodLength } from '../src/reputation/election.js';
import { reputationFault } from '../src/reputation/faults.js';
import { invoiceOf, partialInvoice } from '../src/reputation/invoice.js';
import {
  addLabels,
  certify,
  type LabelRange,
  type LabelStock,
  labelCount,
  mintLabels,
  sellLabels,
  stockLabels,
  wholeKwh,
} from '../src/settle/labels.js';
import { checkFloor, checkLaterQuote, floorOf } from '../src/reputation/quote.js';
import {
  countersOf,
  gradesOf,
  isGood,
  penaltiesOf,
  rankingOf,
  reputationOf,
} from '../src/reputation/reputation.js';
import { mill, wh } from './books.js';
import { rulesOf } from './reputationChecks.js';

const money = (value: number): Money => BigInt(value) as Money;

test('later quotes: an ask may fall, a bid may rise, both may stay (1.4)', () => {
  const later = (side: 'sell' | 'buy', from: number, to: number) =>
    checkLaterQuote(side, mill(from), mill(to));
  assert.equal(later('sell', 10, 9), undefined);
  assert.equal(later('sell', 10, 10), undefined);
  assert.equal(later('sell', 10, 11), 'QUOTE_ORDER');
  assert.equal(later('buy', 10, 11), undefined);
  assert.equal(later('buy', 10, 9), 'QUOTE_ORDER');
});

test('the floor is a price sum: a bid of half a tick above it stands (0, 1.4)', () => {
  const bid = (price: number, floor?: bigint) =>
    checkFloor({ side: 'buy', price: mill(price) }, floor);
  assert.equal(bid(95, 190n), 'PRICE_BOUNDS');
  assert.equal(bid(95, 191n), 'PRICE_BOUNDS');
  assert.equal(bid(96, 191n), undefined);
  assert.equal(bid(1), undefined);
  assert.equal(checkFloor({ side: 'sell', price: mill(1) }, 191n), undefined);
  assert.equal(floorOf([193n, 191n, 200n]), 191n);
  assert.equal(floorOf([]), undefined);
});

test('reputation: penalties, the window as it is given, bounds (1.5)', () => {
  const rules = { graceUnmatched: 10_000n, graceUnsigned: 20_000n };
  const entry = { good: 0, deals: 0, bids: 3, unsigned: 0 };
  assert.equal(penaltiesOf([entry, { ...entry, unsigned: 2 }], rules), 60_000n);
  assert.equal(penaltiesOf([{ good: 1, deals: 1, bids: 1, unsigned: 0 }], rules), 0n);
  assert.equal(reputationOf([entry], 300_000n), 0n);
  assert.equal(reputationOf([], 20_000n), 480_000n);
  assert.throws(() => reputationOf([{ ...entry, good: 1 }], 0n));
  const facts = { good: 1, deals: 2, unsigned: 0, standingRounds: 1 };
  assert.equal(countersOf(facts)?.bids, 2);
  assert.equal(countersOf({ ...facts, standingRounds: 3 })?.bids, 3);
  assert.equal(countersOf({ ...facts, standingRounds: 0 }), undefined);
});

test('silence rates by delivery: good from 95 percent', () => {
  const delivered = (value: number) => ({ deliveredWh: wh(value), contractWh: wh(1000) });
  assert.equal(isGood(undefined, delivered(950)), true);
  assert.equal(isGood(undefined, delivered(949)), false);
  assert.equal(isGood(false, delivered(1000)), false);
  assert.equal(isGood(true, delivered(0)), true);
});

test('ranking: reputation, then earlier registration, then the lower id', () => {
  const node = (reputation: number, registered: number) => ({
    reputation: BigInt(reputation),
    registered,
  });
  assert.deepEqual(rankingOf([node(5, 2), node(5, 1), node(9, 3), node(5, 1)]), [2, 1, 3, 0]);
  assert.deepEqual(gradesOf([node(1, 1)]), [10], 'ceil(0.1) = 1');
  assert.deepEqual(gradesOf([]), []);
});

test('lambda: half up, at least one, none where nobody stands on the other side', () => {
  assert.equal(matchableRange(5, 10), 5, '4.5');
  assert.equal(matchableRange(5, 30), 4, '3.5');
  assert.equal(matchableRange(7, 100), 1);
  assert.equal(matchableRange(0, 10), 0);
});

const order = (
  side: 'sell' | 'buy',
  energy: number,
  price: number,
  rest: Partial<ReputationOrder> = {},
): ReputationOrder => ({
  side,
  energyWh: wh(energy),
  prices: [mill(price)],
  reserve: mill(price),
  grade: 10,
  ...rest,
});

test('rangeSides: with "buyers" a seller of the last grade may have any number', () => {
  const book = [
    order('sell', 3, 1, { grade: 100 }),
    order('buy', 1, 5),
    order('buy', 1, 4),
    order('buy', 1, 3),
  ];
  const trades = (rangeSides: 'both' | 'buyers') =>
    clearReputation(book, rulesOf({ rangeSides, biddingRounds: 1 })).trades.length;
  assert.equal(trades('both'), 1);
  assert.equal(trades('buyers'), 3);
});

test('what a choice may not be', () => {
  const quotes = [order('sell', 5, 1), order('sell', 5, 9), order('buy', 5, 4), order('buy', 0, 4)];
  const standing = quotes.map((quote) => ({ ...quote, price: quote.prices[0] as never }));
  const board = boardOf(standing, 'both');
  const code = (index: number, choice: object) =>
    checkChoice(board, index, { choice, restWh: wh(5) });
  assert.equal(code(2, { partners: [0] }), undefined);
  assert.equal(code(2, { partners: [1] }), 'PARTNERS', 'ask above bid');
  assert.equal(code(2, { partners: [2] }), 'PARTNERS', 'itself');
  assert.equal(code(2, { partners: [0, 0] }), 'PARTNERS', 'twice');
  assert.equal(code(2, { partners: [0, 1, 3] }), 'PARTNERS', 'beyond lambda');
  assert.equal(code(2, { partners: [99] }), 'PARTNERS', 'nobody');
  assert.equal(code(2, { energyWh: wh(6) }), 'QUANTITY_LIMIT');
  assert.equal(code(2, { energyWh: wh(0) }), 'QUANTITY_LIMIT');
  assert.equal(code(2, { decline: true }), undefined);
  assert.equal(code(3, {}), 'NO_ORDER');
});

test('a choice lowers the quantity for its round; who declines leaves or quotes anew', () => {
  const energies = (rest: Partial<ReputationOrder>) =>
    clearReputation([order('sell', 9, 1), order('buy', 9, 4, rest)], rulesOf()).trades.map(
      ({ energyWh, biddingRound }) => `${biddingRound}: ${energyWh}`,
    );
  const declining = { choices: [{ decline: true }] };
  assert.deepEqual(energies({ choices: [{ energyWh: wh(2) }] }), ['1: 2', '2: 7']);
  assert.deepEqual(energies(declining), []);
  assert.deepEqual(energies({ ...declining, prices: [mill(4), mill(4)] }), ['2: 9']);
  assert.deepEqual(energies({ ...declining, prices: [mill(4), mill(3)] }), [], 'refused');
});

test('beta from the three factors is exact and clipped (1.8)', () => {
  const factors = { matched: 1, submitted: 2, highestBid: mill(150), last: mill(75) };
  const beta = factorBeta({ ...factors, equilibrium: mill(100) });
  assert.equal(beta.num * 27n * 4n, beta.den * (27n * 4n + 5n), '1 + (1/2 + 1/2 + 1/4) / 27');
  const all = { matched: 9, submitted: 3, highestBid: mill(900), last: mill(900) };
  const most = factorBeta({ ...all, equilibrium: mill(100) });
  assert.equal(most.num * 9n, most.den * 10n, '10/9');
  const none = factorBeta({
    matched: 0,
    submitted: 0,
    highestBid: mill(1),
    last: mill(0),
    equilibrium: mill(0),
  });
  assert.equal(none.num, none.den);
});

test('the mean of half ticks is rounded once; the alarm is beyond its ratio', () => {
  const options = { deals: 30, beta: { num: 1n, den: 1n }, tick: 1n };
  assert.equal(equilibriumOf([191n], options), 96n, '95.5 half up');
  assert.equal(equilibriumOf([190n, 191n], options), 95n, '95.25');
  assert.equal(equilibriumOf([], options), undefined);
  assert.equal(isAlarm(mill(120), mill(100), 200_000n), false);
  assert.equal(isAlarm(mill(121), mill(100), 200_000n), true);
  assert.equal(isAlarm(mill(79), mill(100), 200_000n), true);
  assert.equal(isAlarm(undefined, mill(100), 200_000n), false);
});

test('any invoice: the buyer pays the sum, the seller never more than the mean', () => {
  const deal = fc.record({
    energyWh: fc.integer({ min: 1, max: 1_000_000 }).map(wh),
    priceSum: fc.nat(2000).map(BigInt),
    wheeling: fc.nat(100).map(mill),
    perWh: fc.nat(50),
  });
  fc.assert(
    fc.property(deal, fc.nat(1_100_000), ({ perWh, ...rest }, metered) => {
      const whole = { ...rest, congestion: (rest.energyWh * BigInt(perWh)) as Money };
      const full = invoiceOf(whole);
      const part = partialInvoice(whole, wh(metered));
      for (const { seller, grid, buyer } of [full, part]) assert.equal(buyer, seller + grid);
      const delivered = wh(metered) < whole.energyWh ? wh(metered) : whole.energyWh;
      assert.equal(part.grid, delivered * (rest.wheeling + BigInt(perWh)), 'only what came');
      assert.ok(2n * full.seller <= whole.energyWh * whole.priceSum);
      assert.ok(part.buyer <= full.buyer && part.seller <= full.seller && part.grid <= full.grid);
      if (wh(metered) >= whole.energyWh) assert.deepEqual(part, full);
    }),
  );
});

test('a contract: ways to its ends, and no others (1.10)', () => {
  const sign = (['buyer', 'seller', 'grid'] as const).map(
    (party): ContractEvent => ({ kind: 'sign', party }),
  );
  const signed: readonly ContractEvent[] = [...sign, { kind: 'deposit' }];
  const run = (events: readonly ContractEvent[]): string => {
    let progress: ContractProgress = PROPOSAL;
    for (const event of events) {
      const next = advance(progress, event);
      if (typeof next === 'string') return next;
      progress = next;
    }
    return progress.state;
  };
  const meter = { kind: 'meter', delivered: true } as const;
  assert.equal(run([...sign.slice(1), { kind: 'lapse' }]), 'CANCELLED');
  assert.equal(run([...signed, { kind: 'meter', delivered: false }]), 'REFUNDED');
  assert.equal(run([...signed, meter, { kind: 'dispute' }]), 'DISPUTED');
  const resolved = (settled: boolean) =>
    run([...signed, meter, { kind: 'dispute' }, { kind: 'resolve', settled }]);
  assert.equal(resolved(true), 'SETTLED');
  assert.equal(resolved(false), 'REFUNDED');
  const refused: readonly (readonly ContractEvent[])[] = [
    [sign[0] as ContractEvent, sign[0] as ContractEvent],
    [...sign, sign[0] as ContractEvent],
    [{ kind: 'deposit' }],
    [meter],
    [...signed, { kind: 'lapse' }],
    [...signed, { kind: 'confirm' }],
    [...signed, meter, { kind: 'confirm' }, { kind: 'dispute' }],
    [...signed, meter, { kind: 'resolve', settled: true }],
  ];
  for (const events of refused) assert.equal(run(events), 'WRONG_PHASE');
});

test('attitude, candidacy, reward, subsidy, grant (1.11, 1.13)', () => {
  assert.equal(attitudeOf([9, 1, 1, 1, 1]), 'positive');
  assert.equal(attitudeOf([9, 1, 1, 1, 0]), 'neutral');
  assert.equal(attitudeOf([9, 1, -1, 0, 0]), 'negative');
  assert.equal(attitudeOf([]), 'negative');
  const node = { attitude: 'neutral', grade: 100, penaltiesPpm: 0n } as const;
  assert.equal(mayStand(node), true);
  assert.equal(mayStand({ ...node, penaltiesPpm: 1n }), false);
  assert.equal(mayStand({ ...node, grade: 60, penaltiesPpm: 1n }), true);
  assert.equal(mayStand({ ...node, attitude: 'negative' }), false);
  const rewards = rankingRewards([60, 10, 100, 30], { reward: money(100), pool: money(10) });
  assert.deepEqual(rewards, [2n, 5n, 0n, 3n], '10 by 1:3:0:2, what is left to the largest part');
  assert.equal(subsidyOf(wh(1500), { perKwh: mill(10), budget: money(20_000) }), 15_000n);
  assert.equal(subsidyOf(wh(1500), { perKwh: mill(10), budget: money(900) }), 900n);
  assert.equal(grantsPaid(1n, money(5), money(5)), 1n);
  assert.equal(grantsPaid(1n, money(5), money(4)), 0n);
  assert.equal(grantsPaid(7n, money(5), money(19)), 3n);
  assert.equal(grantsPaid(7n, money(0), money(19)), 0n);
});

test('the length of a period: the mean of the middle two of an even number', () => {
  assert.equal(periodLength([600, 700]), 840, '650 x 5/4 = 812.5');
  assert.equal(periodLength([480]), 600, 'exactly ten minutes');
});

test('any life of labels: each is in one place, and oldest first (1.12)', () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant('produce'), amount: fc.integer({ min: -900, max: 9000 }) }),
    fc.record({ kind: fc.constant('sell'), amount: fc.integer({ min: 0, max: 9 }) }),
  );
  fc.assert(
    fc.property(fc.array(step, { size: 'max', maxLength: 60 }), (steps) => {
      let meter = { meter: 'M', openWh: 0n, minted: 0n };
      let stock: LabelStock = { labels: [], owed: [] };
      let held: readonly LabelRange[] = [];
      let [metered, sold] = [0n, 0n];
      for (const [i, { kind, amount }] of steps.entries()) {
        const before = stock;
        const source = { market: '', period: BigInt(i), exportWh: BigInt(amount) };
        const made = kind === 'produce' ? mintLabels(meter, source) : undefined;
        const moved =
          kind === 'sell' ? sellLabels(stock, { buyer: 'U', count: BigInt(amount) }) : undefined;
        if (made !== undefined) meter = made.meter;
        if (kind === 'produce') metered += BigInt(amount);
        else sold += BigInt(amount);
        const next = made?.range ? stockLabels(before, made.range) : moved;
        if (next === undefined) continue;
        stock = next.stock;
        for (const { ranges } of next.moves) held = addLabels(held, ranges);
      }
      const size = (ranges: readonly LabelRange[]) =>
        ranges.reduce((sum, range) => sum + labelCount(range), 0n);
      const owed = stock.owed.reduce((sum, { count }) => sum + count, 0n);
      assert.equal(meter.minted * 1000n + meter.openWh, metered);
      assert.equal(size(held) + owed, sold);
      assert.ok(owed === 0n || stock.labels.length === 0, 'owed although there are some');
      let serial = 0n;
      for (const { from, to } of [...held, ...stock.labels]) {
        assert.equal(from, serial + 1n);
        serial = to;
      }
      assert.equal(serial, meter.minted);
    }),
    { numRuns: 300 },
  );
});

test('whole kWh per pair, and certificates of exactly 1000', () => {
  assert.deepEqual(wholeKwh(wh(600), wh(1500)), { kwh: 2n, openWh: 100n });
  // Corrected down and up again: counted once.
  assert.deepEqual(wholeKwh(wh(100), wh(-600)), { kwh: 0n, openWh: -500n });
  assert.deepEqual(wholeKwh(wh(-500), wh(1499)), { kwh: 0n, openWh: 999n });
  const range = { meter: 'M', market: '', period: 1n, from: 1n, to: 2500n };
  const { certificates, held } = certify([range]);
  assert.deepEqual(certificates, [
    [{ ...range, to: 1000n }],
    [{ ...range, from: 1001n, to: 2000n }],
  ]);
  assert.deepEqual(held, [{ ...range, from: 2001n }]);
});

test('the checker of clearings finds planted faults', () => {
  const book = [
    order('sell', 5, 1),
    order('sell', 5, 3),
    order('buy', 4, 4, { grade: 100 }),
    order('buy', 3, 2, { prices: [mill(2), mill(3)], reserve: mill(3) }),
  ];
  const rules = rulesOf({ biddingRounds: 2 });
  const good = clearReputation(book, rules);
  assert.equal(reputationFault(book, good, rules), undefined);
  assert.deepEqual(
    good.trades.map(({ sell, buy, energyWh, biddingRound }) => [sell, buy, energyWh, biddingRound]),
    [
      [0, 2, 4n, 1],
      [0, 3, 1n, 1],
      [1, 3, 2n, 2],
    ],
  );
  const [first, second] = good.rounds as [(typeof good.rounds)[0], (typeof good.rounds)[0]];
  const spoil = (matches: readonly object[], more: object = {}): string => {
    const changed = matches.map((change, i) => ({ ...first.matches[i], ...change }));
    const rounds = [{ ...first, matches: changed, ...more }, second] as typeof good.rounds;
    const trades = [...(changed as typeof good.trades), ...second.matches];
    return reputationFault(book, { ...good, rounds, trades }, rules) ?? 'nothing';
  };
  assert.match(spoil([{ energyWh: wh(3) }, {}]), /what is left|crosses is left/);
  assert.match(spoil([{ energyWh: wh(6) }, {}]), /beyond its energy/);
  assert.match(spoil([{ priceSum: 7n }, {}]), /mean of the two/);
  assert.match(spoil([{ buy: 1 }, {}]), /not a sell and a buy/);
  assert.match(spoil([{ energyWh: wh(0) }, {}]), /no energy/);
  assert.match(spoil([{}, { buy: 2, priceSum: 5n }]), /matched twice/);
  assert.match(
    spoil([
      { sell: 1, priceSum: 7n },
      { buy: 2, priceSum: 5n },
    ]),
    /lambda is 1/,
  );
  assert.match(spoil([{}]), /crosses is left/);
  const other = { choices: [undefined, undefined, { partners: [1] }, undefined] };
  assert.match(spoil([{}, {}], other), /not chosen/);
  const rounds = [first];
  assert.match(reputationFault(book, { ...good, rounds }, rules) ?? '', /bidding rounds/);
  const remainingWh = good.remainingWh.map((left) => wh(left + 1n));
  assert.match(reputationFault(book, { ...good, remainingWh }, rules) ?? '', /energy of an order/);
});
