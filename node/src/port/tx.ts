// tx_submit and tx_get over a NodeView.
import { asHash } from '../../../core/src/hash.js';
import type { NodePort } from '../../../rpc/src/ports.js';
import type { NodeView } from '../view.js';
import { atTip } from './read.js';
import { showReceipt } from './show.js';

export function txPart(view: NodeView): Pick<NodePort, 'submitTx' | 'tx'> {
  // Kept, because it is asked for with every order.
  let at = atTip(view);
  view.onFinal(({ block }) => {
    at = { height: block.head.height, status: 'final' };
  });
  return {
    async submitTx(bytes) {
      const result = await view.submitTx(bytes);
      const { id, status } = result;
      const code = result.status === 'rejected' ? { code: result.code } : {};
      return { id: id ?? null, status, ...code, at };
    },
    tx(id) {
      const found = view.txStatus(asHash(id));
      switch (found.status) {
        case 'unknown':
        case 'pending':
          return { id, status: found.status, at };
        case 'rejected':
          return { id, status: found.status, code: found.code, at };
        default: {
          const { status, height, index, receipt } = found;
          const shown = receipt && { code: receipt.code, receipt: showReceipt(receipt) };
          return { id, status, height, index, ...shown, at: { ...at, status } };
        }
      }
    },
  };
}
