// LevelDB through classic-level. It opens silently over damaged logs and tables, so nothing read
// from it is believed without the envelope's checksum and the check at start (check.ts).
// `repair()` is never called (reliability D18).
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ClassicLevel } from 'classic-level';
import { ProtocolError } from '../../../core/src/errors.js';
import type { Kv, KvEntry, KvRange, KvWrite } from './kv.js';

type Bytes = Uint8Array;
type Db = ClassicLevel<Bytes, Bytes>;

const PAGE = 512;
const MIB = 1024 * 1024;

function openError(path: string, cause: unknown): ProtocolError {
  const inner = (cause as { cause?: { code?: string; message?: string } }).cause;
  const text = inner?.message ?? String(cause);
  if (inner?.code === 'LEVEL_LOCKED')
    return new ProtocolError('STORE_LOCKED', `${path}: used by another process`, { path });
  return new ProtocolError('STORE_DAMAGED', `${path}: ${text}`, { path });
}

/** LevelDB notices some damage itself, now and then. */
const readError = (path: string, cause: unknown): ProtocolError =>
  new ProtocolError('STORE_DAMAGED', `${path}: ${(cause as Error).message}`, { path });

/** Opens or creates the database. Throws STORE_LOCKED or STORE_DAMAGED. */
export async function openLevel(path: string): Promise<Kv> {
  const db: Db = new ClassicLevel<Bytes, Bytes>(path, {
    keyEncoding: 'view',
    valueEncoding: 'view',
    // Hashes and signatures do not compress, but names, numbers and layouts of receipts do: 28 %
    // fewer bytes on the disk for the same CPU (bench/fullPath.ts).
    compression: true,
    writeBufferSize: 16 * MIB,
    maxFileSize: 8 * MIB,
  });
  try {
    await db.open();
  } catch (cause) {
    throw openError(path, cause);
  }
  return {
    get(key) {
      try {
        return db.getSync(key);
      } catch (cause) {
        throw readError(path, cause);
      }
    },
    write: (writes, sync) => writeBatch(db, writes, sync),
    pages: (range) => pages(db, range),
    size: () => directorySize(path),
    close: () => db.close(),
  };
}

/** Chained: 5 us per write where an array of operations costs 18. */
async function writeBatch(db: Db, writes: readonly KvWrite[], sync: boolean): Promise<void> {
  const batch = db.batch();
  for (const { key, value } of writes)
    if (value === undefined) batch.del(key);
    else batch.put(key, value);
  await batch.write({ sync });
}

async function* pages(db: Db, range: KvRange): AsyncGenerator<readonly KvEntry[]> {
  const { from, to, reverse = false, limit = -1, keysOnly = false } = range;
  const iterator = db.iterator({ gte: from, lt: to, reverse, limit, values: !keysOnly });
  try {
    for (;;) {
      const page = await iterator.nextv(PAGE).catch((cause: unknown) => {
        throw readError(db.location, cause);
      });
      if (page.length === 0) return;
      yield keysOnly ? page.map(([key]) => [key, new Uint8Array(0)] as const) : page;
    }
  } finally {
    await iterator.close();
  }
}

function directorySize(path: string): number {
  let bytes = 0;
  for (const name of readdirSync(path))
    bytes += statSync(join(path, name), { throwIfNoEntry: false })?.size ?? 0;
  return bytes;
}
