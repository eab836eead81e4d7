// How a home decides what to bid: from its own forecast, by the side it stands on, carefully. Pure;
// what the market does with the bid is the chain's business.
import { between, chance } from './draw.js';
import type { HomeProfile } from './profiles.js';

export interface Taste {
  readonly seed: number;
  /** Largest error of a forecast of load or generation, as a part of it; 0: perfect. */
  readonly error: number;
}

export interface Tariff {
  /** Base units of price per kWh; prices are multiples of `tick`. */
  readonly feedIn: bigint;
  readonly retail: bigint;
  readonly tick: bigint;
}

export interface BidLimits {
  readonly minOrderWh: bigint;
  readonly maxOrderWh: bigint;
}

export interface Bid {
  readonly side: 'sell' | 'buy';
  readonly energyWh: bigint;
  readonly price: bigint;
}

/**
 * Net Wh that a home is sure of in a period: above 0 to sell, below 0 to buy. A forecast is off by
 * at most `error`, so what is left after the worst case is there for certain: selling more would be
 * bought back at retail, buying more would be paid for nothing (market-call 15, 16).
 */
export function sureNetWh(home: HomeProfile, period: number, { seed, error }: Taste): bigint {
  const exact = (home.exportWh[period] ?? 0n) - (home.importWh[period] ?? 0n);
  if (error === 0) return exact;
  const off = (what: string): number =>
    1 + error * between(-1, 1, chance(seed, home.name, what, period));
  const load = Number(home.loadWh[period] ?? 0n) * off('load forecast');
  const pv = Number(home.pvWh[period] ?? 0n) * off('pv forecast');
  // Both are counted in whole Wh of their own: together up to two Wh off the meter.
  const sell = pv / (1 + error) - load / (1 - error) - 2;
  const buy = load / (1 + error) - pv / (1 - error) - 2;
  if (sell > 0) return BigInt(Math.floor(sell));
  return buy > 0 ? -BigInt(Math.floor(buy)) : 0n;
}

/** Sellers ask in the lower half between feed-in and retail, buyers bid in the upper. */
export function priceOf(side: Bid['side'], at: number, tariff: Tariff): bigint {
  const steps = (tariff.retail - tariff.feedIn) / tariff.tick;
  const half = steps / 2n;
  const pick = BigInt(Math.floor(at * Number(half + 1n)));
  return tariff.feedIn + tariff.tick * (side === 'sell' ? pick : steps - pick);
}

/** The bid of a home for a period of its profile; undefined: nothing worth an order. */
export function decideBid(
  home: HomeProfile,
  period: number,
  options: { readonly taste: Taste; readonly tariff: Tariff; readonly limits: BidLimits },
): Bid | undefined {
  const { taste, tariff, limits } = options;
  const net = sureNetWh(home, period, taste);
  const side = net > 0n ? 'sell' : 'buy';
  const energyWh = net > 0n ? net : -net;
  if (energyWh === 0n || energyWh < limits.minOrderWh) return undefined;
  const price = priceOf(side, chance(taste.seed, home.name, 'price', period), tariff);
  return { side, energyWh: energyWh < limits.maxOrderWh ? energyWh : limits.maxOrderWh, price };
}
