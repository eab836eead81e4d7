// What the store needs of a database: ordered keys, synchronous reads, atomic batches. Two of them:
// level.ts (disk) and memory.ts (tests, simulator). Nothing here knows what is stored.

export interface KvWrite {
  readonly key: Uint8Array;
  /** Absent: the key is deleted. */
  readonly value?: Uint8Array | undefined;
}

export interface KvRange {
  /** First key. */
  readonly from: Uint8Array;
  /** First key after the range. */
  readonly to: Uint8Array;
  readonly reverse?: boolean;
  /** At most so many; default all. */
  readonly limit?: number;
  /** Values are left empty. */
  readonly keysOnly?: boolean;
}

export type KvEntry = readonly [key: Uint8Array, value: Uint8Array];

export interface Kv {
  get(key: Uint8Array): Uint8Array | undefined;
  /** All or nothing. With `sync` it is on the disk when the promise resolves. */
  write(writes: readonly KvWrite[], sync: boolean): Promise<void>;
  /** In key order (reverse: descending), in pages of some hundred entries. */
  pages(range: KvRange): AsyncIterable<readonly KvEntry[]>;
  /** Bytes on the disk, or in memory. */
  size(): number;
  close(): Promise<void>;
}
