// The internal price on the chain (market-neighbourhood 1.7): flex, the game at `clear`, contracts
// that nobody activates, and settlement to the unit. The players are those of the golden file.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Money, PeriodIndex, WattHour } from '../../core/src/amount.js';
import type { Tx } from '../../core/src/tx.js';
import { termsOf } from '../src/markets/neighbourhood/contracts.js';
import { CONDUCT, FLEXES } from '../src/markets/neighbourhood/tables.js';
import { PERIODS, POSITIONS } from '../src/schema.js';
import { person } from './harness.js';
import { assertRefused } from './refused.js';
import { INTERVAL, RICH, Street } from './street.js';

const KEY = { market: 'street', period: 1n as PeriodIndex };
const NAMES = ['S1', 'S2', 'S3', 'B1', 'B2'] as const;
type Name = (typeof NAMES)[number];

interface Play {
  readonly g?: number;
  readonly k?: number;
  readonly emin?: number;
  readonly emax?: number;
  readonly demand?: number;
}
const PLAYS: { readonly [name in Name]: Play } = {
  S1: { g: 3000, k: 1_100_000, emax: 3000 },
  S2: { g: 2500, k: 800_000, emax: 2500 },
  S3: { g: 4000, k: 1_300_000, emax: 4000 },
  B1: { demand: 5000 },
  B2: { demand: 3000 },
};
const SALE = { S1: 1567n, S2: 1731n, S3: 2124n };

const street = (): Street =>
  new Street({ homes: NAMES.map((name) => [name, '']), params: { pricing: 'internal' } });

function flexOf(s: Street, who: Name, play: Play, period = 1n): Tx {
  const { g = 0, k = 0, emin = 0, emax = 0, demand = 0 } = play;
  const wh = (value: number): WattHour => BigInt(value) as WattHour;
  return s.chain.tx(person(who), 'flex', {
    ...{ market: 'street', period: period as PeriodIndex },
    ...{ g: wh(g), emin: wh(emin), emax: wh(emax), demand: wh(demand), k: BigInt(k) as Money },
  });
}

/** Sets of accounts decide the order of pairing, names do not. */
const byAccount = (s: Street, names: readonly Name[]): readonly Name[] => {
  const id = (name: Name): string => s.chain.id(person(name)).join();
  const bytes = (name: Name): Uint8Array => s.chain.id(person(name));
  assert.equal(new Set(names.map(id)).size, names.length);
  return [...names].sort((a, b) => Buffer.compare(bytes(a), bytes(b)));
};

test('the golden game: price, sale, shares, locks and balances', () => {
  const s = street();
  const sent = NAMES.map((name) => flexOf(s, name, PLAYS[name]));
  assert.deepEqual(s.block(Street.at(1n, 10), sent).refused, []);
  assert.deepEqual(
    NAMES.map((name) => s.locked(name)),
    [1_200_000n, 1_000_000n, 1_600_000n, 4_000_000n, 2_400_000n],
  );
  s.block(Street.at(1n, 90));
  assert.deepEqual(s.chain.world().entries(FLEXES), []);
  const terms = termsOf(s.chain.world(), KEY).map((entry) => entry.terms);
  assert.ok(terms.length > 0);
  for (const { buyPrice, sellPrice, state } of terms)
    assert.deepEqual([buyPrice, sellPrice, state], [452n, 452n, 'ACTIVE']);
  const position = (name: Name) =>
    s.chain.world().get(POSITIONS, { ...KEY, account: s.chain.id(person(name)) });
  assert.deepEqual(
    NAMES.map((name) => position(name)?.tradedWh),
    [SALE.S1, SALE.S2, SALE.S3, 3389n, 2033n],
  );
  // Buyers price x share, sellers the spread on what they sell.
  assert.deepEqual(
    NAMES.map((name) => s.locked(name)),
    [SALE.S1 * 400n, SALE.S2 * 400n, SALE.S3 * 400n, 3389n * 452n, 2033n * 452n],
  );
  // Ascending ids, two pointers.
  const sellers = byAccount(s, ['S1', 'S2', 'S3']);
  assert.deepEqual(
    [...new Set(terms.map(({ seller }) => seller.join()))],
    sellers.map((name) => s.chain.id(person(name)).join()),
  );
  s.block(
    INTERVAL + 1n,
    NAMES.map((name) => s.reading(name, 0n)),
  );
  const registers = { ...SALE, B1: 5000n, B2: 3000n };
  s.block(
    2n * INTERVAL + 1n,
    NAMES.map((name) =>
      s.reading(
        name,
        1n,
        name.startsWith('S') ? { exp: registers[name] } : { imp: registers[name] },
      ),
    ),
  );
  s.block(2n * INTERVAL + 120_000n);
  s.block(2n * INTERVAL + 240_000n);
  for (const name of ['S1', 'S2', 'S3'] as const)
    assert.equal(s.available(name), RICH + SALE[name] * 452n, name);
  // R of the golden file: what both buyers pay.
  const paid = 2n * RICH - s.available('B1') - s.available('B2');
  assert.equal(paid, 4_513_144n);
  assert.equal(s.available('B1'), RICH - 3389n * 452n - 1611n * 800n);
  for (const name of NAMES) {
    assert.equal(s.locked(name), 0n);
    const key = { market: 'street', account: s.chain.id(person(name)) };
    assert.equal(s.chain.world().get(CONDUCT, key)?.flagBits, 0n, 'all did what they played');
  }
});

test('the last flex counts; it can be taken back until `clear`', () => {
  const s = street();
  const [first, second] = [flexOf(s, 'B1', { demand: 100 }), flexOf(s, 'B1', { demand: 200 })];
  assert.deepEqual(s.block(Street.at(1n, 10), [first, second]).refused, []);
  assert.equal(s.locked('B1'), 200n * 800n);
  assert.equal(s.chain.world().get(PERIODS, KEY)?.live, 1);
  const cancel = s.chain.tx(person('B1'), 'cancel', { ...KEY, order: second.id });
  assert.deepEqual(s.block(Street.at(1n, 80), [cancel]).refused, []);
  assert.deepEqual([s.locked('B1'), s.chain.world().get(PERIODS, KEY)], [0n, undefined]);
  const late = flexOf(s, 'B1', { demand: 100 });
  assertRefused(s.chain, { timeMs: Street.at(1n, 90), tx: late, code: 'WRONG_PHASE' });
});

test('what is no play is refused', () => {
  const s = street();
  const refused = (play: Play, code: Parameters<typeof assertRefused>[1]['code']): void =>
    assertRefused(s.chain, { timeMs: Street.at(1n, 10), tx: flexOf(s, 'S1', play), code });
  refused({ g: 10, emax: 10, demand: 10 }, 'BAD_ENCODING');
  refused({ demand: 10, k: 1 }, 'BAD_ENCODING');
  refused({ g: 10, emin: 5, emax: 4 }, 'BAD_ENCODING');
  refused({ g: 10, emax: 11 }, 'BAD_ENCODING');
  refused({ g: 8334, emax: 8334 }, 'QUANTITY_LIMIT');
  refused({}, 'DUST');
  refused({ g: 10, k: 10 ** 15, emax: 10 }, 'AMOUNT_RANGE');
  const seal = s.seal({ who: 'S1', side: 'sell', wh: 10n, price: 450n });
  assertRefused(s.chain, { timeMs: Street.at(1n, 10), tx: seal, code: 'WRONG_MECHANISM' });
});

test('void and case 1: everything comes back', () => {
  const late = street();
  late.block(
    Street.at(1n, 10),
    NAMES.map((name) => flexOf(late, name, PLAYS[name])),
  );
  late.block(Street.at(1n, 260));
  for (const name of NAMES)
    assert.deepEqual([late.locked(name), late.available(name)], [0n, RICH], name);
  const alone = street();
  alone.block(Street.at(1n, 10), [flexOf(alone, 'B1', PLAYS.B1)]);
  alone.block(Street.at(1n, 90));
  assert.deepEqual([alone.locked('B1'), alone.available('B1')], [0n, RICH]);
});
