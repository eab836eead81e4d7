// The store in a data directory. One process at a time: LevelDB's lock file holds the second off.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { openLevel } from './level.js';
import { BlockStore, type OnFatal } from './store.js';

export const STORE_DIR = 'store';

/** Throws STORE_LOCKED or STORE_DAMAGED. Call `checkStore` before anything is believed. */
export async function openStore(dataDir: string, onFatal: OnFatal): Promise<BlockStore> {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const kv = await openLevel(join(dataDir, STORE_DIR));
  try {
    return new BlockStore(kv, onFatal);
  } catch (error) {
    await kv.close();
    throw error;
  }
}
