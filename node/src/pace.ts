// How many transactions this node puts into a block it proposes. A block that takes too long to
// become final costs a round, and rounds cost more than small blocks; how long it takes depends on
// the slowest machine of a quorum, which nobody knows. So the proposer learns it: half as many after
// a block that was slow or needed another round, a little more after a full one that was not.
import type { NodeClock } from './ports.js';

const FIRST_LIMIT = 500;
const LEAST = 50;
const MOST = 20_000;
const GROWTH = 1.25;

interface Proposed {
  readonly height: bigint;
  readonly atMs: number;
  readonly txs: number;
}

export class Pace {
  readonly #clock: NodeClock;
  /** Wall ms from building to finality that is quick enough. */
  readonly #goalMs: number;
  #limit = FIRST_LIMIT;
  #last: Proposed | undefined;

  constructor(clock: NodeClock, proposeTimeoutMs: number) {
    this.#clock = clock;
    this.#goalMs = proposeTimeoutMs / 2;
  }

  get limit(): number {
    return this.#limit;
  }

  /** This node begins to build. */
  begin(height: bigint): void {
    this.#last = { height, atMs: this.#clock.monotonicMs(), txs: 0 };
  }

  built(txs: number): void {
    if (this.#last !== undefined) this.#last = { ...this.#last, txs };
  }

  /** A block became final, by whomever; `round` is that of its certificate. */
  decided(height: bigint, round: number): void {
    const last = this.#last;
    this.#last = undefined;
    if (last === undefined || last.height !== height || last.txs === 0) return;
    const slow = round > 0 || this.#clock.monotonicMs() - last.atMs > this.#goalMs;
    if (slow) this.#limit = Math.max(LEAST, Math.floor(Math.min(this.#limit, last.txs) / 2));
    else if (last.txs >= this.#limit) this.#limit = Math.min(MOST, Math.ceil(this.#limit * GROWTH));
  }
}
