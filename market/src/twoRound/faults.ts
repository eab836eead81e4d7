// What must hold after a two-round auction, checked on its result by other means than its own:
// references from the trades, quotes by the closed form of market-two-round 3, prices of round 2
// from the quotes that stood.
import {
  crossingFault,
  type Fault,
  midpointFault,
  priorityFault,
  tradesFault,
} from '../invariants.js';
import type { OpenTrade } from '../openBook.js';
import type { References, TwoRoundClearing, TwoRoundOptions, TwoRoundOrder } from './clear.js';

const PPM = 1_000_000n;

interface Case {
  readonly orders: readonly TwoRoundOrder[];
  readonly clearing: TwoRoundClearing;
  readonly options: TwoRoundOptions;
  /** What round 1 left, from its trades. */
  readonly leftWh: readonly bigint[];
}

/** Orders with reservation prices, as in files. */
export function twoRoundFault(
  orders: readonly TwoRoundOrder[],
  clearing: TwoRoundClearing,
  options: TwoRoundOptions,
): Fault {
  const limitOf = (index: number, { biddingRound }: OpenTrade): bigint => {
    const { price, reserve, adjust } = orders[index] as TwoRoundOrder;
    return biddingRound === 2 && adjust !== false && reserve !== undefined ? reserve : price;
  };
  const round1 = clearing.trades.filter(({ biddingRound }) => biddingRound === 1);
  const left = orders.map(({ energyWh }) => energyWh as bigint);
  for (const { sell, buy, energyWh } of round1)
    for (const i of [sell, buy]) left[i] = (left[i] ?? 0n) - energyWh;
  const of: Case = { orders, clearing, options, leftWh: left };
  return (
    tradesFault(orders, clearing, limitOf) ??
    orderFault(clearing.trades) ??
    midpointFault(orders, round1, options.tick) ??
    crossingFault(orders, left) ??
    priorityFault(orders, left) ??
    referencesFault(of, round1) ??
    stepsFault(of) ??
    round2Fault(of) ??
    endFault(of)
  );
}

const orderFault = (trades: readonly OpenTrade[]): Fault =>
  trades.some(({ biddingRound }, i) => biddingRound < (trades[i - 1]?.biddingRound ?? 1))
    ? 'a trade of round 1 after one of round 2'
    : undefined;

/** Rule 6, from the trades of round 1 alone. */
function referencesFault(
  { orders, clearing, options, leftWh }: Case,
  round1: readonly OpenTrade[],
) {
  for (const { type, askMax, bidMin } of clearing.references) {
    let [most, least]: [bigint | undefined, bigint | undefined] = [undefined, undefined];
    for (const { sell, buy } of round1) {
      const [seller, buyer] = [orders[sell] as TwoRoundOrder, orders[buy] as TwoRoundOrder];
      if (seller.type !== type) continue;
      const counts = (i: number): boolean => options.mode === 'single' || leftWh[i] === 0n;
      if (counts(sell) && (most === undefined || seller.price > most)) most = seller.price;
      if (counts(buy) && (least === undefined || buyer.price < least)) least = buyer.price;
    }
    if (askMax !== most) return 'the reference of the asks';
    if (bidMin !== least) return 'the reference of the bids';
    if (askMax !== undefined && bidMin !== undefined && askMax > bidMin)
      return 'the references cross';
  }
  return undefined;
}

function referenceOf({ clearing }: Case, { side, type }: TwoRoundOrder): bigint | undefined {
  const of: References | undefined = clearing.references.find((one) => one.type === type);
  return side === 'sell' ? of?.askMax : of?.bidMin;
}

/** Every quote of every step is the one of the closed form, less than a unit per step away. */
function stepsFault(of: Case): Fault {
  const { clearing, options, orders } = of;
  const most = options.mode === 'single' ? 1 : options.maxSteps;
  if (clearing.steps.length > most) return 'more steps than allowed';
  for (const [at, step] of clearing.steps.entries())
    for (const { order, quote } of step) {
      const [low, high] = closedForm(of, orders[order] as TwoRoundOrder, BigInt(at + 1));
      if (quote < low || quote > high) return `step ${at + 1}: the quote of order ${order}`;
    }
  return undefined;
}

/** P(k) = reference + (P - reference)(1 - beta)^k, cut toward the old quote, within the reserve. */
function closedForm(of: Case, order: TwoRoundOrder, steps: bigint): readonly [bigint, bigint] {
  const { perPrice, betaPpm } = of.options;
  const quote = order.price * perPrice;
  const reference = referenceOf(of, order);
  const { reserve, side, adjust } = order;
  if (reference === undefined || reserve === undefined || adjust === false) return [quote, quote];
  const sign = side === 'sell' ? 1n : -1n;
  const distance = sign * (quote - reference * perPrice);
  if (distance <= 0n) return [quote, quote];
  const rest = (distance * (PPM - betaPpm) ** steps) / PPM ** steps;
  const limit = sign * (quote - reserve * perPrice);
  const kept = (left: bigint): bigint => (distance - left > limit ? distance - limit : left);
  const ends = [kept(rest), kept(rest + steps)].map((left) => quote + sign * (left - distance));
  return side === 'sell'
    ? [ends[0] as bigint, ends[1] as bigint]
    : [ends[1] as bigint, ends[0] as bigint];
}

/** Rule 8: a trade of round 2 has the price of two quotes that stood in one step and could meet. */
function round2Fault({ orders, clearing, options }: Case): Fault {
  const { perPrice, mode, tick } = options;
  const steps = clearing.steps.map((step) => new Map(step.map((one) => [one.order, one.quote])));
  for (const { sell, buy, price, biddingRound } of clearing.trades) {
    if (biddingRound === 1) continue;
    const isOf = (step: ReadonlyMap<number, bigint>): boolean => {
      const [ask, bid] = [step.get(sell), step.get(buy)];
      if (ask === undefined || bid === undefined || (mode === 'repeat' && ask > bid)) return false;
      const excess = ask + bid - 2n * price * perPrice;
      return price % tick === 0n && excess >= 0n && excess < 2n * tick * perPrice;
    };
    if (!steps.some(isOf)) return `trade ${sell}-${buy}: no step has this price`;
  }
  return orders.length === 0 && steps.length > 0 ? 'steps without orders' : undefined;
}

/** In "repeat" nothing crosses by the last quotes, except where there was no round 2 at all. */
function endFault({ orders, clearing, options }: Case): Fault {
  if (options.mode === 'single') return undefined;
  const last = orders.map(({ price }) => price * options.perPrice);
  for (const step of clearing.steps) for (const { order, quote } of step) last[order] = quote;
  return crossingFault(orders, clearing.remainingWh, (i) => last[i] ?? 0n);
}
