// Memory for many short byte strings. An array of more than 64 bytes of its own costs 1 us and work
// of the collector; a part of a larger piece costs a tenth.

/** A longer one gets memory of its own. */
const LONGEST_PART = 1024;

export class Slab {
  private readonly pieceBytes: number;
  private piece = new Uint8Array(0);
  private at = 0;

  /** Whoever keeps one part for long keeps a whole piece of this size. */
  constructor(pieceBytes: number) {
    this.pieceBytes = pieceBytes;
  }

  /** Bytes that nobody else holds; all zero. */
  take(length: number): Uint8Array {
    if (length > LONGEST_PART) return new Uint8Array(length);
    if (this.at + length > this.piece.length) {
      this.piece = new Uint8Array(this.pieceBytes);
      this.at = 0;
    }
    const from = this.at;
    this.at += length;
    return this.piece.subarray(from, this.at);
  }

  copy(bytes: Uint8Array): Uint8Array {
    const out = this.take(bytes.length);
    out.set(bytes);
    return out;
  }
}
