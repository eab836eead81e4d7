// All homes in one process: places orders by the habit of the market's mechanism, and sends both
// registers of each meter at the end of each delivery period (meters-and-grid "Readings").
// Decisions: decide.ts; what is sent when: habits.ts; ways: outbox.ts.
import { present } from '../../../core/src/assert.js';
import type { PhaseName } from '../../../state/src/boundary/timing.js';
import { BILATERAL_LEAD } from '../network/genesis.js';
import type { ChainClock } from './clock.js';
import { type Bid, type BidLimits, decideBid, type Tariff, type Taste } from './decide.js';
import type { Habit, Step } from './habits.js';
import type { Outbox } from './outbox.js';
import type { Pace } from './pace.js';
import { type HomeProfile, type Profiles, registersOf } from './profiles.js';
import type { Pairs } from './pairs.js';
import type { Signers } from './signatures.js';
import type { Wallet } from './wallet.js';
import type { PeriodNews } from './watch.js';

/** The market as its agents see it. */
export interface Phases {
  readonly periodMs: number;
  /** Readings are taken so long after the end of delivery. */
  readonly readingMs: number;
  /** Half-open, chain ms. */
  windowOf(period: bigint, phase: PhaseName): { readonly startMs: bigint; readonly endMs: bigint };
}

export interface AgentsOptions {
  readonly profiles: Profiles;
  /** In the order of the homes of the profiles. */
  readonly wallets: readonly Wallet[];
  readonly clock: ChainClock;
  readonly outbox: Outbox;
  readonly phases: Phases;
  readonly habit: Habit;
  /** Where contracts are signed. */
  readonly signers?: Signers | undefined;
  /** Where contracts are agreed on by two. */
  readonly pairs?: Pairs | undefined;
  /** Where bids are sealed: while the network is late, none are. */
  readonly pace?: Pick<Pace, 'isLate'> | undefined;
  /** Nobody bids for that period. */
  readonly onSkipped?: ((period: bigint) => void) | undefined;
  readonly taste: Taste;
  readonly tariff: Tariff;
  readonly limits: BidLimits;
}

interface Home {
  readonly profile: HomeProfile;
  readonly wallet: Wallet;
  /** Register at the end of each period. */
  readonly imports: readonly bigint[];
  readonly exports: readonly bigint[];
}

/** Transactions are handed in this long after a boundary at the earliest, chain ms. */
const AFTER_MS = 1;
/** Contracts are listed so many periods before the one that is traded by order. */
const LISTED_AHEAD = BigInt(BILATERAL_LEAD - 1);

export class Agents {
  readonly #options: AgentsOptions;
  readonly #homes: readonly Home[];
  readonly #first: bigint;
  /** Periods and phases that were seen to. */
  readonly #placed = new Set<string>();
  readonly #skipped = new Set<bigint>();
  readonly #read = new Set<bigint>();

  constructor(options: AgentsOptions) {
    this.#options = options;
    const { profiles, wallets, phases } = options;
    this.#first = BigInt(profiles.startMs) / BigInt(phases.periodMs);
    this.#homes = profiles.homes.map((profile, i) => ({
      profile,
      wallet: present(wallets[i], 'a wallet per home'),
      imports: registersOf(profile.importWh),
      exports: registersOf(profile.exportWh),
    }));
  }

  /** Delivery periods of the run. */
  get periods(): readonly bigint[] {
    return Array.from(
      { length: this.#options.profiles.periods },
      (_, i) => this.#first + BigInt(i),
    );
  }

  /** The delivery period whose orders are taken now, by the clock. */
  tradingPeriod(): bigint {
    return BigInt(Math.floor(this.#options.clock.now() / this.#options.phases.periodMs)) + 1n;
  }

  /** Index of a delivery period in the profiles; undefined: not of this run. */
  indexOf(period: bigint): number | undefined {
    const index = Number(period - this.#first);
    return index >= 0 && index < this.#options.profiles.periods ? index : undefined;
  }

  bids(period: bigint): readonly { wallet: Wallet; bid: Bid }[] {
    const index = this.indexOf(period);
    if (index === undefined) return [];
    const { taste, tariff, limits } = this.#options;
    return this.#homes.flatMap(({ profile, wallet }) => {
      const bid = decideBid(profile, index, { taste, tariff, limits });
      return bid === undefined ? [] : [{ wallet, bid }];
    });
  }

  /** What the clock alone makes due: orders of this period, readings of the ends that passed. */
  prepare(): void {
    const trading = this.tradingPeriod();
    const { open } = this.#options.habit;
    if (open === undefined) this.#agree(trading + LISTED_AHEAD);
    else this.#place(trading, open);
    // The first reading is that of the registers at the start of the first delivery.
    for (const back of [0n, 1n]) this.#readAt(trading - 1n - back);
  }

  /** The final state is in a phase: a bid is opened once `closeOrders` is final, and so on. */
  onNews(news: PeriodNews): void {
    for (const step of this.#options.habit.then)
      if (step.phase === news.phase) this.#place(news.period, step, news);
    const { signers, outbox, clock } = this.#options;
    for (const parcel of signers?.parcels(news, clock.now()) ?? []) outbox.add(parcel);
  }

  #startOf(period: bigint): number {
    return Number(period) * this.#options.phases.periodMs;
  }

  #place(period: bigint, step: Step, news?: PeriodNews): void {
    const name = `${period}/${step.phase}`;
    if (this.#placed.has(name) || this.indexOf(period) === undefined) return;
    this.#placed.add(name);
    if (this.#skips(period, step)) return;
    const { outbox, phases } = this.#options;
    const { startMs, endMs } = phases.windowOf(period, step.phase);
    // Good from the start of the period before delivery, so that a bid and its opening agree.
    const window = {
      from: BigInt(this.#startOf(period - 1n)),
      until: BigInt(this.#startOf(period)),
    };
    const fromMs = Math.max(Number(startMs), Number(window.from)) + AFTER_MS;
    for (const { wallet, bid } of this.bids(period)) {
      const signed = step.send({ wallet, period, bid, window }, news);
      if (signed === undefined) continue;
      outbox.add({ ...signed, kind: step.kind, fromMs, untilMs: Number(endMs) });
    }
  }

  /** What would not be opened in time is not sealed, and what was not sealed is not opened. */
  #skips(period: bigint, { kind }: Step): boolean {
    const { pace, onSkipped } = this.#options;
    if (kind === 'seal' && pace?.isLate === true) {
      this.#skipped.add(period);
      onSkipped?.(period);
    }
    return this.#skipped.has(period);
  }

  /** A listing per pair; each of the two confirms when its review is over. */
  #agree(period: bigint): void {
    const { pairs, outbox, phases } = this.#options;
    if (this.#placed.has(`${period}`) || this.indexOf(period) === undefined) return;
    this.#placed.add(`${period}`);
    const from = BigInt(this.#startOf(period - LISTED_AHEAD - 1n));
    const listing = { from, until: phases.windowOf(period, 'listing').endMs };
    const { startMs, endMs } = phases.windowOf(period, 'confirm');
    const times = { listing, confirm: { from: startMs, until: endMs }, afterMs: AFTER_MS };
    const parcels = pairs?.parcels({ period, bids: this.bids(period), times }) ?? [];
    for (const parcel of parcels) outbox.add(parcel);
  }

  /** Registers at the start of `next`, the period after the one that ends there. */
  #readAt(next: bigint): void {
    const ended = Number(next - this.#first);
    const { profiles, phases, outbox } = this.#options;
    if (ended < 0 || ended > profiles.periods || this.#read.has(next)) return;
    this.#read.add(next);
    const end = this.#startOf(next);
    const until = end + phases.readingMs;
    for (const { wallet, imports, exports } of this.#homes) {
      const reading = {
        endMs: BigInt(end),
        importWh: imports[ended - 1] ?? 0n,
        exportWh: exports[ended - 1] ?? 0n,
        sequence: BigInt(ended + 1),
      };
      const signed = wallet.read(reading, { from: BigInt(end), until: BigInt(until) });
      outbox.add({ ...signed, kind: 'reading', fromMs: end + AFTER_MS, untilMs: until });
    }
  }
}
