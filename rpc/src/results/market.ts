// Results of the market_* methods and of meter_readings.
import type { Paged, Stated } from '../ports.js';
import type { OrderView } from './account.js';
import type { MarketConfigView } from './chain.js';
import type { ReputationView } from './reputation.js';

export interface MarketListView extends Stated {
  readonly markets: readonly MarketConfigView[];
}

export interface MarketQuery {
  readonly market: string;
  /** Delivery period; undefined: the one that takes orders by the final state. */
  readonly period: bigint | undefined;
  readonly account: Uint8Array | undefined;
  readonly cursor: string | undefined;
}

/**
 * Phase by the final state. `closing` and `clearing`: the time of the final state is past the
 * boundary, but the step is not done yet, so nothing is accepted. `over`: nothing was at stake.
 */
export type Phase =
  | 'before'
  | 'declare'
  | 'closing'
  | 'reveal'
  | 'clearing'
  | 'orders'
  | 'adjust'
  | 'activate'
  | 'forecast'
  | 'flex'
  | 'choose'
  | 'sign'
  | 'listing'
  | 'review'
  | 'confirm'
  | 'matched'
  | 'delivery'
  | 'readings'
  | 'settled'
  | 'over';

export interface PhaseView {
  readonly name: string;
  /** Where there is more than one. */
  readonly biddingRound?: number;
  readonly start: bigint;
  readonly end: bigint;
}

export interface TradeView {
  readonly index: bigint;
  readonly seller: string;
  readonly buyer: string;
  readonly energyWh: bigint;
  readonly price: bigint;
  readonly biddingRound: number;
  readonly queue: 'green' | 'non-green';
}

export interface ClearingView extends Paged {
  readonly void: boolean;
  /** Mean price of all trades, to the tick, half away from zero; null: no trade. */
  readonly price: bigint | null;
  readonly energyWh: bigint;
  readonly tradeCount: number;
  /** A page of them, in the order of matching; of the account where one is given. */
  readonly trades: readonly TradeView[];
  readonly rejected: readonly { readonly account: string; readonly code: string }[];
}

export interface MarketPeriodView extends Stated {
  readonly market: string;
  readonly mechanism: string;
  readonly parameters: MarketConfigView;
  readonly period: bigint;
  /** Time of the final state, chain ms. */
  readonly time: bigint;
  readonly phase: Phase;
  readonly phases: readonly PhaseView[];
  /** When each boundary step is due, chain ms. */
  readonly steps: Readonly<Record<string, bigint>>;
  readonly counts: {
    readonly sealed: number;
    readonly revealed: number;
    readonly live: number;
    readonly readings: number;
  };
  readonly void: boolean;
  /** Of the account that was named. */
  readonly order?: OrderView;
  /** null until the period is cleared. */
  readonly clearing: ClearingView | null;
  /** two-round, between its rounds: by generation type. */
  readonly references?: readonly ReferencesView[];
  /** Only in a market of reputation. */
  readonly reputation?: ReputationView;
  /** neighbourhood, of the account: information tokens left today. */
  readonly tokens?: number;
  /** neighbourhood, of the account: contracts that wait for its activation. */
  readonly contracts?: readonly WaitingContractView[];
  readonly settlement: { readonly versions: number; readonly settleAt: bigint };
}

export interface WaitingContractView {
  readonly id: Uint8Array;
  readonly side: string;
  readonly counterparty: string;
  readonly energyWh: bigint;
  /** Of the account's own side. */
  readonly price: bigint;
  readonly biddingRound: number;
  readonly auctioneer: string;
  /** Cancelled then, chain ms. */
  readonly until: bigint;
}

export interface ReferencesView {
  readonly type: string;
  readonly askMax: bigint | null;
  readonly bidMin: bigint | null;
}

export interface BookOrderView {
  readonly id: Uint8Array;
  readonly account: string;
  readonly side: string;
  /** What still stands of it. */
  readonly energyWh: bigint;
  readonly price: bigint;
  readonly type: string;
  /** Its time: height x 2^32 + index in the block. */
  readonly place: bigint;
}

export interface BookView extends Stated, Paged {
  readonly market: string;
  readonly period: bigint;
  readonly orders: readonly BookOrderView[];
}

export interface SettlementLineView {
  readonly account: string;
  readonly version: number;
  readonly side: string | null;
  readonly declaredWh: bigint;
  readonly tradedWh: bigint;
  readonly importWh: bigint;
  readonly exportWh: bigint;
  readonly quality: string;
  readonly gridCharge: bigint;
  readonly gridCredit: bigint;
  /** Payment "delivered": signed with income positive, then not negative. */
  readonly energyMoney: bigint;
  readonly shortfallWh: bigint;
  readonly penalty: bigint;
  readonly penaltyShare: bigint;
  readonly fees: bigint;
  /** After the period. */
  readonly credit: number;
  readonly rewardDue: bigint;
  readonly reward: bigint;
}

export interface SettlementView extends Stated, Paged {
  readonly market: string;
  readonly period: bigint;
  /** Newest of the lines; 0: not settled yet. */
  readonly version: number;
  readonly lines: readonly SettlementLineView[];
}

export interface ReadingsView extends Stated {
  readonly meter: string;
  readonly participant: string;
  readonly readings: readonly {
    readonly endMs: bigint;
    readonly importWh: bigint;
    readonly exportWh: bigint;
    readonly sequence: bigint;
  }[];
  /** How settlement took each period of the range that is settled. */
  readonly periods: readonly {
    readonly market: string;
    readonly period: bigint;
    readonly endMs: bigint;
    readonly quality: string;
    readonly importWh: bigint;
    readonly exportWh: bigint;
  }[];
  /** Lines that a correction replaced. */
  readonly corrections: readonly {
    readonly market: string;
    readonly period: bigint;
    readonly version: bigint;
    readonly importWh: bigint;
    readonly exportWh: bigint;
  }[];
}
