// How far a long step has come: what one part hands to the next is state (consensus 5a.1b).
import { NO_MONEY } from '../../../core/src/amount.js';
import type { AccountId } from '../../../core/src/ids.js';
import { type PeriodKey, type Settling, SETTLING } from '../schema.js';
import type { World } from '../world.js';
import type { StepResult } from './step.js';

const START: Settling = {
  barrier: 0,
  after: undefined,
  poolAtBarrier: NO_MONEY,
  rewardsTotal: NO_MONEY,
  rewardsSoFar: NO_MONEY,
  paidSoFar: NO_MONEY,
  trade: 0n,
};

export const settlingOf = (world: World, key: PeriodKey): Settling =>
  world.get(SETTLING, key) ?? START;

export interface PartEnd {
  readonly after: AccountId | undefined;
  readonly unfinished: boolean;
  readonly work: number;
  /** What else the next part needs. */
  readonly carry?: Settling;
}

/** Keeps the progress for the next part, or forgets it with the last. */
export function finishPart(world: World, key: PeriodKey, end: PartEnd): StepResult {
  if (end.unfinished)
    world.set(SETTLING, key, { ...(end.carry ?? settlingOf(world, key)), after: end.after });
  else if (world.get(SETTLING, key) !== undefined) world.delete(SETTLING, key);
  return { work: Math.max(1, end.work), unfinished: end.unfinished };
}
