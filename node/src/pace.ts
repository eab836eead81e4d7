// How many transactions this node puts into a block it proposes. A block that takes too long to
// execute costs a round, and a round costs more than a smaller block; how long it takes depends on
// the slowest machine of a quorum, which nobody knows. So the proposer learns it: half as many
// after a height that needed another round, a quarter more after a full block that did not.
const FIRST_LIMIT = 1000;
const LEAST = 100;
const MOST = 20_000;
const GROWTH = 1.25;

export class Pace {
  #limit = FIRST_LIMIT;
  #height = -1n;
  #txs = 0;

  get limit(): number {
    return this.#limit;
  }

  /** This node has built a block. */
  built(height: bigint, txs: number): void {
    this.#height = height;
    this.#txs = txs;
  }

  /** A block became final, by whomever; `round` is that of its certificate. */
  decided(height: bigint, round: number): void {
    if (height !== this.#height || this.#txs === 0) return;
    if (round > 0) this.#limit = Math.max(LEAST, Math.floor(Math.min(this.#limit, this.#txs) / 2));
    else if (this.#txs >= this.#limit)
      this.#limit = Math.min(MOST, Math.ceil(this.#limit * GROWTH));
  }
}
