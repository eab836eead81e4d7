// The queue of labels in leaves against the rule on plain lists: whatever is added and taken, both
// have the same ranges in the same order, and leaves hold no more than they may.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { AccountId } from '../../core/src/ids.js';
import { LABEL_RANGES_PER_LEAF } from '../../core/src/limits.js';
import { addLabels, type LabelRange, takeLabels } from '../../market/src/settle/labels.js';
import { append, queueOf, ruleRange, takeOldest } from '../src/certificates/queue.js';
import { LABELS } from '../src/certificates/tables.js';
import { BaseState, World } from '../src/world.js';

const KEY = { account: new Uint8Array(20).fill(1) as AccountId, queue: 'made' } as const;

const added = fc.record({
  kind: fc.constant('add' as const),
  /** Labels of one period each. */
  sizes: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 100, size: 'max' }),
  /** Goes on with the last period. */
  joins: fc.boolean(),
});
const taken = fc.record({ kind: fc.constant('take' as const), count: fc.nat({ max: 600 }) });

function stored(world: World): readonly LabelRange[] {
  const leaves = world.entries(LABELS);
  const { first, next, count } = queueOf(world, KEY);
  assert.deepEqual(
    leaves.map(({ key }) => key.index),
    Array.from({ length: leaves.length }, (_, i) => first + BigInt(i)),
  );
  assert.equal(BigInt(leaves.length), next - first);
  for (const { value } of leaves)
    assert.ok(value.ranges.length > 0 && value.ranges.length <= LABEL_RANGES_PER_LEAF);
  const ranges = leaves.flatMap(({ value }) => value.ranges.map(ruleRange));
  assert.equal(
    ranges.reduce((sum, { from, to }) => sum + to - from + 1n, 0n),
    count,
  );
  return ranges;
}

test('a queue in leaves is the queue of the rule', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(added, taken), { maxLength: 20, size: 'max' }), (steps) => {
      const world = new World(new BaseState());
      let list: readonly LabelRange[] = [];
      let [serial, period] = [0n, 0n];
      for (const step of steps) {
        if (step.kind === 'take') {
          const count = BigInt(step.count);
          const rule = takeLabels(list, count);
          assert.deepEqual(takeOldest(world, KEY, count), rule.taken);
          list = rule.left;
        } else {
          if (!step.joins) period++;
          const ranges = step.sizes.map((size, i): LabelRange => {
            if (i > 0) period++;
            const from = serial + 1n;
            serial += BigInt(size);
            return { meter: '02'.repeat(20), market: 'spot', period, from, to: serial };
          });
          append(world, KEY, ranges);
          list = addLabels(list, ranges);
        }
        assert.deepEqual(stored(world), list);
      }
    }),
    { numRuns: 60 },
  );
});
