// When homes of the demo take the network for too slow to open in time what they seal.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pace } from '../src/demo/pace.js';

const WINDOW = 833;
const paceOf = (waits: readonly number[], finalityMs?: number): Pace =>
  new Pace({ windowMs: WINDOW, waits: () => waits, finalityMs });
const many = (ms: number, count = 12): readonly number[] => Array<number>(count).fill(ms);

test('typical waits of which 1.5 do not fit into the window are too long', () => {
  assert.equal(paceOf(many(482)).isLate, false);
  assert.equal(paceOf(many(555)).isLate, false);
  assert.equal(paceOf(many(556)).isLate, true);
  // A few slow ones are not typical, and old ones are not of now.
  assert.equal(paceOf([...many(200, 7), ...many(900, 5)]).isLate, false);
  assert.equal(paceOf([...many(900, 99), ...many(200)]).isLate, false);
  assert.equal(paceOf([...many(200, 99), ...many(900)]).isLate, true);
});

test('before anything was sent, three empty blocks have to fit', () => {
  assert.equal(paceOf([], 277).isLate, false);
  assert.equal(paceOf([], 278).isLate, true);
  assert.equal(paceOf([]).isLate, false, 'nothing is known: they try');
  assert.equal(paceOf([100], 500).isLate, false, 'what is known of transactions counts more');
});
