// What a market of reputation adds to market_period, and contract_get.
import type { Paged, Stated } from '../ports.js';

/** A standing quote as everybody sees it. */
export interface QuoteView {
  readonly account: string;
  readonly energyWh: bigint;
  readonly price: bigint;
  /** Percent from the top of the ranking; 0 before its first board. */
  readonly grade: number;
  /** Partners that it may have in this bidding round. */
  readonly range: number;
}

/** A bidding round behind its board. */
export interface BiddingView {
  readonly biddingRound: number;
  readonly void: boolean;
  /** Lines near their capacity. */
  readonly flags: readonly string[];
  /** Per kWh pushed. */
  readonly fees: readonly { readonly line: string; readonly fee: bigint }[];
}

/** A sealed bid of the account that was named. */
export interface SealView {
  readonly biddingRound: number;
  readonly id: Uint8Array;
  readonly hash: Uint8Array;
  readonly revealed: boolean;
}

export interface ReputationView extends Paged {
  /** Best price first; the first page of them. */
  readonly board: {
    readonly buyers: readonly QuoteView[];
    readonly sellers: readonly QuoteView[];
  };
  readonly rounds: readonly BiddingView[];
  /** P_T per kWh of the period. */
  readonly wheeling: bigint;
  /** Sum of the quotes of the lowest deal of the last closed period; null: none. */
  readonly floor: bigint | null;
  readonly cep: bigint | null;
  readonly cepAlarm: boolean;
  /** Of the account that was named, by bidding round; empty without one. */
  readonly seals: readonly SealView[];
  /** A page of those of the account that was named, in the order of matching; empty without one. */
  readonly contracts: readonly ContractView[];
}

export interface ContractView {
  readonly id: Uint8Array;
  readonly market: string;
  readonly period: bigint;
  /** Place in the order of matching. */
  readonly number: bigint;
  readonly biddingRound: number;
  readonly state: string;
  readonly seller: string;
  readonly buyer: string;
  readonly energyWh: bigint;
  readonly curtailedWh: bigint;
  readonly deliveredWh: bigint;
  /** Bid + ask. */
  readonly priceSum: bigint;
  readonly wheeling: bigint;
  readonly congestion: bigint;
  readonly lock: bigint;
  readonly signed: {
    readonly buyer: boolean;
    readonly seller: boolean;
    readonly grid: boolean;
  };
  /** What it waits for, and until when (chain ms); null: nobody. */
  readonly waits: 'sign' | 'confirm' | 'resolve' | null;
  readonly deadline: bigint | null;
}

export interface ContractResult extends Stated {
  readonly contract: ContractView;
}
