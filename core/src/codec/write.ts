// Writes canonical bytes (conventions "Bytes"): the counterpart of scan.ts, for values that this
// program made itself. A third of the time of a general encoder, because it knows our grammar alone
// and needs no memory of its own for each value (docs/decisions/0017). test/codec holds it to what
// msgpackr writes.
import { assert } from '../assert.js';

/** One value of the grammar: nested arrays of these. */
export type Wire = number | bigint | boolean | null | string | Uint8Array | readonly Wire[];

/** Memory is taken in pieces of this size; a longer value gets a piece of its own. */
const PIECE_BYTES = 8192;
/** Up to here a loop is faster than the call that copies. */
const LOOP_BYTES = 64;
const MOST = (1n << 64n) - 1n;
const LEAST = -(1n << 63n);

let piece = new Uint8Array(new ArrayBuffer(PIECE_BYTES));
let view = new DataView(piece.buffer);
/** Where the value under way begins, and where the next byte goes. */
let start = 0;
let at = 0;

/** Canonical bytes of a wire value, in memory of their own. */
export function encodeWire(wire: Wire): Uint8Array {
  start = at;
  value(wire);
  const bytes = piece.slice(start, at);
  // Nobody else saw where it was written.
  at = start;
  leaveLongPiece();
  return bytes;
}

/**
 * The same as part of a piece of memory that others share: for what is sent, hashed or copied soon.
 * Whoever keeps them keeps the piece, of 8 kB or of their own length.
 */
export function encodeShared(wire: Wire): Uint8Array {
  start = at;
  value(wire);
  const bytes = piece.subarray(start, at);
  leaveLongPiece();
  return bytes;
}

/** What follows a long value takes a piece of the usual size, and does not keep this one. */
function leaveLongPiece(): void {
  if (piece.length > PIECE_BYTES) at = piece.length;
}

/** Makes sure that `bytes` more fit; what is begun moves to the new piece. */
function room(bytes: number): void {
  if (at + bytes <= piece.length) return;
  const begun = piece.subarray(start, at);
  const size = Math.max(PIECE_BYTES, 2 * (begun.length + bytes));
  piece = new Uint8Array(new ArrayBuffer(size));
  view = new DataView(piece.buffer);
  piece.set(begun);
  start = 0;
  at = begun.length;
}

function value(wire: Wire): void {
  switch (typeof wire) {
    case 'number':
      return integer(wire);
    case 'bigint':
      return wide(wire);
    case 'string':
      return text(wire);
    case 'boolean':
      return byte(wire ? 0xc3 : 0xc2);
    default:
  }
  if (wire === null) return byte(0xc0);
  if (wire instanceof Uint8Array) return bin(wire);
  assert(Array.isArray(wire), 'only values of the grammar are written');
  list(wire as readonly Wire[]);
}

function byte(b: number): void {
  room(1);
  piece[at++] = b;
}

function integer(n: number): void {
  assert(Number.isInteger(n) && n >= -0x8000_0000 && n <= 0xffff_ffff, 'u32 or i32');
  assert(!Object.is(n, -0), 'not the negative zero');
  room(5);
  if (n >= -32 && n < 0x80) piece[at++] = n;
  else if (n >= 0) unsigned(n, 0xcc);
  else signed(n);
}

/** `type` is that of one byte; those of two and four follow it. */
function unsigned(n: number, type: number): void {
  if (n < 0x100) {
    piece[at++] = type;
    piece[at++] = n;
  } else if (n < 0x1_0000) {
    piece[at++] = type + 1;
    view.setUint16(at, n);
    at += 2;
  } else {
    piece[at++] = type + 2;
    view.setUint32(at, n);
    at += 4;
  }
}

function signed(n: number): void {
  if (n >= -0x80) {
    piece[at++] = 0xd0;
    piece[at++] = n;
  } else if (n >= -0x8000) {
    piece[at++] = 0xd1;
    view.setInt16(at, n);
    at += 2;
  } else {
    piece[at++] = 0xd2;
    view.setInt32(at, n);
    at += 4;
  }
}

/** 64 bits always, unsigned only where signed cannot hold it. */
function wide(n: bigint): void {
  assert(n <= MOST && n >= LEAST, 'within 64 bits');
  room(9);
  view.setBigUint64(at + 1, n);
  const high = (piece[at + 1] as number) >= 0x80;
  piece[at] = high && n > 0n ? 0xcf : 0xd3;
  at += 9;
}

function text(t: string): void {
  const { length } = t;
  room(5 + length);
  if (length < 32) piece[at++] = 0xa0 | length;
  else unsigned(length, 0xd9);
  for (let i = 0; i < length; i++) {
    const code = t.charCodeAt(i);
    assert(code < 0x80, 'ASCII');
    piece[at++] = code;
  }
}

function bin(bytes: Uint8Array): void {
  const { length } = bytes;
  room(5 + length);
  unsigned(length, 0xc4);
  if (length <= LOOP_BYTES) for (let i = 0; i < length; i++) piece[at + i] = bytes[i] as number;
  else piece.set(bytes, at);
  at += length;
}

function list(items: readonly Wire[]): void {
  const { length } = items;
  room(5);
  if (length < 16) piece[at++] = 0x90 | length;
  else if (length < 0x1_0000) {
    piece[at++] = 0xdc;
    view.setUint16(at, length);
    at += 2;
  } else {
    piece[at++] = 0xdd;
    view.setUint32(at, length);
    at += 4;
  }
  for (let i = 0; i < length; i++) value(items[i] as Wire);
}
