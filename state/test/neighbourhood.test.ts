// The neighbourhood market through blocks (market-neighbourhood 1, settlement 2): figure 2 of
// papers/003 with exact balances, abuse of sealing, activation, void intervals, tokens and flags.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PeriodIndex } from '../../core/src/amount.js';
import { toHex } from '../../core/src/bytes.js';
import { readGenesis } from '../src/genesis/genesis.js';
import type { Built } from '../src/transition.js';
import { auctionHash, termsOf } from '../src/markets/neighbourhood/contracts.js';
import { tokensOf } from '../src/markets/neighbourhood/conduct.js';
import { sealedBondOf } from '../src/tx/locks.js';
import { CONDUCT, REQUESTS } from '../src/markets/neighbourhood/tables.js';
import { ACCOUNTS, CLOSED, PERIODS, POSITIONS, SETTLEMENTS, TRADES } from '../src/schema.js';
import { assertRestores } from './audit.js';
import { person } from './harness.js';
import { assertRefused } from './refused.js';
import { BOND, INTERVAL, type Request, RICH, Street, streetGenesis } from './street.js';
import { linesOf } from './trade.js';

const HOMES = [
  ['N1', 'N1'],
  ['N3', 'N3'],
  ['N5', 'N5'],
] as const;
const SELL: Request = { who: 'N1', side: 'sell', wh: 5000n, price: 450n, activate: true };
const BUY3: Request = { who: 'N3', side: 'buy', wh: 3000n, price: 700n };
const BUY5: Request = { who: 'N5', side: 'buy', wh: 2000n, price: 650n, activate: true };
const FIG2 = [SELL, BUY3, BUY5];
const KEY = { market: 'street', period: 1n as PeriodIndex };

const refusedCodes = (built: Built): readonly string[] => built.refused.map(({ code }) => code);
const street = (params: object = {}, modules: object = {}): Street =>
  new Street({ homes: HOMES, params, modules });
const reserve = (s: Street): bigint => s.chain.balance(s.chain.at.chain.system.reserve).available;
const pool = (s: Street): bigint => s.chain.balance(s.chain.at.chain.system.reward).available;
const grid = (s: Street): bigint => s.chain.balance(person('grid')).available;
const trades = (s: Street) => s.chain.world().entries(TRADES, 'street/1');
const outcome = (s: Street, who: string): string | undefined =>
  s.chain.world().get(POSITIONS, { ...KEY, account: s.chain.id(person(who)) })?.outcome;
const conduct = (s: Street, who: string) =>
  s.chain.world().get(CONDUCT, { market: 'street', account: s.chain.id(person(who)) });
const tokens = (s: Street, who: string, timeMs: bigint): number => {
  const [market] = s.chain.at.chain.markets;
  assert.ok(market);
  const at = { market: 'street', account: s.chain.id(person(who)), timeMs };
  return tokensOf(s.chain.world(), market, at);
};

interface Registers {
  readonly imp?: bigint;
  readonly exp?: bigint;
}

/** Delivery of period 1: registers at its start, at its end, and the settlement. */
function deliver(s: Street, of: Readonly<Record<string, Registers>>): Built {
  const names = Object.keys(of);
  s.block(
    INTERVAL + 1n,
    names.map((who) => s.reading(who, 0n)),
  );
  const sent = s.block(
    2n * INTERVAL + 1n,
    names.map((who) => s.reading(who, 1n, of[who])),
  );
  assert.deepEqual(sent.refused, []);
  s.block(2n * INTERVAL + 120_000n);
  return s.block(2n * INTERVAL + 240_000n);
}

test('figure 2: sealed, opened, cleared, activated, delivered in part and settled', () => {
  const s = street();
  s.block(
    Street.at(1n, 10),
    FIG2.map((r) => s.seal(r)),
  );
  assert.deepEqual([s.locked('N1'), s.locked('N3'), s.locked('N5')], [BOND, BOND, BOND]);
  s.block(Street.at(1n, 60));
  const opened = s.block(
    Street.at(1n, 70),
    FIG2.map((r) => s.reveal(r)),
  );
  assert.deepEqual(opened.refused, []);
  // Bond back; the buyer's limit x energy is held, of the seller nothing.
  assert.deepEqual([s.locked('N1'), s.locked('N3'), s.locked('N5')], [0n, 2_100_000n, 1_300_000n]);
  const cleared = s.block(Street.at(1n, 90));
  assert.deepEqual(
    trades(s).map(({ value }) => [value.energyWh, value.price, value.biddingRound]),
    [
      [3000n, 600n, 1],
      [2000n, 600n, 2],
    ],
  );
  assert.deepEqual(
    termsOf(s.chain.world(), KEY).map(({ terms }) => [terms.auctioneer, terms.state]),
    [
      ['N2', 'CREATED'],
      ['N3', 'CREATED'],
    ],
  );
  assert.equal(linesOf(cleared.receipts).filter(({ kind }) => kind === 'trade').length, 4);
  // Exactly price x energy, the rest is free again.
  assert.deepEqual([s.locked('N3'), s.locked('N5')], [1_800_000n, 1_200_000n]);
  assert.deepEqual(s.block(Street.at(1n, 120), [s.activate('N3', [0])]).refused, []);
  s.block(INTERVAL);
  assert.deepEqual(
    termsOf(s.chain.world(), KEY).map(({ terms }) => terms.state),
    ['ACTIVE', 'ACTIVE'],
  );
  // The meters of the golden file: 4000 out; 3500 and 1200 in. Delivered 2400 and 1200.
  deliver(s, { N1: { exp: 4000n }, N3: { imp: 3500n }, N5: { imp: 1200n } });
  const sold = 3600n * 600n + 400n * 400n;
  assert.equal(s.available('N1'), RICH + sold);
  assert.equal(s.available('N3'), RICH - 2400n * 600n - 1100n * 800n);
  assert.equal(s.available('N5'), RICH - 1200n * 600n);
  assert.equal(grid(s), 1100n * 800n - 400n * 400n);
  assert.deepEqual([s.locked('N1'), s.locked('N3'), s.locked('N5')], [0n, 0n, 0n]);
  assert.equal(s.chain.world().get(CLOSED, KEY)?.status, 'settled');
  assertRestores(s.chain);
});

test('two prices by reduction: buyer, seller and reserve to the unit', () => {
  const homes = [
    ['a', 'N1'],
    ['b', 'N1'],
    ['c', 'N1'],
    ['d', 'N1'],
  ] as const;
  const s = new Street({ homes, params: { rule: 'reduce', edges: [] } });
  const requests: Request[] = [
    { who: 'a', side: 'sell', wh: 2000n, price: 410n, activate: true },
    { who: 'b', side: 'sell', wh: 2000n, price: 500n, activate: true },
    { who: 'c', side: 'buy', wh: 2000n, price: 760n, activate: true },
    { who: 'd', side: 'buy', wh: 2000n, price: 740n, activate: true },
  ];
  const { chain } = s;
  chain.block(
    Street.at(1n, 10),
    requests.map((r) => s.seal(r)),
  );
  chain.block(Street.at(1n, 60));
  chain.block(
    Street.at(1n, 70),
    requests.map((r) => s.reveal(r)),
  );
  chain.block(Street.at(1n, 90));
  // The marginal pair b-d goes: c pays 740, a gets 500.
  assert.equal(s.locked('c'), 2000n * 740n);
  assert.equal(outcome(s, 'd'), 'UNMATCHED');
  chain.block(INTERVAL);
  const names = ['a', 'b', 'c', 'd'];
  chain.block(
    INTERVAL + 1n,
    names.map((who) => s.reading(who, 0n)),
  );
  const registers: Readonly<Record<string, Registers>> = {
    a: { exp: 1500n },
    b: {},
    c: { imp: 2000n },
    d: {},
  };
  chain.block(
    2n * INTERVAL + 1n,
    names.map((who) => s.reading(who, 1n, registers[who])),
  );
  chain.block(2n * INTERVAL + 120_000n);
  chain.block(2n * INTERVAL + 240_000n);
  assert.equal(s.available('a'), RICH + 1500n * 500n);
  assert.equal(s.available('c'), RICH - 1500n * 740n - 500n * 800n);
  assert.equal(reserve(s), 1500n * 240n);
  assert.equal(s.available('b') + s.available('d'), 2n * RICH);
});

test('sealed: neither side, energy nor price is in the state before the reveal', () => {
  const s = street();
  s.block(
    Street.at(1n, 10),
    FIG2.map((r) => s.seal(r)),
  );
  for (const { value } of s.chain.world().entries(REQUESTS))
    assert.deepEqual(
      [value.side, value.energyWh, value.price, value.lock],
      [undefined, 0n, 0n, 0n],
    );
  // Every seal locks the same, whatever it hides.
  assert.deepEqual(new Set(['N1', 'N3', 'N5'].map((who) => s.locked(who))), new Set([BOND]));
  const tx = s.reveal(SELL);
  assertRefused(s.chain, { timeMs: Street.at(1n, 20), tx, code: 'WRONG_PHASE' });
  const open = { ...s.seal(SELL).body, side: 'sell' as const, energyWh: 5000n as never };
  const shown = s.chain.tx(person('N1'), 'sealBid', open as never);
  assertRefused(s.chain, { timeMs: Street.at(1n, 20), tx: shown, code: 'BAD_ENCODING' });
});

test('the bond is that of the larger side of the connection', () => {
  const s = street();
  const [market] = s.chain.at.chain.markets;
  const account = s.chain.world().get(ACCOUNTS, s.chain.id(person('N1')));
  assert.ok(market && account);
  const of = (pMaxImportW: bigint, pMaxExportW: bigint): bigint =>
    sealedBondOf({ ...account, pMaxImportW, pMaxExportW }, market);
  assert.deepEqual([of(1200n, 120n), of(120n, 1200n)], [100n * 400n, 100n * 400n]);
});

test('not opened, or wrongly: the bond goes to the reward pool; opened twice is refused', () => {
  const s = street();
  const before = pool(s);
  s.block(
    Street.at(1n, 10),
    FIG2.map((r) => s.seal(r)),
  );
  s.block(Street.at(1n, 60));
  const wrong = s.reveal({ ...BUY3, price: 701n });
  assertRefused(s.chain, { timeMs: Street.at(1n, 65), tx: wrong, code: 'COMMITMENT_MISMATCH' });
  const other = s.reveal({ ...SELL, side: 'buy' });
  assertRefused(s.chain, { timeMs: Street.at(1n, 65), tx: other, code: 'COMMITMENT_MISMATCH' });
  s.block(Street.at(1n, 70), [s.reveal(SELL)]);
  const again = s.reveal(SELL);
  assertRefused(s.chain, { timeMs: Street.at(1n, 75), tx: again, code: 'ALREADY_REVEALED' });
  const late = s.reveal(BUY5);
  const built = s.block(Street.at(1n, 90), [late]);
  assert.deepEqual(refusedCodes(built), ['WRONG_PHASE']);
  assert.equal(pool(s), before + 2n * BOND);
  assert.equal(s.available('N3'), RICH - BOND);
  assert.deepEqual(
    linesOf(built.receipts)
      .filter(({ kind }) => kind === 'refused')
      .map(({ fields }) => fields.code),
    ['NOT_REVEALED', 'NOT_REVEALED'],
  );
  assert.equal(outcome(s, 'N1'), 'UNMATCHED');
  assert.deepEqual([s.locked('N1'), s.locked('N3'), s.locked('N5')], [0n, 0n, 0n]);
});

test('outside the rules: an opening beyond connection or tariffs ends in a forfeit', () => {
  const s = street();
  const big: Request = { ...BUY3, wh: 8334n };
  const dear: Request = { ...BUY5, price: 801n };
  s.block(Street.at(1n, 10), [s.seal(big), s.seal(dear)]);
  s.block(Street.at(1n, 60));
  assertRefused(s.chain, { timeMs: Street.at(1n, 65), tx: s.reveal(big), code: 'QUANTITY_LIMIT' });
  assertRefused(s.chain, { timeMs: Street.at(1n, 65), tx: s.reveal(dear), code: 'PRICE_BOUNDS' });
  const before = pool(s);
  s.block(Street.at(1n, 70));
  s.block(Street.at(1n, 90));
  assert.equal(pool(s), before + 2n * BOND);
});

test('replaced and cancelled until the close; each version costs a token', () => {
  const s = street({ tokensPerDay: 3 });
  const [first, second] = [s.seal(BUY3), s.seal({ ...BUY3, price: 650n })];
  assert.deepEqual(s.block(Street.at(1n, 10), [first, second]).refused, []);
  assert.equal(s.locked('N3'), BOND);
  const cancel = (order: Uint8Array) =>
    s.chain.tx(person('N3'), 'cancel', { ...KEY, order: order as never });
  assertRefused(s.chain, { timeMs: Street.at(1n, 12), tx: cancel(first.id), code: 'NO_ORDER' });
  s.block(Street.at(1n, 15), [cancel(second.id)]);
  assert.equal(s.locked('N3'), 0n);
  assert.equal(s.chain.world().get(PERIODS, KEY), undefined);
  s.block(Street.at(1n, 20), [s.seal(BUY3)]);
  assert.equal(tokens(s, 'N3', Street.at(1n, 21)), 0);
  const fourth = s.seal(BUY3);
  assertRefused(s.chain, { timeMs: Street.at(1n, 25), tx: fourth, code: 'NO_TOKEN' });
  const forecast = s.forecast('N3', 3000n);
  assertRefused(s.chain, { timeMs: Street.at(1n, 100), tx: forecast, code: 'NO_TOKEN' });
  // A reveal costs none.
  s.block(Street.at(1n, 60));
  assert.deepEqual(s.block(Street.at(1n, 70), [s.reveal(BUY3)]).refused, []);
  const late = s.chain.tx(person('N3'), 'cancel', { ...KEY, order: second.id });
  assertRefused(s.chain, { timeMs: Street.at(1n, 75), tx: late, code: 'WRONG_PHASE' });
  // The next day has its own.
  assert.equal(tokens(s, 'N3', 86_400_000n), 3);
});

test('a contract that lacks an activation is cancelled, the side that failed is flagged', () => {
  const s = street();
  s.trade(FIG2);
  assert.deepEqual([s.locked('N3'), s.locked('N5')], [1_800_000n, 1_200_000n]);
  const stranger = s.activate('N5', [0]);
  assertRefused(s.chain, { timeMs: Street.at(1n, 100), tx: stranger, code: 'NOT_ALLOWED' });
  const unknown = s.activate('N3', [7]);
  assertRefused(s.chain, { timeMs: Street.at(1n, 100), tx: unknown, code: 'NOT_FOUND' });
  const twice = s.activate('N3', [0, 0]);
  assertRefused(s.chain, { timeMs: Street.at(1n, 100), tx: twice, code: 'BAD_ENCODING' });
  const end = s.block(INTERVAL);
  const late = s.activate('N3', [0]);
  assertRefused(s.chain, { timeMs: INTERVAL + 1n, tx: late, code: 'WRONG_PERIOD' });
  assert.deepEqual(
    termsOf(s.chain.world(), KEY).map(({ terms }) => terms.state),
    ['CANCELLED', 'ACTIVE'],
  );
  assert.deepEqual([s.locked('N3'), s.available('N3')], [0n, RICH]);
  assert.equal(s.locked('N5'), 1_200_000n);
  assert.deepEqual(
    [outcome(s, 'N1'), outcome(s, 'N3'), outcome(s, 'N5')],
    [...['PARTLY', 'CANCELLED', 'TRADED']],
  );
  const cancelled = linesOf(end.receipts).filter(({ kind }) => kind === 'refused');
  assert.deepEqual(
    cancelled.map(({ fields }) => [fields.code, fields.amount]),
    [
      ['NOT_ACTIVATED', 3000n],
      ['NOT_ACTIVATED', 3000n],
    ],
  );
  assert.equal(conduct(s, 'N3')?.newestFlag, 1n);
  assert.equal(conduct(s, 'N1')?.flagBits, 0n, 'whoever activated is not flagged');
  // Only the contract that stands is settled.
  deliver(s, { N1: { exp: 5000n }, N3: { imp: 3000n }, N5: { imp: 2000n } });
  assert.equal(s.available('N1'), RICH + 2000n * 600n + 3000n * 400n);
  assert.equal(s.available('N3'), RICH - 3000n * 800n);
});

test('void: a late markReveal, a clear late in the activation or after it', () => {
  const late = [
    // Past 82.5 s: the last quarter of the reveal.
    [60, 83, 90],
    // 90 + 3/4 x 210 = 247.5 s.
    [60, 70, 248],
    [60, 70, 301],
  ] as const;
  for (const [close, open, clear] of late) {
    const s = street();
    const before = pool(s);
    s.block(Street.at(1n, 10), [s.seal(SELL), s.seal(BUY3), s.seal(BUY5)]);
    const closed = open === 83 ? 83 : close;
    s.block(Street.at(1n, closed), open === 83 ? [] : undefined);
    s.block(Street.at(1n, open === 83 ? 84 : open), [s.reveal(SELL), s.reveal(BUY3)]);
    s.block(Street.at(1n, clear));
    assert.equal(s.chain.world().get(PERIODS, KEY)?.void, true, `${clear}`);
    assert.deepEqual(trades(s), []);
    assert.equal(pool(s), before, 'no forfeits');
    for (const who of ['N1', 'N3', 'N5'])
      assert.deepEqual([s.locked(who), s.available(who)], [0n, RICH], who);
    assert.deepEqual([outcome(s, 'N1'), outcome(s, 'N3')], ['VOID', 'VOID']);
  }
  const s = street();
  s.block(Street.at(1n, 10), [s.seal(SELL), s.seal(BUY3)]);
  s.block(Street.at(1n, 60));
  s.block(Street.at(1n, 70), [s.reveal(SELL), s.reveal(BUY3)]);
  s.block(Street.at(1n, 247));
  assert.equal(s.chain.world().get(PERIODS, KEY)?.void, false, 'a little earlier it stands');
  assert.equal(trades(s).length, 1);
});

test('penalty on: the seller’s lock is its energy at retail, and comes back', () => {
  const s = street({}, { credit: true, penalty: true });
  s.block(Street.at(1n, 10), [s.seal(SELL), s.seal(BUY3)]);
  s.block(Street.at(1n, 60));
  s.block(Street.at(1n, 70), [s.reveal(SELL), s.reveal({ ...BUY3, activate: true })]);
  assert.equal(s.locked('N1'), 5000n * 800n);
  s.block(Street.at(1n, 90));
  assert.equal(s.locked('N1'), 3000n * 800n);
  s.block(INTERVAL);
  deliver(s, { N1: { exp: 3000n }, N3: { imp: 3000n } });
  assert.equal(s.locked('N1'), 0n);
  assert.equal(s.available('N1'), RICH + 3000n * 600n);
});

test('forecast and mismatch: the last forecast counts, then what was opened', () => {
  const s = street({ suspectAfter: 1 });
  s.trade(FIG2.map((r) => ({ ...r, activate: true })));
  const wide = s.forecast('N3', -8334n);
  assertRefused(s.chain, { timeMs: Street.at(1n, 100), tx: wide, code: 'QUANTITY_LIMIT' });
  const early = s.forecast('N3', 10n, 2n);
  assertRefused(s.chain, { timeMs: Street.at(1n, 100), tx: early, code: 'WRONG_PERIOD' });
  const sent = [s.forecast('N3', 3000n), s.forecast('N3', 3300n), s.forecast('N1', -5500n)];
  assert.deepEqual(s.block(Street.at(1n, 110), sent).refused, []);
  s.block(INTERVAL);
  // N3: 3000 against 3300 is 9.1 %; N1: 5000 against 5500 too; N5: 1700 against 2000 is 15 %.
  deliver(s, { N1: { exp: 5000n }, N3: { imp: 3000n }, N5: { imp: 1700n } });
  assert.deepEqual(
    ['N1', 'N3', 'N5'].map((who) => conduct(s, who)?.flagBits),
    [0n, 0n, 1n],
  );
  assert.deepEqual(conduct(s, 'N3')?.forecasts, []);
  // One for the seal, two forecasts, one for the actual record.
  assert.equal(864 - tokens(s, 'N3', 3n * INTERVAL), 4);
  const period = 4n;
  const tx = s.seal({ ...BUY5, period });
  assertRefused(s.chain, { timeMs: Street.at(period, 10), tx, code: 'SUSPECT' });
  // An hour later it may bid again: period 1 is no longer among the twelve before.
  const last = s.seal({ ...BUY5, period: 14n });
  assertRefused(s.chain, { timeMs: Street.at(14n, 10), tx: last, code: 'SUSPECT' });
  const free = 15n;
  s.block(Street.at(free, 1));
  const again = s.block(Street.at(free, 10), [s.seal({ ...BUY5, period: free })]);
  assert.deepEqual(again.refused, []);
});

test('no reading: no record, no flag; what silence costs is the substitute', () => {
  const s = street({ suspectAfter: 1 });
  s.trade(FIG2.map((r) => ({ ...r, activate: true })));
  s.block(INTERVAL);
  deliver(s, { N3: { imp: 3000n }, N5: { imp: 2000n } });
  assert.equal(s.available('N1'), RICH, 'a seller’s silence gives nothing');
  assert.equal(s.available('N3'), RICH - 3000n * 800n);
  assert.equal(conduct(s, 'N1')?.flagBits, 0n);
});

test('a published auction that is not the chain’s is recorded against its node', () => {
  const homes = [...HOMES, ['N2', 'N2'], ['far', 'elsewhere']] as const;
  const s = new Street({ homes });
  s.trade(FIG2);
  const { chain } = s.chain.at;
  const deals = termsOf(s.chain.world(), KEY).map(({ terms }) => terms);
  const right = auctionHash(chain, { ...KEY, node: 'N2', biddingRound: 1 }, deals.slice(0, 1));
  const publish = (who: string, result: Uint8Array, biddingRound = 1) =>
    s.chain.tx(person(who), 'auction', { ...KEY, biddingRound, result: result as never });
  assert.deepEqual(s.block(Street.at(1n, 100), [publish('N2', right)]).refused, []);
  assert.equal(conduct(s, 'N2')?.wrongAuctions ?? 0, 0);
  const built = s.block(Street.at(1n, 110), [publish('N2', right, 2)]);
  assert.equal(conduct(s, 'N2')?.wrongAuctions, 1);
  assert.deepEqual(
    linesOf(built.receipts).map(({ kind, fields }) => [kind, fields.code]),
    [['refused', 'AUCTION_DIFFERS']],
  );
  const none = publish('far', right);
  assertRefused(s.chain, { timeMs: Street.at(1n, 120), tx: none, code: 'NOT_ALLOWED' });
});

test('kinds that the market does not take', () => {
  const s = street();
  const order = s.chain.tx(person('N1'), 'order', {
    ...KEY,
    ...{ side: 'sell', energyWh: 10n as never, price: 450n as never, type: '' },
    ...{ reserve: undefined, right: undefined },
  });
  assertRefused(s.chain, { timeMs: Street.at(1n, 10), tx: order, code: 'WRONG_MECHANISM' });
  const flex = s.chain.tx(person('N1'), 'flex', {
    ...KEY,
    ...{ g: 10n as never, k: 0n as never, emin: 0n as never, emax: 0n as never },
    demand: 0n as never,
  });
  assertRefused(s.chain, { timeMs: Street.at(1n, 10), tx: flex, code: 'WRONG_MECHANISM' });
});

test('settlements name every home once, and the money of the interval is conserved', () => {
  const s = street();
  s.trade(FIG2.map((r) => ({ ...r, activate: true })));
  s.block(INTERVAL);
  deliver(s, { N1: { exp: 4321n }, N3: { imp: 777n, exp: 5n }, N5: { imp: 2000n } });
  const lines = s.chain.world().entries(SETTLEMENTS, 'street/1');
  assert.deepEqual(
    lines.map(({ key }) => toHex(key.account)).sort(),
    ['N1', 'N3', 'N5'].map((who) => toHex(s.chain.id(person(who)))).sort(),
  );
  const homes = ['N1', 'N3', 'N5'].reduce((sum, who) => sum + s.available(who), 0n);
  assert.equal(homes + grid(s) + reserve(s), 3n * RICH);
});

test('genesis: a graph that is not one, and a parameter of another mechanism, are named', () => {
  const refusal = (params: object): string => {
    try {
      readGenesis(streetGenesis({ homes: HOMES, params }));
    } catch (error) {
      return String((error as { data: { field?: string; name?: string } }).data.field ?? error);
    }
    return 'accepted';
  };
  const at = 'markets[0].params';
  assert.equal(refusal({ edges: [] }), 'accepted');
  assert.equal(
    refusal({
      edges: [
        ['a', 'b'],
        ['c', 'd'],
      ],
    }),
    `${at}.edges`,
  );
  assert.equal(refusal({ edges: [['a', 'a']] }), `${at}.edges[0]`);
  assert.equal(refusal({ edges: [['a']] }), `${at}.edges[0]`);
  assert.equal(refusal({ edges: [['a', 'b c']] }), `${at}.edges[0]`);
  const path = Array.from({ length: 100 }, (_, i) => [`n${i}`, `n${i + 1}`]);
  assert.equal(refusal({ edges: path }), `${at}.maxOrders`, 'fifty hops for ten thousand');
  assert.equal(refusal({ edges: path, maxOrders: 4000 }), 'accepted');
  assert.equal(refusal({ mode: 'single' }), `${at}.mode`);
  assert.match(refusal({ rule: 'vcg' }), /rule/);
  assert.match(refusal({ pricing: 'internal', retail: '1.401' }), /tick/);
  assert.equal(refusal({ retail: '1.401' }), 'accepted');
});
