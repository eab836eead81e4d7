// tx_submit, tx_get.
import { z } from 'zod';
import { MAX_TX_BYTES } from '../../../core/src/limits.js';
import { method } from '../method.js';
import { bytes, hash } from '../params.js';
import type { SubmitView } from '../results/tx.js';

const HEX = /^[0-9a-f]+$/;

/** The schema of tx_submit by hand: a tenth of the time, and it is called for every order. */
function quickBytes(params: Readonly<Record<string, unknown>>): { bytes: Uint8Array } | undefined {
  for (const name in params) if (name !== 'bytes') return undefined;
  const { bytes: text } = params;
  if (typeof text !== 'string' || text.length % 2 !== 0 || !HEX.test(text)) return undefined;
  // A plain view: of Buffer, `slice` does not copy.
  const buffer = Buffer.from(text, 'hex');
  return { bytes: new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length) };
}

function printSubmit({ id, status, code, at }: SubmitView): string | undefined {
  if (id === null || code !== undefined) return undefined;
  const hex = Buffer.from(id.buffer, id.byteOffset, id.byteLength).toString('hex');
  const state = `{"height":"${at.height}","status":"${at.status}"}`;
  return `{"id":"${hex}","status":"${status}","at":${state}}`;
}

export const txMethods = {
  tx_submit: method({
    scope: 'trade',
    summary: 'Hands in a signed transaction. Sending the same bytes again is safe.',
    result:
      'id, status: "accepted" (valid now, kept, handed on), "rejected" (with code) or "unknown" ' +
      '(ask tx_get, or send it again); at',
    params: z.strictObject({
      bytes: bytes(`the transaction, at most ${MAX_TX_BYTES} bytes`),
    }),
    quick: quickBytes,
    print: printSubmit,
    run: ({ port }, params) => port.submitTx(params.bytes),
  }),
  tx_get: method({
    scope: 'read',
    summary: 'What became of a transaction.',
    result:
      'id, status: "unknown", "pending", "confirmed", "final" or "rejected"; code, height, ' +
      'index, receipt {id, code, lines}, at',
    params: z.strictObject({ id: hash('id of the transaction') }),
    run: ({ port }, params) => port.tx(params.id),
  }),
};
