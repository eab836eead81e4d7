// The distributed double auction (market-neighbourhood 1.3, 1.4): trees, the four rules by hand,
// misreports that must not pay, and the record of an account (1.2).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  AUCTION_RULES,
  type AuctionResult,
  type AuctionRule,
  quotesOf,
  runAuction,
} from '../src/neighbourhood/auction.js';
import { clearNeighbourhood, type NodeRequest } from '../src/neighbourhood/clear.js';
import {
  flagsCounted,
  isMismatch,
  isSuspect,
  NO_FLAGS,
  NO_TOKENS_SPENT,
  spendToken,
  tokensLeft,
  withFlag,
} from '../src/neighbourhood/conduct.js';
import { escrowOf, settleEscrow } from '../src/neighbourhood/escrow.js';
import { auctionTree, LONE_AUCTIONEER } from '../src/neighbourhood/graph.js';
import type { OpenOrder } from '../src/openBook.js';
import { buy, mill, sell, wh } from './books.js';

const tariffs = { feedIn: mill(200), retail: mill(800), tick: 1n };

function auction(requests: readonly OpenOrder[], rule: AuctionRule): AuctionResult {
  const options = { ...tariffs, rule };
  const book = {
    members: requests.map((_, i) => i),
    remaining: BigUint64Array.from(requests, ({ energyWh }) => energyWh),
  };
  return runAuction(book, quotesOf(requests, options), options);
}

test('the root is the centre; ties go to the smaller id, for parents too', () => {
  assert.deepEqual(
    auctionTree(4, [
      [0, 1],
      [1, 2],
      [2, 3],
    ]),
    {
      root: 1,
      height: 2,
      parent: [1, -1, 1, 2],
      first: [1, 0, 1, 2],
    },
  );
  // A ring of five: every node is as far; node 3 may go by 2 or by 4.
  const ring = auctionTree(5, [
    [0, 2],
    [0, 4],
    [2, 1],
    [4, 3],
    [1, 3],
  ]);
  assert.deepEqual(ring, { root: 0, height: 2, parent: [-1, 2, 0, 4, 0], first: [2, 2, 0, 4, 0] });
  assert.deepEqual(
    auctionTree(4, [
      [0, 1],
      [0, 2],
      [3, 1],
      [3, 2],
    ])?.parent,
    [-1, 0, 0, 1],
  );
  assert.deepEqual(
    auctionTree(2, [
      [0, 1],
      [1, 0],
      [0, 1],
    ]),
    auctionTree(2, [[0, 1]]),
  );
  assert.equal(auctionTree(3, [[0, 1]]), undefined);
  assert.deepEqual(auctionTree(1, []), LONE_AUCTIONEER);
});

test('mcafee_sbb: a lone pair trades at the middle of the tariffs, or not at all', () => {
  const pair = (bid: number, ask: number) =>
    auction([sell(1000, ask), buy(1000, bid)], 'mcafee_sbb');
  assert.equal(pair(550, 450).buyPrice, 500n);
  // p0 = 500 suits one side only: dropping the other leaves nobody.
  assert.equal(pair(490, 450).mode, 'none');
  assert.equal(pair(700, 510).mode, 'none');
});

test('quotes beyond the tariffs: capped or raised where the grid is better, dropped else', () => {
  const of = (ask: number, bid: number) =>
    auction([sell(10, ask), buy(10, bid)], 'average').buyPrice;
  assert.equal(of(100, 900), 500n, 'raised to 200, capped at 800');
  assert.equal(of(200, 199), undefined);
  assert.equal(of(150, 199), undefined, 'a bid below feed-in is dropped before the ask is raised');
  assert.equal(of(801, 900), undefined);
  assert.equal(of(800, 900), 800n);
});

test('the long side is rationed pro rata, what is left over to the lower id', () => {
  const { pairs, mode } = auction(
    [sell(10, 300), buy(7, 700), buy(7, 701), buy(7, 702)],
    'average',
  );
  assert.equal(mode, 'average');
  // Only buyers 3 and 2 trade before any is dropped: K = 2.
  assert.deepEqual(
    pairs.map(({ buy: of, energyWh }) => [of, energyWh]),
    [
      [3, 5n],
      [2, 5n],
    ],
  );
  const three = auction([sell(20, 300), buy(7, 700), buy(7, 701), buy(7, 702)], 'average').pairs;
  assert.deepEqual(
    three.map(({ buy: of, energyWh }) => [of, energyWh]),
    [
      [3, 6n],
      [2, 7n],
      [1, 7n],
    ],
  );
});

test('equal prices: the lower id is the better one', () => {
  const { pairs } = auction([sell(5, 300), sell(5, 300), buy(5, 400), buy(5, 350)], 'reduce');
  assert.deepEqual(pairs, [{ sell: 0, buy: 2, energyWh: 5n }]);
});

test('means are floored to the tick', () => {
  const options = { ...tariffs, tick: 10n, rule: 'average' as const };
  const requests = [sell(5, 300), buy(5, 350)];
  const book = { members: [0, 1], remaining: BigUint64Array.of(5n, 5n) };
  assert.equal(runAuction(book, quotesOf(requests, options), options).buyPrice, 320n);
});

/** Money of a trader whose energy is worth `value` per kWh to him. */
function profit(
  requests: readonly OpenOrder[],
  rule: AuctionRule,
  mine: { i: number; value: bigint },
) {
  const { pairs, buyPrice = 0n, sellPrice = 0n } = auction(requests, rule);
  const traded = pairs
    .filter((pair) => pair.sell === mine.i || pair.buy === mine.i)
    .reduce((sum, { energyWh }) => sum + energyWh, 0n);
  return requests[mine.i]?.side === 'buy'
    ? traded * (mine.value - buyPrice)
    : traded * (sellPrice - mine.value);
}

test('a misreported price never pays for orders of one size (average: it does)', () => {
  const UNIT = 720_720;
  const prices = fc.integer({ min: 200, max: 800 });
  const side = fc.array(prices, { minLength: 1, maxLength: 3 });
  const seen = new Set<AuctionRule>();
  fc.assert(
    fc.property(side, side, prices, fc.nat(5), (bids, asks, lie, who) => {
      const requests = [...bids.map((p) => buy(UNIT, p)), ...asks.map((p) => sell(UNIT, p))];
      const i = who % requests.length;
      const value = requests[i]?.price ?? 0n;
      const lied = requests.map((one, at) => (at === i ? { ...one, price: mill(lie) } : one));
      for (const rule of AUCTION_RULES) {
        const [honest, other] = [requests, lied].map((of) => profit(of, rule, { i, value }));
        if ((other ?? 0n) <= (honest ?? 0n)) continue;
        if (rule === 'average') seen.add(rule);
        else assert.fail(`${rule}: ${bids} | ${asks}: trader ${i} gains with ${lie}`);
      }
    }),
    { numRuns: 3000 },
  );
  assert.deepEqual([...seen], ['average'], 'the check can find what it looks for');
});

const at = (node: number, order: OpenOrder): NodeRequest => ({ ...order, node });

test('what is near trades near; the rest travels to the root and to the grid', () => {
  const tree = auctionTree(5, [
    [0, 1],
    [1, 2],
    [2, 3],
    [3, 4],
  ]);
  assert.ok(tree);
  const requests = [
    at(0, sell(10, 300)),
    at(4, buy(4, 700)),
    at(0, buy(3, 700)),
    at(2, buy(9, 250)),
  ];
  const { trades, remainingWh, rounds, messages } = clearNeighbourhood(requests, tree, {
    ...tariffs,
    rule: 'average',
  });
  assert.deepEqual(
    trades.map(({ sell: s, buy: b, energyWh, auctioneer, biddingRound }) => [
      ...[s, b, energyWh, auctioneer, biddingRound],
    ]),
    [
      [0, 2, 3n, 1, 1],
      [0, 1, 4n, 2, 2],
    ],
  );
  assert.deepEqual(remainingWh, [3n, 0n, 0n, 9n]);
  assert.equal(rounds, 2);
  assert.deepEqual(
    messages
      .filter(({ name }) => name === 'grid')
      .map(({ request, energyWh }) => [request, energyWh]),
    [
      [0, 3n],
      [3, 9n],
    ],
  );
});

test('no requests: no rounds; one auctioneer: one round', () => {
  const options = { ...tariffs, rule: 'average' as const };
  assert.equal(clearNeighbourhood([], LONE_AUCTIONEER, options).rounds, 0);
  const one = clearNeighbourhood([at(0, sell(1, 300))], LONE_AUCTIONEER, options);
  assert.deepEqual(
    one.messages.map(({ name, from, to }) => [name, from, to]),
    [
      ['T', 0, 0],
      ['grid', 0, -1],
    ],
  );
});

test('generation types are separate books of every auctioneer', () => {
  const requests = [at(0, sell(5, 300, { type: 'pv' })), at(0, buy(5, 700))];
  const options = { ...tariffs, rule: 'average' as const };
  assert.deepEqual(clearNeighbourhood(requests, LONE_AUCTIONEER, options).trades, []);
});

test('escrow: delivered is paid, the rest goes back, the surplus is the reserve’s', () => {
  const contract = { energyWh: wh(1000), buyPrice: mill(700), sellPrice: mill(600) };
  for (const metered of [0n, 400n, 1000n, 1300n]) {
    const { paid, refunded, surplus, deliveredWh, excessWh } = settleEscrow(contract, metered);
    assert.equal(paid + refunded + surplus, escrowOf(contract));
    assert.equal(deliveredWh + excessWh, metered);
    assert.equal(surplus, deliveredWh * 100n);
  }
});

test('tokens: a quota per UTC day, the old ones lapse', () => {
  const at = (timeMs: bigint) => ({ timeMs, tokensPerDay: 2 });
  const noon = 43_200_000n;
  const one = spendToken(NO_TOKENS_SPENT, at(noon));
  const both = one && spendToken(one, at(noon));
  assert.deepEqual(both, { day: 0n, spent: 2 });
  assert.equal(both && spendToken(both, at(86_399_999n)), undefined);
  assert.deepEqual(both && spendToken(both, at(86_400_000n)), { day: 1n, spent: 1 });
  assert.equal(both && tokensLeft(both, at(86_400_000n)), 2);
  assert.equal(tokensLeft({ day: 0n, spent: 5 }, at(noon)), 0, 'a quota that was lowered');
});

test('mismatch: above the ratio of the declared energy, never of less than the least', () => {
  const rules = { mismatchAtPpm: 100_000n, mismatchMinWh: 200n };
  assert.equal(isMismatch(1100n, 1000n, rules), false);
  assert.equal(isMismatch(1101n, 1000n, rules), true);
  assert.equal(isMismatch(-899n, -1000n, rules), true);
  assert.equal(isMismatch(20n, 0n, rules), false);
  assert.equal(isMismatch(21n, 0n, rules), true);
});

test('flags: twelve intervals count, each once, and late ones find their place', () => {
  let flags = NO_FLAGS;
  for (const period of [100n, 101n, 103n, 102n, 103n]) flags = withFlag(flags, period);
  assert.equal(flagsCounted(flags, 103n), 4);
  assert.equal(isSuspect(flags, 103n, 4), true);
  assert.equal(isSuspect(flags, 103n, 5), false);
  assert.deepEqual(
    [112n, 113n, 115n, 116n].map((at) => flagsCounted(flags, at)),
    [4, 3, 1, 0],
  );
  assert.equal(flagsCounted(withFlag(flags, 500n), 500n), 1);
  assert.equal(flagsCounted(withFlag(flags, 50n), 103n), 4, 'too long ago to be kept');
});
