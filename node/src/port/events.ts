// What a final block tells (events_subscribe), in one order: 0 its header, 1 the block, then per
// transaction, system transactions first: what it means for a market, for its sender, and each line
// of its receipt for the account of the line. Newest blocks are kept made up, since many read them.
import { present } from '../../../core/src/assert.js';
import { decodeBlock } from '../../../core/src/block.js';
import { toHex } from '../../../core/src/bytes.js';
import type { NodePort } from '../../../rpc/src/ports.js';
import type { BlockTxView } from '../../../rpc/src/results/chain.js';
import type { ChainEvent, EventsOfBlock } from '../../../rpc/src/results/events.js';
import type { ReceiptView } from '../../../rpc/src/results/tx.js';
import type { NodeView } from '../view.js';
import { showReceipt, showSystemTx, showTx } from './show.js';

/** Blocks whose events are kept. */
const KEPT = 8;

export function eventsPart(view: NodeView): Pick<NodePort, 'events'> {
  const kept = new Map<bigint, EventsOfBlock>();
  return {
    events(height) {
      const known = kept.get(height);
      if (known !== undefined) return known;
      const made = height < 1n || height > view.tip().height ? undefined : eventsOf(view, height);
      if (made === undefined) return undefined;
      kept.set(height, made);
      for (const old of kept.keys()) if (kept.size > KEPT) kept.delete(old);
      return made;
    },
  };
}

function eventsOf(view: NodeView, height: bigint): EventsOfBlock | undefined {
  const bytes = view.blockBytes(height);
  const receipts = view.receiptsOf(height);
  if (bytes === undefined || receipts === undefined) return undefined;
  const block = present(decodeBlock(bytes), 'a stored block decodes');
  const { tag: _, ...header } = block.head;
  const txs = [
    ...block.systemTxs.map(showSystemTx),
    ...block.txs.map((tx) => showTx(view.chain.chainId, tx)),
  ];
  const byId = new Map(receipts.map((r) => [toHex(r.id), showReceipt(r)]));
  const events: ChainEvent[] = [
    { topic: 'headers', about: '', data: { hash: block.hash, ...header } },
    {
      topic: 'blocks',
      about: '',
      data: { hash: block.hash, height, time: header.time, transactions: txs.map((tx) => tx.id) },
    },
  ];
  for (const tx of txs) events.push(...eventsOfTx(tx, byId.get(toHex(tx.id)), { height }));
  return { height, events };
}

function* eventsOfTx(
  tx: BlockTxView,
  receipt: ReceiptView | undefined,
  { height }: { readonly height: bigint },
): Iterable<ChainEvent> {
  const { id, kind, sender, body } = tx;
  const { market, period } = body;
  if (typeof market === 'string' && market !== '') {
    const step = kind === 'system' ? { step: body.step } : {};
    const data = { type: kind, ...step, market, period: period ?? null, id, height };
    yield { topic: 'market', about: market, data };
  }
  const code = receipt?.code ?? 'OK';
  if (sender !== null)
    yield {
      topic: 'account',
      about: sender,
      data: { type: 'transaction', account: sender, id, kind, code, height },
    };
  for (const { kind: type, account, fields, before, after } of receipt?.lines ?? []) {
    const data = { type: 'line', account, id, height, line: { kind: type, fields, before, after } };
    yield { topic: 'account', about: account, data };
  }
}
