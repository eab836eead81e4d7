// Results of contract_get, account_contracts and credit_history.
import type { Paged, Stated } from '../ports.js';
import type { ContractView as SignedView } from './reputation.js';

/** What was delivered of a contract, and its penalties; once it is settled. */
export interface DeliveryView {
  readonly deliveredWh: bigint;
  readonly shortSellerWh: bigint;
  readonly shortBuyerWh: bigint;
  readonly energyMoney: bigint;
  readonly penaltySeller: bigint;
  readonly penaltyBuyer: bigint;
  /** Of the buyer; in a negotiated contract the seller pays as much. */
  readonly wheeling: bigint;
}

export interface ContractView {
  readonly id: Uint8Array;
  readonly kind: 'bilateral' | 'trade' | 'replacement';
  readonly state: 'open' | 'settled';
  /** The market that settles it. */
  readonly market: string;
  readonly period: bigint;
  readonly index: bigint;
  readonly seller: string;
  readonly buyer: string;
  /** What is left of it where a right was sold on. */
  readonly energyWh: bigint;
  readonly price: bigint;
  /** Contract that its right was sold on from. */
  readonly after: Uint8Array | null;
  readonly listing: Uint8Array | null;
  /** Rights on offer. */
  readonly rights: readonly RightView[];
  readonly delivery: DeliveryView | null;
}

export interface RightView {
  readonly id: Uint8Array;
  readonly energyWh: bigint;
  readonly price: bigint;
  readonly until: bigint;
}

export interface ListingView {
  readonly id: Uint8Array;
  readonly state: string;
  readonly market: string;
  readonly period: bigint;
  readonly count: number;
  readonly seller: string;
  readonly buyer: string;
  readonly energyWh: bigint;
  readonly price: bigint;
  readonly replaces: Uint8Array | null;
  readonly noteHash: Uint8Array;
  readonly committee: readonly string[];
  readonly ballots: readonly { readonly validator: string; readonly bits: number }[];
  readonly sellerConfirmed: boolean;
  readonly buyerConfirmed: boolean;
  readonly sellerLock: bigint;
  readonly buyerLock: bigint;
  readonly contracts: readonly Uint8Array[];
}

/** By the id of a contract: it and its listing; by that of a listing: no contract. */
export interface ContractResult extends Stated {
  readonly contract: ContractView | null;
  readonly listing: ListingView | null;
}

/** Newest period first; listings that are not contracts yet, or came to nothing, beside them. */
export interface ContractsView extends Stated, Paged {
  readonly contracts: readonly ContractView[];
  /** Of markets of reputation, once their period has closed. */
  readonly signed: readonly SignedView[];
  readonly listings: readonly ListingView[];
}

/** A settled period in which the account had a contract. */
export interface CreditMoveView {
  readonly market: string;
  readonly period: bigint;
  /** C after the period. */
  readonly credit: number;
  readonly contractWh: bigint;
  readonly shortfallWh: bigint;
  readonly penalty: bigint;
  readonly penaltyShare: bigint;
}

export interface CreditHistoryView extends Stated, Paged {
  readonly credit: {
    readonly C: number;
    readonly D: number;
    readonly i: number;
    readonly n: number;
  };
  readonly periods: readonly CreditMoveView[];
}
