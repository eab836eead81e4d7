// Tells consensus that work is waiting (consensus 3.7a): transactions, a boundary that the chain
// clock has passed, steps left over. Sets one timer for the next boundary.
import type { ChainMs } from '../../core/src/amount.js';
import type { Input } from '../../consensus/src/input.js';
import { cursorOf, nextDue } from '../../state/src/boundary/cursor.js';
import { nextBoundaryMs } from '../../state/src/boundary/stamp.js';
import type { Executor } from './executor.js';
import type { Mempool } from './mempool.js';
import type { NodeClock, Timers } from './ports.js';

export interface ReasonNeeds {
  readonly executor: Executor;
  readonly mempool: Mempool;
  readonly clock: NodeClock;
  readonly timers: Timers;
  readonly rate: number;
  readonly push: (input: Input) => void;
}

/**
 * Longest sleep before the boundaries are looked at again, wall ms (clocks are set, machines
 * sleep).
 */
const LONGEST_SLEEP_MS = 60_000;

export class Reasons {
  readonly #needs: ReasonNeeds;
  #cancel: (() => void) | undefined;
  #toldOfTxs = false;
  #stopped = false;

  constructor(needs: ReasonNeeds) {
    this.#needs = needs;
  }

  /** At every new height, and when the timer fires. */
  look(): void {
    if (this.#stopped) return;
    this.#toldOfTxs = false;
    this.transactionsWait();
    const { executor, clock, push } = this.#needs;
    const now = clock.chainNowMs() as ChainMs;
    const world = executor.world();
    if (cursorOf(world).unfinished) push({ kind: 'reason', why: 'leftover', ids: [] });
    else if (
      nextDue(world, executor.at.chain, { parentMs: executor.at.parent.timeMs, upTo: now }) !==
      undefined
    )
      push({ kind: 'reason', why: 'boundary', ids: [] });
    this.#sleep();
  }

  /** Once a height: more of them change nothing. */
  transactionsWait(): void {
    const { mempool, push } = this.#needs;
    if (this.#toldOfTxs || mempool.size === 0) return;
    this.#toldOfTxs = true;
    push({ kind: 'reason', why: 'transactions', ids: mempool.waitingIds() });
  }

  #sleep(): void {
    const { executor, clock, timers, rate } = this.#needs;
    this.#cancel?.();
    const now = clock.chainNowMs();
    const next = nextBoundaryMs(executor.at.chain, now);
    const ms = next === undefined ? LONGEST_SLEEP_MS : Number(next - now) / rate + 1;
    this.#cancel = timers.after(Math.min(ms, LONGEST_SLEEP_MS), () => this.look());
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel?.();
  }
}
