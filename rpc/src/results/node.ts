// Results of node_status, node_peers, node_why.
import type { Stated } from '../ports.js';

export interface StatusView extends Stated {
  readonly chainId: Uint8Array;
  readonly name: string;
  readonly version: string;
  readonly roles: readonly string[];
  readonly height: { readonly final: bigint; readonly confirmed: bigint };
  readonly finalHash: Uint8Array;
  readonly stateRoot: Uint8Array;
  /** Time of the newest final block, chain ms. */
  readonly time: bigint;
  readonly syncing: boolean;
  readonly peers: number;
  /** Own clock against the peers', wall ms; null: not known. */
  readonly clockOffsetMs: bigint | null;
  readonly degraded: readonly string[];
}

export interface PeersView {
  readonly peers: readonly {
    readonly publicKey: Uint8Array;
    readonly role: string;
    readonly address: string;
    /** Newest height it told of. */
    readonly height: bigint;
  }[];
}

export interface WhyView extends Stated {
  readonly blocked: boolean;
  readonly causes: readonly { readonly code: string; readonly detail: string }[];
}
