// The live line of a run: rewritten on a terminal, a line every ten periods elsewhere. Always on
// stderr, so that stdout holds the summary alone.
import type { Writable } from 'node:stream';
import type { PeriodNews } from './watch.js';
import { kWh, price, timeOfDay, whole } from './show.js';

export interface ProgressState {
  readonly done: number;
  readonly of: number;
  readonly startMs: number;
  readonly news: PeriodNews;
  readonly boundWh: bigint;
  readonly height: bigint;
  readonly finalityMs: number;
}

export interface ProgressTarget extends Pick<Writable, 'write'> {
  readonly isTTY?: boolean;
  readonly columns?: number;
}

const EVERY = 10;
const WIDTH = 20;

function textOf(state: ProgressState): string {
  const { done, of, news, boundWh, height, finalityMs } = state;
  const trades = news.trades ?? [];
  const energy = trades.reduce((sum, t) => sum + t.energyWh, 0n);
  const money = trades.reduce((sum, t) => sum + t.energyWh * t.price, 0n);
  const at = energy === 0n ? '' : ` at ${price(money / energy)}`;
  const result = news.isVoid ? 'VOID' : `${kWh(energy)} of ${kWh(boundWh)} kWh${at}`;
  return (
    `${String(done).padStart(3)}/${of}  delivery ${timeOfDay(state.startMs)}  ${result}  ` +
    `${news.sealed} bids  height ${height}  final in ${whole(finalityMs)} ms`
  );
}

const bar = ({ done, of }: ProgressState): string => {
  const full = Math.floor((WIDTH * done) / Math.max(1, of));
  return `[${'#'.repeat(full)}${'.'.repeat(WIDTH - full)}]`;
};

export class Progress {
  readonly #out: ProgressTarget;
  #open = false;

  constructor(out: ProgressTarget) {
    this.#out = out;
  }

  /** A period was cleared. */
  show(state: ProgressState): void {
    if (this.#out.isTTY === true) {
      const line = `${bar(state)} ${textOf(state)}`;
      this.#out.write(`\r\u001b[2K${line.slice(0, (this.#out.columns ?? 120) - 1)}`);
      this.#open = true;
    } else if (state.done % EVERY === 0 || state.news.isVoid) this.say(textOf(state));
  }

  /** A line of its own, above the live one. */
  say(text: string): void {
    this.end();
    this.#out.write(`${text}\n`);
  }

  end(): void {
    if (this.#open) this.#out.write('\n');
    this.#open = false;
  }
}
