// A queue of labels as leaves of the state, oldest first: what is taken and added touches the
// ranges at its two ends alone. What taking and adding mean is market/reputation/labels.ts.
import { present } from '../../../core/src/assert.js';
import { fromHex, toHex } from '../../../core/src/bytes.js';
import type { AccountId } from '../../../core/src/ids.js';
import {
  addLabels,
  isNext,
  labelCount,
  type LabelRange,
  takeLabels,
} from '../../../market/src/reputation/labels.js';
import type { World } from '../world.js';
import { LABELS, type Queue, type QueueKey, QUEUES, type Range } from './tables.js';

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

/** Its ranges from the oldest on, until they are `count` labels or all. */
function oldest(world: World, key: QueueKey, count: bigint): readonly LabelRange[] {
  const { first, next } = queueOf(world, key);
  const ranges: LabelRange[] = [];
  let labels = 0n;
  for (let index = first; index < next && labels < count; index++) {
    const range = present(world.get(LABELS, { ...key, index }), 'a queue has no gaps');
    ranges.push(ruleRange(range));
    labels += labelCount(ruleRange(range));
  }
  return ranges;
}

/** The oldest labels of a queue, at most `count`. */
export function takeOldest(world: World, key: QueueKey, count: bigint): readonly LabelRange[] {
  const seen = oldest(world, key, count);
  const { taken, left } = takeLabels(seen, count);
  const queue = queueOf(world, key);
  const size = taken.reduce((sum, range) => sum + labelCount(range), 0n);
  let { first } = queue;
  for (const _ of seen) world.delete(LABELS, { ...key, index: first++ });
  // At most the last range that was looked at is left, in part.
  for (const range of left) world.set(LABELS, { ...key, index: --first }, storedRange(range));
  if (seen.length > 0) world.set(QUEUES, key, { ...queue, first, count: queue.count - size });
  return taken;
}

/** Labels at the end of a queue. */
export function append(world: World, key: QueueKey, ranges: readonly LabelRange[]): void {
  const queue = queueOf(world, key);
  const isEmpty = queue.first === queue.next;
  const last = isEmpty ? undefined : world.get(LABELS, { ...key, index: queue.next - 1n });
  const joined =
    last !== undefined && ranges[0] !== undefined && isNext(ruleRange(last), ranges[0]);
  let next = joined ? queue.next - 1n : queue.next;
  for (const range of addLabels(joined ? [ruleRange(last)] : [], ranges))
    world.set(LABELS, { ...key, index: next++ }, storedRange(range));
  const size = ranges.reduce((sum, range) => sum + labelCount(range), 0n);
  world.set(QUEUES, key, { first: queue.first, next, count: queue.count + size });
}
