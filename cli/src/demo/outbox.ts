// Transactions on their way: handed in in batches, to the nodes in turn; the same bytes again, to
// another node, when a call fails, when the answer is "unknown" or not yet, and when nothing of the
// transaction is seen in final blocks for a while. Until it is final or its window has passed.
import type { Answer, RpcClient } from '../network/client.js';
import type { NodePool } from './pool.js';
import type { Signed } from './wallet.js';

export type Kind =
  | 'seal'
  | 'reveal'
  | 'order'
  | 'adjust'
  | 'sign'
  | 'confirm'
  | 'list'
  | 'confirmListing'
  | 'reading';

export interface Parcel extends Signed {
  readonly kind: Kind;
  /** Chain ms before which it is not sent, and from which on it is given up. */
  readonly fromMs: number;
  readonly untilMs: number;
}

interface Entry extends Parcel {
  /** 'there': a node says that the chain has it; a block is still to show it. */
  state: 'waiting' | 'asked' | 'accepted' | 'there';
  /** Monotonic ms. */
  nextMs: number;
  acceptedAt: number | undefined;
  /** Of the first attempt; undefined: not sent yet. */
  firstAt: number | undefined;
  sentAt: number;
}

export interface OutboxCounts {
  final: number;
  /** Windows that passed before the transaction was final. */
  lost: number;
  readonly lostKinds: Record<string, number>;
  /** Refusals that ended a transaction, by code. */
  readonly refused: Record<string, number>;
  /** Wall ms from handing in to seen final. */
  readonly latenciesMs: number[];
}

const BATCH = 10;
const RETRY_MS = 60;
/** Accepted, but not final for so long: it may have died with the node. */
const PATIENCE_MS = 400;

/** Too early, or the node is behind: the same bytes may be taken a moment later. */
const NOT_YET = new Set([
  'NOT_YET_VALID',
  'WRONG_PHASE',
  'WRONG_PERIOD',
  'READING_PERIOD',
  'NO_ORDER',
  'NOT_APPROVED',
  // A contract that this node has not seen yet.
  'NOT_FOUND',
  'NOT_READY',
  'MEMPOOL_FULL',
  'QUOTA',
  'RPC_UNREACHABLE',
]);
const DONE = new Set(['DUPLICATE_TX', 'ALREADY_REVEALED', 'ALREADY_CONFIRMED', 'READING_REPLAYED']);
const RESTING = new Set(['asked', 'there']);

interface Submitted {
  readonly status: 'accepted' | 'rejected' | 'unknown';
  readonly code?: string | undefined;
}

export class Outbox {
  readonly counts: OutboxCounts = {
    final: 0,
    lost: 0,
    lostKinds: {},
    refused: {},
    latenciesMs: [],
  };
  /** From the first attempt to final, or until it was given up; wall ms. */
  readonly waitsMs: number[] = [];
  readonly #entries = new Map<string, Entry>();
  readonly #pool: NodePool;
  readonly #now: () => number;

  /** `now`: monotonic ms. */
  constructor(pool: NodePool, now: () => number) {
    this.#pool = pool;
    this.#now = now;
  }

  get size(): number {
    return this.#entries.size;
  }

  add(parcel: Parcel): void {
    if (this.#entries.has(parcel.id)) return;
    const entry: Entry = {
      ...parcel,
      state: 'waiting',
      nextMs: 0,
      acceptedAt: undefined,
      firstAt: undefined,
      sentAt: 0,
    };
    this.#entries.set(parcel.id, entry);
  }

  /** Sends what is due at a chain time; resolves when the answers are there. */
  async flush(chainNow: number): Promise<void> {
    const now = this.#now();
    this.#giveUp(chainNow);
    const due = [...this.#entries.values()].filter(
      (entry) => !RESTING.has(entry.state) && entry.fromMs <= chainNow && entry.nextMs <= now,
    );
    const batches: Promise<void>[] = [];
    for (let i = 0; i < due.length; i += BATCH)
      batches.push(this.#send(this.#pool.take(), due.slice(i, i + BATCH)));
    await Promise.all(batches);
  }

  /** A final block holds the transaction. */
  onFinal(id: string): void {
    const entry = this.#entries.get(id);
    if (entry === undefined) return;
    this.#entries.delete(id);
    this.counts.final++;
    this.#note(entry);
    const since = entry.acceptedAt ?? entry.sentAt;
    this.counts.latenciesMs.push(this.#now() - since);
  }

  #note({ firstAt }: Entry): void {
    if (firstAt !== undefined) this.waitsMs.push(this.#now() - firstAt);
  }

  #giveUp(chainNow: number): void {
    for (const entry of this.#entries.values()) {
      if (entry.untilMs > chainNow) continue;
      this.#entries.delete(entry.id);
      if (entry.state === 'there') continue;
      this.#note(entry);
      this.counts.lost++;
      this.counts.lostKinds[entry.kind] = (this.counts.lostKinds[entry.kind] ?? 0) + 1;
    }
  }

  async #send(client: RpcClient, entries: readonly Entry[]): Promise<void> {
    const sentAt = this.#now();
    for (const entry of entries) {
      entry.state = 'asked';
      entry.firstAt ??= sentAt;
      entry.sentAt = sentAt;
    }
    try {
      const answers = await client.batch(
        'tx_submit',
        entries.map(({ bytes }) => ({ bytes })),
      );
      entries.forEach((entry, i) => this.#take(entry, answers[i], sentAt));
    } catch {
      this.#pool.failed(client);
      for (const entry of entries) this.#again(entry, 0);
    }
  }

  #take(entry: Entry, answer: Answer<Submitted> | undefined, sentAt: number): void {
    if (answer === undefined) return this.#again(entry, RETRY_MS);
    const { status, code = '' } = answer.ok
      ? answer.result
      : { status: 'rejected' as const, code: answer.error.code };
    if (status === 'unknown' || NOT_YET.has(code)) return this.#again(entry, RETRY_MS);
    if (status === 'accepted') {
      entry.acceptedAt ??= sentAt;
      entry.state = 'accepted';
      entry.nextMs = this.#now() + PATIENCE_MS;
    } else if (DONE.has(code)) entry.state = 'there';
    else {
      this.#entries.delete(entry.id);
      this.counts.refused[code] = (this.counts.refused[code] ?? 0) + 1;
    }
  }

  #again(entry: Entry, pauseMs: number): void {
    entry.state = 'waiting';
    entry.nextMs = this.#now() + pauseMs;
  }
}
