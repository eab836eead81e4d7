// A small file that is written in place and synced before anything depends on it. Synchronous on
// purpose: these writes stand between a decision and a signature. What is in the file is decided
// by twoSlots.ts.
import {
  closeSync,
  existsSync,
  fdatasyncSync,
  fstatSync,
  fsyncSync,
  openSync,
  readSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { ProtocolError } from '../../../core/src/errors.js';

export interface Device {
  /** Up to `length` bytes from `offset`; fewer at the end of the file. */
  read(offset: number, length: number): Uint8Array;
  write(offset: number, bytes: Uint8Array): void;
  /** Returns when everything written before is on the disk. */
  sync(): void;
  close(): void;
}

/** A directory entry is durable only once the directory itself is synced. */
export function syncDirectory(path: string): void {
  const fd = openSync(path, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

function readFully(fd: number, out: Uint8Array, offset: number): number {
  let at = 0;
  while (at < out.length) {
    const count = readSync(fd, out, at, out.length - at, offset + at);
    if (count === 0) break;
    at += count;
  }
  return at;
}

function writeFully(fd: number, bytes: Uint8Array, offset: number): void {
  for (let at = 0; at < bytes.length; )
    at += writeSync(fd, bytes, at, bytes.length - at, offset + at);
}

/** Opens the file, or creates it (mode 0600) and syncs its directory. */
export function openFileDevice(path: string): Device {
  const isNew = !existsSync(path);
  const fd = openSync(path, isNew ? 'wx+' : 'r+', 0o600);
  if (isNew) {
    fsyncSync(fd);
    syncDirectory(dirname(path));
  }
  return {
    read(offset, length) {
      const size = Math.max(0, Math.min(length, fstatSync(fd).size - offset));
      const out = new Uint8Array(size);
      return out.subarray(0, readFully(fd, out, offset));
    },
    write: (offset, bytes) => writeFully(fd, bytes, offset),
    // Data and size; the times of the file do not matter.
    sync: () => fdatasyncSync(fd),
    close: () => closeSync(fd),
  };
}

/** In memory, for tests and the simulator; `lose` is a power cut: what was not synced is gone. */
export class MemoryDevice implements Device {
  #durable = new Uint8Array(0);
  #volatile = new Uint8Array(0);
  /** Set to make the next write or sync fail as a disk does. */
  failNext: 'write' | 'sync' | undefined;

  read(offset: number, length: number): Uint8Array {
    return this.#volatile.slice(offset, offset + length);
  }
  write(offset: number, bytes: Uint8Array): void {
    this.#fail('write');
    const size = Math.max(this.#volatile.length, offset + bytes.length);
    const next = new Uint8Array(size);
    next.set(this.#volatile);
    next.set(bytes, offset);
    this.#volatile = next;
  }
  sync(): void {
    this.#fail('sync');
    this.#durable = this.#volatile.slice();
  }
  close(): void {}
  lose(): void {
    this.#volatile = this.#durable.slice();
  }
  /** Flips bits of one byte, in memory and on the disk. */
  rot(offset: number, mask = 1): void {
    for (const bytes of [this.#volatile, this.#durable])
      if (offset < bytes.length) bytes[offset] = (bytes[offset] as number) ^ mask;
  }
  #fail(kind: 'write' | 'sync'): void {
    if (this.failNext !== kind) return;
    this.failNext = undefined;
    throw new ProtocolError('STORE_WRITE', `${kind} failed`);
  }
}
