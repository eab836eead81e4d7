// Files and folders that a command makes. What the disk refuses carries a code, as in read.ts.
import { mkdirSync, type WriteFileOptions, writeFileSync } from 'node:fs';
import { ProtocolError } from '../../core/src/errors.js';

function refuse(path: string, cause: unknown): never {
  const { code = 'unknown' } = cause as NodeJS.ErrnoException;
  const shown = path.length > MAX_SHOWN ? `${path.slice(0, MAX_SHOWN)}...` : path;
  throw new ProtocolError('FILE_FORMAT', `${shown}: cannot be written (${code})`);
}
const MAX_SHOWN = 200;

/** Throws FILE_FORMAT. */
export function writeText(path: string, text: string, options: WriteFileOptions = {}): void {
  try {
    writeFileSync(path, text, options);
  } catch (error) {
    refuse(path, error);
  }
}

/** A folder that only its owner reads, and those above it. Throws FILE_FORMAT. */
export function makeFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
  } catch (error) {
    refuse(path, error);
  }
}
