// The shape of a boundary step: it does one part and says whether more parts follow, and how much
// work it was (orders + readings + accounts touched, consensus 5a.2).
import type { ChainMs } from '../../../core/src/amount.js';
import type { MarketConfig } from '../../../core/src/markets.js';
import type { Chain } from '../chain.js';
import type { Ledger } from '../ledger/ledger.js';
import type { World } from '../world.js';
import type { Due } from './cursor.js';

export interface StepContext {
  readonly world: World;
  readonly chain: Chain;
  readonly ledger: Ledger;
  readonly due: Due;
  /** Time of the block that executes the step. */
  readonly timeMs: ChainMs;
}

export interface MarketStep extends StepContext {
  readonly market: MarketConfig;
}

export interface StepResult {
  readonly work: number;
  readonly unfinished: boolean;
}

/** Accounts that one part of a long step touches. */
export const PART_ACCOUNTS = 512;

export const done = (work: number): StepResult => ({ work: Math.max(1, work), unfinished: false });
