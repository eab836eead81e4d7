// The resting orders of one side of a continuous book: a heap, best price first and then earliest.
// Made for a file that is cleared as a whole; a chain keeps its resting orders in its state.
import type { Price, WattHour } from '../../../core/src/amount.js';
import type { Side } from '../../../core/src/tx.js';

export interface Rested {
  /** Index of the order, which is its place in time. */
  readonly order: number;
  readonly price: Price;
  readonly remainingWh: WattHour;
}

export interface RestingQueue {
  readonly side: Side;
  readonly heap: Rested[];
}

export const restingQueue = (side: Side): RestingQueue => ({ side, heap: [] });

function isBefore(side: Side, a: Rested, b: Rested): boolean {
  if (a.price === b.price) return a.order < b.order;
  return side === 'sell' ? a.price < b.price : a.price > b.price;
}

export function rest({ side, heap }: RestingQueue, order: Rested): void {
  let at = heap.length;
  heap.push(order);
  while (at > 0) {
    const parent = (at - 1) >> 1;
    const above = heap[parent] as Rested;
    if (!isBefore(side, order, above)) break;
    heap[at] = above;
    at = parent;
  }
  heap[at] = order;
}

/** Takes the best order out; undefined where there is none. */
function takeBest({ side, heap }: RestingQueue): Rested | undefined {
  const best = heap[0];
  const last = heap.pop();
  if (best === undefined || last === undefined || heap.length === 0) return best;
  let at = 0;
  for (;;) {
    const [left, right] = [2 * at + 1, 2 * at + 2];
    if (left >= heap.length) break;
    const isRight =
      right < heap.length && isBefore(side, heap[right] as Rested, heap[left] as Rested);
    const child = isRight ? right : left;
    if (!isBefore(side, heap[child] as Rested, last)) break;
    heap[at] = heap[child] as Rested;
    at = child;
  }
  heap[at] = last;
  return best;
}

/** Takes out the orders one by one, best first; `taken` collects them. */
export function* takeInOrder(queue: RestingQueue, taken: Rested[]): Generator<Rested> {
  for (let best = takeBest(queue); best !== undefined; best = takeBest(queue)) {
    taken.push(best);
    yield best;
  }
}
