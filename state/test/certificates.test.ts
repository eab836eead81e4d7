// Labels and green certificates on the chain (market-reputation 1.12; settlement 5.8): made by what
// was metered, moved by what was delivered, certified by the thousand, handed on, retired once.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CERTIFICATE_TABLES } from '../src/certificates/tables.js';
import { assertRestores } from './audit.js';
import { CleanRun } from './clean.js';
import { PERIOD, person } from './harness.js';
import { linesOf, readingOf, revealOf, sealOf } from './trade.js';

/** 1,300 kWh clean energy of two producers for one buyer, by the numbers of the golden example. */
function bought(): CleanRun {
  const run = new CleanRun();
  run.trade(1n, [{ seller: 'sun', buyer: 'shade', wh: 500_000n }]);
  run.deliver(1n, { sun: [0n, 700_400n], shade: [500_000n, 0n] });
  run.trade(4n, [
    { seller: 'sun', buyer: 'shade', wh: 300_000n },
    { seller: 'roof', buyer: 'shade', wh: 450_000n },
  ]);
  run.deliver(4n, { sun: [0n, 600_700n], roof: [0n, 450_000n], shade: [750_000n, 0n] });
  return run;
}

test('a certificate per 1,000 labels, oldest first, with its origin; the rest stays', () => {
  const run = bought();
  assert.deepEqual(run.meter('sun'), { minted: 1301n, openWh: 100n });
  assert.deepEqual(run.meter('roof'), { minted: 450n, openWh: 0n });
  // As golden/reputation.json "certificates" has it: 800 of sun, then 200 of roof.
  const made = run.certificate(1n);
  assert.deepEqual(made?.owner, run.id('shade'));
  assert.deepEqual(made?.ranges, ['sun 1 1-700', 'sun 4 701-800', 'roof 4 1-200']);
  assert.deepEqual(run.labels('shade', 'held'), ['roof 4 201-450']);
  assert.deepEqual(run.labels('sun', 'made'), ['sun 4 801-1301']);
  assert.deepEqual(run.labels('roof', 'made'), []);
  assert.equal(run.certificate(2n), undefined);
  assertRestores(run.chain);
});

test('only accounts marked green make labels, and fractions of a pair wait', () => {
  const run = new CleanRun();
  run.trade(1n, [
    { seller: 'coal', buyer: 'shade', wh: 2000n },
    { seller: 'sun', buyer: 'shade', wh: 1600n },
  ]);
  run.deliver(1n, { coal: [0n, 2000n], sun: [0n, 2500n], shade: [3600n, 0n] });
  assert.equal(run.meter('coal'), undefined);
  assert.deepEqual(run.labels('shade', 'held'), ['sun 1 1-1']);
  assert.deepEqual(run.labels('sun', 'made'), ['sun 1 2-2']);
  assert.equal(run.openWh('sun', 'shade'), 600n);
  assert.deepEqual(run.meter('sun'), { minted: 2n, openWh: 500n });
});

test('the receipt tells each range: made, sold, bought; and the certificate', () => {
  const run = new CleanRun();
  run.trade(1n, [{ seller: 'sun', buyer: 'shade', wh: 1_000_000n }]);
  const { receipts } = run.deliver(1n, { sun: [0n, 1_000_000n], shade: [1_000_000n, 0n] });
  const lines = linesOf(receipts);
  const labels = lines.filter(({ kind }) => kind === 'label').map(({ fields }) => fields);
  assert.deepEqual(labels.map(({ event, from, to }) => [event, from, to]).sort(), [
    ['bought', 1n, 1000n],
    ['made', 1n, 1000n],
    ['sold', 1n, 1000n],
  ]);
  assert.deepEqual(labels[0]?.market, 'spot');
  const [certificate] = lines.filter(({ kind }) => kind === 'certificate');
  assert.deepEqual([certificate?.fields.serial, certificate?.fields.event], [1n, 'made']);
  assert.equal((certificate?.fields.origin as Uint8Array).length, 32);
});

test('transferCertificate: by its owner, to another account, again and again', () => {
  const run = bought();
  run.refuses('NOT_FOUND', run.transfer('shade', 2n, run.id('coal')));
  run.refuses('NOT_ALLOWED', run.transfer('sun', 1n, run.id('coal')));
  run.refuses('UNKNOWN_ACCOUNT', run.transfer('shade', 1n, run.id('shade')));
  run.refuses('UNKNOWN_ACCOUNT', run.transfer('shade', 1n, run.id('nobody')));
  run.refuses('UNKNOWN_ACCOUNT', run.transfer('shade', 1n, run.id('coal meter')));
  run.refuses('UNKNOWN_MARKET', run.transfer('shade', 1n, run.id('coal'), 'spot'));
  const { receipts } = run.now(run.transfer('shade', 1n, run.id('coal')));
  const told = linesOf(receipts).filter(({ kind }) => kind === 'certificate');
  assert.deepEqual(told.map(({ fields }) => fields.event).sort(), ['received', 'sent']);
  assert.deepEqual(run.certificate(1n)?.owner, run.id('coal'));
  run.refuses('NOT_ALLOWED', run.transfer('shade', 1n, run.id('sun')));
  run.now(run.transfer('coal', 1n, run.id('shade')));
  run.now(run.transfer('shade', 1n, run.id('coal')));
  assert.deepEqual(run.certificate(1n)?.ranges?.length, 3, 'the origin stays');
});

test('retireCertificate: once and for ever', () => {
  const run = bought();
  run.refuses('NOT_FOUND', run.retire('shade', 0n));
  run.refuses('NOT_ALLOWED', run.retire('coal', 1n));
  run.refuses('UNKNOWN_MARKET', run.retire('shade', 1n, 'spot'));
  run.now(run.retire('shade', 1n));
  assert.equal(run.certificate(1n)?.retired, true);
  run.refuses('CERTIFICATE_RETIRED', run.retire('shade', 1n));
  run.refuses('CERTIFICATE_RETIRED', run.transfer('shade', 1n, run.id('coal')));
  assertRestores(run.chain);
});

test('two in one block: the second is refused', () => {
  const run = bought();
  const built = run.chain.block(run.nowMs + 1n, [
    run.transfer('shade', 1n, run.id('coal')),
    run.retire('shade', 1n),
  ]);
  assert.deepEqual(
    built.refused.map(({ code }) => code),
    ['NOT_ALLOWED'],
  );
});

test('a correction downwards takes no label back; what it took is missing later', () => {
  const run = new CleanRun();
  run.trade(1n, [{ seller: 'sun', buyer: 'shade', wh: 5000n }]);
  run.deliver(1n, { sun: [0n, 5400n], shade: [5000n, 0n] });
  assert.deepEqual(run.labels('shade', 'held'), ['sun 1 1-5']);
  run.correct('sun', 1n, { exp: -3000n });
  assert.deepEqual(run.labels('shade', 'held'), ['sun 1 1-5'], 'labels do not move back');
  assert.deepEqual(run.meter('sun'), { minted: 5n, openWh: -2600n });
  assert.equal(run.openWh('sun', 'shade'), -2600n);
  // Up again to the same registers: nothing counts twice.
  run.correct('sun', 1n, { exp: 3000n });
  assert.deepEqual(run.meter('sun'), { minted: 5n, openWh: 400n });
  assert.deepEqual(run.labels('shade', 'held'), ['sun 1 1-5']);
  assert.equal(run.openWh('sun', 'shade'), 0n);
});

test('labels that are not made yet are owed: the next ones go there first', () => {
  const run = new CleanRun();
  run.deliver(1n, { sun: [0n, 5000n] });
  run.trade(4n, [{ seller: 'sun', buyer: 'shade', wh: 5000n }]);
  run.deliver(4n, { sun: [0n, 5000n], shade: [5000n, 0n] });
  run.correct('sun', 4n, { exp: -4000n });
  // Four kWh were made that never were: the buyer of the next four has to wait.
  run.trade(7n, [{ seller: 'sun', buyer: 'coal', wh: 8000n }]);
  run.deliver(7n, { sun: [0n, 8000n], coal: [8000n, 0n] });
  assert.deepEqual(run.labels('shade', 'held'), ['sun 1 1-5']);
  assert.deepEqual(run.labels('coal', 'held'), ['sun 4 6-10', 'sun 7 11-13']);
  assert.deepEqual(run.labels('sun', 'made'), ['sun 7 14-14']);
  run.correct('sun', 7n, { exp: -6000n });
  run.trade(10n, [{ seller: 'sun', buyer: 'roof', wh: 3000n }]);
  run.deliver(10n, { sun: [0n, 3000n], roof: [3000n, 0n] });
  assert.deepEqual(run.labels('roof', 'held'), ['sun 7 14-14']);
  assert.deepEqual(run.owed(), [2n], 'no label is left, and none is made');
  run.deliver(13n, { sun: [0n, 4500n] });
  assert.deepEqual(run.owed(), [1n]);
  run.deliver(16n, { sun: [0n, 5000n] });
  assert.deepEqual(run.owed(), []);
  assert.deepEqual(run.labels('roof', 'held'), ['sun 7 14-14', 'sun 13 15-15', 'sun 16 16-16']);
  assert.deepEqual(run.labels('sun', 'made'), ['sun 16 17-20']);
  assertRestores(run.chain);
});

test('a late reading: its labels are of the period in which they were metered', () => {
  const run = new CleanRun({ homes: ['sun', 'shade'] });
  run.trade(1n, [{ seller: 'sun', buyer: 'shade', wh: 2000n }]);
  const end = 2n * PERIOD;
  run.block(end + 1000n, [readingOf(run.chain, 'shade', { end, imp: 2000n, exp: 0n })]);
  run.block(end + 300_000n);
  run.block(end + 600_000n);
  assert.equal(run.meter('sun'), undefined, 'a substitute feeds nothing in');
  run.block(end + 700_000n, [readingOf(run.chain, 'sun', { end, imp: 0n, exp: 3500n })]);
  run.now();
  assert.deepEqual(run.labels('shade', 'held'), ['sun 1 1-2']);
  assert.deepEqual(run.labels('sun', 'made'), ['sun 1 3-3']);
});

test('call: labels move by what was delivered, also where energy is paid by contract', () => {
  const run = new CleanRun({ mechanism: 'call', homes: ['sun', 'shade'] });
  const bids = [
    { who: person('sun'), side: 'sell' as const, wh: 10_000n, price: 200n, period: 1n },
    { who: person('shade'), side: 'buy' as const, wh: 10_000n, price: 200n, period: 1n },
  ];
  run.block(
    1000n,
    bids.map((bid) => sealOf(run.chain, bid)),
  );
  run.block(
    180_001n,
    bids.map((bid) => revealOf(run.chain, bid)),
  );
  for (const at of [215_000n, 300_000n, 780_000n]) run.block(at);
  const read = (end: bigint, imp: bigint, exp: bigint) => [
    readingOf(run.chain, 'sun', { end: end * PERIOD, imp: 0n, exp }),
    readingOf(run.chain, 'shade', { end: end * PERIOD, imp, exp: 0n }),
  ];
  run.block(PERIOD + 1000n, read(1n, 0n, 0n));
  for (const at of [300_000n, 600_000n]) run.block(PERIOD + at);
  run.block(2n * PERIOD + 1000n, read(2n, 9000n, 7400n));
  for (const at of [300_000n, 600_000n]) run.block(2n * PERIOD + at);
  assert.deepEqual(run.labels('shade', 'held'), ['sun 1 1-7']);
  assert.equal(run.openWh('sun', 'shade'), 400n);
  // The meter of the seller had been read wrong: 9 kWh were delivered.
  const body = { market: 'spot', meter: run.id('sun meter'), endMs: 2n * PERIOD };
  const registers = { importWh: 0n, exportWh: 9600n, reason: 'meter exchanged' };
  const centre = person('centre');
  run.now(run.chain.tx(centre, 'correct', { ...body, ...registers } as never));
  run.now();
  assert.deepEqual(run.labels('shade', 'held'), ['sun 1 1-9']);
  assert.equal(run.openWh('sun', 'shade'), 0n);
  assert.deepEqual(run.meter('sun'), { minted: 9n, openWh: 600n });
});

test('a settlement in parts and over blocks: each trade moves its label once', () => {
  const buyers = Array.from({ length: 515 }, (_, i) => `b${i}`);
  const consensus = { maxBoundaryWork: 1000 };
  const run = new CleanRun({ homes: ['sun', ...buyers], green: ['sun'], consensus });
  run.trade(
    1n,
    buyers.map((buyer) => ({ seller: 'sun', buyer, wh: 1500n })),
  );
  const took = buyers.map((buyer) => [buyer, [1500n, 0n] as const] as const);
  run.deliver(1n, { sun: [0n, 772_500n], ...Object.fromEntries(took) });
  assert.ok(run.more > 1, 'one block was not enough');
  assert.deepEqual(run.labels('sun', 'made'), ['sun 1 516-772']);
  for (const buyer of [buyers[0], buyers[511], buyers[512], buyers[514]] as string[])
    assert.deepEqual([run.labels(buyer, 'held').length, run.openWh('sun', buyer)], [1, 500n]);
});

test('off: no label, no leaf, no line', () => {
  const run = new CleanRun({ modules: { certificates: false } });
  run.trade(1n, [{ seller: 'sun', buyer: 'shade', wh: 5000n }]);
  const { receipts } = run.deliver(1n, { sun: [0n, 5000n], shade: [5000n, 0n] });
  assert.deepEqual(run.labels('shade', 'held'), []);
  assert.ok(linesOf(receipts).every(({ kind }) => kind !== 'label'));
  const kinds = new Set<number>(CERTIFICATE_TABLES.map(({ kind }) => kind));
  assert.ok([...run.chain.leaves.values()].every(({ kind }) => !kinds.has(kind)));
});
