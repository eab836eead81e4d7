// Always true, asserted before a block can get a root (settlement 1.3, 6): the program stops rather
// than vote for a block that loses or makes money. Only what a block touched is looked at: what was
// true before stays true elsewhere.
import { assert, present } from '../../core/src/assert.js';
import { LABELS_PER_CERTIFICATE } from '../../core/src/limits.js';
import { CERTIFIED, LABEL_METERS, QUEUES } from './certificates/tables.js';
import { FLEXES, REQUESTS } from './markets/neighbourhood/tables.js';
import { CONTRACTS, QUOTES } from './markets/reputation/tables.js';
import { POINT_OFFERS } from './points/tables.js';
import { BALANCES, BOOK, ORDERS, POSITIONS, SUPPLY } from './schema.js';
import { LISTINGS } from './markets/bilateral/tables.js';
import type { World } from './world.js';

export function assertInvariants(world: World): void {
  let moneyChange = 0n;
  let lockedChange = 0n;
  for (const { before, after } of world.changed(BALANCES)) {
    moneyChange += (after?.available ?? 0n) + (after?.locked ?? 0n);
    moneyChange -= (before?.available ?? 0n) + (before?.locked ?? 0n);
    lockedChange += (after?.locked ?? 0n) - (before?.locked ?? 0n);
  }
  assert(moneyChange === supplyChange(world), 'money is neither made nor lost (settlement 1.3)');
  assert(lockedChange === openLocksChange(world), 'escrow is the sum of open locks (settlement 6)');
  assert(labelsAstray(world) === 0n, 'a label is in exactly one place (market-reputation 1.12)');
}

/** Labels made less those in queues and in certificates: each is in exactly one place (1.12). */
function labelsAstray(world: World): bigint {
  let astray = 0n;
  for (const { before, after } of world.changed(LABEL_METERS))
    astray += (after?.minted ?? 0n) - (before?.minted ?? 0n);
  for (const { before, after } of world.changed(QUEUES))
    astray -= (after?.count ?? 0n) - (before?.count ?? 0n);
  for (const { before, after } of world.changed(CERTIFIED))
    astray -= BigInt(LABELS_PER_CERTIFICATE) * ((after?.made ?? 0n) - (before?.made ?? 0n));
  return astray;
}

function supplyChange(world: World): bigint {
  let change = 0n;
  for (const { before, after } of world.changed(SUPPLY)) {
    const [old, now] = [before ?? { issued: 0n, redeemed: 0n }, present(after, 'supply stays')];
    change += now.issued - now.redeemed - (old.issued - old.redeemed);
  }
  return change;
}

function openLocksChange(world: World): bigint {
  let change = 0n;
  for (const { before, after } of world.changed(ORDERS)) {
    change += (after?.bond ?? 0n) + (after?.lock ?? 0n);
    change -= (before?.bond ?? 0n) + (before?.lock ?? 0n);
  }
  for (const { before, after } of world.changed(BOOK)) {
    for (const { lock } of after?.orders ?? []) change += lock;
    for (const { lock } of before?.orders ?? []) change -= lock;
  }
  for (const { before, after } of world.changed(REQUESTS)) {
    change += (after?.bond ?? 0n) + (after?.lock ?? 0n);
    change -= (before?.bond ?? 0n) + (before?.lock ?? 0n);
  }
  for (const { before, after } of world.changed(FLEXES))
    change += (after?.lock ?? 0n) - (before?.lock ?? 0n);
  for (const { before, after } of world.changed(LISTINGS)) {
    change += (after?.sellerLock ?? 0n) + (after?.buyerLock ?? 0n);
    change -= (before?.sellerLock ?? 0n) + (before?.buyerLock ?? 0n);
  }
  for (const { before, after } of world.changed(POSITIONS)) {
    change += (after?.lock ?? 0n) - (before?.lock ?? 0n);
  }
  for (const { before, after } of world.changed(POINT_OFFERS))
    change += (after?.amount ?? 0n) - (before?.amount ?? 0n);
  for (const { before, after } of world.changed(QUOTES)) {
    change += (after?.bond ?? 0n) + (after?.lock ?? 0n);
    change -= (before?.bond ?? 0n) + (before?.lock ?? 0n);
  }
  for (const { before, after } of world.changed(CONTRACTS)) {
    change += (after?.lock ?? 0n) + (after?.sellerLock ?? 0n);
    change -= (before?.lock ?? 0n) + (before?.sellerLock ?? 0n);
  }
  return change;
}
