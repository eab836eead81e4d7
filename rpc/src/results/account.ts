// Results of the account_* methods.
import type { Paged, Stated } from '../ports.js';
import type { Anchor, LeafProof } from './chain.js';

export interface AccountQuery {
  readonly account: Uint8Array;
  readonly proof: boolean;
  /** One of the newest heights; undefined: the final state. */
  readonly height: bigint | undefined;
}

/** A part of an account's past. */
export interface ScanQuery {
  readonly account: Uint8Array;
  readonly from: bigint | undefined;
  readonly to: bigint | undefined;
  readonly cursor: string | undefined;
}

export interface MeterView {
  readonly id: string;
  readonly number: string;
  readonly participant: string;
  /** Market it is enrolled in from `fromPeriod` on; "": none. */
  readonly market: string;
  readonly fromPeriod: bigint;
  readonly previousMarket: string;
  readonly sequence: bigint;
  /** End of the newest accepted period, chain ms, and the registers there. */
  readonly endMs: bigint;
  readonly importWh: bigint;
  readonly exportWh: bigint;
}

export interface AccountView extends Stated {
  readonly account: string;
  readonly publicKey: Uint8Array | null;
  readonly roles: readonly string[];
  readonly status: 'active' | 'suspended' | 'system';
  readonly organisation: string;
  readonly available: bigint;
  readonly locked: bigint;
  readonly arrears: bigint;
  readonly credit: {
    readonly C: number;
    readonly D: number;
    readonly i: number;
    readonly n: number;
    readonly correct: number;
    readonly wrong: number;
  } | null;
  /** null: the market of the account keeps none. */
  readonly reputation: bigint | null;
  readonly activity: bigint | null;
  readonly connection: {
    readonly pMaxImportW: bigint;
    readonly pMaxExportW: bigint;
    readonly green: boolean;
    readonly node: string;
  } | null;
  readonly expiresMs: bigint;
  readonly meter: MeterView | null;
  /** Market of its meter for the period that takes orders now. */
  readonly market: string | null;
  readonly proof?: Anchor & { readonly account: LeafProof; readonly balance: LeafProof };
}

export interface JournalEntryView {
  /** "height:receipt:line" of the entry in the chain. */
  readonly place: string;
  readonly height: bigint;
  readonly time: bigint;
  readonly type: string;
  readonly market: string;
  readonly period: bigint;
  readonly counterparty: string | null;
  /** Signed changes. */
  readonly available: bigint;
  readonly locked: bigint;
  readonly cause: Uint8Array;
  readonly after: { readonly available: bigint; readonly locked: bigint };
}

/** Newest first. */
export interface JournalView extends Stated, Paged {
  readonly entries: readonly JournalEntryView[];
}

export type OrderState =
  | 'none'
  | 'open'
  | 'sealed'
  | 'revealed'
  | 'traded'
  | 'partly'
  | 'unmatched'
  | 'forfeited'
  | 'cancelled'
  | 'void';

export interface OrderView {
  readonly market: string;
  readonly period: bigint;
  readonly state: OrderState;
  readonly id?: Uint8Array;
  /** Commitment of a sealed bid that is not opened. */
  readonly hash?: Uint8Array;
  readonly side?: string;
  readonly energyWh?: bigint;
  /** Once it is revealed and until it is cleared. */
  readonly price?: bigint;
  readonly bond?: bigint;
  readonly lock?: bigint;
  readonly tradedWh?: bigint;
  /** Money of its trades. */
  readonly amount?: bigint;
}

export interface OrdersView extends Stated, Paged {
  readonly orders: readonly OrderView[];
}
