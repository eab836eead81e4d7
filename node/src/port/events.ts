// What a final block tells (events_subscribe), in one order: 0 its header, 1 the block, then per
// transaction, system transactions first: what it means for a market, for its sender, and each line
// of its receipt for the account of the line. Newest blocks are kept, as far as they were made up,
// since many read them.
import { present } from '../../../core/src/assert.js';
import { type Block, decodeBlock } from '../../../core/src/block.js';
import { toHex } from '../../../core/src/bytes.js';
import { sha256 } from '../../../core/src/hash.js';
import { txIdOf } from '../../../core/src/tx.js';
import type { NodePort } from '../../../rpc/src/ports.js';
import type { BlockTxView } from '../../../rpc/src/results/chain.js';
import type { ChainEvent, EventsOfBlock } from '../../../rpc/src/results/events.js';
import type { ReceiptView } from '../../../rpc/src/results/tx.js';
import type { NodeView } from '../view.js';
import { blockBytesOf, headerOf } from './read.js';
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
  const isKept = view.stateOf(height) !== undefined || view.blockBytes(height) !== undefined;
  if (!isKept) return undefined;
  const { head, hash } = headerOf(view, height);
  const { tag: _, ...fields } = head;
  const header: ChainEvent = { topic: 'headers', about: '', data: { hash, ...fields } };
  const blockPart = once(() => {
    const block = present(decodeBlock(blockBytesOf(view, height)), 'a stored block decodes');
    const ids = block.txs.map((tx) => txIdOf(view.chain.chainId, tx));
    const transactions = [...block.systemTxs.map((tx) => sha256(tx)), ...ids];
    const data = { hash, height, time: head.time, transactions };
    return { block, events: [header, { topic: 'blocks' as const, about: '', data }] };
  });
  const all = once(() => {
    const { block, events } = blockPart();
    return [...events, ...eventsOfTxs(view, block)];
  });
  return {
    height,
    upTo: (topic) =>
      topic === 'headers' ? [header] : topic === 'blocks' ? blockPart().events : all(),
  };
}

/** What `make` gives, made at the first call. */
function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

function eventsOfTxs(view: NodeView, block: Block): readonly ChainEvent[] {
  const { height } = block.head;
  const receipts = present(view.receiptsOf(height), 'a stored block has its receipts');
  const byId = new Map(receipts.map((r) => [toHex(r.id), showReceipt(r)]));
  const txs = [
    ...block.systemTxs.map(showSystemTx),
    ...block.txs.map((tx) => showTx(view.chain.chainId, tx)),
  ];
  return txs.flatMap((tx) => [...eventsOfTx(tx, byId.get(toHex(tx.id)), { height })]);
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
