import type { Price, WattHour } from '../../../core/src/amount.js';
export interface CallOrder {
  readonly side: 'sell' | 'buy';
  readonly energyWh: WattHour;
  readonly price: Price;
  readonly green: boolean;
}
export interface CallTrade {
  readonly sell: number;
  readonly buy: number;
  readonly energyWh: WattHour;
  readonly price: Price;
  readonly biddingRound: 1 | 2;
  readonly queue: 'green' | 'non-green';
}
export function clearCall(
  orders: readonly CallOrder[],
  options: { tick: bigint },
): { trades: CallTrade[]; remainingWh: WattHour[] } {
  const remainingWh = orders.map((o) => o.energyWh);
  const trades: CallTrade[] = [];
  const run = (
    pick: (o: CallOrder) => boolean,
    biddingRound: 1 | 2,
    queue: 'green' | 'non-green',
  ) => {
    const idx = orders.map((_, i) => i).filter((i) => pick(orders[i]!) && remainingWh[i]! > 0n);
    const cmp = (s: bigint) => (a: number, b: number) => {
      const d = (orders[a]!.price - orders[b]!.price) * s;
      return d < 0n ? -1 : d > 0n ? 1 : a - b;
    };
    const asks = idx.filter((i) => orders[i]!.side === 'sell').sort(cmp(1n));
    const bids = idx.filter((i) => orders[i]!.side === 'buy').sort(cmp(-1n));
    let a = 0,
      b = 0;
    while (a < asks.length && b < bids.length) {
      const sell = asks[a]!,
        buy = bids[b]!;
      const [pa, pb] = [orders[sell]!.price, orders[buy]!.price];
      if (pa > pb) break;
      const q = (
        remainingWh[sell]! < remainingWh[buy]! ? remainingWh[sell]! : remainingWh[buy]!
      ) as WattHour;
      trades.push({
        sell,
        buy,
        energyWh: q,
        price: (((pa + pb) / 2n / options.tick) * options.tick) as Price,
        biddingRound,
        queue,
      });
      remainingWh[sell] = (remainingWh[sell]! - q) as WattHour;
      remainingWh[buy] = (remainingWh[buy]! - q) as WattHour;
      if (remainingWh[sell] === 0n) a++;
      if (remainingWh[buy] === 0n) b++;
    }
  };
  run((o) => o.green, 1, 'green');
  run(() => true, 2, 'non-green');
  return { trades, remainingWh };
}
