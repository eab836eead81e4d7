// Price-time order of one side of a call book (market-call 7): price first, earlier submission on
// equal prices. Orders are named by their index, which is their place of submission.
//
// A comparator over bigint prices takes 40-90 ms for 50,000 orders; the native sort of the bare
// prices followed by a stable counting sort takes a fifth of that and knows no limit of price.
import { MAX_AMOUNT } from '../../../core/src/amount.js';
import { assert } from '../../../core/src/assert.js';
import type { Side } from '../../../core/src/tx.js';

interface Quote {
  readonly side: Side;
  readonly price: bigint;
}

/** Indices of the orders of `side`: sells with the lowest ask first, buys with the highest bid. */
export function priceTimeQueue(orders: readonly Quote[], side: Side): Uint32Array {
  const members = membersOf(orders, side);
  const ranks = rankOfPrice(orders, members);
  const starts = new Uint32Array(ranks.size + 1);
  const rankOf = new Uint32Array(members.length);
  for (let i = 0; i < members.length; i++) {
    const ascending = ranks.get((orders[members[i] as number] as Quote).price) as number;
    const rank = side === 'sell' ? ascending : ranks.size - 1 - ascending;
    rankOf[i] = rank;
    starts[rank + 1] = (starts[rank + 1] as number) + 1;
  }
  for (let r = 1; r < starts.length; r++)
    starts[r] = (starts[r] as number) + (starts[r - 1] as number);
  const queue = new Uint32Array(members.length);
  for (let i = 0; i < members.length; i++) {
    const rank = rankOf[i] as number;
    const place = starts[rank] as number;
    starts[rank] = place + 1;
    queue[place] = members[i] as number;
  }
  return queue;
}

function membersOf(orders: readonly Quote[], side: Side): Uint32Array {
  const members = new Uint32Array(orders.length);
  let count = 0;
  for (let i = 0; i < orders.length; i++)
    if ((orders[i] as Quote).side === side) members[count++] = i;
  return members.subarray(0, count);
}

/** Each distinct price with its rank, the lowest price having rank 0. */
function rankOfPrice(orders: readonly Quote[], members: Uint32Array): ReadonlyMap<bigint, number> {
  const prices = new BigUint64Array(members.length);
  for (let i = 0; i < members.length; i++) {
    const { price } = orders[members[i] as number] as Quote;
    assert(price >= 0n && price <= MAX_AMOUNT, 'a price is in range');
    prices[i] = price;
  }
  prices.sort();
  const ranks = new Map<bigint, number>();
  let last = -1n;
  for (let i = 0; i < prices.length; i++) {
    const price = prices[i] as bigint;
    if (price !== last) ranks.set(price, ranks.size);
    last = price;
  }
  return ranks;
}
