// Results of tx_submit and tx_get, and a receipt as it is shown.
import type { Stated } from '../ports.js';

export interface SubmitView extends Stated {
  /** null where the bytes are no transaction. */
  readonly id: Uint8Array | null;
  readonly status: 'accepted' | 'rejected' | 'unknown';
  /** Why it was rejected. */
  readonly code?: string;
}

/** A line of a receipt; `fields` by the names in core/receipt.ts. */
export interface LineView {
  readonly kind: string;
  readonly account: string;
  readonly n: number;
  readonly fields: Readonly<Record<string, bigint | number | string | Uint8Array>>;
  readonly before: { readonly available: bigint; readonly locked: bigint };
  readonly after: { readonly available: bigint; readonly locked: bigint };
  readonly creditAfter: number | null;
}

export interface ReceiptView {
  readonly id: Uint8Array;
  readonly code: string;
  readonly lines: readonly LineView[];
}

export interface TxView extends Stated {
  readonly id: Uint8Array;
  readonly status: 'unknown' | 'pending' | 'confirmed' | 'final' | 'rejected';
  readonly code?: string;
  readonly height?: bigint;
  readonly index?: number;
  readonly receipt?: ReceiptView;
}
