// Decimal text at the edges, and exact amounts (conventions "Units and exactness").
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  addMoney,
  cost,
  divFloor,
  divHalfAway,
  largest,
  least,
  MAX_AMOUNT,
  money,
  price,
  signedWattHours,
  subMoney,
  wattHours,
} from '../src/amount.js';
import { AssertionFailure } from '../src/assert.js';
import {
  type DecimalGrammar,
  MAX_DECIMAL_CHARS,
  parseDecimal,
  printFixed,
  printMinimal,
} from '../src/decimal.js';
import { ProtocolError } from '../src/errors.js';

const ENERGY: DecimalGrammar = { field: 'energy', decimals: 3 };
const SIGNED: DecimalGrammar = { field: 'net', decimals: 3, signed: true };

const refused = (text: unknown, grammar: DecimalGrammar): boolean => {
  try {
    parseDecimal(text, grammar);
    return false;
  } catch (error) {
    assert.ok(error instanceof ProtocolError && error.code === 'AMOUNT_GRAMMAR');
    assert.ok(error.message.startsWith(`${grammar.field}: `), error.message);
    return true;
  }
};

test('the grammar: what is taken', () => {
  for (const [text, value] of [
    ['0', 0n],
    ['56', 56_000n],
    ['0.25', 250n],
    ['0.250', 250n],
    ['1.001', 1001n],
    ['9223372036854775.807', MAX_AMOUNT],
  ] as const)
    assert.equal(parseDecimal(text, ENERGY), value, text);
  assert.equal(parseDecimal('-0.5', SIGNED), -500n);
  assert.equal(parseDecimal('7', { field: 'count', decimals: 0 }), 7n);
});

test('the grammar: everything else is refused by the name of its field', () => {
  const never = ['', ' ', '.', '.5', '5.', '00', '01', '+1', '1e3', '0x1', '1,5', '1_000', ' 1'];
  const also = ['1 ', '1.2.3', 'NaN', 'Infinity', '--1', '-', '1\n', '٣', '-0', '-0.000', '0.0001'];
  for (const text of [...never, ...also]) {
    assert.ok(refused(text, ENERGY), JSON.stringify(text));
    assert.ok(refused(text, SIGNED), JSON.stringify(text));
  }
  assert.ok(refused('-1', ENERGY), 'a sign where none is allowed');
  for (const value of [1, 1n, null, undefined, {}, ['1'], true]) assert.ok(refused(value, ENERGY));
  assert.ok(refused('1'.repeat(MAX_DECIMAL_CHARS + 1), ENERGY), 'too long');
  assert.ok(!refused('1'.repeat(MAX_DECIMAL_CHARS), ENERGY));
  assert.ok(refused('1.0', { field: 'count', decimals: 0 }));
});

test('random text is taken only where it is a number of that form', () => {
  const PLAIN = /^-?(0|[1-9][0-9]*)(\.[0-9]{1,3})?$/;
  const text = fc.string({
    unit: fc.constantFrom('0', '1', '9', '.', '-', 'e', ' '),
    maxLength: 8,
  });
  fc.assert(
    fc.property(text, (sample) => {
      const fits = PLAIN.test(sample) && !/^-0(\.0*)?$/.test(sample);
      assert.equal(refused(sample, SIGNED), !fits);
      if (!fits) return;
      const value = parseDecimal(sample, SIGNED);
      const [whole = '', fraction = ''] = sample.replace('-', '').split('.');
      const by = BigInt(whole) * 1000n + BigInt(fraction.padEnd(3, '0') || '0');
      assert.equal(value, sample.startsWith('-') ? -by : by);
    }),
    { numRuns: 3000 },
  );
});

test('print and read again', () => {
  const value = fc.bigInt({ min: -MAX_AMOUNT, max: MAX_AMOUNT });
  fc.assert(
    fc.property(value, fc.nat({ max: 12 }), (amount, decimals) => {
      const grammar = { field: 'x', decimals, signed: true };
      for (const print of [printFixed, printMinimal])
        assert.equal(parseDecimal(print(amount, decimals), grammar), amount);
      const minimal = printMinimal(amount, decimals);
      assert.ok(!/\.\d*0$|\.$/.test(minimal), minimal);
    }),
  );
  assert.equal(printMinimal(220_000n, 3), '220');
  assert.equal(printMinimal(100n, 0), '100');
  assert.equal(printFixed(-5n, 3), '-0.005');
  assert.equal(printFixed(470n, 3), '0.470');
});

test('a trade is exact, and ranges are asserted at both ends', () => {
  assert.equal(cost(wattHours(56_000n), price(437n)), 24_472_000n);
  assert.equal(addMoney(money(MAX_AMOUNT), money(0n)), MAX_AMOUNT);
  for (const beyond of [
    () => wattHours(-1n),
    () => wattHours(MAX_AMOUNT + 1n),
    () => price(-1n),
    () => price(MAX_AMOUNT + 1n),
    () => money(MAX_AMOUNT + 1n),
    () => money(-MAX_AMOUNT - 1n),
    () => signedWattHours(-MAX_AMOUNT - 1n),
    () => addMoney(money(MAX_AMOUNT), money(1n)),
    () => subMoney(money(-MAX_AMOUNT), money(1n)),
    () => cost(wattHours(MAX_AMOUNT), price(2n)),
    () => divFloor(1n, 0n),
    () => divHalfAway(1n, -1n),
  ])
    assert.throws(beyond, AssertionFailure);
  assert.equal(least(2n, 1n), 1n);
  assert.equal(largest(2n, 1n), 2n);
});

test('the two roundings: toward minus infinity, and half away from zero', () => {
  for (const [a, floor, half] of [
    [7n, 3n, 4n],
    [-7n, -4n, -4n],
    [5n, 2n, 3n],
    [-5n, -3n, -3n],
    [4n, 2n, 2n],
    [-4n, -2n, -2n],
    [0n, 0n, 0n],
    [1n, 0n, 1n],
    [-1n, -1n, -1n],
  ] as const) {
    assert.equal(divFloor(a, 2n), floor, `floor ${a}/2`);
    assert.equal(divHalfAway(a, 2n), half, `half ${a}/2`);
  }
  const [a, b] = [fc.bigInt({ min: -(10n ** 9n), max: 10n ** 9n }), fc.bigInt(1n, 1000n)];
  fc.assert(
    fc.property(a, b, (top, bottom) => {
      const floor = divFloor(top, bottom);
      assert.ok(floor * bottom <= top && (floor + 1n) * bottom > top);
      const half = divHalfAway(top, bottom);
      const error = 2n * (half * bottom - top);
      assert.ok(error >= -bottom && error <= bottom, 'the nearest');
      if (error === bottom) assert.ok(top > 0n, 'half goes away from zero');
      if (error === -bottom) assert.ok(top < 0n);
    }),
  );
});
