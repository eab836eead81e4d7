// Files that a command is given. Refusals carry the code that the command ends with.
import { readFileSync, statSync } from 'node:fs';
import { type ErrorCode, ProtocolError } from '../../core/src/errors.js';

function refuse(code: ErrorCode, file: string, why: string): never {
  throw new ProtocolError(code, `${file}: ${why}`, { file });
}

/** The bytes of a file of at most `maxBytes`. Throws NOT_FOUND, TOO_LARGE, FILE_FORMAT. */
export function readBytes(file: string, maxBytes: number): Uint8Array {
  try {
    const { size } = statSync(file);
    if (size > maxBytes) refuse('TOO_LARGE', file, `more than ${maxBytes} bytes`);
    return readFileSync(file);
  } catch (error) {
    if (error instanceof ProtocolError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ENOENT'
      ? refuse('NOT_FOUND', file, 'no such file')
      : refuse('FILE_FORMAT', file, `cannot be read (${code ?? 'unknown'})`);
  }
}

/** The text of a UTF-8 file; other bytes are refused with FILE_FORMAT. */
export function readText(file: string, maxBytes: number): string {
  const bytes = readBytes(file, maxBytes);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return refuse('FILE_FORMAT', file, 'not UTF-8 text');
  }
}
