// Orders cleared per second by each auction that takes a whole book: median of several runs, at
// three sizes, with 400 different prices and with a price of its own for almost every order.
// Run: node dist/bench/clear.js [runs]
import type { Price, WattHour } from '../core/src/amount.js';
import { type CallOrder, clearCall } from '../market/src/call/clear.js';
import { clearContinuous } from '../market/src/continuous/clear.js';
import { clearTwoRound } from '../market/src/twoRound/clear.js';
import { clearUniform } from '../market/src/uniform/clear.js';

const SIZES = [1_000, 10_000, 100_000];
const DEFAULT_RUNS = 9;
const TICK = 1n;

interface BenchOrder extends CallOrder {
  readonly account: string;
  readonly reserve: Price;
}

/** A book that is the same every time (a linear congruential generator, seed 7). */
function bookOf(size: number, prices: number): readonly BenchOrder[] {
  let seed = 7;
  const below = (limit: number): number => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return (seed >>> 8) % limit;
  };
  return Array.from({ length: size }, (_, index) => {
    const side = below(2) === 0 ? ('sell' as const) : ('buy' as const);
    const energyWh = BigInt(10 + below(5_000)) as WattHour;
    const price = BigInt((prices * 3) / 4 + below(prices)) as Price;
    // What an order would go to in the second round: a twentieth beyond its price.
    const reserve = (side === 'sell' ? price - price / 20n : price + price / 20n) as Price;
    return { side, energyWh, price, reserve, green: below(3) === 0, account: String(index) };
  });
}

const AUCTIONS = {
  call: (book: readonly BenchOrder[]) => clearCall(book, { tick: TICK }),
  uniform: (book: readonly BenchOrder[]) =>
    clearUniform(book, { tick: TICK, compareIds: (a, b) => a - b }),
  'two-round': (book: readonly BenchOrder[]) =>
    clearTwoRound(book, {
      tick: TICK,
      mode: 'repeat',
      maxSteps: 20,
      perPrice: 1_000n,
      betaPpm: 500_000n,
    }),
  continuous: clearContinuous,
};
type Auction = (typeof AUCTIONS)[keyof typeof AUCTIONS];

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

function measure(clear: Auction, book: readonly BenchOrder[], runs: number): string {
  let trades = 0;
  const times = Array.from({ length: runs }, () => {
    const start = performance.now();
    trades = clear(book).trades.length;
    return performance.now() - start;
  });
  const ms = median(times);
  const perSecond = Math.round((book.length / ms) * 1000).toLocaleString('en');
  const worst = Math.max(...times).toFixed(1);
  const took = `${ms.toFixed(1)} ms (worst ${worst}), ${perSecond}/s`;
  return `${book.length} orders, ${trades} trades: ${took}`;
}

const runs = Number(process.argv[2] ?? DEFAULT_RUNS);
for (const [name, clear] of Object.entries(AUCTIONS))
  for (const prices of [400, 100_000_000])
    for (const size of SIZES)
      console.log(`${name}, ${prices} prices: ${measure(clear, bookOf(size, prices), runs)}`);
