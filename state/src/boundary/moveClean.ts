// The part of a settlement that moves labels and pays grants (settlement 5.8): the trades of a
// period by their index, in parts; the blocks that wait for their grant with the first of them.
import { present } from '../../../core/src/assert.js';
import { deliverClean, grantBlocks } from '../certificates/clean.js';
import { payArrears } from '../ledger/arrears.js';
import { DELIVERIES, periodGroup, type Settling, TRADES } from '../schema.js';
import { finishPart } from './progress.js';
import { type MarketStep, PART_ACCOUNTS, type StepResult } from './step.js';

/** One part; after the last one the settlement goes on at barrier `then`. */
export function moveClean(step: MarketStep, progress: Settling, then: number): StepResult {
  const { world, ledger, due } = step;
  const { market, period } = due;
  const from = progress.trade;
  if (from === 0n) grantBlocks(step, period);
  const rest = world
    .entries(TRADES, periodGroup({ market, period }))
    .filter(({ key }) => key.index >= from);
  const part = rest.slice(0, PART_ACCOUNTS);
  for (const { key, value } of part) {
    const { seller, buyer } = value;
    const wh = world.get(DELIVERIES, key)?.deliveredWh ?? 0n;
    deliverClean(step, { seller, buyer, period, wh });
  }
  // All bills of the period are booked: what is granted pays arrears at once (settlement 3.2).
  payArrears(ledger);
  const carry =
    rest.length <= part.length
      ? { ...progress, barrier: then }
      : { ...progress, trade: present(part.at(-1), 'a part has trades').key.index + 1n };
  const end = { after: undefined, unfinished: true, work: part.length, carry };
  return finishPart(world, { market, period }, end);
}
