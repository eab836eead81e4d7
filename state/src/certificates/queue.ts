// A queue of labels as leaves of the state, oldest first: what is taken and added touches the
// ranges at its two ends alone. What taking and adding mean is market/settle/labels.ts.
import { present } from '../../../core/src/assert.js';
import { fromHex, toHex } from '../../../core/src/bytes.js';
import type { AccountId } from '../../../core/src/ids.js';
import { LABEL_RANGES_PER_LEAF } from '../../../core/src/limits.js';
import {
  addLabels,
  labelCount,
  type LabelRange,
  takeLabels,
} from '../../../market/src/settle/labels.js';
import type { World } from '../world.js';
import { type LabelKey, LABELS, type Queue, type QueueKey, QUEUES, type Range } from './tables.js';

const EMPTY: Queue = { first: 0n, next: 0n, count: 0n };

export const queueOf = (world: World, key: QueueKey): Queue => world.get(QUEUES, key) ?? EMPTY;

/** A stored range as the rules of labels see it: the meter is a name to them. */
export const ruleRange = (range: Range): LabelRange => ({
  ...range,
  meter: toHex(range.meter),
});
export const storedRange = ({ meter, market, period, from, to }: LabelRange): Range => ({
  meter: present(fromHex(meter), 'named by ruleRange') as AccountId,
  market,
  period: period as Range['period'],
  from,
  to,
});

/** Leaves of a queue by their index, from the oldest on. */
function leafOf(world: World, key: QueueKey, index: bigint): readonly LabelRange[] {
  const leaf = present(world.get(LABELS, { ...key, index }), 'a queue has no gaps');
  return leaf.ranges.map(ruleRange);
}

const putLeaf = (world: World, key: LabelKey, ranges: readonly LabelRange[]): void =>
  world.set(LABELS, key, { ranges: ranges.map(storedRange) });

const sizeOf = (ranges: readonly LabelRange[]): bigint =>
  ranges.reduce((sum, range) => sum + labelCount(range), 0n);

/** The oldest labels of a queue, at most `count`. */
export function takeOldest(world: World, key: QueueKey, count: bigint): readonly LabelRange[] {
  const queue = queueOf(world, key);
  const taken: LabelRange[] = [];
  let { first } = queue;
  let missing = count;
  while (missing > 0n && first < queue.next) {
    const front = takeLabels(leafOf(world, key, first), missing);
    taken.push(...front.taken);
    missing = front.missing;
    if (front.left.length > 0) putLeaf(world, { ...key, index: first }, front.left);
    else world.delete(LABELS, { ...key, index: first++ });
  }
  if (taken.length > 0)
    world.set(QUEUES, key, { ...queue, first, count: queue.count - sizeOf(taken) });
  return taken;
}

/** Labels at the end of a queue. */
export function append(world: World, key: QueueKey, ranges: readonly LabelRange[]): void {
  const queue = queueOf(world, key);
  let next = queue.first === queue.next ? queue.next : queue.next - 1n;
  const last = next < queue.next ? leafOf(world, key, next) : [];
  const all = addLabels(last, ranges);
  for (let at = 0; at < all.length; at += LABEL_RANGES_PER_LEAF)
    putLeaf(world, { ...key, index: next++ }, all.slice(at, at + LABEL_RANGES_PER_LEAF));
  const count = queue.count + sizeOf(ranges);
  world.set(QUEUES, key, { first: queue.first, next, count });
}
