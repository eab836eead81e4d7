// Verifies batches of signatures off the event loop: in threads, or inline in slices that let the
// loop turn. Six processes that share two cores gain nothing from threads, so small machines verify
// inline (ecosystem section 2: 53 us per signature, two threads 35k/s).
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { ProtocolError } from '../../../core/src/errors.js';
import type { CryptoBackend } from './backend.js';
import { type VerifyItem, packItems, verifyPacked } from './verifyJob.js';

export type { VerifyItem } from './verifyJob.js';

export interface VerifierOptions {
  readonly backend: CryptoBackend;
  /** Threads; 0 verifies inline. */
  readonly workers: number;
}

export interface Verifier {
  readonly workers: number;
  /** Verdicts in the order of the items. Rejects (NOT_READY) only after `close`. */
  verifyBatch(items: readonly VerifyItem[]): Promise<boolean[]>;
  /** For tests: ends a thread in the middle of its work. */
  killOneWorker(): Promise<void>;
  close(): Promise<void>;
}

/** Signatures per turn of the loop inline: about 2 ms with libsodium. */
const INLINE_SLICE = 32;
/** Signatures per message to a thread. */
const THREAD_SLICE = 128;

/** One core is left to the loop; two or fewer verify inline. */
export const defaultWorkers = (cores: number = availableParallelism()): number =>
  cores <= 2 ? 0 : cores - 1;

interface Job {
  readonly id: number;
  readonly items: readonly VerifyItem[];
  readonly done: (verdicts: Uint8Array) => void;
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const inlineVerifier = (backend: CryptoBackend): Verifier => ({
  workers: 0,
  async verifyBatch(items) {
    const out: boolean[] = [];
    for (let i = 0; i < items.length; i++) {
      if (i > 0 && i % INLINE_SLICE === 0) await nextTurn();
      const { publicKey, message, signature } = items[i] as VerifyItem;
      out.push(backend.verify(publicKey, message, signature));
    }
    return out;
  },
  async killOneWorker() {},
  async close() {},
});

/** A thread with the jobs it was given; a dead one hands them back. */
class Thread {
  readonly jobs = new Map<number, Job>();
  readonly worker: Worker;
  constructor(backendName: string, onDeath: (thread: Thread) => void) {
    this.worker = new Worker(new URL('./verifyWorker.js', import.meta.url), {
      workerData: backendName,
    });
    this.worker.on('message', ({ id, verdicts }: { id: number; verdicts: Uint8Array }) => {
      const job = this.jobs.get(id);
      this.jobs.delete(id);
      job?.done(verdicts);
    });
    this.worker.on('error', () => onDeath(this));
    this.worker.on('exit', () => onDeath(this));
  }
  take(job: Job): void {
    this.jobs.set(job.id, job);
    const packed = packItems(job.items);
    this.worker.postMessage({ id: job.id, packed }, [packed.buffer]);
  }
}

class PoolVerifier implements Verifier {
  readonly workers: number;
  readonly #threads = new Set<Thread>();
  readonly #backend: CryptoBackend;
  #nextId = 0;
  #closed = false;

  constructor({ backend, workers }: VerifierOptions) {
    this.#backend = backend;
    this.workers = workers;
    for (let i = 0; i < workers; i++)
      this.#threads.add(new Thread(backend.name, (thread) => this.#onDeath(thread)));
  }

  async verifyBatch(items: readonly VerifyItem[]): Promise<boolean[]> {
    const slices: Promise<Uint8Array>[] = [];
    for (let i = 0; i < items.length; i += THREAD_SLICE)
      slices.push(this.#run(items.slice(i, i + THREAD_SLICE)));
    return (await Promise.all(slices)).flatMap((verdicts) => [...verdicts].map((v) => v === 1));
  }

  #run(items: readonly VerifyItem[]): Promise<Uint8Array> {
    if (this.#closed) throw new ProtocolError('NOT_READY', 'the verifier is closed');
    return new Promise((done) => this.#place({ id: this.#nextId++, items, done }));
  }

  /** To the thread with the fewest jobs; inline when none is left. */
  #place(job: Job): void {
    let idlest: Thread | undefined;
    for (const thread of this.#threads)
      if (idlest === undefined || thread.jobs.size < idlest.jobs.size) idlest = thread;
    if (idlest === undefined) job.done(verifyPacked(this.#backend, packItems(job.items)));
    else idlest.take(job);
  }

  #onDeath(thread: Thread): void {
    if (!this.#threads.delete(thread)) return;
    for (const job of thread.jobs.values()) this.#place(job);
    thread.jobs.clear();
  }

  async killOneWorker(): Promise<void> {
    for (const thread of this.#threads) {
      await thread.worker.terminate();
      return;
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#threads].map((thread) => thread.worker.terminate()));
  }
}

export const createVerifier = (options: VerifierOptions): Verifier =>
  options.workers === 0 ? inlineVerifier(options.backend) : new PoolVerifier(options);
