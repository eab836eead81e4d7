// A market of reputation as the node shows it: phases of bidding rounds by the final state, board,
// flags and fees, contracts with what they wait for, standing of an account.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { printAccount } from '../../../core/src/ids.js';
import { HOUR, type Person, person } from '../../../state/test/harness.js';
import { bidOf, Run } from '../../../state/test/reputationRun.js';
import {
  chooseRep,
  endOf,
  idOf,
  MARKET,
  receiptOf,
  repGenesis,
  revealRep,
  sealRep,
  settleOf,
  signAll,
  timesOf,
} from '../../../state/test/reputationTrade.js';
import { readingOf } from '../../../state/test/trade.js';
import { marketPart } from '../../src/port/market.js';
import { createNodePort } from '../../src/port/port.js';
import type { NodeView } from '../../src/view.js';
import { FakeView } from '../fakeView.js';

const [ann, bob] = [person('ann'), person('bob')];
const feeder = {
  nodes: ['root', 'a', 'b'],
  lines: [
    { id: 'L1', from: 'root', to: 'a', capacity: '10' },
    { id: 'L2', from: 'a', to: 'b', capacity: '2' },
  ],
};
const P = 1n;
const t1 = timesOf(P, 1);

function setUp() {
  const nodes = { ann: 'a', bob: 'b' };
  const params = { cUp: '0.05' };
  const view = new FakeView(repGenesis(['ann', 'bob'], { feeder, nodes, params }));
  const port = createNodePort(view);
  const query = { market: MARKET, period: P, account: undefined, cursor: undefined };
  const period = (who?: Person) =>
    port.marketPeriod({ ...query, account: who && view.test.id(who) });
  return { view, port, period };
}

test('a period of bidding rounds: phases, board, fees, order, contracts', () => {
  const { view, port, period } = setUp();
  const bids = [bidOf(ann, 'sell', 1900n, 100n), bidOf(bob, 'buy', 1900n, 150n)];
  assert.equal(period().phase, 'declare');
  view.block(
    1n,
    bids.map((bid) => sealRep(view.test, bid)),
  );
  assert.equal(period(ann).order?.state, 'sealed');
  assert.equal(period(ann).order?.price, undefined);
  view.block(t1.closeOrders);
  assert.equal(period().phase, 'reveal');
  view.block(
    t1.closeOrders + 1n,
    bids.map((bid) => revealRep(view.test, bid)),
  );
  assert.deepEqual([period(bob).order?.state, period(bob).order?.price], ['revealed', 150n]);
  view.block(t1.mark);
  view.block(t1.board);
  const board = period();
  assert.equal(board.phase, 'choose');
  assert.deepEqual(board.reputation?.rounds, [
    { biddingRound: 1, void: false, flags: ['L2'], fees: [] },
  ]);
  assert.deepEqual(board.reputation?.board.sellers, [
    {
      account: printAccount(view.test.id(ann)),
      energyWh: 1900n,
      price: 100n,
      grade: 10,
      range: 1,
    },
  ]);
  assert.deepEqual(
    [board.steps.clear, board.steps['clear.2'], board.steps.receipt],
    [t1.clear, timesOf(P, 2).clear, receiptOf(P)],
  );
  view.block(t1.board + 1n, [
    chooseRep(view.test, { who: bob, period: P, biddingRound: 1, partners: [ann] }),
  ]);
  const shown = port.block({ ref: { height: view.tip().height }, raw: false, from: 0 });
  assert.deepEqual(shown.transactions[0]?.body.partners, [printAccount(view.test.id(ann))]);
  view.block(t1.clear);
  assert.equal(period().phase, 'sign');
  const [mine] = period(bob).reputation?.contracts ?? [];
  assert.deepEqual(
    [mine?.state, mine?.waits, mine?.deadline, mine?.priceSum],
    ['PROPOSED', 'sign', t1.signed, 250n],
  );
  assert.equal(period().reputation?.contracts.length, 0, 'of nobody');
  assert.equal(period(person('grid')).reputation?.contracts.length, 1, 'the grid signs too');
  view.block(t1.clear + 1n, signAll(view.test, P, 0, [ann, bob, person('grid')]));
  const id = idOf(view.test, P, 0);
  assert.equal(port.signedContract(id)?.contract.state, 'ACTIVE');
  assert.equal(port.signedContract(new Uint8Array(32)), undefined);
  view.block(t1.signed);
  assert.equal(period().phase, 'declare', 'the next bidding round');
});

test('after delivery: what waits for a receipt, and the standing', () => {
  const { view, port, period } = setUp();
  const bids = [bidOf(ann, 'sell', 1900n, 100n), bidOf(bob, 'buy', 1900n, 150n)];
  view.block(
    1n,
    bids.map((bid) => sealRep(view.test, bid)),
  );
  view.block(
    t1.closeOrders,
    bids.map((bid) => revealRep(view.test, bid)),
  );
  for (const at of [t1.mark, t1.board, t1.clear]) view.block(at);
  view.block(t1.clear + 1n, signAll(view.test, P, 0, [ann, bob, person('grid')]));
  for (const n of [1, 2, 3]) {
    const t = timesOf(P, n);
    for (const at of [t.closeOrders, t.mark, t.board, t.clear, t.signed])
      if (at > view.tip().timeMs) view.block(at);
  }
  const closed = period(ann);
  assert.equal(closed.phase, 'matched');
  assert.equal(closed.order?.state, 'traded');
  assert.equal(closed.reputation?.cep, 125n);
  const read = (end: bigint, wh: bigint) => [
    readingOf(view.test, 'ann', { end, imp: 0n, exp: wh, sequence: end / HOUR }),
    readingOf(view.test, 'bob', { end, imp: wh, exp: 0n, sequence: end / HOUR }),
  ];
  view.block(HOUR, read(HOUR, 0n));
  view.block(endOf(0n) + 300_000n);
  view.block(settleOf(0n));
  view.block(endOf(P), read(endOf(P), 1900n));
  view.block(endOf(P) + 300_000n);
  view.block(settleOf(P));
  const [mine] = period(bob).reputation?.contracts ?? [];
  assert.deepEqual([mine?.waits, mine?.deadline], ['confirm', receiptOf(P)]);
  const of = (who: Person) =>
    port.account({ account: view.test.id(who), proof: false, height: undefined });
  assert.deepEqual([of(ann).reputation, of(ann).activity], [500_000n, 0n]);
});

test('the grid company sees every contract of a period, page by page; the regulator too', () => {
  const sellers = ['s1', 's2'];
  const buyers = Array.from({ length: 102 }, (_, i) => `b${i}`);
  const run = new Run([...sellers, ...buyers]);
  const { chain } = run;
  const bids = [
    ...sellers.map((name) => bidOf(person(name), 'sell', 5100n, 100n)),
    ...buyers.map((name) => bidOf(person(name), 'buy', 100n, 150n)),
  ];
  run.quote(bids, { period: P });
  run.block(t1.clear);
  const port = marketPart({
    ...{ chain: chain.at.chain, world: () => chain.world(), tip: () => chain.at.parent },
  } as unknown as NodeView);
  const pageOf = (who: Person, cursor: string | undefined) =>
    port.marketPeriod({ market: MARKET, period: P, account: chain.id(who), cursor }).reputation;
  for (const who of [person('grid'), person('regulator')]) {
    const first = pageOf(who, undefined);
    assert.deepEqual([first?.contracts.length, first?.cursor], [100, '100']);
    const rest = pageOf(who, first?.cursor);
    assert.deepEqual(
      rest?.contracts.map(({ number }) => number),
      [100n, 101n],
    );
    assert.equal(rest?.cursor, undefined);
  }
  assert.equal(pageOf(person('b0'), undefined)?.contracts.length, 1);
});
