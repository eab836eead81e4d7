// What a mechanism does on the chain, in one shape: how it takes bids, which of its steps are due,
// what they do, and how a period is settled. A new mechanism is a file beside this one, a line of
// CHAIN in registry.ts, its offsets and parameters in core/src/markets.ts and its schedule in
// boundary/timing.ts.
import type { ErrorCode } from '../../../core/src/errors.js';
import type { MarketConfig } from '../../../core/src/markets.js';
import type { TxKind, TxOf } from '../../../core/src/tx.js';
import type { Due } from '../boundary/cursor.js';
import type { Judging } from '../boundary/judge.js';
import type { PeriodKey, PeriodRecord, TradeKey } from '../schema.js';
import type { ApplyContext, CheckContext } from '../tx/context.js';
import type { World } from '../world.js';
import type { MarketStep, StepResult } from '../boundary/step.js';
import type { StepName } from '../boundary/timing.js';
import type { BookAt, BookOrder } from './book.js';

export type TakeStep = (step: MarketStep) => StepResult;

/** A rule of transactions (tx/context.ts) in a market that is known to be one of the mechanism. */
export interface MarketRule<K extends TxKind> {
  check(context: CheckContext, market: MarketConfig, tx: TxOf<K>): ErrorCode | undefined;
  apply(context: ApplyContext, market: MarketConfig, tx: TxOf<K>): void;
}

/** What becomes of bids; absent: no phase of the mechanism takes such a transaction. */
export interface BidRules {
  readonly seal?: MarketRule<'sealBid'>;
  readonly reveal?: MarketRule<'revealBid'>;
  readonly cancel?: MarketRule<'cancel'>;
}

export interface ChainMechanism {
  /** Whether a step of its schedule has something to do for the period. */
  isAtStake(step: StepName, period: PeriodRecord): boolean;
  readonly bids: BidRules;
  /**
   * An open order has come and is locked for: it trades at once, its rest waits. Absent: orders
   * wait for `clear`, one per account.
   */
  arrive?(at: BookAt, one: BookOrder): void;
  /** Steps that a settled period still has before it, at times that the state keeps. */
  laterSteps?(world: World, market: MarketConfig): readonly Due[];
  /** Contracts that a period is settled by, and again; absent: its trades (settlement 5.2). */
  judging?(step: MarketStep): Judging;
  /** Whether corrections of a settled period wait for something of it (settlement 3.5). */
  holdsCorrections?(world: World, key: PeriodKey): boolean;
  /** A correction found that so much was delivered of a contract; its money is booked. */
  corrected?(step: MarketStep, at: TradeKey, deliveredWh: bigint): void;
  /** Steps of its schedule, and settle. */
  readonly steps: { readonly [name in StepName]?: TakeStep };
}
