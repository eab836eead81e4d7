// A part of the full count (node dist/bench/versus.js): the chain and the naive model agree.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Town } from './versus.js';

const OPERATIONS = 20_000;

test('the chain agrees with the naive model on accounts, locks, settlement and credit', (t) => {
  const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);
  t.diagnostic(`seed ${seed}`);
  const town = new Town(seed);
  while (town.counts.operations < OPERATIONS) town.period();
  const { trades, suspensions, refused } = town.counts;
  assert.ok(trades > 100 && suspensions > 0 && refused > 0, JSON.stringify(town.counts));
});
