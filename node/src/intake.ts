// The way of a transaction into the mempool: size, decode, known, rules on the final state, room,
// then the signature, in batches that let the event loop turn. Those of clients are journaled and
// gossiped; those of peers are not passed on by hand (gossip does that).
import { encode } from '../../core/src/codec/codec.js';
import { type ErrorCode, ProtocolError } from '../../core/src/errors.js';
import type { PublicKey } from '../../core/src/ids.js';
import { MAX_GOSSIP_BATCH, MAX_GOSSIP_BYTES } from '../../core/src/limits.js';
import { Slab } from '../../core/src/slab.js';
import { decodeTx, overBytes, type Tx } from '../../core/src/tx.js';
import { admissionRefusal } from '../../state/src/tx/rules.js';
import { isInChain } from '../../state/src/tx/replay.js';
import { ACCOUNTS } from '../../state/src/schema.js';
import type { World } from '../../state/src/world.js';
import type { Verifier } from './crypto/verifier.js';
import type { Executor } from './executor.js';
import type { Mempool } from './mempool.js';
import type { Counters, Links, NodeClock } from './ports.js';
import type { BlockStore } from './store/store.js';
import type { SubmitResult } from './view.js';
import { FRAMES, txsMessage } from './wire.js';

export interface IntakeNeeds {
  readonly executor: Executor;
  readonly mempool: Mempool;
  readonly verifier: Verifier;
  readonly links: Links;
  readonly store: BlockStore;
  readonly clock: NodeClock;
  readonly counters: Counters;
  /** Chain ms by which a window may begin ahead of the own clock. */
  readonly driftMs: bigint;
  readonly onAdded: () => void;
  /** A chain of one node: there is nobody to hand a transaction to. */
  readonly isAlone: boolean;
}

interface Offer {
  readonly bytes: Uint8Array;
  /** Given for those of clients. */
  readonly answer: ((result: SubmitResult) => void) | undefined;
}

interface Candidate extends Offer {
  readonly tx: Tx;
  readonly key: PublicKey;
}

/** Offers taken in one turn of the event loop. */
const SLICE = 128;
/** Pending transactions given to a peer that connects. */
const MAX_GREETING = 2000;
/** Transactions of about this many bytes share their memory while they wait. */
const SLAB_BYTES = 4096;
/** Offers that may wait; more are refused at once. */
const MAX_WAITING = 20_000;

export class Intake {
  readonly #needs: IntakeNeeds;
  readonly #slab = new Slab(SLAB_BYTES);
  #waiting: Offer[] = [];
  #busy = false;

  constructor(needs: IntakeNeeds) {
    this.#needs = needs;
  }

  submit(bytes: Uint8Array): Promise<SubmitResult> {
    return new Promise((answer) => this.#offer({ bytes, answer }));
  }

  /** From peers: nobody waits for an answer. */
  offer(batch: readonly Uint8Array[]): void {
    for (const bytes of batch) this.#offer({ bytes, answer: undefined });
  }

  /**
   * A peer that has just connected is offered what waits here: it missed what was spread before.
   */
  greet(peer: PublicKey): void {
    const { mempool, links } = this.#needs;
    const waiting = [...mempool.candidates()].slice(0, MAX_GREETING);
    for (const batch of batchesOf(waiting)) {
      const txs = batch.map(({ bytes }) => bytes);
      links.send(peer, FRAMES.txs, encode(txsMessage, { txs }));
    }
  }

  #offer(offer: Offer): void {
    if (this.#waiting.length >= MAX_WAITING) {
      offer.answer?.({ id: undefined, status: 'rejected', code: 'MEMPOOL_FULL' });
      return;
    }
    this.#waiting.push(offer);
    if (this.#busy) return;
    this.#busy = true;
    setImmediate(() => void this.#drain());
  }

  async #drain(): Promise<void> {
    try {
      while (this.#waiting.length > 0) {
        const slice = this.#waiting.slice(0, SLICE);
        this.#waiting = this.#waiting.slice(SLICE);
        await this.#takeSlice(slice);
      }
    } finally {
      this.#busy = false;
    }
  }

  async #takeSlice(slice: readonly Offer[]): Promise<void> {
    const candidates: Candidate[] = [];
    const world = this.#needs.executor.world();
    for (const offer of slice) {
      const candidate = this.#screen(offer, world);
      if (candidate !== undefined) candidates.push(candidate);
    }
    if (candidates.length === 0) return;
    const verified = await this.#verified(candidates);
    const good: Candidate[] = [];
    for (const candidate of verified) {
      const { tx, answer } = candidate;
      // In a block that became final meanwhile: here it would wait until its window ends.
      if (isInChain(world, tx.id)) answer?.({ id: tx.id, status: 'accepted' });
      else good.push(candidate);
    }
    for (const { tx, key } of good) this.#needs.mempool.add(tx, key);
    if (good.length > 0) this.#needs.onAdded();
    await this.#passOn(good.filter((candidate) => candidate.answer !== undefined));
  }

  /** Those whose signature is good. */
  async #verified(candidates: readonly Candidate[]): Promise<readonly Candidate[]> {
    const { mempool, verifier } = this.#needs;
    const isNew = candidates.map(({ tx, key }) => !mempool.isVerified(key, tx));
    const fresh = candidates.filter((_, i) => isNew[i]);
    const verdicts = await verifier.verifyBatch(
      fresh.map(({ tx, key }) => ({
        publicKey: key,
        message: tx.signedBytes,
        signature: tx.signature,
      })),
    );
    const bad = new Set(fresh.filter((_, i) => verdicts[i] !== true));
    for (const candidate of bad) this.#refuse(candidate, 'BAD_SIGNATURE', candidate.tx);
    return bad.size === 0 ? candidates : candidates.filter((candidate) => !bad.has(candidate));
  }

  /** Everything but the signature; undefined where it goes no further. */
  #screen(offer: Offer, world: World): Candidate | undefined {
    const { executor, mempool, clock, driftMs } = this.#needs;
    const { chain } = executor.at;
    if (offer.bytes.length > chain.consensus.maxTxBytes)
      return this.#refuse(offer, 'TOO_LARGE', undefined);
    // Its own bytes: those of the message, or of a block that came first, are many transactions.
    const bytes = this.#slab.copy(offer.bytes);
    const known = mempool.known(bytes);
    const tx = known === undefined ? decodeTx(chain.chainId, bytes) : overBytes(known, bytes);
    if (tx === undefined) return this.#refuse(offer, 'BAD_ENCODING', undefined);
    if (mempool.has(tx.id)) {
      offer.answer?.({ id: tx.id, status: 'accepted' });
      return undefined;
    }
    const nowMs = clock.chainNowMs();
    const times = { nowMs, tipMs: executor.at.parent.timeMs, driftMs };
    const refusal = admissionRefusal({ world, chain, ...times }, tx) ?? mempool.refusal(tx);
    if (refusal !== undefined) return this.#refuse(offer, refusal, tx);
    const key = world.get(ACCOUNTS, tx.sender)?.publicKey;
    if (key === undefined) return this.#refuse(offer, 'UNKNOWN_SENDER', tx);
    return { bytes, answer: offer.answer, tx, key };
  }

  #refuse(offer: Offer, code: ErrorCode, tx: Tx | undefined): undefined {
    this.#needs.counters.refused(code);
    // One that is in the chain already keeps its place there.
    if (offer.answer !== undefined && tx !== undefined && code !== 'DUPLICATE_TX')
      this.#needs.mempool.refuse(tx.id, code);
    offer.answer?.({ id: tx?.id, status: 'rejected', code });
    return undefined;
  }

  /** Journal, gossip, answer. */
  async #passOn(own: readonly Candidate[]): Promise<void> {
    if (own.length === 0) return;
    const { store, links } = this.#needs;
    try {
      await store.journalTxs(own.map(({ tx }) => ({ id: tx.id, bytes: tx.bytes })));
    } catch (cause) {
      if (!(cause instanceof ProtocolError)) throw cause;
      for (const { answer, tx } of own) answer?.({ id: tx.id, status: 'unknown' });
      return;
    }
    let reached = 0;
    for (const batch of batchesOf(own)) {
      const txs = batch.map(({ bytes }) => bytes);
      reached = Math.max(reached, await links.publish(encode(txsMessage, { txs })));
    }
    const status = reached > 0 || this.#needs.isAlone ? 'accepted' : 'unknown';
    for (const { answer, tx } of own) answer?.({ id: tx.id, status });
  }
}

/** Batches that fit a gossip message. */
function* batchesOf<T extends { readonly bytes: Uint8Array }>(
  own: readonly T[],
): Iterable<readonly T[]> {
  let batch: T[] = [];
  let bytes = 0;
  for (const candidate of own) {
    const size = candidate.bytes.length + 8;
    if (batch.length === MAX_GOSSIP_BATCH || bytes + size > MAX_GOSSIP_BYTES - 1024) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(candidate);
    bytes += size;
  }
  if (batch.length > 0) yield batch;
}
