// Orders cleared per second by the call auction: median of several runs at three sizes.
// Run: node dist/bench/clear.js [runs]
import type { Price, WattHour } from '../core/src/amount.js';
import { type CallOrder, clearCall } from '../market/src/call/clear.js';

const SIZES = [1_000, 10_000, 100_000];
const DEFAULT_RUNS = 9;

/** A book that is the same every time (a linear congruential generator, seed 7). */
function bookOf(size: number): readonly CallOrder[] {
  let seed = 7;
  const below = (limit: number): number => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return (seed >>> 8) % limit;
  };
  return Array.from({ length: size }, () => ({
    side: below(2) === 0 ? ('sell' as const) : ('buy' as const),
    energyWh: BigInt(10 + below(5_000)) as WattHour,
    price: BigInt(300 + below(400)) as Price,
    green: below(3) === 0,
  }));
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

function measure(size: number, runs: number): string {
  const book = bookOf(size);
  let trades = 0;
  const times = Array.from({ length: runs }, () => {
    const start = performance.now();
    trades = clearCall(book, { tick: 1n }).trades.length;
    return performance.now() - start;
  });
  const ms = median(times);
  const perSecond = Math.round((size / ms) * 1000).toLocaleString('en');
  const worst = Math.max(...times).toFixed(1);
  return `${size} orders, ${trades} trades: ${ms.toFixed(1)} ms (worst ${worst}), ${perSecond}/s`;
}

const runs = Number(process.argv[2] ?? DEFAULT_RUNS);
for (const size of SIZES) console.log(measure(size, runs));
