// What `expire` removes of negotiated contracts and rights (consensus 5a.5): offers that have
// lapsed, listings as long after their last delivery as corrections reach, rights with their
// contract.
import { MAX_LISTING_PERIODS } from '../../../../core/src/limits.js';
import type { StepContext } from '../../boundary/step.js';
import { periodGroup, type PeriodKey, TRADES, EXPIRE_EVERY_MS } from '../../schema.js';
import { LISTINGS, OFFERS, rightGroup, RIGHTS } from './tables.js';
import type { World } from '../../world.js';

const DAY_MS = 86_400_000n;

/** Grouped by the start of their first period. */
export function* oldListings({ world, chain, due }: StepContext): Iterable<() => void> {
  const spans = chain.markets
    .filter(({ mechanism }) => mechanism === 'bilateral')
    .map(({ params, periodMs }) => {
      const keep = BigInt(params.correctionDays) * DAY_MS;
      return keep + BigInt(MAX_LISTING_PERIODS) * periodMs;
    });
  const [longest] = [...spans].sort((a, b) => (a > b ? -1 : 1));
  if (longest === undefined) return;
  const before = due.period * EXPIRE_EVERY_MS - longest;
  for (const group of world.oldGroups(LISTINGS, before))
    for (const { key } of world.entries(LISTINGS, group.toString()))
      yield () => world.delete(LISTINGS, key);
}

export function* lapsedOffers({ world, due }: StepContext): Iterable<() => void> {
  for (const { key, value } of world.entries(OFFERS))
    if (value.until <= due.period * EXPIRE_EVERY_MS) yield () => world.delete(OFFERS, key);
}

/** Of all contracts of a period. */
export function* soldRights(world: World, key: PeriodKey): Iterable<() => void> {
  for (const { key: contract } of world.entries(TRADES, periodGroup(key)))
    for (const { key: right } of world.entries(RIGHTS, rightGroup(contract)))
      yield () => world.delete(RIGHTS, right);
}
