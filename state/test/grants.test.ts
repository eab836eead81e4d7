// Grants from pool:grants (market-reputation 1.11): four causes, each paid whole or not at all;
// what the pool did not cover stands in the receipt and is not made up later.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ChainMs } from '../../core/src/amount.js';
import type { BodyOf, Tx } from '../../core/src/tx.js';
import { PACKED } from '../src/points/tables.js';
import type { Built } from '../src/transition.js';
import { auctionHash, termsOf } from '../src/markets/neighbourhood/contracts.js';
import { assertRestores } from './audit.js';
import { Pairs } from './bilateral.js';
import { CleanRun } from './clean.js';
import { HOUR, person, type TestChain } from './harness.js';
import { bidOf, Run } from './reputationRun.js';
import { aboutContracts, timesOf } from './reputationTrade.js';
import { Street } from './street.js';
import { issueTo, linesOf, redeemFrom } from './trade.js';

const POINT = 1_000_000n;
const START = 1_000_000n * POINT;
const ON = { points: true };

const admitOf = (chain: TestChain, name: string): Tx =>
  chain.tx(person('centre'), 'admit', {
    market: '',
    publicKey: person(name).key,
    role: 'prosumer',
    organisation: '',
    pMaxImportW: 17_000n,
    pMaxExportW: 17_000n,
    green: false,
    node: '',
    expiresMs: 0n as ChainMs,
    commitment: undefined,
  } satisfies BodyOf<'admit'>);

const grantLines = ({ receipts }: Built) =>
  linesOf(receipts)
    .filter(({ kind }) => kind === 'grant')
    .map(({ fields }) => [fields.cause, fields.due, fields.paid]);

test('registration: once, with the admission; the pool pays it, or nothing', () => {
  const params = { grants: { registration: '100' } };
  const run = new CleanRun({ params, modules: ON, grants: '250' });
  const both = run.now(admitOf(run.chain, 'new'), admitOf(run.chain, 'two'));
  assert.deepEqual(grantLines(both), [
    ['registration', 100n * POINT, 100n * POINT],
    ['registration', 100n * POINT, 100n * POINT],
  ]);
  assert.deepEqual([run.available('new'), run.pool], [100n * POINT, 50n * POINT]);
  run.refuses('ALREADY_ADMITTED', admitOf(run.chain, 'new'));
  const late = run.now(admitOf(run.chain, 'three'));
  assert.deepEqual(grantLines(late), [['registration', 100n * POINT, 0n]]);
  assert.deepEqual([run.available('three'), run.pool], [0n, 50n * POINT]);
  // The centre funds the pool by issue; what was missed is not made up.
  const { grants } = run.chain.at.chain.system;
  run.now(issueTo(run.chain, grants, 100n * POINT));
  assert.deepEqual([run.available('three'), run.pool], [0n, 150n * POINT]);
  run.now(redeemFrom(run.chain, grants, 150n * POINT));
  assert.equal(run.pool, 0n);
  assertRestores(run.chain);
});

test('clean energy: a grant to each side for each whole kWh, as far as the pool goes', () => {
  const params = { grants: { cleanKwh: '1' } };
  const run = new CleanRun({ params, modules: ON, grants: '15' });
  const deal = (seller: string) => [{ seller, buyer: 'shade', wh: 2400n }];
  run.trade(1n, deal('sun'));
  const first = run.deliver(1n, { sun: [0n, 2400n], shade: [2400n, 0n] });
  assert.deepEqual(grantLines(first), [
    ['cleanKwh', 2n * POINT, 2n * POINT],
    ['cleanKwh', 2n * POINT, 2n * POINT],
  ]);
  assert.equal(run.available('sun'), START + 2400n * 200n + 2n * POINT);
  assert.equal(run.available('shade'), START - 2400n * 200n + 2n * POINT);
  // 400 Wh waited: 5 kWh and the 200 Wh that are left. 11 points are there for 10.
  run.trade(4n, [{ seller: 'sun', buyer: 'shade', wh: 4800n }]);
  run.deliver(4n, { sun: [0n, 4800n], shade: [4800n, 0n] });
  assert.deepEqual([run.pool, run.openWh('sun', 'shade')], [POINT, 200n]);
  // The last point is the seller's; grey energy earns none.
  run.trade(7n, [{ seller: 'coal', buyer: 'shade', wh: 3000n }]);
  assert.deepEqual(grantLines(run.deliver(7n, { coal: [0n, 3000n], shade: [3000n, 0n] })), []);
  run.trade(10n, [{ seller: 'sun', buyer: 'shade', wh: 3000n }]);
  const last = run.deliver(10n, { sun: [0n, 3000n], shade: [3000n, 0n] });
  const paid = grantLines(last).map(([, , amount]) => amount);
  assert.deepEqual(paid.sort(), [0n, POINT]);
  assert.equal(run.pool, 0n);
});

test('clean energy is granted for where certificates are off, too', () => {
  const params = { grants: { cleanKwh: '0.5' } };
  const run = new CleanRun({ params, modules: { points: true, certificates: false }, grants: '9' });
  run.trade(1n, [{ seller: 'sun', buyer: 'shade', wh: 3000n }]);
  run.deliver(1n, { sun: [0n, 3000n], shade: [3000n, 0n] });
  assert.equal(run.pool, 6n * POINT);
  assert.equal(run.meter('sun'), undefined);
});

test('the module off: amounts alone grant nothing', () => {
  const params = { grants: { cleanKwh: '1', registration: '100', block: '1' } };
  const run = new CleanRun({ params, modules: { points: false }, grants: '500' });
  run.now(admitOf(run.chain, 'new'));
  run.trade(1n, [{ seller: 'sun', buyer: 'shade', wh: 3000n }]);
  run.deliver(1n, { sun: [0n, 3000n], shade: [3000n, 0n] });
  assert.equal(run.pool, 500n * POINT);
  assert.deepEqual(run.chain.world().entries(PACKED), []);
});

test('a block packed: counted when it is final, granted with the next settlement', () => {
  const params = { grants: { block: '0.1' } };
  const modules = { points: true, certificates: false };
  const run = new CleanRun({ params, modules, grants: '1' });
  const blocks = (): bigint =>
    run.chain
      .world()
      .entries(PACKED)
      .reduce((sum, { value }) => sum + value.blocks, 0n);
  run.now();
  assert.equal(blocks(), 0n, 'nobody packed genesis');
  run.now();
  run.now();
  assert.equal(blocks(), 2n);
  const before = run.available('centre');
  const settled = run.deliver(1n, {});
  // Period 0 was settled in block 6: 5 before it; period 1 in block 9: 3 more.
  assert.deepEqual(grantLines(settled), [['block', 300_000n, 300_000n]]);
  assert.deepEqual([run.available('centre') - before, blocks()], [800_000n, 0n]);
  assertRestores(run.chain);
});

test('verification: each ballot that agrees with the quorum', () => {
  const params = { grants: { verification: '0.01' } };
  const p = new Pairs({ homes: ['a', 'b'], params, modules: ON });
  const { grants } = p.chain.at.chain.system;
  p.take(500n, [issueTo(p.chain, grants, 25_000n)]);
  const listing = p.list({ seller: 'a', buyer: 'b', kwh: 80, price: 640, period: 6n });
  p.take(1000n, [listing]);
  const bits = [1, 1, 1, 0];
  p.take(
    2000n,
    bits.map((bit, i) => p.ballot(`v${i}`, listing, bit)),
  );
  assert.equal(p.chain.balance(grants).available, 25_000n, 'not before the review ends');
  p.take(4n * 900_000n);
  const got = [0, 1, 2, 3].map((i) => p.chain.balance(person(`v${i}`)).available);
  assert.equal(got[3], 0n, 'against the quorum');
  // Two grants of 10,000 and not a third: in the order of the ballots.
  assert.deepEqual(
    got.filter((amount) => amount > 0n),
    [10_000n, 10_000n],
  );
  assert.equal(p.chain.balance(grants).available, 5000n);
});

test('verification: the first right result of an auction with a deal', () => {
  const grants = { verification: '0.01' };
  const homes = [
    ['N1', 'N1'],
    ['N2', 'N2'],
    ['also', 'N2'],
    ['N3', 'N3'],
    ['N5', 'N5'],
  ] as const;
  const s = new Street({ homes, params: { grants }, modules: ON });
  const pool = s.chain.at.chain.system.grants;
  s.block(5000n, [issueTo(s.chain, pool, POINT)]);
  // As in figure 2 of papers/003: node N2 has the first deal.
  s.trade([
    { who: 'N1', side: 'sell', wh: 5000n, price: 450n },
    { who: 'N3', side: 'buy', wh: 3000n, price: 700n },
    { who: 'N5', side: 'buy', wh: 2000n, price: 650n },
  ]);
  const { chain } = s.chain.at;
  const key = { market: 'street', period: 1n as never };
  const at = { ...key, node: 'N2', biddingRound: 1 };
  const deals = termsOf(s.chain.world(), key).map(({ terms }) => terms);
  const right = auctionHash(chain, at, deals.slice(0, 1));
  const publish = (who: string, result: Uint8Array, biddingRound = 1) =>
    s.chain.tx(person(who), 'auction', { ...key, biddingRound, result: result as never });
  const before = s.available('N2');
  s.block(Street.at(1n, 100), [publish('N2', right)]);
  assert.equal(s.available('N2') - before, 10_000n);
  // Again, and by another home of the node: the task is done. An auction without a deal is none.
  const none = auctionHash(chain, { ...at, biddingRound: 77 }, []);
  const more = [publish('N2', right), publish('also', right), publish('N2', none, 77)];
  const again = s.block(Street.at(1n, 110), more);
  assert.deepEqual([again.refused, grantLines(again)], [[], []]);
  assert.equal(s.chain.balance(pool).available, POINT - 10_000n);
});

test('reputation: labels and grants come with the receipt, not with the settlement', () => {
  const [ann, bob] = [person('ann'), person('bob')];
  const run = new Run(['ann', 'bob'], {
    green: ['ann'],
    params: { grants: { cleanKwh: '1' } },
  });
  const { grants } = run.chain.at.chain.system;
  run.block(1n, [issueTo(run.chain, grants, 100n * POINT)]);
  const bids = [bidOf(ann, 'sell', 3500n, 100n), bidOf(bob, 'buy', 3500n, 200n)];
  run.quote(bids, { period: 1n });
  run.block(timesOf(1n, 1).clear);
  run.sign(1n, [[0, [ann, bob]]]);
  run.close(1n);
  run.deliver(0n, { ann: { imp: 0n, exp: 0n }, bob: { imp: 0n, exp: 0n } });
  run.deliver(1n, { ann: { imp: 0n, exp: 3500n }, bob: { imp: 3500n, exp: 0n } });
  assert.equal(run.chain.balance(grants).available, 100n * POINT);
  run.now(aboutContracts(run.chain, bob, { kind: 'confirm', period: 1n, numbers: [0] }));
  assert.equal(run.chain.balance(grants).available, 94n * POINT);
  assert.ok(run.chain.at.parent.timeMs > 2n * HOUR);
  assertRestores(run.chain);
});
