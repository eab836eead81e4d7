// Results of points_offers and points_audit.
import type { Paged, Stated } from '../ports.js';

export interface PointOfferView {
  readonly id: Uint8Array;
  readonly seller: string;
  readonly amount: bigint;
  /** SHA-256 of the text that says what legal money is asked for. */
  readonly terms: Uint8Array;
  /** Chain ms. */
  readonly until: bigint;
  /** Who has taken it and waits for its release. */
  readonly taker: string | null;
  readonly reservedUntil: bigint;
}

export interface PointOffersQuery {
  readonly seller: Uint8Array | undefined;
  /** Id of the last offer of the page before. */
  readonly after: Uint8Array | undefined;
}

/** In ascending order of their ids; the cursor is the last of them, in hex. */
export interface PointOffersView extends Stated, Paged {
  readonly offers: readonly PointOfferView[];
}

export interface AuditQuery {
  readonly from: bigint | undefined;
  readonly to: bigint | undefined;
  readonly cursor: string | undefined;
}

export interface AuditEntryView {
  /** "height:receipt:line" of the entry in the chain. */
  readonly place: string;
  readonly height: bigint;
  readonly time: bigint;
  readonly type: 'issue' | 'redeem' | 'grant';
  /** Whose points they became, or were. */
  readonly account: string;
  readonly amount: bigint;
  readonly market: string;
  readonly period: bigint;
  /** Transaction or step. */
  readonly cause: Uint8Array;
}

/** Newest first. */
export interface AuditView extends Stated, Paged {
  readonly entries: readonly AuditEntryView[];
}

export interface GrantsView {
  readonly paid: bigint;
  /** Due, and not covered by the pool. */
  readonly unpaid: bigint;
}
