// Curtailment in real time (market-reputation 1.9 step 4, formula 11): who pushes the line is cut,
// and who paid the highest congestion fee is cut least. Decides amounts only.
import type { Money, WattHour } from '../../../core/src/amount.js';
import { assert } from '../../../core/src/assert.js';
import { largestRemainder } from '../shares.js';

export interface Pusher {
  /** What can be cut at most. */
  readonly loadWh: WattHour;
  /** Congestion fee paid. */
  readonly fee: Money;
}

/** 1 for the highest fee, and so on; ties: the lower id, which is the lower index. */
function weightsOf(pushers: readonly Pusher[]): readonly bigint[] {
  const order = pushers.map((_, i) => i);
  const fee = (i: number): bigint => (pushers[i] as Pusher).fee;
  order.sort((a, b) => (fee(a) === fee(b) ? a - b : fee(a) > fee(b) ? -1 : 1));
  const weights = pushers.map(() => 0n);
  for (const [rank, i] of order.entries()) weights[i] = BigInt(rank + 1);
  return weights;
}

/**
 * Cut per pusher, in the order of ids: pro rata to the weights, never above a load, the rest shared
 * again. Sums to the smaller of the overload and all loads.
 */
export function curtailment(overWh: WattHour, pushers: readonly Pusher[]): readonly WattHour[] {
  assert(overWh >= 0n && pushers.every(({ loadWh }) => loadWh >= 0n), 'energies are not negative');
  const weights = weightsOf(pushers);
  const left = pushers.map(({ loadWh }): bigint => loadWh);
  let rest: bigint = overWh;
  // Each turn either ends the rest or uses up a load.
  while (rest > 0n && left.some((wh) => wh > 0n)) {
    const open = weights.map((weight, i) => (left[i] === 0n ? 0n : weight));
    for (const [i, share] of largestRemainder(rest, open).entries()) {
      const load = left[i] as bigint;
      const cut = share < load ? share : load;
      left[i] = load - cut;
      rest -= cut;
    }
  }
  return pushers.map(({ loadWh }, i) => (loadWh - (left[i] as bigint)) as WattHour);
}
