// Negotiated contracts on a chain (market-bilateral L, V, G): one contract from its listing to its
// settlement with every balance by hand, what falls away, what is refused, replacements.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { ChainMs, PeriodIndex, Price, WattHour } from '../../core/src/amount.js';
import { compareBytes, equalBytes, toHex } from '../../core/src/bytes.js';
import { sha256 } from '../../core/src/hash.js';
import { drawByWeight } from '../../core/src/select.js';
import type { Tx } from '../../core/src/tx.js';
import { listingOf } from '../src/markets/bilateral/listing.js';
import { ACCOUNTS, CREDITS, DELIVERIES, PERIODS, SETTLEMENTS } from '../src/schema.js';
import { LISTED, LISTINGS, OFFERS } from '../src/markets/bilateral/tables.js';
import { assertRestores } from './audit.js';
import { Pairs } from './bilateral.js';
import { issueTo, transferOf } from './trade.js';
import { PERIOD, person } from './harness.js';

const HOMES = ['a', 'b', 'c', 'd'];
const FEES = { params: { handlingFee: '1' } };
const UNIT = 1_000_000n;

interface Side {
  readonly metered_wh: number;
  readonly C: number;
  readonly T_micro: number;
}
interface A1 {
  readonly period: number;
  readonly price_micro: number;
  readonly q_treaty_wh: number;
  readonly sup: Side;
  readonly con: Side;
}
const golden = JSON.parse(readFileSync('test/vectors/dpoa/dpoa-credit.json', 'utf8'));

test('a contract from listing to settlement: locks, fees, energy money, all by hand', () => {
  const p = new Pairs({ homes: HOMES, ...FEES });
  const { chain } = p;
  p.take(1000n, [
    chain.tx(person('b'), 'offer', {
      market: 'pairs',
      side: 'buy',
      energyWh: 80_000n as WattHour,
      price: undefined,
      firstPeriod: 6n as PeriodIndex,
      lastPeriod: 6n as PeriodIndex,
      until: (5n * PERIOD) as ChainMs,
    }),
  ]);
  const listing = p.list({ seller: 'a', buyer: 'b', kwh: 80, price: 640, period: 6n });
  p.take(2000n, [listing]);
  assert.equal(p.locked('a') + p.locked('b'), 0n, 'neither offer nor listing locks');
  assert.equal(p.state(listing), 'LISTED');
  const votes = ['v0', 'v1', 'v2', 'v3'].map((v) => p.ballot(v, listing));
  p.take(3000n, votes.slice(0, 2));
  assert.equal(p.state(listing), 'LISTED');
  p.take(4000n, votes.slice(2, 3));
  assert.equal(p.state(listing), 'APPROVED', 'three of four are a quorum');
  p.take(5000n, [p.confirm('b', listing)]);
  const lock = 80_000n * 640n;
  assert.equal(p.locked('b'), lock + UNIT);
  assert.equal(p.locked('a'), 0n);
  p.take(6000n, [p.confirm('a', listing), ...votes.slice(3)]);
  assert.equal(p.state(listing), 'CONTRACT');
  assert.deepEqual([p.locked('a'), p.locked('b')], [lock, lock]);
  assert.equal(chain.balance(chain.at.chain.system.fees).available, 2n * UNIT);
  // The review ends: who voted with the quorum has verified rightly.
  p.take(4n * PERIOD);
  assert.equal(chain.world().get(ACCOUNTS, chain.id(person('v3')))?.correct, 1);
  p.begin(6n, HOMES);
  // a makes 90, b uses 100: the contract is kept, the rest is the grid's.
  p.deliver(6n, { a: [0, 90], b: [100, 0], c: [0, 0], d: [5, 0] });
  assert.equal(p.gain('a'), lock + 10_000n * 500n - UNIT);
  assert.equal(p.gain('b'), -lock - 20_000n * 750n - UNIT);
  assert.equal(p.gain('c'), 0n);
  assert.equal(p.gain('d'), -5000n * 750n);
  assert.deepEqual([p.locked('a'), p.locked('b')], [0n, 0n]);
  assert.equal(chain.world().get(CREDITS, chain.id(person('a')))?.D, 1);
  assert.deepEqual(chain.world().entries(LISTED), []);
});

const vote = (p: Pairs, listing: Tx, bits = 1): Tx[] =>
  ['v0', 'v1', 'v2', 'v3'].map((v) => p.ballot(v, listing, bits));

test('the supplier fails: penalty out of its lock, the buyer gets mu, the others the rest', () => {
  const p = new Pairs({ homes: HOMES });
  const { chain } = p;
  const terms = { seller: 'a', buyer: 'b', kwh: 80, price: 640 };
  p.agree(1000n, { ...terms, period: 6n, count: 2 });
  p.begin(6n, HOMES);
  // The first default at full credit is free (D8): the buyer gets the gap from the grid.
  p.deliver(6n, { a: [0, 50], b: [80, 0], c: [0, 0], d: [0, 0] });
  assert.equal(p.gain('a'), 50_000n * 640n - 80_000n * 640n, 'the lock of period 7 stands');
  assert.equal(p.gain('b'), -50_000n * 640n - 30_000n * 750n - 80_000n * 640n);
  assert.deepEqual(chain.world().get(CREDITS, chain.id(person('a'))), {
    D: 0,
    i: 1,
    n: 0,
    readmitMs: 0n,
  });
  const before = new Map(HOMES.map((h) => [h, p.gain(h)]));
  p.deliver(7n, { a: [0, 50], b: [80, 0], c: [0, 0], d: [0, 0] });
  // C = 98 after this second default, n = 0 (golden dpoa-credit: the ratio at C 98, n 0).
  const ratio = BigInt(golden.priceRatio1e12ByCreditAndN['98,0']);
  const penalty = (ratio * 640_000n * 30_000n) / (10n ** 12n * 1000n);
  const victim = (penalty * 800_000n) / 1_000_000n;
  const lock = 80_000n * 640n;
  const gained = (h: string): bigint => p.gain(h) - (before.get(h) ?? 0n);
  assert.equal(gained('a'), lock + 50_000n * 640n - penalty);
  assert.equal(gained('b'), lock - 50_000n * 640n - 30_000n * 750n + victim);
  // c and d have the same credit; cumulative floors leave at most one unit between them.
  assert.equal(gained('c') + gained('d'), penalty - victim);
  assert.ok(gained('c') - gained('d') <= 1n && gained('d') - gained('c') <= 1n);
  assert.equal(p.locked('a') + p.locked('b'), 0n);
});

test('both default: each pays the others for its shortfall, neither gets anything of it', () => {
  const p = new Pairs({ homes: HOMES, params: { freeAtFullCredit: false } });
  p.agree(1000n, { seller: 'a', buyer: 'b', kwh: 80, price: 640, period: 6n });
  p.begin(6n, HOMES);
  p.deliver(6n, { a: [0, 50], b: [60, 0], c: [0, 0], d: [0, 0] });
  const ratio = BigInt(golden.priceRatio1e12ByCreditAndN['99,0']);
  const of = (wh: bigint): bigint => (ratio * 640_000n * wh) / (10n ** 12n * 1000n);
  const [a, b] = [of(30_000n), of(20_000n)];
  assert.ok(a > 0n && b > 0n);
  assert.equal(p.gain('a'), 50_000n * 640n - a);
  assert.equal(p.gain('b'), -50_000n * 640n - 10_000n * 750n - b);
  assert.equal(p.gain('c') + p.gain('d'), a + b);
});

test('no quorum, against, one confirmation: rejected or expired, and every lock returns', () => {
  const p = new Pairs({ homes: HOMES, ...FEES });
  const of = (seller: string, buyer: string) => ({
    seller,
    buyer,
    kwh: 10,
    price: 640,
    period: 6n,
  });
  const [silent, against, half] = [of('a', 'b'), of('a', 'c'), of('a', 'd')].map((t) => p.list(t));
  assert.ok(silent && against && half);
  p.take(1000n, [silent, against, half]);
  p.take(2000n, [...vote(p, silent).slice(0, 2), ...vote(p, half)]);
  const no = vote(p, against, 0);
  p.take(3000n, [...no.slice(0, 2), p.ballot('v2', against, 1), ...no.slice(3)]);
  assert.deepEqual(
    [silent, against, half].map((l) => p.state(l)),
    ['LISTED', 'REJECTED', 'APPROVED'],
  );
  p.take(4000n, [p.confirm('a', half)]);
  assert.equal(p.locked('a'), 10_000n * 640n + UNIT);
  assert.deepEqual(p.refusals(5000n, [p.confirm('a', silent)]), ['NOT_APPROVED']);
  p.take(4n * PERIOD);
  assert.equal(p.state(silent), 'REJECTED');
  const record = (v: string) => p.chain.world().get(ACCOUNTS, p.chain.id(person(v)));
  assert.deepEqual(
    ['v0', 'v2', 'v3'].map((v) => [record(v)?.correct, record(v)?.wrong]),
    [
      [1, 0],
      [0, 1],
      [1, 0],
    ],
  );
  p.take(6n * PERIOD);
  assert.equal(p.state(half), 'EXPIRED');
  for (const home of HOMES) assert.deepEqual([p.locked(home), p.gain(home)], [0n, 0n], home);
  assert.deepEqual(p.chain.world().entries(LISTED), []);
  const period = { market: 'pairs', period: 6n as PeriodIndex };
  assert.equal(p.chain.world().get(PERIODS, period), undefined);
});

test('what is refused of listings, ballots and confirmations, by code', () => {
  const p = new Pairs({ homes: HOMES, validators: 8, params: { handlingFee: '1' } });
  const base = { seller: 'a', buyer: 'b', kwh: 10, price: 640, period: 6n };
  const { chain } = p;
  const refused = (timeMs: bigint, tx: Tx, code: string): void =>
    assert.deepEqual(p.refusals(timeMs, [tx]), [code]);
  refused(1000n, p.list({ ...base, by: 'c' }), 'NOT_ALLOWED');
  refused(1000n, p.list({ ...base, buyer: 'a' }), 'SELF_TRADE');
  refused(1000n, p.list({ ...base, count: 97 }), 'AMOUNT_RANGE');
  refused(1000n, p.list({ ...base, kwh: 0.009 }), 'DUST');
  refused(1000n, p.list({ ...base, kwh: 1001 }), 'QUANTITY_LIMIT');
  for (const price of [499, 751]) refused(1000n, p.list({ ...base, price }), 'PRICE_BOUNDS');
  refused(1000n, p.list({ ...base, kwh: 1000, count: 4 }), 'INSUFFICIENT_FUNDS');
  refused(1000n, p.list({ ...base, period: 3n }), 'WRONG_PHASE');
  refused(1000n, p.list({ ...base, period: 0n }), 'WRONG_PERIOD');
  refused(1000n, p.list({ ...base, period: 2977n }), 'WRONG_PERIOD');
  const forged = p.list(base);
  const body = { ...(forged.body as object), energyWh: 11_000n } as never;
  refused(1000n, chain.tx(person('a'), 'list', body), 'BAD_SIGNATURE');
  const listing = p.list(base);
  p.take(1000n, [listing]);
  p.take(2000n);
  const committee = (listingOf(chain.world(), listing.id)?.committee ?? []).map((id) =>
    ['v0', 'v1', 'v2', 'v3', 'v4', 'v5', 'v6', 'v7'].find((v) =>
      equalBytes(chain.id(person(v)), id),
    ),
  ) as string[];
  assert.equal(committee.length, 4, 'a fifth of eight, and at least four');
  const [one] = committee as [string];
  const other = ['v0', 'v1', 'v2', 'v3', 'v4'].find((v) => !committee.includes(v)) as string;
  refused(3000n, p.ballot(other, listing), 'NOT_ALLOWED');
  refused(3000n, p.ballot('a', listing), 'NOT_ALLOWED');
  refused(3000n, p.ballot(one, listing, 2), 'BAD_ENCODING');
  const phaseB = { ...(p.ballot(one, listing).body as object), phase: 'B' } as never;
  refused(3000n, chain.tx(person(one), 'ballot', phaseB), 'NOT_SUPPORTED');
  p.take(3000n, [p.ballot(one, listing)]);
  refused(4000n, p.ballot(one, listing), 'ALREADY_VOTED');
  refused(4000n, p.confirm('a', listing), 'NOT_APPROVED');
  p.take(4000n, [
    p.ballot(one, listing, 0),
    ...committee.slice(1).map((v) => p.ballot(v, listing)),
  ]);
  refused(5000n, p.confirm('c', listing), 'NOT_ALLOWED');
  p.take(5000n, [p.confirm('a', listing)]);
  refused(6000n, p.confirm('a', listing), 'ALREADY_CONFIRMED');
  p.take(6000n, [p.confirm('b', listing)]);
  // b buys in period 6: it sells nothing there.
  refused(7000n, p.list({ ...base, seller: 'b', buyer: 'c' }), 'WRONG_SIDE');
  refused(7000n, p.list({ ...base, kwh: 991 }), 'QUANTITY_LIMIT');
  const late = p.ballot(one, listing);
  refused(3n * PERIOD, late, 'ALREADY_VOTED');
  p.take(4n * PERIOD);
  const record = chain.world().get(ACCOUNTS, chain.id(person(one)));
  assert.deepEqual([record?.correct, record?.wrong], [0, 1], 'two ballots that differ');
});

test('a replacement for a running period: no review, the buyer locks, filled last', () => {
  const p = new Pairs({ homes: HOMES });
  p.agree(1000n, { seller: 'a', buyer: 'b', kwh: 80, price: 640, period: 6n });
  const terms = { seller: 'a', buyer: 'c', kwh: 30, price: 600, period: 6n };
  const replaces = p.contractId(6n, 0n);
  p.take(5n * PERIOD);
  const early = p.list({ ...terms, replaces });
  assert.deepEqual(p.refusals(5n * PERIOD + 1n, [early]), ['WRONG_PHASE']);
  p.begin(6n, HOMES);
  const now = 6n * PERIOD + 2000n;
  const wrong = p.list({ ...terms, seller: 'd', replaces });
  assert.deepEqual(p.refusals(now, [wrong]), ['NOT_ALLOWED']);
  assert.deepEqual(p.refusals(now, [p.list({ ...terms, kwh: 81, replaces })]), ['QUANTITY_LIMIT']);
  const nowhere = p.contractId(6n, 7n);
  assert.deepEqual(p.refusals(now, [p.list({ ...terms, replaces: nowhere })]), ['NOT_FOUND']);
  const listing = p.list({ ...terms, replaces });
  const unused = p.list({ ...terms, buyer: 'd', kwh: 5, replaces });
  p.take(now, [listing, unused]);
  p.take(now + 1000n, [p.confirm('c', listing), p.confirm('d', unused)]);
  assert.equal(p.locked('a'), 80_000n * 640n);
  assert.equal(p.locked('c'), 30_000n * 600n);
  p.take(now + 2000n, [p.confirm('a', listing)]);
  assert.equal(p.locked('a'), 80_000n * 640n, 'the seller of a replacement locks no energy');
  // b takes 50 of 80 and is short of 30; a made 75: 25 of them go to c, who needed 30.
  p.deliver(6n, { a: [0, 75], b: [50, 0], c: [30, 0], d: [0, 0] });
  assert.equal(p.state(unused), 'EXPIRED');
  assert.equal(p.gain('a'), 50_000n * 640n + 25_000n * 600n);
  assert.equal(p.gain('b'), -50_000n * 640n);
  assert.equal(p.gain('c'), -25_000n * 600n - 5000n * 750n);
  assert.equal(p.gain('d'), 0n);
  const world = p.chain.world();
  assert.deepEqual(world.get(CREDITS, p.chain.id(person('c'))), undefined, 'no credit step');
  assert.deepEqual(
    HOMES.map((h) => p.locked(h)),
    [0n, 0n, 0n, 0n],
  );
});

test('both sides pay wheeling; it is in both locks', () => {
  const params = { wheeling: { c1: '0.01', c2: '0.02' } };
  const p = new Pairs({ homes: HOMES, params, modules: { wheelingOn: true } });
  const grid = p.chain.at.chain.system.grid;
  p.agree(1000n, { seller: 'a', buyer: 'b', kwh: 80, price: 640, period: 6n });
  assert.deepEqual([p.locked('a'), p.locked('b')], [80_000n * 670n, 80_000n * 670n]);
  p.begin(6n, HOMES);
  p.deliver(6n, { a: [0, 80], b: [80, 0], c: [0, 0], d: [0, 0] });
  assert.equal(p.gain('a'), 80_000n * 610n);
  assert.equal(p.gain('b'), -80_000n * 670n);
  assert.equal(p.chain.balance(grid).available, 2n * 80_000n * 30n);
  const key = { market: 'pairs', period: 6n as PeriodIndex };
  for (const who of ['a', 'b']) {
    const account = p.chain.id(person(who));
    assert.equal(p.chain.world().get(SETTLEMENTS, { ...key, account })?.fees, 80_000n * 30n);
  }
});

test('meters of a market beside: it settles the contract, before its own trades', () => {
  const tariff = { feedIn: '0.5', retail: '0.75' };
  const more = [{ id: 'spot', mechanism: 'uniform', params: tariff }];
  const options = { homes: HOMES, more, meters: 'spot', params: { handlingFee: '1' } };
  const alone = new Pairs(options);
  const terms = { seller: 'a', buyer: 'b', kwh: 80, price: 640, period: 6n };
  assert.deepEqual(alone.refusals(1000n, [alone.list(terms)]), ['NOT_ENROLLED']);
  const p = new Pairs({ ...options, params: { handlingFee: '1', beside: ['spot'] } });
  p.agree(1000n, terms);
  const order = (who: string, side: 'sell' | 'buy', kwh: number) =>
    p.chain.tx(person(who), 'order', {
      market: 'spot',
      period: 6n as PeriodIndex,
      side,
      energyWh: BigInt(kwh * 1000) as WattHour,
      price: 700n as never,
      type: '',
      reserve: undefined,
      right: undefined,
    });
  p.take(5n * PERIOD);
  assert.deepEqual(p.refusals(5n * PERIOD + 1000n, [order('b', 'sell', 1)]), ['WRONG_SIDE']);
  p.take(5n * PERIOD + 1000n, [order('a', 'sell', 20), order('c', 'buy', 20)]);
  p.take(5n * PERIOD + 600_000n);
  p.begin(6n, HOMES);
  // a makes 90: the contract is served first, the trade with c gets what is left.
  p.deliver(6n, { a: [0, 90], b: [80, 0], c: [20, 0], d: [0, 0] });
  assert.equal(p.gain('a'), 80_000n * 640n + 10_000n * 700n - UNIT);
  assert.equal(p.gain('b'), -80_000n * 640n - UNIT);
  assert.equal(p.gain('c'), -10_000n * 700n - 10_000n * 750n);
});

test('papers/004, table A1: the first periods of its pair, penalties and credits', () => {
  const p = new Pairs({ homes: HOMES, params: { tolAbs: '0', tolRel: '0' } });
  const { chain } = p;
  const rows = golden.tableA1A2.slice(0, 8);
  // The consumer begins with a credit of 90.
  const world = chain.world();
  const b = chain.id(person('b'));
  world.set(ACCOUNTS, b, { ...(world.get(ACCOUNTS, b) as never as object), credit: 90 } as never);
  world.takeOver();
  rows.forEach((row: A1, i: number) => {
    const period = BigInt(6 + i);
    p.agree(1000n + BigInt(i) * 10_000n, {
      seller: 'a',
      buyer: 'b',
      kwh: row.q_treaty_wh / 1000,
      price: row.price_micro / 1000,
      period,
    });
  });
  p.begin(6n, HOMES);
  rows.forEach((row: A1, i: number) => {
    const [made, used] = [row.sup.metered_wh / 1000, row.con.metered_wh / 1000];
    p.deliver(BigInt(6 + i), { a: [0, made], b: [used, 0], c: [0, 0], d: [0, 0] });
    const account = (who: string) => chain.world().get(ACCOUNTS, chain.id(person(who)))?.credit;
    assert.deepEqual([account('a'), account('b')], [row.sup.C, row.con.C], `period ${row.period}`);
    const key = { market: 'pairs', period: BigInt(6 + i) as PeriodIndex, index: 0n };
    const delivery = chain.world().get(DELIVERIES, key);
    // Nobody of the pair verifies here: n is 0, as the table has it for the consumer.
    assert.equal(delivery?.penaltyBuyer, BigInt(row.con.T_micro));
    if (row.sup.T_micro === 0) assert.equal(delivery?.penaltySeller, 0n);
  });
});

test('the committee: drawn by the seed of the period, without the parties', () => {
  const withHousehold = (genesis: Record<string, unknown>): object => {
    const [first, ...rest] = genesis.validators as object[];
    return { ...genesis, validators: [{ ...first, creditOf: toHex(person('a').key) }, ...rest] };
  };
  const p = new Pairs({ homes: HOMES, validators: 7, change: withHousehold });
  const { chain } = p;
  p.take(1000n);
  // b(h) of the first block of period 0; all weights are equal.
  const { beacon } = chain.at.parent;
  const names = ['v0', 'v1', 'v2', 'v3', 'v4', 'v5', 'v6'].sort((x, y) =>
    compareBytes(chain.id(person(x)), chain.id(person(y))),
  );
  const period = new Uint8Array(8);
  const seed = sha256(
    Buffer.concat([Buffer.from('dpoa-period'), beacon, Buffer.from('pairs'), period]),
  );
  const order = drawByWeight(
    names.map(() => 500_000),
    seed,
    7,
  ).map((i) => names[i]);
  const committeeOf = (listing: Tx): (string | undefined)[] =>
    (listingOf(chain.world(), listing.id)?.committee ?? []).map((id) =>
      names.find((v) => equalBytes(chain.id(person(v)), id)),
    );
  const strangers = p.list({ seller: 'b', buyer: 'c', kwh: 1, price: 600, period: 6n });
  const own = p.list({ seller: 'a', buyer: 'd', kwh: 1, price: 600, period: 6n });
  p.take(2000n, [strangers, own]);
  assert.deepEqual(committeeOf(strangers), order.slice(0, 4));
  // v0 weighs by the credit of a: it stands back, and the next one comes in.
  assert.deepEqual(committeeOf(own), order.filter((v) => v !== 'v0').slice(0, 4));
  assert.deepEqual(p.refusals(3000n, [p.ballot('v0', own)]), ['NOT_ALLOWED']);
  // One in the first block of a period waits for the draw, which that block decides.
  p.take(PERIOD);
  p.take(2n * PERIOD - 1n);
  const first = p.list({ seller: 'b', buyer: 'c', kwh: 1, price: 600, period: 8n });
  p.take(2n * PERIOD, [first]);
  assert.deepEqual(committeeOf(first), []);
  assert.deepEqual(p.refusals(2n * PERIOD + 1n, []), []);
  p.take(2n * PERIOD + 1n);
  assert.equal(committeeOf(first).length, 4);
});

test('confirmations look again: a suspended party, arrears, money that is gone', () => {
  const p = new Pairs({ homes: HOMES, balance: '60' });
  const listing = p.list({ seller: 'a', buyer: 'b', kwh: 80, price: 640, period: 6n });
  p.take(1000n, [listing]);
  p.take(2000n, vote(p, listing));
  const { chain } = p;
  const send = { from: person('b'), to: chain.id(person('c')), amount: 20n * UNIT };
  p.take(3000n, [transferOf(chain, send)]);
  assert.deepEqual(p.refusals(4000n, [p.confirm('b', listing)]), ['INSUFFICIENT_FUNDS']);
  p.take(4000n, [p.confirm('a', listing)]);
  const centre = (kind: 'suspend' | 'readmit', who: string): Tx => {
    const account = chain.id(person(who));
    const body = { market: '', account };
    return kind === 'readmit'
      ? chain.tx(person('centre'), kind, body)
      : chain.tx(person('centre'), kind, { ...body, reason: '' });
  };
  p.take(5000n, [centre('suspend', 'a')]);
  assert.deepEqual(p.refusals(6000n, [p.confirm('b', listing)]), ['SUSPENDED']);
  p.take(6000n, [centre('readmit', 'a')]);
  p.take(7000n, [transferOf(chain, { ...send, from: person('c'), to: chain.id(person('b')) })]);
  p.take(8000n, [p.confirm('b', listing)]);
  assert.equal(p.state(listing), 'CONTRACT');
});

test('at most 64 offers and 64 open listings; what has lapsed makes room, and is forgotten', () => {
  const p = new Pairs({ homes: HOMES });
  const { chain } = p;
  const offer = (until: bigint): Tx =>
    chain.tx(person('a'), 'offer', {
      market: 'pairs',
      side: 'sell',
      energyWh: 1000n as WattHour,
      price: 600n as Price,
      firstPeriod: 6n as PeriodIndex,
      lastPeriod: 7n as PeriodIndex,
      until: until as ChainMs,
    });
  const many = Array.from({ length: 64 }, () => offer(10_000n));
  p.take(1000n, many);
  assert.deepEqual(p.refusals(2000n, [offer(PERIOD)]), ['OPEN_LIMIT']);
  p.take(10_000n, [offer(PERIOD)]);
  assert.equal(chain.world().entries(OFFERS).length, 1);
  const listings = Array.from({ length: 65 }, () =>
    p.list({ seller: 'a', buyer: 'b', kwh: 1, price: 600, period: 6n }),
  );
  p.take(11_000n, listings.slice(0, 64));
  assert.deepEqual(p.refusals(12_000n, listings.slice(64)), ['OPEN_LIMIT']);
  // `expire` takes the offer; the listings stay for as long as corrections reach.
  p.take(6n * PERIOD);
  assert.deepEqual(chain.world().entries(OFFERS), []);
  assert.deepEqual(chain.world().entries(LISTED), []);
  assert.equal(chain.world().entries(LISTINGS).length, 64);
  const later = 33n * 86_400_000n;
  // A block takes 64 steps; there is a mark for each of the last 96 periods.
  for (const ms of [-2n, -1n]) p.take(later + ms);
  p.take(later, [issueTo(chain, chain.id(person('a')), UNIT, { from: later, until: later })]);
  p.take(later + 2n * PERIOD);
  assert.deepEqual(chain.world().entries(LISTINGS), []);
  assertRestores(chain);
});

test('beside a continuous market: confirmed after a trade, served before it', () => {
  const tariff = { feedIn: '0.5', retail: '0.75' };
  const more = [{ id: 'free', mechanism: 'continuous', params: tariff }];
  const p = new Pairs({ homes: HOMES, more, meters: 'free', params: { beside: ['free'] } });
  const order = (who: string, side: 'sell' | 'buy', kwh: number) =>
    p.chain.tx(person(who), 'order', {
      market: 'free',
      period: 6n as PeriodIndex,
      side,
      energyWh: BigInt(kwh * 1000) as WattHour,
      price: 700n as Price,
      type: '',
      reserve: undefined,
      right: undefined,
    });
  const resting = order('b', 'sell', 5);
  p.take(1000n, [order('a', 'sell', 20), order('c', 'buy', 20), resting]);
  const terms = { seller: 'a', buyer: 'b', kwh: 80, price: 640, period: 6n };
  // b has an offer in the book on the other side.
  assert.deepEqual(p.refusals(2000n, [p.list(terms)]), ['WRONG_SIDE']);
  const key = { market: 'free', period: 6n as PeriodIndex };
  p.take(2000n, [p.chain.tx(person('b'), 'cancel', { ...key, order: resting.id })]);
  p.agree(3000n, terms);
  assert.deepEqual(p.refusals(6000n, [order('b', 'sell', 1)]), ['WRONG_SIDE']);
  p.begin(6n, HOMES);
  p.deliver(6n, { a: [0, 90], b: [80, 0], c: [20, 0], d: [0, 0] });
  assert.equal(p.gain('a'), 80_000n * 640n + 10_000n * 700n);
  assert.equal(p.gain('c'), -10_000n * 700n - 10_000n * 750n);
});
