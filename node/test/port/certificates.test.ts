// certificate_list, points_offers, points_audit and the pools of chain_supply over a chain where
// clean energy was traded, granted for, certified and retired.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ChainMs, Money } from '../../../core/src/amount.js';
import { decodeHeader } from '../../../core/src/header.js';
import { sha256 } from '../../../core/src/hash.js';
import { printAccount } from '../../../core/src/ids.js';
import { verifyTreeProof } from '../../../core/src/treeProof.js';
import { CleanRun, type CleanOptions, cleanGenesis } from '../../../state/test/clean.js';
import { HOUR, person } from '../../../state/test/harness.js';
import { issueTo, redeemFrom } from '../../../state/test/trade.js';
import { createNodePort } from '../../src/port/port.js';
import { FakeView } from '../fakeView.js';

const OPTIONS: CleanOptions = {
  modules: { points: true },
  params: { grants: { cleanKwh: '0.5' } },
  grants: '100',
};

function setUp() {
  const view = new FakeView(cleanGenesis(OPTIONS));
  const run = new CleanRun(OPTIONS, view);
  const query = { account: undefined, serial: undefined, cursor: undefined, proof: false };
  return { view, run, port: createNodePort(view), query };
}

function traded() {
  const all = setUp();
  const { run } = all;
  run.trade(1n, [
    { seller: 'sun', buyer: 'shade', wh: 999_000n },
    { seller: 'roof', buyer: 'coal', wh: 4000n },
  ]);
  const [sun, roof] = [[0n, 999_900n] as const, [0n, 4000n] as const];
  run.deliver(1n, { sun, roof, shade: [999_000n, 0n], coal: [4000n, 0n] });
  run.trade(4n, [{ seller: 'roof', buyer: 'shade', wh: 2000n }]);
  run.deliver(4n, { roof: [0n, 2000n], shade: [2000n, 0n] });
  return all;
}

test('certificates of an account with their origin, and labels that are in none', () => {
  const { view, run, port, query } = traded();
  const name = (who: string): string => printAccount(run.id(who));
  const shade = port.certificates({ ...query, account: run.id('shade') });
  const [one] = shade.certificates;
  assert.deepEqual(
    [one?.serial, one?.state, one?.kwh, one?.owner],
    [1n, 'held', 1000n, name('shade')],
  );
  assert.deepEqual(
    one?.origin.map(({ number, market, period, from, to }) => [number, market, period, from, to]),
    [
      ['000000000000', 'spot', 1n, 1n, 999n],
      ['000000000002', 'spot', 4n, 5n, 5n],
    ],
  );
  assert.equal(one?.origin[0]?.meter, name('sun meter'));
  assert.deepEqual(shade.labels, { made: 0n, held: 1n, owed: 0n, minted: 0n, openWh: 0n });
  const sun = port.certificates({ ...query, account: run.id('sun') });
  assert.deepEqual(sun.labels, { made: 0n, held: 0n, owed: 0n, minted: 999n, openWh: 900n });
  assert.deepEqual([sun.certificates, sun.made, sun.retired], [[], 1n, 0n]);
  run.now(run.retire('shade', 1n));
  const all = port.certificates(query);
  assert.deepEqual([all.certificates[0]?.state, all.retired, all.labels], ['retired', 1n, null]);
  assert.deepEqual(port.certificates({ ...query, cursor: '1' }).certificates, []);
  assert.equal(port.certificates({ ...query, serial: 1n }).certificates.length, 1);
  assert.throws(() => port.certificates({ ...query, serial: 2n }), { code: 'NOT_FOUND' });
  const nobody = { ...query, account: view.test.id(person('nobody')) };
  assert.throws(() => port.certificates(nobody), { code: 'NOT_FOUND' });
});

test('a certificate and its origin are proven against the header', () => {
  const { port, query } = traded();
  const { certificates, anchor } = port.certificates({ ...query, serial: 1n, proof: true });
  assert.ok(anchor);
  const header = decodeHeader(anchor.headerBytes);
  assert.ok(header);
  const proof = certificates[0]?.proof;
  assert.ok(proof);
  for (const leaf of [proof.certificate, proof.origin]) {
    const claim = { root: header.stateRoot, kind: leaf.kind, key: leaf.key };
    assert.ok(leaf.value !== null);
    assert.ok(verifyTreeProof({ ...claim, value: leaf.value }, leaf.proof));
    const forged = leaf.value.with(leaf.value.length - 1, 0xff);
    assert.ok(!verifyTreeProof({ ...claim, value: forged }, leaf.proof));
  }
  const plain = port.certificates({ ...query, serial: 1n });
  assert.deepEqual([plain.anchor, plain.certificates[0]?.proof], [undefined, undefined]);
});

test('points_audit: each issue, redemption and grant once, newest first, in pages', () => {
  const { view, run, port } = traded();
  const all = { from: undefined, to: undefined, cursor: undefined };
  const shown = () =>
    port
      .pointsAudit(all)
      .entries.map(({ type, amount, account }) => [type, amount, account] as const);
  // sun 999, roof 4 and 2 kWh: half a point to each side; 100 points are there.
  const grants = shown();
  assert.ok(grants.every(([type]) => type === 'grant'));
  assert.equal(
    grants.reduce((sum, [, amount]) => sum + amount, 0n),
    100_000_000n,
  );
  const sums = port.supply();
  assert.equal(sums.pools.grants, 0n);
  assert.equal(sums.grants.cleanKwh.paid, 100_000_000n);
  assert.equal(sums.grants.cleanKwh.unpaid, 2n * 1005n * 500_000n - 100_000_000n);
  const shade = run.id('shade');
  run.now(issueTo(run.chain, shade, 700n));
  run.now(redeemFrom(run.chain, shade, 300n));
  assert.deepEqual(shown().slice(0, 2), [
    ['redeem', 300n, printAccount(shade)],
    ['issue', 700n, printAccount(shade)],
  ]);
  const { issued, redeemed, accounts } = port.supply();
  assert.equal(issued - redeemed, accounts);
  // One page is a hundred entries, the next one goes on behind it.
  const centre = person('centre');
  const many = Array.from({ length: 130 }, () => issueTo(run.chain, shade, 1n));
  view.block(run.nowMs + 1n, many);
  assert.equal(view.test.balance(centre).available, 0n);
  const first = port.pointsAudit(all);
  const second = port.pointsAudit({ ...all, cursor: first.cursor });
  assert.deepEqual([first.entries.length, second.entries.length], [100, 32 + grants.length]);
  const places = [...first.entries, ...second.entries].map(({ place }) => place);
  assert.equal(new Set(places).size, places.length, 'nothing twice');
  const late = port.pointsAudit({ ...all, from: run.nowMs + 1n });
  assert.deepEqual(late.entries, []);
});

test('points_offers: what stands, who has taken it, by seller and in pages', () => {
  const { run, port } = setUp();
  const terms = sha256(new Uint8Array(1));
  const offer = (who: string, amount: bigint) =>
    run.chain.tx(person(who), 'offerPoints', {
      market: '',
      amount: amount as Money,
      terms,
      until: (run.nowMs + HOUR) as ChainMs,
    });
  const [first, second] = [offer('sun', 5n), offer('coal', 6n)];
  run.now(first, second);
  run.now(run.chain.tx(person('shade'), 'takePoints', { market: '', offer: first.id }));
  const all = { seller: undefined, after: undefined };
  const { offers } = port.pointOffers(all);
  assert.equal(offers.length, 2);
  const taken = offers.find(({ taker }) => taker !== null);
  assert.deepEqual([taken?.amount, taken?.taker], [5n, printAccount(run.id('shade'))]);
  const ofCoal = port.pointOffers({ ...all, seller: run.id('coal') }).offers;
  assert.deepEqual([ofCoal[0]?.amount, ofCoal[0]?.reservedUntil], [6n, 0n]);
  const last = offers.at(-1)?.id;
  assert.deepEqual(port.pointOffers({ ...all, after: last }).offers, []);
  run.block(run.nowMs + HOUR);
  assert.equal(port.pointOffers(all).offers.length, 1, 'the one that is reserved');
});
