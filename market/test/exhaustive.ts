// Every way to serve every order of a small book in whole units.
import type { OpenOrder } from '../src/openBook.js';

const MAX_ORDERS = 6;
const MAX_WAYS = 5000n;

/** Whether exhaustive search is affordable. */
export const isSmall = (orders: readonly OpenOrder[]): boolean =>
  orders.length <= MAX_ORDERS &&
  orders.reduce((ways, { energyWh }) => ways * (energyWh + 1n), 1n) <= MAX_WAYS;

/** The best welfare (sum over served units of bid - ask), and the most volume at it. */
export function bestOf(orders: readonly OpenOrder[]): { welfare: bigint; volume: bigint } {
  let best = { welfare: 0n, volume: 0n };
  const visit = (at: number, sold: bigint, bought: bigint, welfare: bigint): void => {
    const order = orders[at];
    if (order === undefined) {
      const isBetter = welfare > best.welfare || (welfare === best.welfare && sold > best.volume);
      if (sold === bought && isBetter) best = { welfare, volume: sold };
      return;
    }
    for (let unit = 0n; unit <= order.energyWh; unit++)
      if (order.side === 'sell') visit(at + 1, sold + unit, bought, welfare - unit * order.price);
      else visit(at + 1, sold, bought + unit, welfare + unit * order.price);
  };
  visit(0, 0n, 0n, 0n);
  return best;
}
