// Block sync (consensus 8.1): a node that is behind asks peers for blocks with their certificates,
// several after each other; every certificate is verified before its block is executed, so that a
// lying peer costs time, never correctness.
import { decodeBlock } from '../../core/src/block.js';
import { fromHex, toHex } from '../../core/src/bytes.js';
import { encode } from '../../core/src/codec/codec.js';
import type { PublicKey } from '../../core/src/ids.js';
import { SYNC_MAX_BLOCKS, SYNC_MAX_BYTES } from '../../core/src/limits.js';
import { decodeCertificate } from '../../core/src/vote.js';
import type { ErrorCode } from '../../core/src/errors.js';
import type { Executor } from './executor.js';
import type { SyncedBlock } from './loop.js';
import type { Links, Log, Timers } from './ports.js';
import type { BlockStore } from './store/store.js';
import { readMessage, syncAnswer, syncRequest } from './wire.js';

export interface SyncNeeds {
  readonly executor: Executor;
  readonly store: BlockStore;
  readonly links: Links;
  readonly timers: Timers;
  readonly log: Log;
  readonly push: (synced: SyncedBlock) => void;
}

/** A peer that gave a bad block is not asked again for a while, ms. */
const SHUN_MS = 30_000;
const RETRY_MS = 200;

export class Sync {
  readonly #needs: SyncNeeds;
  readonly #shunned = new Set<string>();
  #target = 0n;
  #busy = false;
  #next = 0;

  constructor(needs: SyncNeeds) {
    this.#needs = needs;
  }

  get running(): boolean {
    return this.#busy;
  }

  /** Somebody is at `height`; blocks below it can be had. */
  request(height: bigint, peer: string | undefined): void {
    if (height > this.#target) this.#target = height;
    if (this.#busy) return;
    this.#busy = true;
    void this.#run(peer).finally(() => {
      this.#busy = false;
    });
  }

  #tip(): bigint {
    return this.#needs.executor.at.parent.height;
  }

  async #run(first: string | undefined): Promise<void> {
    let preferred = first;
    for (let misses = 0; this.#tip() < this.#target && misses < 20; ) {
      const peer = this.#choose(preferred);
      preferred = undefined;
      const got = peer === undefined ? 0 : await this.#ask(peer);
      if (got > 0) misses = 0;
      else {
        misses += 1;
        await new Promise<void>((resolve) => this.#needs.timers.after(RETRY_MS, resolve));
      }
    }
    // What could not be had is asked for again when somebody tells of it.
    this.#target = this.#tip();
  }

  #choose(preferred: string | undefined): PublicKey | undefined {
    const peers = this.#needs.links.connected().filter((key) => !this.#shunned.has(toHex(key)));
    const wanted = preferred === undefined ? undefined : fromHex(preferred, 32);
    const named = wanted && peers.find((key) => toHex(key) === preferred);
    return named ?? peers[this.#next++ % Math.max(1, peers.length)];
  }

  /** Number of blocks taken over. */
  async #ask(peer: PublicKey): Promise<number> {
    const { links, log } = this.#needs;
    const from = this.#tip() + 1n;
    const request = encode(syncRequest, { from, count: SYNC_MAX_BLOCKS });
    let answer: Uint8Array;
    try {
      answer = await links.request(peer, request);
    } catch {
      return 0;
    }
    const read = readMessage(syncAnswer, answer);
    let taken = 0;
    for (const item of read?.blocks ?? []) {
      const refusal = await this.#take(item);
      if (refusal !== undefined) {
        log.warn({ peer: toHex(peer).slice(0, 8), code: refusal }, 'sync: bad block');
        this.#shun(peer);
        break;
      }
      taken += 1;
    }
    return this.#tip() >= from ? taken : 0;
  }

  #shun(peer: PublicKey): void {
    const name = toHex(peer);
    this.#shunned.add(name);
    this.#needs.timers.after(SHUN_MS, () => this.#shunned.delete(name));
  }

  #take(item: { block: Uint8Array; certificate: Uint8Array }): Promise<ErrorCode | undefined> {
    const block = decodeBlock(item.block);
    const certificate = decodeCertificate(item.certificate);
    if (block === undefined || certificate === undefined) return Promise.resolve('BAD_BLOCK');
    return new Promise((done) => this.#needs.push({ kind: 'synced', block, certificate, done }));
  }

  /** Answer to a peer that is behind. */
  serve(bytes: Uint8Array): Uint8Array {
    const request = readMessage(syncRequest, bytes);
    const blocks: { block: Uint8Array; certificate: Uint8Array }[] = [];
    let size = 0;
    const count = Math.min(request?.count ?? 0, SYNC_MAX_BLOCKS);
    for (let i = 0; i < count; i++) {
      const height = (request?.from ?? 0n) + BigInt(i);
      if (height > this.#tip() || height < 1n) break;
      const block = this.#needs.store.block(height);
      const certificate = this.#needs.store.certificate(height);
      if (block === undefined || certificate === undefined) break;
      size += block.length + certificate.length;
      if (blocks.length > 0 && size > SYNC_MAX_BYTES - 64 * 1024) break;
      blocks.push({ block, certificate });
    }
    return encode(syncAnswer, { blocks });
  }
}
