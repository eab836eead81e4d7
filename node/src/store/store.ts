// Blocks, certificates, receipts, state leaves and indices on disk. A block is one atomic, synced
// batch (reliability D13); nothing of it may be shown to anyone before `commitBlock` resolves. What
// the bytes mean is the caller's business. The first write that fails is the last one: the process
// stops and recovers from disk (D16).
import { assert } from '../../../core/src/assert.js';
import { concatBytes, keyText, u32be } from '../../../core/src/bytes.js';
import {
  bin,
  decode,
  encode,
  oneOf,
  record,
  u64,
  type ValueOf,
} from '../../../core/src/codec/codec.js';
import { ProtocolError } from '../../../core/src/errors.js';
import type { Hash } from '../../../core/src/hash.js';
import { type Opened, seal, unseal } from './envelope.js';
import { heightKey, heightOfKey, keyIn, rangeOf, restOf, SPACE, type Space } from './keys.js';
import type { Kv, KvWrite } from './kv.js';

const tipField = record('tip', {
  tag: oneOf('tip/1'),
  height: u64,
  hash: bin<Hash>({ length: 32 }),
  stateRoot: bin<Hash>({ length: 32 }),
  /** Height of the first block here: 0 or 1, or that of an imported snapshot. */
  base: u64,
});
export type Tip = Omit<ValueOf<typeof tipField>, 'tag'>;

export interface BlockBatch {
  readonly height: bigint;
  readonly hash: Hash;
  readonly stateRoot: Hash;
  readonly blockBytes: Uint8Array;
  /** The commit certificate this node saw first (consensus 3a.2). */
  readonly certificateBytes: Uint8Array;
  readonly receiptsBytes: Uint8Array;
  /** Keys as the state names them (kind byte and key); absent value: deleted. */
  readonly stateWrites: readonly KvWrite[];
  /** In the order of the block. */
  readonly txIds: readonly Uint8Array[];
  /** Free-form: account journals and the like. */
  readonly indexWrites: readonly KvWrite[];
}

export interface TxLocation {
  readonly height: bigint;
  readonly index: number;
}

export interface StoredItem {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
  readonly height: bigint;
}

export interface ScanOptions {
  readonly prefix: Uint8Array;
  /** The `cursor` of the page before. */
  readonly after?: Uint8Array;
  readonly limit: number;
  readonly reverse?: boolean;
}

export interface ScanPage {
  readonly items: readonly StoredItem[];
  /** Where to go on; absent at the end. */
  readonly cursor?: Uint8Array;
}

export interface JournalEntry {
  readonly id: Uint8Array;
  readonly bytes: Uint8Array;
}

/** Takes the first write error; the node stops with exit code 74. */
export type OnFatal = (error: ProtocolError) => void;

export class BlockStore {
  readonly #kv: Kv;
  readonly #onFatal: OnFatal;
  #tip: Tip | undefined;
  #broken = false;
  #writes: Promise<void> = Promise.resolve();
  /** Ids in the journal, so that a block deletes only what is there. */
  readonly #journaled = new Set<string>();

  /** Throws STORE_DAMAGED where the tip is not readable. */
  constructor(kv: Kv, onFatal: OnFatal) {
    this.#kv = kv;
    this.#onFatal = onFatal;
    const opened = this.#get(SPACE.tip);
    if (opened === undefined) return;
    try {
      const { tag: _, ...tip } = decode(tipField, opened.payload, { maxBytes: 128 });
      this.#tip = tip;
    } catch {
      throw new ProtocolError('STORE_DAMAGED', 'the tip is not readable');
    }
  }

  /** The last block committed; undefined in an empty store. */
  tip(): Tip | undefined {
    return this.#tip;
  }

  /**
   * The next block, durable when it resolves. Rejects with STORE_WRITE; whether the batch is on the
   * disk then is unknown until the next start.
   */
  async commitBlock(batch: BlockBatch): Promise<void> {
    const { height, hash, stateRoot } = batch;
    assert(
      this.#tip === undefined || height === this.#tip.height + 1n,
      'blocks are stored in order',
    );
    const tip: Tip = { height, hash, stateRoot, base: this.#tip?.base ?? height };
    const dropped = batch.txIds.filter((id) => this.#journaled.has(keyText(id)));
    await this.#write(
      [...this.#blockWrites(batch), ...tipWrites(tip), ...dropped.map(journalDrop)],
      {
        sync: true,
      },
    );
    this.#tip = tip;
    for (const id of dropped) this.#journaled.delete(keyText(id));
  }

  #blockWrites(batch: BlockBatch): readonly KvWrite[] {
    const { height } = batch;
    const at = (key: Uint8Array, value: Uint8Array | undefined): KvWrite =>
      value === undefined ? { key } : seal(key, height, value);
    const within = (space: Space) => (w: KvWrite) => at(keyIn(space, w.key), w.value);
    return [
      at(heightKey(SPACE.block, height), batch.blockBytes),
      at(heightKey(SPACE.certificate, height), batch.certificateBytes),
      at(heightKey(SPACE.receipts, height), batch.receiptsBytes),
      at(keyIn(SPACE.heightOfHash, batch.hash), new Uint8Array(0)),
      ...batch.txIds.map((id, i) => at(keyIn(SPACE.locationOfTx, id), u32be(i))),
      ...batch.stateWrites.map(within(SPACE.state)),
      ...batch.indexWrites.map(within(SPACE.index)),
    ];
  }

  /** Proves nothing but "confirmed"; not synced. */
  async setCommitteeCertificate(height: bigint, bytes: Uint8Array): Promise<void> {
    const key = heightKey(SPACE.committeeCertificate, height);
    await this.#write([seal(key, height, bytes)], { sync: false });
  }

  block(height: bigint): Uint8Array | undefined {
    return this.#get(SPACE.block, height)?.payload;
  }
  certificate(height: bigint): Uint8Array | undefined {
    return this.#get(SPACE.certificate, height)?.payload;
  }
  receipts(height: bigint): Uint8Array | undefined {
    return this.#get(SPACE.receipts, height)?.payload;
  }
  committeeCertificate(height: bigint): Uint8Array | undefined {
    return this.#get(SPACE.committeeCertificate, height)?.payload;
  }
  heightOf(hash: Uint8Array): bigint | undefined {
    return this.#get(SPACE.heightOfHash, hash)?.height;
  }
  locationOf(txId: Uint8Array): TxLocation | undefined {
    const opened = this.#get(SPACE.locationOfTx, txId);
    if (opened === undefined) return undefined;
    const view = new DataView(opened.payload.buffer, opened.payload.byteOffset, 4);
    return { height: opened.height, index: view.getUint32(0) };
  }
  state(key: Uint8Array): Uint8Array | undefined {
    return this.#get(SPACE.state, key)?.payload;
  }
  index(key: Uint8Array): Uint8Array | undefined {
    return this.#get(SPACE.index, key)?.payload;
  }

  /** All state leaves in key order, page by page; every checksum checked. */
  async *states(): AsyncGenerator<readonly StoredItem[]> {
    for await (const page of this.#kv.pages(rangeOf(SPACE.state))) yield page.map(itemOf);
  }

  /** Heights of the stored blocks, ascending, read from the keys. */
  async *heights(): AsyncGenerator<bigint> {
    for await (const page of this.#kv.pages({ ...rangeOf(SPACE.block), keysOnly: true }))
      for (const [key] of page) yield heightOfKey(key);
  }

  /** One page of the index under a prefix. */
  async scanIndex(options: ScanOptions): Promise<ScanPage> {
    const { prefix, after, limit, reverse = false } = options;
    const whole = rangeOf(SPACE.index, prefix);
    const bound = after && keyIn(SPACE.index, after);
    const from = bound && !reverse ? concatBytes(bound, Uint8Array.of(0)) : whole.from;
    const to = bound && reverse ? bound : whole.to;
    const items: StoredItem[] = [];
    for await (const page of this.#kv.pages({ from, to, reverse, limit: limit + 1 }))
      items.push(...page.map(itemOf));
    if (items.length <= limit) return { items };
    const kept = items.slice(0, limit);
    return { items: kept, cursor: (kept.at(-1) as StoredItem).key };
  }

  /** Accepted transactions, for restarts. Not synced: the next block's batch makes them durable. */
  async journalTxs(entries: readonly JournalEntry[]): Promise<void> {
    const height = this.#tip?.height ?? 0n;
    const writes = entries.map(({ id, bytes }) => seal(keyIn(SPACE.journal, id), height, bytes));
    for (const { id } of entries) this.#journaled.add(keyText(id));
    await this.#write(writes, { sync: false });
  }

  /** What the journal holds, by id. Damaged entries are left out: the sender offers them again. */
  async readJournal(): Promise<readonly JournalEntry[]> {
    const entries: JournalEntry[] = [];
    for await (const page of this.#kv.pages(rangeOf(SPACE.journal)))
      for (const [key, value] of page) {
        this.#journaled.add(keyText(restOf(key)));
        const bytes = tryUnseal(key, value);
        if (bytes !== undefined) entries.push({ id: restOf(key), bytes });
      }
    return entries;
  }

  /** For transactions that ran out or became invalid; those in blocks leave by themselves. */
  async dropJournal(ids: readonly Uint8Array[]): Promise<void> {
    const there = ids.filter((id) => this.#journaled.delete(keyText(id)));
    if (there.length > 0) await this.#write(there.map(journalDrop), { sync: false });
  }

  /** Bytes on the disk. */
  rawSize(): number {
    return this.#kv.size();
  }

  /** After the writes under way. */
  async close(): Promise<void> {
    await this.#writes;
    await this.#kv.close();
  }

  #get(space: Space, rest?: Uint8Array | bigint): Opened | undefined {
    const key = typeof rest === 'bigint' ? heightKey(space, rest) : keyIn(space, rest);
    const value = this.#kv.get(key);
    return value === undefined ? undefined : unseal(key, value);
  }

  /** One after another, in the order of the calls. */
  #write(writes: readonly KvWrite[], { sync }: { sync: boolean }): Promise<void> {
    const done = this.#writes.then(async () => {
      if (this.#broken) throw new ProtocolError('STORE_WRITE', 'an earlier write failed');
      try {
        await this.#kv.write(writes, sync);
      } catch (cause) {
        this.#broken = true;
        const error = new ProtocolError('STORE_WRITE', `store: ${String(cause)}`);
        this.#onFatal(error);
        throw error;
      }
    });
    this.#writes = done.catch(() => undefined);
    return done;
  }
}

function tipWrites(tip: Tip): readonly KvWrite[] {
  return [seal(keyIn(SPACE.tip), tip.height, encode(tipField, { tag: 'tip/1', ...tip }))];
}

const journalDrop = (id: Uint8Array): KvWrite => ({ key: keyIn(SPACE.journal, id) });

function itemOf([key, value]: readonly [Uint8Array, Uint8Array]): StoredItem {
  const { payload, height } = unseal(key, value);
  return { key: restOf(key), value: payload, height };
}

function tryUnseal(key: Uint8Array, value: Uint8Array): Uint8Array | undefined {
  try {
    return unseal(key, value).payload;
  } catch {
    return undefined;
  }
}
