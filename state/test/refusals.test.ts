// Every refusal of accounts, points and enrolment, and what every transaction must pass; those of
// orders and readings: refusalsMarket.test.ts.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ChainMs, Money, WattHour } from '../../core/src/amount.js';
import type { ErrorCode } from '../../core/src/errors.js';
import type { AccountId, PublicKey } from '../../core/src/ids.js';
import { sign } from '../../core/src/ed25519.js';
import { type BodyOf, buildTx, decodeTx, type Tx } from '../../core/src/tx.js';
import { HOUR, PERIOD, person, QUICK, TestChain, testGenesis } from './harness.js';
import { assertRefused } from './refused.js';
import { issueTo, readingOf, redeemFrom, transferOf } from './trade.js';

const NOBODY = new Uint8Array(20).fill(9) as AccountId;
const centre = person('centre');
const [ann, bob, v1] = [person('ann'), person('bob'), person('v1')];
/** y = 1: the neutral point, of small order. */
const SMALL_ORDER = new Uint8Array(32).fill(0).with(0, 1) as PublicKey;

const fresh = (change: object = {}): TestChain =>
  new TestChain(testGenesis(['ann', 'bob'], change), QUICK);

function refuses(code: ErrorCode, make: (chain: TestChain) => Tx, at = fresh): void {
  const chain = at();
  assertRefused(chain, { tx: make(chain), timeMs: chain.at.parent.timeMs + 1000n, code });
}

const pay = (chain: TestChain, window?: { from: bigint; until: bigint }): Tx =>
  chain.tx(
    ann,
    'transfer',
    { market: '', to: chain.id(bob), amount: 5n as Money, memo: new Uint8Array(0) },
    window,
  );

const admission = (change: Partial<BodyOf<'admit'>> = {}): BodyOf<'admit'> => ({
  market: '',
  publicKey: person('new').key,
  role: 'prosumer',
  organisation: '',
  pMaxImportW: 17_000n,
  pMaxExportW: 17_000n,
  green: false,
  node: '',
  expiresMs: 0n as ChainMs,
  commitment: undefined,
  ...change,
});

const binding = (
  chain: TestChain,
  change: Partial<BodyOf<'bindMeter'>> = {},
): BodyOf<'bindMeter'> => ({
  market: 'spot',
  participant: chain.id(person('new')),
  number: '000000000099',
  meterKey: person('new meter').key,
  importWh: 0n as WattHour,
  exportWh: 0n as WattHour,
  ...change,
});

/** A chain where 'new' is admitted and without a meter. */
function withNew(change: Partial<BodyOf<'admit'>> = {}): TestChain {
  const chain = fresh();
  assert.deepEqual(chain.block(1n, [chain.tx(centre, 'admit', admission(change))]).refused, []);
  return chain;
}

test('windows, sender, replay and signature', () => {
  refuses('EXPIRED', (c) => pay(c, { from: 1000n, until: 999n }));
  refuses('EXPIRED', (c) => pay(c, { from: 0n, until: 999n }));
  refuses('NOT_YET_VALID', (c) => pay(c, { from: 1001n, until: 5000n }));
  refuses('WINDOW_TOO_LONG', (c) => pay(c, { from: 0n, until: HOUR + 1n }));
  refuses('UNKNOWN_SENDER', (c) => c.tx(person('zed'), 'enrol', { market: 'spot', node: '' }));
  refuses('TOO_LARGE', (c) => ({ ...pay(c), bytes: new Uint8Array(16_385) }));
  const chain = fresh();
  for (const [from, until] of [
    [0n, HOUR],
    [1000n, 1000n],
  ] as const)
    assert.deepEqual(chain.build(1000n, [pay(chain, { from, until })]).refused, []);
  const tx = pay(chain);
  chain.block(1n, [tx]);
  assertRefused(chain, { tx, timeMs: 1000n, code: 'DUPLICATE_TX' });
  chain.block(2n * HOUR);
  assertRefused(chain, { tx, timeMs: 2n * HOUR + 1n, code: 'EXPIRED' });
  // Twice in one block.
  const [once, again] = [pay(chain), pay(chain)];
  const built = chain.build(2n * HOUR + 1n, [once, again, once]);
  assert.deepEqual(
    built.refused.map((r) => r.code),
    ['DUPLICATE_TX'],
  );
});

test('a signature is over everything, under the key of the sender, for one chain', () => {
  const real = new TestChain(testGenesis(['ann', 'bob']));
  const tx = pay(real) as Extract<Tx, { kind: 'transfer' }>;
  assert.deepEqual(real.build(1000n, [tx]).refused, []);
  for (let at = 0; at < 64; at += 9) {
    const signature = tx.signature.with(at, (tx.signature[at] as number) ^ 1);
    const bytes = tx.bytes.slice();
    bytes.set(signature, bytes.length - 64);
    const bad = { ...tx, signature, bytes };
    assertRefused(real, { tx: bad, timeMs: 1000n, code: 'BAD_SIGNATURE' });
  }
  // ann's transfer under bob's name.
  const stolen = real.tx({ ...ann, key: bob.key }, 'transfer', tx.body);
  assertRefused(real, { tx: stolen, timeMs: 1000n, code: 'BAD_SIGNATURE' });
  // The same people on another chain have other ids.
  const other = new TestChain(testGenesis(['ann', 'bob'], { name: 'other' }));
  assertRefused(real, { tx: pay(other), timeMs: 1000n, code: 'UNKNOWN_SENDER' });
  // Even where the sender has the same id there, the signed bytes name the chain.
  const { chainId } = other.at.chain;
  const elsewhere = buildTx(chainId, tx, (bytes) => sign(ann.seed, bytes));
  const bytes = tx.bytes.slice();
  bytes.set(elsewhere.signature, bytes.length - 64);
  const moved = decodeTx(real.at.chain.chainId, bytes);
  assert.ok(moved);
  assertRefused(real, { tx: moved, timeMs: 1000n, code: 'BAD_SIGNATURE' });
});

test('admission', () => {
  refuses('NOT_ALLOWED', (c) => c.tx(ann, 'admit', admission()));
  refuses('NOT_ALLOWED', (c) => c.tx(v1, 'admit', admission()));
  refuses('BAD_KEY', (c) => c.tx(centre, 'admit', admission({ publicKey: SMALL_ORDER })));
  const taken = [ann.key, v1.key, centre.key, person('ann meter').key];
  for (const publicKey of taken)
    refuses('ALREADY_ADMITTED', (c) => c.tx(centre, 'admit', admission({ publicKey })));
  for (const name of ['pMaxImportW', 'pMaxExportW'])
    refuses('AMOUNT_RANGE', (c) =>
      c.tx(centre, 'admit', admission({ [name]: 1_000_000_001n } as object)),
    );
  refuses('EXPIRED', (c) => c.tx(centre, 'admit', admission({ expiresMs: 1000n as ChainMs })));
});

test('a connection whose bill would leave the range of money is not admitted', () => {
  const params = { feedIn: '0.08', retail: '1000000000' };
  const offsets = { close: 300_000, clear: 600_000, pay: 780_000 };
  const market = { id: 'spot', mechanism: 'call', params, offsets };
  const dear = (): TestChain => fresh({ markets: [market] });
  // 10^12 a kWh: a quarter of 2^63 - 1 is 2,305,843 Wh in 15 minutes.
  const watts = (2_305_843n * 3_600_000n) / PERIOD;
  const admitted = dear().build(1n, [
    dear().tx(centre, 'admit', admission({ pMaxImportW: watts })),
  ]);
  assert.deepEqual(admitted.refused, []);
  refuses(
    'AMOUNT_RANGE',
    (c) => c.tx(centre, 'admit', admission({ pMaxExportW: watts + 4n })),
    dear,
  );
});

test('an admission that has run out', () => {
  const chain = withNew({ expiresMs: 2000n as ChainMs });
  const send = transferOf(chain, { from: person('new'), to: chain.id(bob), amount: 1n });
  assertRefused(chain, { tx: send, timeMs: 1999n, code: 'INSUFFICIENT_FUNDS' });
  assertRefused(chain, { tx: send, timeMs: 2000n, code: 'SUSPENDED' });
});

test('suspension', () => {
  const bodyOf = (account: AccountId) => ({ market: '', account, reason: '' });
  refuses('NOT_ALLOWED', (c) => c.tx(ann, 'suspend', bodyOf(c.id(bob))));
  refuses('UNKNOWN_ACCOUNT', (c) => c.tx(centre, 'suspend', bodyOf(NOBODY)));
  refuses('UNKNOWN_ACCOUNT', (c) => c.tx(centre, 'suspend', bodyOf(c.at.chain.system.reward)));
  for (const who of ['centre', 'grid'])
    refuses('NOT_ALLOWED', (c) => c.tx(centre, 'suspend', bodyOf(c.id(person(who)))));
  refuses('NOT_ALLOWED', (c) => c.tx(ann, 'readmit', { market: '', account: c.id(bob) }));
  refuses('UNKNOWN_ACCOUNT', (c) => c.tx(centre, 'readmit', { market: '', account: NOBODY }));
  refuses('ALREADY_ADMITTED', (c) => c.tx(centre, 'readmit', { market: '', account: c.id(bob) }));
  const chain = fresh();
  chain.block(1n, [chain.tx(centre, 'suspend', bodyOf(chain.id(ann)))]);
  assertRefused(chain, { tx: pay(chain), timeMs: 2n, code: 'SUSPENDED' });
  const again = chain.tx(centre, 'suspend', bodyOf(chain.id(ann)));
  assertRefused(chain, { tx: again, timeMs: 2n, code: 'SUSPENDED' });
  chain.block(2n, [chain.tx(centre, 'readmit', { market: '', account: chain.id(ann) })]);
  assert.deepEqual(chain.build(3n, [pay(chain)]).refused, []);
});

test('binding of a meter', () => {
  const refusesBinding = (
    code: ErrorCode,
    change: (chain: TestChain) => Partial<BodyOf<'bindMeter'>>,
    by = centre,
  ): void => refuses(code, (c) => c.tx(by, 'bindMeter', binding(c, change(c))), withNew);
  refusesBinding('NOT_ALLOWED', () => ({}), person('new'));
  refusesBinding('UNKNOWN_ACCOUNT', () => ({ participant: NOBODY }));
  refusesBinding('NOT_ALLOWED', (c) => ({ participant: c.id(v1) }));
  refusesBinding('METER_BOUND', (c) => ({ participant: c.id(ann) }));
  for (const number of ['', '12345678901', '00000000000a'])
    refusesBinding('BAD_ENCODING', () => ({ number }));
  refusesBinding('METER_BOUND', () => ({ number: '000000000001' }));
  refusesBinding('BAD_KEY', () => ({ meterKey: SMALL_ORDER }));
  refusesBinding('ALREADY_ADMITTED', () => ({ meterKey: person('ann meter').key }));
  refusesBinding('ALREADY_ADMITTED', () => ({ meterKey: bob.key }));
  refusesBinding('UNKNOWN_MARKET', () => ({ market: 'none' }));
  const most = 10n ** 12n;
  for (const name of ['importWh', 'exportWh'])
    refusesBinding('AMOUNT_RANGE', () => ({ [name]: most + 1n }) as object);
  const chain = withNew();
  const good = binding(chain, { importWh: most as WattHour, exportWh: most as WattHour });
  assert.deepEqual(chain.build(2n, [chain.tx(centre, 'bindMeter', good)]).refused, []);
});

test('enrolment', () => {
  const to = (market: string) => ({ market, node: '' });
  refuses('UNKNOWN_METER', (c) => c.tx(v1, 'enrol', to('spot')));
  refuses('UNKNOWN_METER', (c) => c.tx(person('ann meter'), 'enrol', to('spot')));
  refuses('UNKNOWN_MARKET', (c) => c.tx(ann, 'enrol', to('none')));
  refuses('METER_BOUND', (c) => c.tx(ann, 'enrol', to('spot')));
});

test('points', () => {
  const reward = (c: TestChain): AccountId => c.at.chain.system.reward;
  refuses('NOT_ALLOWED', (c) => c.tx(ann, 'issue', issueTo(c, reward(c), 5n).body as never));
  refuses('NOT_ALLOWED', (c) => c.tx(ann, 'redeem', issueTo(c, reward(c), 5n).body as never));
  refuses('UNKNOWN_ACCOUNT', (c) => issueTo(c, NOBODY, 5n));
  refuses('AMOUNT_RANGE', (c) => issueTo(c, c.id(ann), 0n));
  const left = (1n << 62n) - 1n - 300_000_000n;
  refuses('AMOUNT_RANGE', (c) => issueTo(c, c.id(ann), left + 1n));
  const chain = fresh();
  assert.deepEqual(chain.block(1n, [issueTo(chain, chain.id(ann), left)]).refused, []);
  refuses('UNKNOWN_ACCOUNT', (c) => redeemFrom(c, NOBODY, 5n));
  refuses('AMOUNT_RANGE', (c) => redeemFrom(c, c.id(ann), 0n));
  refuses('INSUFFICIENT_FUNDS', (c) => redeemFrom(c, c.id(ann), 100_000_001n));
  refuses('INSUFFICIENT_FUNDS', (c) => redeemFrom(c, c.id(person('grid')), 1n));
  const move = (from: string, to: AccountId, amount: bigint) => (c: TestChain) =>
    transferOf(c, { from: person(from), to, amount });
  refuses('NOT_ALLOWED', (c) => move('ann meter', c.id(bob), 1n)(c));
  refuses('AMOUNT_RANGE', (c) => move('ann', c.id(bob), 0n)(c));
  refuses('UNKNOWN_ACCOUNT', (c) => move('ann', c.id(ann), 1n)(c));
  refuses('UNKNOWN_ACCOUNT', (c) => move('ann', NOBODY, 1n)(c));
  refuses('INSUFFICIENT_FUNDS', (c) => move('ann', c.id(bob), 100_000_001n)(c));
  refuses('INSUFFICIENT_FUNDS', (c) => move('grid', c.id(bob), 1n)(c));
});

test('who owes does not transfer', () => {
  const chain = new TestChain(testGenesis(['ann', 'bob']), QUICK);
  chain.block(1n, [redeemFrom(chain, chain.id(ann), 100_000_000n)]);
  chain.block(PERIOD, [readingOf(chain, 'ann', { end: PERIOD, imp: 100n, exp: 0n })]);
  chain.block(PERIOD + 300_000n);
  chain.block(PERIOD + 600_000n);
  assert.deepEqual(chain.balance(ann), { available: 0n, locked: 0n, arrears: 30_000n });
  const timeMs = PERIOD + 600_001n;
  assertRefused(chain, { tx: pay(chain), timeMs, code: 'ARREARS' });
  // Grid has what others paid, and nothing here: it transfers like anybody.
  const send = transferOf(chain, { from: person('grid'), to: chain.id(bob), amount: 1n });
  assertRefused(chain, { tx: send, timeMs, code: 'INSUFFICIENT_FUNDS' });
});
