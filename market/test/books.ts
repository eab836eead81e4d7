// Orders and random books for the tests of the call market.
import fc from 'fast-check';
import type { Price, WattHour } from '../../core/src/amount.js';
import type { CallOrder } from '../src/call/clear.js';

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
