// Competitive equilibrium price (market-reputation 1.8), with the numbers of its golden vector.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { equilibriumPrice } from '../src/cep.js';
import { mill } from './books.js';

const prices = [92_000, 95_000, 97_000, 96_000, 98_000].map(mill);
const beta = { num: 10n, den: 9n };
const options = { deals: 30, beta, tick: 1n };

test('newer deals weigh more, rounded half up to the tick', () => {
  assert.equal(equilibriumPrice(prices, options), 95_867n);
  assert.equal(equilibriumPrice(prices, { ...options, beta: { num: 1n, den: 1n } }), 95_600n);
  assert.equal(equilibriumPrice(prices, { ...options, tick: 1000n }), 96_000n);
  assert.equal(equilibriumPrice([1, 2].map(mill), { ...options, beta: { num: 1n, den: 1n } }), 2n);
});

test('only the last deals count; no deal, no price', () => {
  assert.equal(equilibriumPrice(prices, { ...options, deals: 1 }), 98_000n);
  assert.equal(equilibriumPrice([], options), undefined);
});
