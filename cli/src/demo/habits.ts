// What a home sends in a market of each mechanism: at the start of the period before delivery, and
// when the final state shows a phase. Pure: which transactions, with which window. A mechanism is a
// line of HABITS.
import type { PhaseName } from '../../../state/src/boundary/timing.js';
import { agentQuotes } from '../../../market/src/twoRound/adjust.js';
import type { Bid, Tariff } from './decide.js';
import type { Kind } from './outbox.js';
import type { Signed, Wallet, Window } from './wallet.js';
import type { PeriodNews } from './watch.js';

/** A bid of a home for a period. */
export interface Placing {
  readonly wallet: Wallet;
  readonly period: bigint;
  readonly bid: Bid;
  /** Validity of its transactions. */
  readonly window: Window;
}

export interface Step {
  readonly kind: Kind;
  /** The phase in which it is taken. */
  readonly phase: PhaseName;
  /** undefined: this home has nothing to send. */
  send(placing: Placing, news: PeriodNews | undefined): Signed | undefined;
}

export interface Habit {
  /** By the clock alone, as soon as the period takes orders; undefined: homes agree in pairs. */
  readonly open: Step | undefined;
  /** When the final state is in the phase. */
  readonly then: readonly Step[];
  /** Contracts are signed by both parties and the grid company, and confirmed by the buyer. */
  readonly signs?: boolean;
  /** A period so many before the one that is traded is looked at, too. */
  readonly looksBack?: bigint;
}

export interface HabitOptions {
  readonly tariff: Tariff;
  /** Units of quotes in round 2 per unit of prices, ppm, steps (two-round 7, 8). */
  readonly adjustment: {
    readonly perPrice: bigint;
    readonly betaPpm: bigint;
    readonly maxSteps: number;
  };
}

const order: Step = {
  kind: 'order',
  phase: 'orders',
  send: ({ wallet, period, bid, window }) => wallet.order(period, bid, window),
};

const call: Habit = {
  open: {
    kind: 'seal',
    phase: 'declare',
    send: ({ wallet, period, bid, window }) => wallet.seal(period, bid, window),
  },
  then: [
    {
      kind: 'reveal',
      phase: 'reveal',
      send: ({ wallet, period, bid, window }) => wallet.reveal(period, bid, window),
    },
  ],
};

/** The agent goes to what the grid would pay or charge, if it has to: that is the reserve. */
function twoRound({ tariff, adjustment }: HabitOptions): Habit {
  const { perPrice, betaPpm, maxSteps } = adjustment;
  const adjust: Step = {
    kind: 'adjust',
    phase: 'adjust',
    send({ wallet, period, bid, window }, news) {
      const own = news?.trades?.filter((t) => [t.seller, t.buyer].includes(wallet.account)) ?? [];
      const traded = own.reduce((sum, { energyWh }) => sum + energyWh, 0n);
      const { side } = bid;
      const reference = side === 'sell' ? news?.references?.askMax : news?.references?.bidMin;
      if (traded >= bid.energyWh || reference === undefined) return undefined;
      const quote = bid.price * perPrice;
      const reserve = (side === 'sell' ? tariff.feedIn : tariff.retail) * perPrice;
      const rule = { side, quote, reference: reference * perPrice, betaPpm };
      const prices = agentQuotes(rule, { reserve, maxSteps });
      return wallet.adjust(period, prices, window);
    },
  };
  return { open: order, then: [adjust] };
}

/** Throws where no household knows the mechanism: the market is refused before. */
export const HABITS: Readonly<Record<string, (options: HabitOptions) => Habit>> = {
  call: () => call,
  // Sealed with side and energy; the opening activates what it is matched with.
  neighbourhood: () => call,
  // Sealed whole, and opened in bidding round 1; what is left over stands in the later ones.
  reputation: () => ({ ...call, signs: true, looksBack: 2n }),
  // See pairs.ts; what came of it is known when delivery has begun.
  bilateral: () => ({ open: undefined, then: [], looksBack: 1n }),
  uniform: () => ({ open: order, then: [] }),
  continuous: () => ({ open: order, then: [] }),
  'two-round': twoRound,
};
