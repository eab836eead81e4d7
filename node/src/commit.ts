// A final block goes to disk in one synced batch, then becomes the tip, then is told of (D13, D15).
import { receiptsField } from '../../core/src/block.js';
import type { Block } from '../../core/src/block.js';
import { concatBytes, keyText } from '../../core/src/bytes.js';
import { encode } from '../../core/src/codec/codec.js';
import { present } from '../../core/src/assert.js';
import { type Certificate, encodeCertificate } from '../../core/src/vote.js';
import type { LeafWrite } from '../../state/src/world.js';
import type { Executor } from './executor.js';
import type { Mempool } from './mempool.js';
import type { Counters, NodeClock } from './ports.js';
import type { BlockStore } from './store/store.js';
import type { FinalBlock } from './view.js';

export interface CommitNeeds {
  readonly executor: Executor;
  readonly store: BlockStore;
  readonly mempool: Mempool;
  readonly clock: NodeClock;
  readonly counters: Counters;
  /** Leaves of genesis: they go to disk with block 1. */
  readonly genesisWrites: readonly LeafWrite[];
}

export class Committer {
  readonly #needs: CommitNeeds;
  readonly #listeners = new Set<(final: FinalBlock) => void>();
  #confirmedHeight = 0n;
  /** Encoded commit certificate of the tip; none before block 1. */
  tipCertificate: Uint8Array;

  constructor(needs: CommitNeeds) {
    this.#needs = needs;
    const { height } = needs.executor.at.parent;
    this.#confirmedHeight = height;
    this.tipCertificate = needs.store.certificate(height) ?? new Uint8Array(0);
  }

  get confirmedHeight(): bigint {
    const tip = this.#needs.executor.at.parent.height;
    return this.#confirmedHeight > tip ? this.#confirmedHeight : tip;
  }

  onFinal(listener: (final: FinalBlock) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** A committee certificate was seen: kept beside the block, proves nothing but "confirmed". */
  confirmed(certificate: Certificate): undefined {
    const { height } = certificate;
    if (height > this.#confirmedHeight) this.#confirmedHeight = height;
    const bytes = encodeCertificate(certificate);
    // A failed write has already told the store's owner to stop.
    void this.#needs.store.setCommitteeCertificate(height, bytes).catch(() => undefined);
    return undefined;
  }

  async commit(block: Block, certificate: Certificate): Promise<void> {
    const { executor, store, mempool, clock, counters, genesisWrites } = this.#needs;
    const executed = present(executor.outcomeOf(block.hash), 'a final block was executed');
    const certificateBytes = encodeCertificate(certificate);
    const started = clock.monotonicMs();
    const writes =
      block.head.height === 1n ? overlaid(genesisWrites, executed.writes) : executed.writes;
    await store.commitBlock({
      height: block.head.height,
      hash: block.hash,
      stateRoot: block.head.stateRoot,
      blockBytes: block.bytes,
      certificateBytes,
      receiptsBytes: encode(receiptsField, executed.receipts),
      stateWrites: writes.map(({ kind, key, value }) => {
        const name = concatBytes(Uint8Array.of(kind), key);
        return value === undefined ? { key: name } : { key: name, value };
      }) as never,
      txIds: executed.txs.map((tx) => tx.id),
      indexWrites: [],
    });
    counters.diskWrite(clock.monotonicMs() - started);
    executor.advance(block.hash, certificateBytes);
    this.tipCertificate = certificateBytes;
    for (const tx of executed.txs) mempool.remove(tx.id);
    mempool.forgetGuests();
    const facts = { txs: executed.txs.length, round: certificate.round, bytes: block.bytes.length };
    counters.finalBlock(facts);
    for (const tell of this.#listeners)
      tell({ block, txs: executed.txs, receipts: executed.receipts, certificate });
  }
}

function overlaid(first: readonly LeafWrite[], then: readonly LeafWrite[]): readonly LeafWrite[] {
  const byKey = new Map<string, LeafWrite>();
  for (const write of [...first, ...then]) byKey.set(`${write.kind}/${keyText(write.key)}`, write);
  return [...byKey.values()];
}
