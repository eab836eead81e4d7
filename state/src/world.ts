// A typed view of the key space: tables over a base, with an overlay that a block writes and that
// is either taken over whole or forgotten. Iteration is always sorted by key bytes (reliability
// D6).
import { compareBytes, concatBytes, keyText, u64be, utf8ToBytes } from '../../core/src/bytes.js';
import { encode, type Field } from '../../core/src/codec/codec.js';
import { assert } from '../../core/src/assert.js';

/** One kind of leaf of the state tree. */
export interface Table<K, V> {
  /** Number in the path of the leaf; once used it keeps its meaning. */
  readonly kind: number;
  readonly name: string;
  readonly keyBytes: (key: K) => Uint8Array;
  /** The key of a stored leaf. */
  readonly readKey: (bytes: Uint8Array, value: V) => K;
  readonly value: Field<V>;
  /** Name of the group a key belongs to, for iteration. */
  readonly group?: (key: K) => string;
  /** What a leaf stands for, where it is looked for by these and not by its key. */
  readonly members?: (value: V) => Iterable<string>;
  /** What the reference page says. */
  readonly about: string;
}

export interface Entry<K, V> {
  readonly key: K;
  readonly keyBytes: Uint8Array;
  readonly value: V;
}

/** A key of several parts; text is preceded by its length so that parts cannot run together. */
export function joinKey(...parts: readonly (Uint8Array | bigint | string)[]): Uint8Array {
  return concatBytes(
    ...parts.map((part) => {
      if (typeof part === 'bigint') return u64be(part);
      if (typeof part !== 'string') return part;
      return concatBytes(Uint8Array.of(part.length), utf8ToBytes(part));
    }),
  );
}

/** Takes a joined key apart again. */
export class KeyReader {
  private at = 0;
  private readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  text(): string {
    const length = this.bytes[this.at] as number;
    const text = keyText(this.bytes.subarray(this.at + 1, this.at + 1 + length));
    this.at += 1 + length;
    return text;
  }

  u64(): bigint {
    const view = new DataView(this.bytes.buffer, this.bytes.byteOffset + this.at, 8);
    this.at += 8;
    return view.getBigUint64(0);
  }

  rest<T extends Uint8Array>(): T {
    return this.bytes.slice(this.at) as T;
  }

  bytesOf<T extends Uint8Array>(length: number): T {
    const part = this.bytes.slice(this.at, this.at + length) as T;
    this.at += length;
    return part;
  }
}

interface TableData {
  readonly entries: Map<string, Entry<unknown, unknown>>;
  readonly groups: Map<string, Set<string>>;
  readonly members: Set<string>;
}

type AnyTable = Table<unknown, unknown>;

/** The decided state, decoded and in memory. Only `take` changes it. */
export class BaseState {
  private readonly tables = new Map<number, TableData>();

  private data(table: AnyTable): TableData {
    let data = this.tables.get(table.kind);
    if (data === undefined) {
      data = { entries: new Map(), groups: new Map(), members: new Set() };
      this.tables.set(table.kind, data);
    }
    return data;
  }

  find(table: AnyTable, text: string): Entry<unknown, unknown> | undefined {
    return this.data(table).entries.get(text);
  }

  /** Keys of a group, or of the whole table. */
  keys(table: AnyTable, group: string | undefined): Iterable<string> {
    const data = this.data(table);
    return group === undefined ? data.entries.keys() : (data.groups.get(group) ?? []);
  }

  groups(table: AnyTable): Iterable<string> {
    return this.data(table).groups.keys();
  }

  isMember(table: AnyTable, member: string): boolean {
    return this.data(table).members.has(member);
  }

  put(table: AnyTable, entry: Entry<unknown, unknown>): void {
    const data = this.data(table);
    const text = keyText(entry.keyBytes);
    if (table.members !== undefined) {
      assert(!data.entries.has(text), 'a leaf with members is written once');
      for (const member of table.members(entry.value)) data.members.add(member);
    }
    data.entries.set(text, entry);
    if (table.group === undefined) return;
    const name = table.group(entry.key);
    const group = data.groups.get(name);
    if (group === undefined) data.groups.set(name, new Set([text]));
    else group.add(text);
  }

  remove(table: AnyTable, text: string): void {
    const data = this.data(table);
    const entry = data.entries.get(text);
    data.entries.delete(text);
    if (entry === undefined) return;
    for (const member of table.members?.(entry.value) ?? []) data.members.delete(member);
    if (table.group === undefined) return;
    const name = table.group(entry.key);
    const group = data.groups.get(name);
    group?.delete(text);
    if (group?.size === 0) data.groups.delete(name);
  }
}

interface Change {
  readonly table: AnyTable;
  readonly key: unknown;
  readonly keyBytes: Uint8Array;
  readonly value: unknown;
}

/** One leaf as it is after a block: what goes to disk and into the tree. */
export interface LeafWrite {
  readonly kind: number;
  readonly key: Uint8Array;
  /** undefined: the leaf goes. */
  readonly value: Uint8Array | undefined;
}

/** Reads through to the base; writes stay here until they are taken over. */
export class World {
  private readonly changes = new Map<number, Map<string, Change>>();
  private readonly base: BaseState;
  /** Undo list while a transaction is tried. */
  private journal: { text: string; kind: number; before: Change | undefined }[] | undefined;

  constructor(base: BaseState) {
    this.base = base;
  }

  get<K, V>(table: Table<K, V>, key: NoInfer<K>): V | undefined {
    const text = keyText(table.keyBytes(key));
    const change = this.changes.get(table.kind)?.get(text);
    if (change !== undefined) return change.value as V | undefined;
    return this.base.find(table as AnyTable, text)?.value as V | undefined;
  }

  /** Whether a decided leaf of the table has the member: not those that this world writes. */
  isMember<K, V>(table: Table<K, V>, member: string): boolean {
    return this.base.isMember(table as AnyTable, member);
  }

  set<K, V>(table: Table<K, V>, key: NoInfer<K>, value: NoInfer<V>): void {
    this.write(table as AnyTable, key, value);
  }

  delete<K, V>(table: Table<K, V>, key: NoInfer<K>): void {
    this.write(table as AnyTable, key, undefined);
  }

  private write(table: AnyTable, key: unknown, value: unknown): void {
    const keyBytes = table.keyBytes(key);
    const text = keyText(keyBytes);
    let changes = this.changes.get(table.kind);
    if (changes === undefined) {
      changes = new Map();
      this.changes.set(table.kind, changes);
    }
    this.journal?.push({ text, kind: table.kind, before: changes.get(text) });
    changes.set(text, { table, key, keyBytes, value });
  }

  /** All entries of a table, or of one of its groups, in ascending key bytes. */
  entries<K, V>(table: Table<K, V>, group?: string): readonly Entry<K, V>[] {
    assert(group === undefined || table.group !== undefined, 'a table without groups');
    const changes = this.changes.get(table.kind);
    const found: Entry<unknown, unknown>[] = [];
    for (const text of this.base.keys(table as AnyTable, group)) {
      if (changes?.has(text)) continue;
      const entry = this.base.find(table as AnyTable, text);
      if (entry !== undefined) found.push(entry);
    }
    for (const change of changes?.values() ?? []) {
      if (change.value === undefined) continue;
      if (group !== undefined && table.group?.(change.key as K) !== group) continue;
      found.push({ key: change.key, keyBytes: change.keyBytes, value: change.value });
    }
    found.sort((a, b) => compareBytes(a.keyBytes, b.keyBytes));
    return found as unknown as readonly Entry<K, V>[];
  }

  /**
   * Groups below `limit` of a table whose groups are numbers, ascending: those of the base that
   * still have an entry here. What this world has written itself is not old.
   */
  oldGroups<K, V>(table: Table<K, V>, limit: bigint): readonly bigint[] {
    const changes = this.changes.get(table.kind);
    const stands = (text: string): boolean => {
      const change = changes?.get(text);
      return change === undefined || change.value !== undefined;
    };
    const old: bigint[] = [];
    for (const name of this.base.groups(table as AnyTable)) {
      const group = BigInt(name);
      if (group >= limit) continue;
      for (const text of this.base.keys(table as AnyTable, name)) {
        if (!stands(text)) continue;
        old.push(group);
        break;
      }
    }
    return old.sort((a, b) => (a < b ? -1 : 1));
  }

  /**
   * Runs `action`; where it returns false, everything it wrote is undone. For a boundary step that
   * turns out to be more work than its block has left.
   */
  attempt(action: () => boolean): boolean {
    assert(this.journal === undefined, 'attempts do not nest');
    this.journal = [];
    const done = action();
    const journal = this.journal;
    this.journal = undefined;
    if (done) return true;
    for (const { text, kind, before } of journal.reverse()) {
      const changes = this.changes.get(kind);
      if (before === undefined) changes?.delete(text);
      else changes?.set(text, before);
    }
    return false;
  }

  /** Changed leaves with their canonical values; those that end as they began are left out. */
  leafWrites(): readonly LeafWrite[] {
    const writes: LeafWrite[] = [];
    for (const [kind, changes] of this.changes) {
      for (const [text, change] of changes) {
        const old = this.base.find(change.table, text);
        if (change.value === undefined && old === undefined) continue;
        if (old !== undefined && old.value === change.value) continue;
        const value =
          change.value === undefined ? undefined : encode(change.table.value, change.value);
        writes.push({ kind, key: change.keyBytes, value });
      }
    }
    return writes;
  }

  /** Old and new value of everything this world changed in one table. */
  changed<K, V>(table: Table<K, V>): readonly { before: V | undefined; after: V | undefined }[] {
    const out: { before: V | undefined; after: V | undefined }[] = [];
    for (const [text, change] of this.changes.get(table.kind) ?? []) {
      const before = this.base.find(table as AnyTable, text)?.value as V | undefined;
      out.push({ before, after: change.value as V | undefined });
    }
    return out;
  }

  /** Makes the writes part of the base. The world must not be used afterwards. */
  takeOver(): void {
    for (const changes of this.changes.values()) {
      for (const [text, change] of changes) {
        if (change.value === undefined) this.base.remove(change.table, text);
        else this.base.put(change.table, change);
      }
    }
    this.changes.clear();
  }
}
