// A database in memory that passes the same tests as the one on disk, and fails on request.
import { toHex, compareBytes, fromHex } from '../../../core/src/bytes.js';
import { present } from '../../../core/src/assert.js';
import { ProtocolError } from '../../../core/src/errors.js';
import type { Kv, KvEntry, KvRange, KvWrite } from './kv.js';

const PAGE = 256;

export class MemoryKv implements Kv {
  #values = new Map<string, Uint8Array>();
  /** Set to make the next write fail as a full disk does; nothing of it is kept. */
  failNext = false;

  get(key: Uint8Array): Uint8Array | undefined {
    return this.#values.get(toHex(key));
  }

  async write(writes: readonly KvWrite[]): Promise<void> {
    if (this.failNext) {
      this.failNext = false;
      throw new ProtocolError('STORE_WRITE', 'the disk is full');
    }
    for (const { key, value } of writes)
      if (value === undefined) this.#values.delete(toHex(key));
      else this.#values.set(toHex(key), value.slice());
  }

  async *pages(range: KvRange): AsyncGenerator<readonly KvEntry[]> {
    const found: KvEntry[] = [];
    for (const [hex, value] of this.#values) {
      const key = present(fromHex(hex), 'keys are hex');
      if (compareBytes(key, range.from) >= 0 && compareBytes(key, range.to) < 0)
        found.push([key, range.keysOnly === true ? new Uint8Array(0) : value]);
    }
    found.sort(([a], [b]) => (range.reverse === true ? compareBytes(b, a) : compareBytes(a, b)));
    const wanted = found.slice(0, range.limit);
    for (let i = 0; i < wanted.length; i += PAGE) yield wanted.slice(i, i + PAGE);
  }

  size(): number {
    let bytes = 0;
    for (const [hex, value] of this.#values) bytes += hex.length / 2 + value.length;
    return bytes;
  }

  async close(): Promise<void> {}

  /** Flips one bit of a value, as rot does. */
  rot(key: Uint8Array, at: number): void {
    const value = present(this.get(key), 'a value to damage');
    value[at] = (value[at] as number) ^ 1;
  }

  copy(): MemoryKv {
    const out = new MemoryKv();
    for (const [hex, value] of this.#values) out.#values.set(hex, value.slice());
    return out;
  }
}
