// What must hold after a uniform-price clearing, checked on its result by other means than its own:
// the volume from the curves of supply and demand, the price from who was accepted, the shares of
// the marginal level from the definition of the largest remainder.
import { type Fault, tradesFault } from '../invariants.js';
import { booksOf, type OpenOrder } from '../openBook.js';
import type { UniformClearing, UniformOptions } from './clear.js';

interface Case {
  readonly orders: readonly OpenOrder[];
  readonly options: UniformOptions;
  /** Accepted energy by index. */
  readonly accepted: readonly bigint[];
}

export function uniformFault(
  orders: readonly OpenOrder[],
  clearing: UniformClearing,
  options: UniformOptions,
): Fault {
  const fault = tradesFault(orders, clearing);
  if (fault !== undefined) return fault;
  const accepted = orders.map(({ energyWh }, i) => energyWh - (clearing.remainingWh[i] as bigint));
  for (const { type, members } of booksOf(orders)) {
    const of: Case = { orders, options, accepted };
    const prices = new Set(
      clearing.trades.filter(({ sell }) => orders[sell]?.type === type).map(({ price }) => price),
    );
    if (prices.size > 1) return 'more than one price';
    const [price] = prices;
    const book = bookFault(of, members, price);
    if (book !== undefined) return book;
  }
  return pairingFault(orders, clearing);
}

const sum = (values: readonly bigint[]): bigint => values.reduce((total, wh) => total + wh, 0n);

function bookFault(of: Case, members: readonly number[], price: bigint | undefined): Fault {
  const { orders, accepted, options } = of;
  const side = (name: string) => members.filter((i) => orders[i]?.side === name);
  const [sells, buys] = [side('sell'), side('buy')];
  const volume = sum(sells.map((i) => accepted[i] as bigint));
  if (volume !== largestVolume(orders, sells, buys)) return 'not the largest volume';
  if (volume === 0n) return undefined;
  const priceOf = (i: number): bigint => orders[i]?.price ?? -1n;
  const isIn = (i: number): boolean => (accepted[i] as bigint) > 0n;
  const ask = sells
    .filter(isIn)
    .map(priceOf)
    .reduce((a, b) => (a > b ? a : b));
  const bid = buys
    .filter(isIn)
    .map(priceOf)
    .reduce((a, b) => (a < b ? a : b));
  const twice = ask + bid - 2n * (price ?? -1n);
  if (
    price === undefined ||
    price % options.tick !== 0n ||
    twice < 0n ||
    twice >= 2n * options.tick
  )
    return 'not the floored mean of the marginal quotes';
  return (
    levelFault(
      of,
      sells.filter((i) => priceOf(i) < ask),
      'full',
    ) ??
    levelFault(
      of,
      buys.filter((i) => priceOf(i) > bid),
      'full',
    ) ??
    levelFault(
      of,
      sells.filter((i) => priceOf(i) === ask),
      'shared',
    ) ??
    levelFault(
      of,
      buys.filter((i) => priceOf(i) === bid),
      'shared',
    )
  );
}

/** The highest crossing of both curves: at each price, the smaller of supply and demand. */
function largestVolume(
  orders: readonly OpenOrder[],
  sells: readonly number[],
  buys: readonly number[],
): bigint {
  const at = (i: number): OpenOrder => orders[i] as OpenOrder;
  let most = 0n;
  for (const price of new Set(sells.map((i) => at(i).price))) {
    const supply = sum(sells.filter((i) => at(i).price <= price).map((i) => at(i).energyWh));
    const demand = sum(buys.filter((i) => at(i).price >= price).map((i) => at(i).energyWh));
    const volume = supply < demand ? supply : demand;
    if (volume > most) most = volume;
  }
  return most;
}

/** Orders of one price level: all in full, or shares by largest remainder, ties to the lower id. */
function levelFault(of: Case, level: readonly number[], how: 'full' | 'shared'): Fault {
  const { orders, accepted, options } = of;
  const energies = level.map((i) => orders[i]?.energyWh ?? 0n);
  const total = sum(energies);
  const given = level.map((i) => accepted[i] as bigint);
  if (how === 'full')
    return sum(given) === total ? undefined : 'a better order was not accepted in full';
  const shared = sum(given);
  const rows = level.map((order, k) => {
    const exact = shared * (energies[k] as bigint);
    return { order, extra: (given[k] as bigint) - exact / total, remainder: exact % total };
  });
  if (rows.some(({ extra }) => extra !== 0n && extra !== 1n)) return 'not a share of the level';
  const up = rows.filter(({ extra }) => extra === 1n);
  const down = rows.filter(({ extra }) => extra === 0n);
  const isBad = up.some((a) =>
    down.some(
      (b) =>
        a.remainder < b.remainder ||
        (a.remainder === b.remainder && options.compareIds(a.order, b.order) > 0),
    ),
  );
  return isBad ? 'a smaller remainder, or a higher id, was rounded up' : undefined;
}

/** Rule 5: along the trades of a book no side goes back to a better price or an earlier order. */
function pairingFault(orders: readonly OpenOrder[], { trades }: UniformClearing): Fault {
  for (const [k, { sell, buy }] of trades.entries()) {
    const before = trades[k - 1];
    if (before === undefined || orders[before.sell]?.type !== orders[sell]?.type) continue;
    const place = (a: number, b: number): bigint => {
      const [first, second] = [orders[a] as OpenOrder, orders[b] as OpenOrder];
      const better = first.price - second.price;
      return better !== 0n ? better : BigInt(Math.sign(a - b));
    };
    const bids = (orders[before.buy] as OpenOrder).price - (orders[buy] as OpenOrder).price;
    const isBehind = bids > 0n || (bids === 0n && before.buy <= buy);
    if (place(before.sell, sell) > 0n || !isBehind) return 'not best with best';
  }
  return undefined;
}
