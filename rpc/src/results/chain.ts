// Results of the chain_* methods and of proof_get.
import type { Paged, Stated } from '../ports.js';
import type { GrantsView } from './points.js';
import type { ReceiptView } from './tx.js';

export type BlockRef = { readonly height: bigint } | { readonly hash: Uint8Array };

export interface BlockQuery {
  readonly ref: BlockRef;
  readonly raw: boolean;
  /** First transaction of the page. */
  readonly from: number;
}

/** Fields by their names in light-clients.md 1. */
export interface HeaderFields {
  readonly version: number;
  readonly chainId: Uint8Array;
  readonly height: bigint;
  readonly round: number;
  readonly time: bigint;
  readonly proposer: Uint8Array;
  readonly parentHash: Uint8Array;
  readonly commitHash: Uint8Array;
  readonly txRoot: Uint8Array;
  readonly receiptRoot: Uint8Array;
  readonly stateRoot: Uint8Array;
  readonly setRoot: Uint8Array;
  readonly nextSetRoot: Uint8Array;
  readonly drawRoot: Uint8Array;
  readonly paramsRoot: Uint8Array;
  readonly historyRoot: Uint8Array;
  readonly beacon: Uint8Array;
  readonly beaconProof: Uint8Array;
  readonly flags: number;
}

export interface HeaderView extends Stated, HeaderFields {
  readonly hash: Uint8Array;
  readonly headerBytes?: Uint8Array;
  readonly certificateBytes?: Uint8Array;
}

export type Shown = bigint | number | string | boolean | Uint8Array | null;

export interface BlockTxView {
  readonly id: Uint8Array;
  /** A kind of transaction, or "system". */
  readonly kind: string;
  readonly sender: string | null;
  readonly body: Readonly<Record<string, Shown>>;
}

export interface CertificateView {
  readonly height: bigint;
  readonly round: number;
  readonly blockHash: Uint8Array;
  readonly step: number;
  readonly bitmap: Uint8Array;
  readonly signatures: readonly Uint8Array[];
}

export interface BlockView extends Stated, Paged {
  readonly hash: Uint8Array;
  readonly header: HeaderFields;
  /** All of the block, system transactions first; `transactions` is a page of them. */
  readonly transactionCount: number;
  readonly transactions: readonly BlockTxView[];
  /** Receipts of the page; marks of time have none. */
  readonly receipts: readonly ReceiptView[];
  readonly commitCertificate: CertificateView | null;
  readonly committeeCertificate: CertificateView | null;
  readonly headerBytes?: Uint8Array;
  readonly certificateBytes?: Uint8Array;
  readonly blockBytes?: Uint8Array;
}

/** Base units; a list: ids of markets, or edges as pairs of nodes. */
export type ParamView =
  | bigint
  | number
  | boolean
  | string
  | null
  | readonly string[]
  | readonly (readonly string[])[];

export interface MarketConfigView {
  readonly id: string;
  readonly mechanism: string;
  readonly periodMs: bigint;
  readonly offsets: Readonly<Record<string, bigint>>;
  readonly params: Readonly<Record<string, ParamView>>;
}

export interface ParametersView extends Stated {
  readonly version: number;
  readonly chainId: Uint8Array;
  readonly name: string;
  readonly demo: boolean;
  readonly money: {
    readonly currency: string;
    readonly priceDecimals: number;
    readonly gridCreditLimit: bigint;
  };
  readonly clock: {
    readonly wallStartMs: bigint;
    readonly chainStartMs: bigint;
    readonly rate: number;
  };
  readonly consensus: Readonly<Record<string, number | boolean>>;
  readonly markets: readonly MarketConfigView[];
  readonly paramsRoot: Uint8Array;
}

export interface SupplyView extends Stated {
  readonly issued: bigint;
  readonly redeemed: bigint;
  /** Available and locked money of all accounts. */
  readonly accounts: bigint;
  readonly arrears: bigint;
  /** What the chain's own accounts have. */
  readonly pools: {
    readonly reward: bigint;
    readonly grants: bigint;
    readonly reserve: bigint;
    readonly fees: bigint;
  };
  readonly grants: {
    readonly registration: GrantsView;
    readonly cleanKwh: GrantsView;
    readonly verification: GrantsView;
    readonly block: GrantsView;
  };
}

export interface ValidatorsView extends Stated {
  readonly height: bigint;
  readonly validators: readonly {
    readonly id: string;
    readonly publicKey: Uint8Array;
    readonly beaconKey: Uint8Array;
    readonly name: string;
    readonly organisation: string;
    readonly status: 'active' | 'suspended';
    readonly eligible: boolean;
    readonly credit: number;
    readonly correct: number;
    readonly wrong: number;
  }[];
}

export interface CommitteeView extends Stated {
  readonly height: bigint;
  readonly round: number;
  readonly seed: Uint8Array;
  readonly size: number;
  readonly eligible: readonly { readonly id: string; readonly weight: bigint }[];
  readonly members: readonly string[];
}

export interface ProofQuery {
  readonly kind: number;
  readonly key: Uint8Array;
  readonly height: bigint | undefined;
}

/** One leaf of the state tree with its proof (light-clients 2.2). */
export interface LeafProof {
  readonly kind: number;
  readonly key: Uint8Array;
  /** Canonical bytes; null: proven to be absent. */
  readonly value: Uint8Array | null;
  readonly proof: Uint8Array;
}

/** What a proof folds to: the header whose stateRoot it is, and who signed that. */
export interface Anchor {
  readonly headerBytes: Uint8Array;
  readonly certificateBytes: Uint8Array;
}

export interface ProofView extends Stated, LeafProof, Anchor {}
