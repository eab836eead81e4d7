// expire: forgets transaction ids whose window has ended, settled periods that corrections can no
// longer reach, and offers whose time is over (consensus 5a.5, settlement 3.5). A long step, in
// parts: what one part has removed the next does not find.
import { HASH_BYTES } from '../../../core/src/hash.js';
import type { MarketConfig } from '../../../core/src/markets.js';
import {
  CLOSED,
  DELIVERIES,
  OLD_SETTLEMENTS,
  EXPIRE_EVERY_MS,
  type PeriodKey,
  periodGroup,
  PERIODS,
  POSITIONS,
  REGISTERS,
  REPLAY,
  SETTLEMENTS,
  TRADES,
} from '../schema.js';
import { CONTRACTS, DELIVERY_PERIODS } from '../markets/reputation/tables.js';
import { CONTRACTS as NEGOTIATED } from '../markets/bilateral/tables.js';
import { payArrears } from '../ledger/arrears.js';
import { endedOffers } from '../points/offers.js';
import { VERIFIED } from '../points/tables.js';
import { lapsedOffers, oldListings, soldRights } from '../markets/bilateral/forget.js';
import type { Table, World } from '../world.js';
import type { StepContext, StepResult } from './step.js';
import { periodTimes } from './timing.js';

/** Leaves that one part removes; each is far less work than an order. */
const PART_LEAVES = 4096;
const LEAVES_PER_WORK = 16;
/** Forgetting an id touches a set in memory alone. */
const IDS_PER_LEAF = 64;

export function expire(step: StepContext): StepResult {
  let removed = 0;
  for (const remove of outdated(step)) {
    if (removed >= PART_LEAVES) {
      payArrears(step.ledger);
      return { work: PART_LEAVES / LEAVES_PER_WORK, unfinished: true };
    }
    removed += remove();
  }
  // Points that an offer had locked are free again, and pay arrears first (settlement 3.2).
  payArrears(step.ledger);
  return { work: 1 + Math.ceil(removed / LEAVES_PER_WORK), unfinished: false };
}

/** Takes away a leaf, and says how many leaves' work that was. */
type Removal = () => number;

/** Everything that goes, in a fixed order; the record of a period after what it stands for. */
function* outdated(step: StepContext): Iterable<Removal> {
  for (const group of step.world.oldGroups(REPLAY, step.due.period))
    yield* idRemovals(step.world, group);
  yield* ofOneLeaf(outdatedLeaves(step));
}

function* outdatedLeaves(step: StepContext): Iterable<() => void> {
  const { world, chain, due } = step;
  const now = due.period * EXPIRE_EVERY_MS;
  for (const market of chain.markets) {
    for (const { key } of world.entries(CLOSED, market.id)) {
      if (periodTimes(market, key.period).deliveryEnd + keepMs(market) > now) break;
      // A contract of it is still open, or its ratings do not count yet.
      if (world.get(DELIVERY_PERIODS, key) !== undefined) continue;
      yield* periodRemovals(world, key);
    }
    yield* emptyPeriods(world, market, now);
  }
  yield* endedOffers(step, { group: due.period, timeMs: now });
  yield* oldListings(step);
  yield* lapsedOffers(step);
  // The register at the start of a period is needed as long as the period.
  const keep = chain.markets.map((market) => keepMs(market) + market.periodMs);
  const longest = keep.reduce((most, ms) => (ms > most ? ms : most), 0n);
  for (const group of world.oldGroups(REGISTERS, now - longest + 1n))
    yield* removals(world, REGISTERS, group.toString());
}

/** How long what settlement read stays in the state (settlement 3.5). */
const keepMs = (market: MarketConfig): bigint => BigInt(market.params.correctionDays) * 86_400_000n;

function* ofOneLeaf(actions: Iterable<() => void>): Iterable<Removal> {
  for (const remove of actions)
    yield () => {
      remove();
      return 1;
    };
}

function* removals<K, V>(world: World, table: Table<K, V>, group: string): Iterable<() => void> {
  for (const { key } of world.entries(table, group)) yield () => world.delete(table, key);
}

function* idRemovals(world: World, group: bigint): Iterable<Removal> {
  for (const { key, value } of world.entries(REPLAY, group.toString()))
    yield () => {
      world.delete(REPLAY, key);
      return 1 + Math.floor(value.ids.length / HASH_BYTES / IDS_PER_LEAF);
    };
}

function* periodRemovals(world: World, key: PeriodKey): Iterable<() => void> {
  const group = periodGroup(key);
  yield* removals(world, POSITIONS, group);
  yield* removals(world, SETTLEMENTS, group);
  yield* removals(world, OLD_SETTLEMENTS, group);
  yield* soldRights(world, key);
  yield* removals(world, NEGOTIATED, group);
  yield* removals(world, TRADES, group);
  yield* removals(world, DELIVERIES, group);
  yield* removals(world, VERIFIED, group);
  yield* removals(world, CONTRACTS, group);
  yield () => world.delete(CLOSED, key);
}

/** Periods that an outage gave a later deadline, and that no reading reached until then. */
function* emptyPeriods(world: World, market: MarketConfig, now: bigint): Iterable<() => void> {
  for (const { key, value } of world.entries(PERIODS, market.id)) {
    const empty = value.sealed === 0 && value.readings === 0 && value.trades === 0;
    if (empty && value.settleAtMs < now) yield () => world.delete(PERIODS, key);
  }
}
