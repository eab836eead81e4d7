// Whether the network is quick enough for sealed bids: one that cannot be opened in time loses its
// bond (settlement 2.2), so homes rather sit a period out. Told by what the newest transactions
// waited; before there are any, by the blocks before the clock starts.
import { BLOCKS_PER_PHASE } from './measure.js';
import { quantile } from './record.js';

export interface PaceOptions {
  /** Length of the reveal window, wall ms. */
  readonly windowMs: number;
  /** What transactions waited so far, wall ms, oldest first. */
  readonly waits: () => readonly number[];
  /** What an empty block took before the clock started; undefined: not measured. */
  readonly finalityMs: number | undefined;
}

/** About the readings or bids of a period of a few homes: an old one says nothing about now. */
const RECENT = 12;
/**
 * Waits that must fit into the window: that of the opening, and half a block, since the one that
 * closes the orders is under way by then. Six homes at rate 360 (a window of 833 ms) opened all
 * bids with a typical wait of 482 ms; where they opened none, what was given up had waited longer.
 */
const WAITS_PER_WINDOW = 1.5;

export class Pace {
  readonly #options: PaceOptions;

  constructor(options: PaceOptions) {
    this.#options = options;
  }

  /** Wall ms that a transaction waits; undefined: nobody knows. */
  get waitMs(): number | undefined {
    const { waits, finalityMs } = this.#options;
    const recent = waits().slice(-RECENT);
    if (recent.length > 0) return quantile(recent, 0.5);
    return finalityMs && (finalityMs * BLOCKS_PER_PHASE) / WAITS_PER_WINDOW;
  }

  /** A bid that is sealed now would probably be opened too late. */
  get isLate(): boolean {
    return (this.waitMs ?? 0) * WAITS_PER_WINDOW > this.#options.windowMs;
  }
}
