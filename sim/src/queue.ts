// Virtual time: events in order of time, then of their making. Nothing here waits for anything.
import { assert } from '../../core/src/assert.js';

interface Event {
  readonly at: number;
  readonly seq: number;
  readonly run: () => void;
}

export interface EventQueue {
  /** Virtual milliseconds since the start of the run. */
  now(): number;
  /** Runs `run` after so many virtual ms. */
  after(delayMs: number, run: () => void): void;
  /** Runs the next event; false where there is none up to `until`. */
  step(until: number): boolean;
  size(): number;
}

const isBefore = (a: Event, b: Event): boolean => a.at < b.at || (a.at === b.at && a.seq < b.seq);

function siftUp(heap: Event[], from: number): void {
  let at = from;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    const [child, above] = [heap[at] as Event, heap[parent] as Event];
    if (!isBefore(child, above)) return;
    heap[at] = above;
    heap[parent] = child;
    at = parent;
  }
}

function siftDown(heap: Event[]): void {
  let at = 0;
  for (;;) {
    const left = 2 * at + 1;
    if (left >= heap.length) return;
    const right = left + 1;
    const isRight = right < heap.length && isBefore(heap[right] as Event, heap[left] as Event);
    const least = isRight ? right : left;
    const [above, child] = [heap[at] as Event, heap[least] as Event];
    if (!isBefore(child, above)) return;
    heap[at] = child;
    heap[least] = above;
    at = least;
  }
}

export function createQueue(): EventQueue {
  const heap: Event[] = [];
  let now = 0;
  let seq = 0;
  return {
    now: () => now,
    after(delayMs, run) {
      assert(delayMs >= 0, 'the past is past');
      heap.push({ at: now + delayMs, seq, run });
      seq += 1;
      siftUp(heap, heap.length - 1);
    },
    step(until) {
      const [first] = heap;
      if (first === undefined || first.at > until) {
        now = Math.max(now, until);
        return false;
      }
      const last = heap.pop() as Event;
      if (heap.length > 0) {
        heap[0] = last;
        siftDown(heap);
      }
      now = first.at;
      first.run();
      return true;
    },
    size: () => heap.length,
  };
}
