// The part of a settlement that moves labels and pays grants (settlement 5.8): the trades of a
// period by their index, in parts; the blocks that wait for their grant with the first of them.
import { present } from '../../../core/src/assert.js';
import { deliverClean, grantBlocks } from '../certificates/clean.js';
import { payArrears } from '../ledger/arrears.js';
import { DELIVERIES, periodGroup, TRADES } from '../schema.js';
import { type MarketStep, PART_ACCOUNTS } from './step.js';

/** First trade of the next part, or undefined where this was the last one. */
export function moveClean(
  step: MarketStep,
  from: bigint,
): { readonly trade: bigint | undefined; readonly work: number } {
  const { world, ledger, due } = step;
  const { period } = due;
  if (from === 0n) grantBlocks(step, period);
  const rest = world
    .entries(TRADES, periodGroup({ market: due.market, period }))
    .filter(({ key }) => key.index >= from);
  const part = rest.slice(0, PART_ACCOUNTS);
  for (const { key, value } of part) {
    const { seller, buyer } = value;
    const wh = world.get(DELIVERIES, key)?.deliveredWh ?? 0n;
    deliverClean(step, { seller, buyer, period, wh });
  }
  // All bills of the period are booked: what is granted pays arrears at once (settlement 3.2).
  payArrears(ledger);
  const isDone = rest.length <= part.length;
  const last = part.at(-1);
  const trade = isDone ? undefined : present(last, 'a part has trades').key.index + 1n;
  return { trade, work: part.length };
}
