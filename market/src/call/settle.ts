import type { Money, WattHour } from '../../../core/src/amount.js';
export function balanceCash(i: {
  side: 'sell' | 'buy' | undefined;
  tradedWh: WattHour;
  importWh: WattHour;
  exportWh: WattHour;
  feedIn: bigint;
  retail: bigint;
}): { charge: Money; credit: Money } {
  const pos = (v: bigint) => (v > 0n ? v : 0n);
  let charge = 0n,
    credit = 0n;
  if (i.side === 'sell') {
    const d = i.exportWh - i.tradedWh;
    credit = pos(d) * i.feedIn;
    charge = pos(-d) * i.retail + i.importWh * i.retail;
  } else {
    const d = i.importWh - i.tradedWh;
    charge = pos(d) * i.retail;
    credit = i.exportWh * i.feedIn;
  }
  return { charge: charge as Money, credit: credit as Money };
}
export interface Ratio {
  readonly num: bigint;
  readonly den: bigint;
}
export function accuracy(i: {
  declaredWh: WattHour;
  meteredWh: WattHour;
  floorPpm: bigint | undefined;
}): Ratio {
  const x = i.declaredWh < i.meteredWh ? i.declaredWh : i.meteredWh;
  const diff = i.declaredWh > i.meteredWh ? i.declaredWh - i.meteredWh : i.meteredWh - i.declaredWh;
  const floor = i.floorPpm ?? -(10n ** 12n);
  if (x === 0n || (x - diff) * 1_000_000n < floor * x) return { num: floor, den: 1_000_000n };
  return { num: x - diff, den: x };
}
export function rewardOf(i: {
  amount: Money;
  coefficient: Ratio;
  green: boolean;
  rewardFactorPpm: bigint;
  greenFactorPpm: bigint;
}): Money {
  const g = i.green ? i.greenFactorPpm : 1_000_000n;
  return ((i.amount * i.coefficient.num * g * i.rewardFactorPpm) /
    (i.coefficient.den * 10n ** 12n)) as Money;
}
