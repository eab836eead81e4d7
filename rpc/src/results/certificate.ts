// Results of certificate_list.
import type { Paged, Stated } from '../ports.js';
import type { Anchor, LeafProof } from './chain.js';

export interface CertificateQuery {
  /** Whose; undefined: of all. */
  readonly account: Uint8Array | undefined;
  /** This one alone. */
  readonly serial: bigint | undefined;
  readonly cursor: string | undefined;
  readonly proof: boolean;
}

/** Labels of one meter and period: from where the kWh of a certificate are. */
export interface OriginView {
  /** Account of the meter, and the number on it. */
  readonly meter: string;
  readonly number: string;
  readonly market: string;
  readonly period: bigint;
  /** Serials within the meter, both ends included; one is a kWh. */
  readonly from: bigint;
  readonly to: bigint;
}

export interface GreenCertificateView {
  readonly serial: bigint;
  readonly owner: string;
  readonly state: 'held' | 'retired';
  /** Block time, chain ms. */
  readonly madeMs: bigint;
  readonly kwh: bigint;
  readonly origin: readonly OriginView[];
  readonly proof?: { readonly certificate: LeafProof; readonly origin: LeafProof };
}

/** kWh labels of an account that are in no certificate. */
export interface LabelsView {
  /** Of its own meter, and not sold. */
  readonly made: bigint;
  /** Bought. */
  readonly held: bigint;
  /** Sold, and not made yet: after a correction downwards. */
  readonly owed: bigint;
  /** All that its meter has ever made, and the Wh that wait there. */
  readonly minted: bigint;
  readonly openWh: bigint;
}

/** In ascending serial. */
export interface CertificateListView extends Stated, Paged {
  readonly certificates: readonly GreenCertificateView[];
  /** Of the account that was asked for. */
  readonly labels: LabelsView | null;
  /** Of the whole chain. */
  readonly made: bigint;
  readonly retired: bigint;
  readonly anchor?: Anchor;
}
