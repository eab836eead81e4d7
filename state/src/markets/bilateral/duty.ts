// Who reviews (consensus 7.2; market-bilateral V6): the order of all validators, drawn once per
// period of a bilateral market with the state and the beacon of its first block, and the committee
// of a listing in it. Weights and eligibility are those of the draw of heights.
import { concatBytes, equalBytes, u64be, utf8ToBytes } from '../../../../core/src/bytes.js';
import { drawWeight } from '../../../../core/src/draw.js';
import { present } from '../../../../core/src/assert.js';
import { type Hash, sha256 } from '../../../../core/src/hash.js';
import type { AccountId } from '../../../../core/src/ids.js';
import type { PeriodIndex } from '../../../../core/src/amount.js';
import { baseCommittee, drawByWeight, fillOrder } from '../../../../core/src/select.js';
import type { Chain } from '../../chain.js';
import { networkOf, validatorsOf } from '../../draw.js';
import { DUTIES, LISTINGS } from './tables.js';
import type { World } from '../../world.js';
import { listingOf } from './listing.js';

const TAG = utf8ToBytes('dpoa-period');

/** The block that the next one stands on. */
export interface DrawnAfter {
  readonly height: bigint;
  readonly timeMs: bigint;
  readonly beacon: Hash;
}

/** Seed of the order of a period (consensus 7.2). */
const periodSeed = (beacon: Hash, market: string, period: bigint): Hash =>
  sha256(concatBytes(TAG, beacon, utf8ToBytes(market), u64be(period)));

/** All validators, the eligible by draw, then by credit (consensus 4.2, 4.4). */
function orderOf(world: World, chain: Chain, seed: Hash, timeMs: bigint): readonly AccountId[] {
  const validators = validatorsOf(world, chain, timeMs);
  const weights = validators.map((v) => (v.eligible ? Number(drawWeight(v)) : 0));
  const drawn = drawByWeight(weights, seed, validators.length);
  const places = [...drawn, ...fillOrder(validators, new Set(drawn))];
  return places.map((place) => present(validators[place], 'a place of the set').id);
}

/** Before the steps of a block: the order of each period whose first block was its parent. */
export function drawDuties(world: World, chain: Chain, parent: DrawnAfter): void {
  if (parent.height === 0n) return;
  for (const market of chain.markets) {
    if (market.mechanism !== 'bilateral') continue;
    const period = (parent.timeMs / market.periodMs) as PeriodIndex;
    const duty = world.get(DUTIES, market.id);
    if (duty !== undefined && duty.order.length > 0 && duty.period === period) continue;
    const seed = periodSeed(parent.beacon, market.id, period);
    const order = orderOf(world, chain, seed, parent.timeMs);
    world.set(DUTIES, market.id, { period, order, waiting: [] });
    for (const id of duty?.waiting ?? []) {
      const listing = present(listingOf(world, id), 'a listing that waits');
      const committee = committeeOf(world, chain, order, listing);
      world.set(LISTINGS, { id, startMs: listing.startMs }, { ...listing, committee });
    }
  }
}

interface Parties {
  readonly seller: AccountId;
  readonly buyer: AccountId;
}

/** The first members of the order that are no party, themselves or by their credit (V6). */
function committeeOf(
  world: World,
  chain: Chain,
  order: readonly AccountId[],
  { seller, buyer }: Parties,
): readonly AccountId[] {
  const { validators } = networkOf(world);
  const isParty = (id: AccountId): boolean => {
    const creditOf = validators.find((v) => equalBytes(v.id, id))?.creditOf ?? id;
    return [id, creditOf].some((one) => equalBytes(one, seller) || equalBytes(one, buyer));
  };
  const size = baseCommittee(validators.length, chain.consensus.committeeRatioPpm);
  return order.filter((id) => !isParty(id)).slice(0, size);
}

export interface Reviewed extends Parties {
  readonly id: Hash;
  readonly market: string;
  /** Period in which the listing is included. */
  readonly period: PeriodIndex;
}

/** Committee of a listing; nobody yet where the order of its period is drawn after this block. */
export function committeeFor(world: World, chain: Chain, listing: Reviewed): readonly AccountId[] {
  const duty = world.get(DUTIES, listing.market);
  if (duty !== undefined && duty.order.length > 0 && duty.period === listing.period)
    return committeeOf(world, chain, duty.order, listing);
  const none = { period: 0n as PeriodIndex, order: [], waiting: [] };
  const { waiting, ...rest } = duty ?? none;
  world.set(DUTIES, listing.market, { ...rest, waiting: [...waiting, listing.id] });
  return [];
}
