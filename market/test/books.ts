// Orders and random books for the tests of the open markets and of the call market.
import fc from 'fast-check';
import { MAX_AMOUNT, type Price, type WattHour } from '../../core/src/amount.js';
import type { CallOrder } from '../src/call/clear.js';
import { checkOrder } from '../src/order.js';

export const wh = (value: number | bigint): WattHour => BigInt(value) as WattHour;
export const mill = (value: number | bigint): Price => BigInt(value) as Price;

/** An order of the non-green class unless it says otherwise. */
export const order = (
  side: 'sell' | 'buy',
  energy: number,
  price: number,
  rest: { green?: boolean; type?: string } = {},
): CallOrder => ({ side, energyWh: wh(energy), price: mill(price), green: false, ...rest });

export const sell = (energy: number, price: number, rest = {}): CallOrder =>
  order('sell', energy, price, rest);
export const buy = (energy: number, price: number, rest = {}): CallOrder =>
  order('buy', energy, price, rest);

interface BookShape {
  readonly maxOrders?: number;
  readonly maxEnergy?: number;
  readonly maxPrice?: number;
  readonly tick?: number;
  readonly types?: readonly (string | undefined)[];
}

/** Books with many equal prices, all classes, prices on the tick. */
export function anyBook(shape: BookShape = {}): fc.Arbitrary<readonly CallOrder[]> {
  const { maxOrders = 40, maxEnergy = 50, maxPrice = 12, tick = 1, types = [undefined] } = shape;
  const anyOrder = fc.record({
    side: fc.constantFrom('sell' as const, 'buy' as const),
    energyWh: fc.integer({ min: 1, max: maxEnergy }).map(wh),
    price: fc.integer({ min: 0, max: maxPrice }).map((steps) => mill(steps * tick)),
    green: fc.boolean(),
    type: fc.constantFrom(...types),
  });
  return fc.array(anyOrder, { maxLength: maxOrders, size: 'max' });
}

/** An order with what any of the mechanisms reads. */
export interface AnyOrder extends CallOrder {
  readonly account: string;
  readonly reserve: Price;
  readonly adjust: boolean;
}

export interface AnyBook {
  readonly orders: readonly AnyOrder[];
  readonly tick: bigint;
  /** Of whatever else a check draws. */
  readonly seed: number;
}

/** Most orders of a book; sizes are log-uniform from none to this. */
const MAX_BOOK = 500;
const SIZE_STEPS = 1000;
const sizes = fc
  .integer({ min: 0, max: SIZE_STEPS })
  .map((at) => Math.floor((MAX_BOOK + 1) ** (at / SIZE_STEPS)) - 1)
  .map((size) => Math.min(MAX_BOOK, Math.max(0, size)));

/** Quotes of round 2 are a thousand times finer, and still amounts. */
const DEAREST = MAX_AMOUNT / 1000n;
/** Prices in ticks: one level, a few (ties), many, and the ends of what there is. */
const PRICES: readonly (readonly [bigint, bigint])[] = [
  [5n, 5n],
  [0n, 3n],
  [0n, 12n],
  [300n, 700n],
  [0n, 1_000_000n],
  [DEAREST / 10n - 2n, DEAREST / 10n],
  [0n, DEAREST / 10n],
];
/** Energies in Wh, nothing at all among them. */
const ENERGIES: readonly (readonly [bigint, bigint])[] = [
  [1n, 1n],
  [0n, 3n],
  [0n, 50n],
  [10n, 5000n],
  [MAX_AMOUNT - 3n, MAX_AMOUNT],
];
const TYPES: readonly (readonly (string | undefined)[])[] = [
  [undefined],
  [undefined],
  [undefined, 'pv', 'wind'],
];

interface Style {
  readonly size: number;
  readonly prices: readonly [bigint, bigint];
  readonly energies: readonly [bigint, bigint];
  readonly types: readonly (string | undefined)[];
  /** Sells per hundred orders; 0 and 100: one side only. */
  readonly sells: number;
  readonly accounts: number;
  /** How far reservation prices lie from quotes, in ticks. */
  readonly slack: bigint;
  readonly tick: bigint;
  readonly seed: number;
}

const styles: fc.Arbitrary<Style> = fc.record({
  size: sizes,
  prices: fc.constantFrom(...PRICES),
  energies: fc.constantFrom(...ENERGIES),
  types: fc.constantFrom(...TYPES),
  sells: fc.constantFrom(50, 50, 50, 50, 10, 90, 0, 100),
  accounts: fc.constantFrom(2, 10, 1000),
  slack: fc.constantFrom(0n, 3n, 100n),
  tick: fc.constantFrom(1n, 1n, 10n),
  seed: fc.nat(),
});

export type Draw = (limit: number) => number;

/** Whole numbers below a limit, the same for the same seed (mulberry32). */
export function drawOf(seed: number): Draw {
  let state = seed >>> 0;
  return (limit) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) % limit;
  };
}

const GRAIN = 1 << 30;
const between = (draw: Draw, [from, to]: readonly [bigint, bigint]): bigint =>
  to - from < BigInt(GRAIN)
    ? from + BigInt(draw(Number(to - from) + 1))
    : from + ((to - from) * BigInt(draw(GRAIN))) / BigInt(GRAIN - 1);

function styledOrder(draw: Draw, style: Style): AnyOrder {
  const { types, tick, slack } = style;
  const side = draw(100) < style.sells ? 'sell' : 'buy';
  const quote = between(draw, style.prices) * tick;
  const room = between(draw, [0n, slack]) * tick;
  const low = quote > room ? quote - room : 0n;
  return {
    side,
    energyWh: wh(between(draw, style.energies)),
    price: mill(quote),
    reserve: mill(side === 'sell' ? low : quote + room > DEAREST ? quote : quote + room),
    green: draw(2) === 0,
    adjust: draw(10) > 0,
    type: types[draw(types.length)],
    account: `home ${draw(style.accounts)}`,
  };
}

/**
 * Books of any size, with ties, zero quantities, one side only and extreme prices. A style and a
 * seed make the orders, so that a hundred thousand books are drawn in a minute.
 */
export const anyBooks: fc.Arbitrary<AnyBook> = styles.map((style) => {
  const draw = drawOf(style.seed);
  const orders = Array.from({ length: style.size }, () => styledOrder(draw, style));
  return { orders, tick: style.tick, seed: draw(GRAIN) };
});

const RULES = { minOrderWh: wh(1), feedIn: mill(0), retail: mill(0), bounds: false } as const;

/** Orders as they reach a clearing: those without energy are refused before. */
export const admitted = ({ orders, tick }: AnyBook): readonly AnyOrder[] =>
  orders.filter((order) => checkOrder(order, { ...RULES, tick }) === undefined);

export interface Shuffled {
  readonly orders: readonly AnyOrder[];
  /** Where each stood before. */
  readonly places: readonly number[];
}

export function shuffled(orders: readonly AnyOrder[], seed: number): Shuffled {
  const draw = drawOf(seed);
  const places = orders.map((_, i) => i);
  for (let i = places.length - 1; i > 0; i--) {
    const j = draw(i + 1);
    [places[i], places[j]] = [places[j] as number, places[i] as number];
  }
  return { orders: places.map((place) => orders[place] as AnyOrder), places };
}
