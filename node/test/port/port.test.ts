// The port over a real chain: what the answers say against what the chain did, and proofs that
// verify with core alone.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PeriodIndex, Price, WattHour } from '../../../core/src/amount.js';
import { verifyStrict } from '../../../core/src/ed25519.js';
import { decodeHeader, headerHash } from '../../../core/src/header.js';
import { type AccountId, printAccount } from '../../../core/src/ids.js';
import { sealedBidHash } from '../../../core/src/seal.js';
import { verifyTreeProof } from '../../../core/src/treeProof.js';
import type { Side, Tx } from '../../../core/src/tx.js';
import { checkCertificate, decodeCertificate, PRECOMMIT } from '../../../core/src/vote.js';
import { ProtocolError } from '../../../core/src/errors.js';
import type { LeafProof, Anchor } from '../../../rpc/src/results/chain.js';
import { type Person, PERIOD, person, testGenesis } from '../../../state/test/harness.js';
import { createNodePort } from '../../src/port/port.js';
import { FakeView } from '../fakeView.js';

const nonce = new Uint8Array(16).fill(7);

interface Bid {
  readonly who: Person;
  readonly side: Side;
  readonly wh: bigint;
  readonly price: bigint;
}

function bodies({ test: chain }: FakeView, bid: Bid, period: bigint): { seal: Tx; reveal: Tx } {
  const common = {
    market: 'spot',
    period: period as PeriodIndex,
    biddingRound: 1,
    side: bid.side,
    energyWh: bid.wh as WattHour,
  };
  const price = bid.price as Price;
  const { chainId } = chain.at.chain;
  const hash = sealedBidHash({ ...common, price, nonce, chainId, account: chain.id(bid.who) });
  return {
    seal: chain.tx(bid.who, 'sealBid', { ...common, hash }),
    reveal: chain.tx(bid.who, 'revealBid', { ...common, price, nonce, activate: false }),
  };
}

const reading = (view: FakeView, who: string, r: { end: bigint; imp: bigint; exp: bigint }): Tx =>
  view.test.tx(person(`${who} meter`), 'reading', {
    market: '',
    endMs: r.end as never,
    importWh: r.imp as WattHour,
    exportWh: r.exp as WattHour,
    sequence: r.end / PERIOD,
  });

const market = { market: 'spot', period: 1n, account: undefined, cursor: undefined };
const refusedWith = (code: string) => (error: unknown) =>
  error instanceof ProtocolError && error.code === code;

/** A day as in state/test: ann sells 1000 Wh, bob buys 800, carl never opens his bid. */
function fullPeriod(): FakeView {
  const view = new FakeView(testGenesis(['ann', 'bob', 'carl']));
  const sell = bodies(view, { who: person('ann'), side: 'sell', wh: 1000n, price: 100n }, 1n);
  const buy = bodies(view, { who: person('bob'), side: 'buy', wh: 800n, price: 200n }, 1n);
  const lost = bodies(view, { who: person('carl'), side: 'buy', wh: 100n, price: 300n }, 1n);
  view.block(1000n, [sell.seal, buy.seal, lost.seal]);
  view.block(300_000n, [sell.reveal, buy.reveal]);
  view.block(400_000n);
  view.block(600_000n);
  view.block(780_000n);
  return view;
}

function settled(view: FakeView): FakeView {
  view.block(PERIOD, [
    reading(view, 'ann', { end: PERIOD, imp: 5n, exp: 6n }),
    reading(view, 'bob', { end: PERIOD, imp: 1n, exp: 0n }),
  ]);
  view.block(2n * PERIOD, [
    reading(view, 'ann', { end: 2n * PERIOD, imp: 15n, exp: 906n }),
    reading(view, 'bob', { end: 2n * PERIOD, imp: 701n, exp: 0n }),
  ]);
  view.block(2n * PERIOD + 300_000n);
  view.block(2n * PERIOD + 600_000n);
  return view;
}

test('phases follow the final state', () => {
  const view = new FakeView(testGenesis(['ann', 'bob']));
  const port = createNodePort(view);
  const phase = () => port.marketPeriod(market).phase;
  const sell = bodies(view, { who: person('ann'), side: 'sell', wh: 1000n, price: 100n }, 1n);
  assert.equal(phase(), 'declare');
  assert.equal(port.marketPeriod({ ...market, period: 2n }).phase, 'before');
  view.block(1000n, [sell.seal]);
  view.block(299_999n);
  assert.equal(phase(), 'declare');
  assert.equal(port.marketPeriod(market).counts.sealed, 1);
  view.block(300_000n);
  assert.equal(phase(), 'reveal');
  view.block(310_000n, [sell.reveal]);
  assert.equal(port.marketPeriod(market).counts.revealed, 1);
  view.block(400_000n);
  view.block(600_000n);
  assert.equal(phase(), 'matched');
  view.block(PERIOD);
  assert.equal(phase(), 'delivery');
  view.block(2n * PERIOD);
  assert.equal(phase(), 'readings');
  view.block(2n * PERIOD + 300_000n);
  view.block(2n * PERIOD + 600_000n);
  assert.equal(phase(), 'settled');
  assert.equal(port.marketPeriod({ ...market, period: 0n }).phase, 'over');
});

test('the clock alone opens no reveal', () => {
  const view = new FakeView(testGenesis(['ann']));
  view.block(299_000n);
  view.chainNowMs = () => 350_000n;
  assert.equal(createNodePort(view).marketPeriod(market).phase, 'declare');
});

test('orders, clearing and settlement of a period', () => {
  const view = fullPeriod();
  const port = createNodePort(view);
  const order = (who: string) => {
    const account = view.test.id(person(who));
    return port.marketPeriod({ ...market, account }).order;
  };
  assert.equal(order('ann')?.state, 'partly');
  assert.equal(order('bob')?.state, 'traded');
  assert.equal(order('carl')?.state, 'forfeited');
  const { clearing } = port.marketPeriod(market);
  assert.equal(clearing?.price, 150n);
  assert.equal(clearing?.trades.length, 1);
  const [ann, bob, carl] = ['ann', 'bob', 'carl'].map((n) => printAccount(view.test.id(person(n))));
  assert.equal(clearing?.trades[0]?.seller, ann);
  assert.equal(clearing?.trades[0]?.buyer, bob);
  assert.deepEqual(clearing?.rejected, [{ account: carl, code: 'NOT_REVEALED' }]);
  const carls = { ...market, account: view.test.id(person('carl')) };
  assert.equal(port.marketPeriod(carls).clearing?.trades.length, 0);
  assert.equal(port.settlement(market).version, 0);
  settled(view);
  const lines = port.settlement(market).lines;
  assert.equal(lines.length, 3);
  assert.equal(lines.find((line) => line.account === bob)?.importWh, 700n);
  assert.equal(port.settlement({ ...market, account: carls.account }).lines.length, 1);
  assert.throws(() => port.marketPeriod({ ...market, market: 'x' }), refusedWith('UNKNOWN_MARKET'));
});

test('account_orders pages downwards', () => {
  const view = settled(fullPeriod());
  const port = createNodePort(view);
  const account = view.test.id(person('bob'));
  const query = { account, from: undefined, to: undefined, cursor: undefined };
  const { orders } = port.orders(query);
  assert.equal(orders.length, 1);
  assert.equal(orders[0]?.tradedWh, 800n);
  assert.equal(port.orders({ ...query, to: 1n }).orders.length, 0);
  assert.equal(port.orders({ ...query, from: 2n }).orders.length, 0);
});

function proves(
  view: FakeView,
  leaf: LeafProof,
  { headerBytes, certificateBytes }: Anchor,
): boolean {
  const head = decodeHeader(headerBytes);
  const certificate = decodeCertificate(certificateBytes);
  assert.ok(head && certificate);
  const { chainId } = view.chain;
  const set = [{ id: view.test.id(person('v1')), publicKey: person('v1').key }];
  const subject = {
    step: PRECOMMIT,
    height: head.height,
    round: certificate.round,
    blockHash: headerHash(headerBytes),
  } as const;
  const bad = checkCertificate(certificate, { chainId, set, subject, verify: verifyStrict });
  assert.equal(bad, undefined);
  const claim = { root: head.stateRoot, kind: leaf.kind, key: leaf.key };
  return verifyTreeProof({ ...claim, value: leaf.value ?? undefined }, leaf.proof);
}

test('account_get with proofs that core verifies alone', () => {
  const view = fullPeriod();
  const port = createNodePort(view);
  const account = view.test.id(person('bob'));
  for (const height of [undefined, 1n, 3n]) {
    const { proof, at } = port.account({ account, proof: true, height });
    assert.ok(proof);
    assert.equal(at.height, height ?? 5n);
    assert.equal(decodeHeader(proof.headerBytes)?.height, at.height);
    assert.ok(proves(view, proof.account, proof));
    assert.ok(proves(view, proof.balance, proof));
    const forged = { ...proof.balance, value: new Uint8Array(proof.balance.value ?? []) };
    forged.value[1] = (forged.value[1] as number) ^ 1;
    assert.equal(proves(view, forged, proof), false);
  }
  const older = port.account({ account, proof: false, height: 1n });
  assert.equal(older.locked, 4250n * 220n);
  assert.equal(port.account({ account, proof: false, height: undefined }).locked, 0n);
});

test('absence is proven too; a height without state is refused', () => {
  const view = fullPeriod();
  const port = createNodePort(view);
  const proof = port.proof({ kind: 1, key: new Uint8Array(20), height: undefined });
  assert.equal(proof.value, null);
  assert.ok(proves(view, proof, proof));
  view.prunedBelow = 3n;
  const pruned = { kind: 1, key: new Uint8Array(20), height: 2n };
  assert.throws(() => port.proof(pruned), refusedWith('HISTORY_PRUNED'));
  assert.throws(() => port.proof({ ...pruned, height: 99n }), refusedWith('NOT_FOUND'));
});

test('account_get tells of homes, meters and pools', () => {
  const view = fullPeriod();
  const port = createNodePort(view);
  const ask = (account: AccountId) => port.account({ account, proof: false, height: undefined });
  const ann = ask(view.test.id(person('ann')));
  assert.deepEqual(
    [ann.roles, ann.market, ann.meter?.number],
    [['prosumer'], 'spot', '0'.repeat(12)],
  );
  const meter = ask(view.test.id(person('ann meter')));
  assert.deepEqual([meter.roles, meter.meter?.participant], [['meter'], ann.account]);
  const pool = ask(view.chain.system.reward);
  assert.deepEqual([pool.roles, pool.status, pool.credit], [['pool:reward'], 'system', null]);
  assert.throws(() => ask(new Uint8Array(20) as AccountId), refusedWith('NOT_FOUND'));
});

test('the journal adds up to the balance', () => {
  const view = settled(fullPeriod());
  const port = createNodePort(view);
  const account = view.test.id(person('ann'));
  const query = { account, from: undefined, to: undefined, cursor: undefined };
  const { entries, cursor } = port.journal(query);
  assert.equal(cursor, undefined);
  const sum = entries.reduce((total, e) => total + e.available + e.locked, 100_000_000n);
  const now = port.account({ account, proof: false, height: undefined });
  assert.equal(sum, now.available + now.locked);
  assert.equal(entries.at(-1)?.type, 'bond');
  const [newest] = entries;
  assert.equal(newest?.after.available, now.available);
  const first = port.journal({ ...query, to: 300_000n }).entries;
  assert.deepEqual(
    first.map((e) => e.type),
    ['bond'],
  );
  assert.equal(port.journal({ ...query, from: 300_000n }).entries.length, entries.length - 1);
  // Going on from any entry gives the rest, nothing twice.
  entries.forEach((entry, i) => {
    const rest = port.journal({ ...query, cursor: entry.place }).entries;
    assert.deepEqual(
      rest.map((e) => e.place),
      entries.slice(i + 1).map((e) => e.place),
    );
  });
});

test('readings and how they were taken', () => {
  const view = settled(fullPeriod());
  const port = createNodePort(view);
  const all = port.readings('0'.repeat(12), { from: undefined, to: undefined });
  assert.deepEqual(
    all.readings.map((r) => r.exportWh),
    [0n, 6n, 906n],
  );
  assert.deepEqual(
    all.periods.map((p) => [p.period, p.quality]),
    [
      [0n, 'metered'],
      [1n, 'metered'],
    ],
  );
  const byOwner = port.readings(all.participant, { from: 2n * PERIOD, to: undefined });
  assert.deepEqual(
    byOwner.readings.map((r) => r.endMs),
    [2n * PERIOD],
  );
  assert.throws(() => port.readings('9'.repeat(12), { from: undefined, to: undefined }));
});

test('blocks, headers, supply, validators, parameters', () => {
  const view = settled(fullPeriod());
  const port = createNodePort(view);
  const block = port.block({ ref: { height: 1n }, raw: true, from: 0 });
  assert.equal(block.transactionCount, 3);
  assert.equal(block.transactions[0]?.kind, 'sealBid');
  assert.equal(block.receipts.length, 3);
  assert.deepEqual(block.blockBytes, view.blockBytes(1n));
  const header = port.header({ hash: block.hash }, true);
  assert.equal(header.height, 1n);
  assert.deepEqual(headerHash(header.headerBytes as Uint8Array), block.hash);
  view.stateOf = () => undefined;
  assert.deepEqual(port.header({ height: 1n }, true), header);
  const { transactions } = port.block({ ref: { height: 4n }, raw: false, from: 0 });
  assert.deepEqual(
    transactions.map((tx) => tx.body.step),
    ['clear'],
  );
  const supply = port.supply();
  assert.equal(supply.accounts, supply.issued - supply.redeemed);
  assert.equal(port.validators(undefined).validators.length, 1);
  assert.equal(port.committee(2n, 0).members.length, 1);
  assert.equal(port.parameters().markets[0]?.params.retail, 300n);
  assert.throws(() => port.header({ height: 0n }, false), refusedWith('NOT_FOUND'));
});

test('tx_submit and tx_get', async () => {
  const view = new FakeView(testGenesis(['ann', 'bob']));
  const port = createNodePort(view);
  const tx = view.test.tx(person('ann'), 'transfer', {
    market: '',
    to: view.test.id(person('bob')),
    amount: 5n as never,
    memo: new Uint8Array(0),
  });
  assert.equal(port.tx(tx.id).status, 'unknown');
  const accepted = await port.submitTx(tx.bytes);
  assert.deepEqual([accepted.id, accepted.status], [tx.id, 'accepted']);
  assert.equal((await port.submitTx(tx.bytes)).status, 'accepted');
  assert.equal(port.tx(tx.id).status, 'pending');
  view.block(1000n);
  const final = port.tx(tx.id);
  assert.deepEqual([final.status, final.height, final.index], ['final', 1n, 0]);
  assert.deepEqual(
    final.receipt?.lines.map((line) => line.fields.type),
    ['transfer', 'transfer'],
  );
  const again = await port.submitTx(tx.bytes);
  assert.deepEqual([again.status, again.code], ['rejected', 'DUPLICATE_TX']);
  const garbage = await port.submitTx(Uint8Array.of(1, 2, 3));
  assert.deepEqual([garbage.id, garbage.code], [null, 'BAD_ENCODING']);
});
