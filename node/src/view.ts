// What the outside may ask of a running node: the seam between the node's insides and its RPC
// adapter (node/src/port/). Reads are of final state unless they say otherwise; nothing here
// changes the node but submitTx.
import type { Block, Receipt } from '../../core/src/block.js';
import type { ErrorCode } from '../../core/src/errors.js';
import type { Hash } from '../../core/src/hash.js';
import type { PublicKey } from '../../core/src/ids.js';
import type { Tx } from '../../core/src/tx.js';
import type { Certificate } from '../../core/src/vote.js';
import type { Chain } from '../../state/src/chain.js';
import type { Genesis } from '../../state/src/genesis/genesis.js';
import type { ValidatorView } from '../../state/src/draw.js';
import type { TreeNode } from '../../state/src/tree/tree.js';
import type { World } from '../../state/src/world.js';

export interface Tip {
  readonly height: bigint;
  readonly hash: Hash;
  readonly stateRoot: Hash;
  /** Block time of the tip, chain ms. */
  readonly timeMs: bigint;
}

export interface PeerView {
  readonly publicKey: PublicKey;
  readonly address: string;
  readonly role: string;
  /** Newest height it told of. */
  readonly height: bigint;
}

export type SubmitResult =
  | { readonly id: Hash; readonly status: 'accepted' | 'unknown' }
  | { readonly id: Hash | undefined; readonly status: 'rejected'; readonly code: ErrorCode };

export type TxStatus =
  | { readonly status: 'unknown' | 'pending' }
  | { readonly status: 'rejected'; readonly code: ErrorCode }
  | {
      readonly status: 'confirmed' | 'final';
      readonly height: bigint;
      readonly index: number;
      readonly receipt: Receipt | undefined;
    };

export interface CommitteeView {
  readonly height: bigint;
  readonly round: number;
  readonly seed: Hash;
  readonly size: number;
  readonly eligible: readonly { readonly id: Uint8Array; readonly weight: bigint }[];
  readonly members: readonly Uint8Array[];
}

export interface WhyView {
  readonly blocked: boolean;
  readonly causes: readonly { readonly code: string; readonly detail: string }[];
}

/** A block that has just become final, with what it did. */
export interface FinalBlock {
  readonly block: Block;
  readonly txs: readonly Tx[];
  readonly receipts: readonly Receipt[];
  readonly certificate: Certificate;
}

/** State of one of the newest PROOF_HEIGHTS heights. */
export interface StateOfHeight {
  readonly tree: TreeNode;
  readonly headerBytes: Uint8Array;
  readonly certificateBytes: Uint8Array;
}

export interface NodeView {
  readonly genesis: Genesis;
  readonly chain: Chain;
  readonly name: string;
  readonly roles: readonly string[];
  readonly version: string;
  tip(): Tip;
  confirmedHeight(): bigint;
  /** This node's chain clock, ms. */
  chainNowMs(): bigint;
  syncing(): boolean;
  degraded(): readonly ErrorCode[];
  peers(): readonly PeerView[];
  why(): WhyView;
  /** A fresh read view of the final state. */
  world(): World;
  stateOf(height: bigint): StateOfHeight | undefined;
  blockBytes(height: bigint): Uint8Array | undefined;
  certificateBytes(height: bigint): Uint8Array | undefined;
  committeeCertificateBytes(height: bigint): Uint8Array | undefined;
  receiptsOf(height: bigint): readonly Receipt[] | undefined;
  heightOf(hash: Hash): bigint | undefined;
  submitTx(bytes: Uint8Array): Promise<SubmitResult>;
  txStatus(id: Hash): TxStatus;
  validators(height: bigint): readonly ValidatorView[] | undefined;
  committee(height: bigint, round: number): CommitteeView | undefined;
  /** Calls back for each block that becomes final; gives the way to stop. */
  onFinal(listener: (final: FinalBlock) => void): () => void;
}
