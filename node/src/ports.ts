// The least that the loop needs of the world: time, timers, links to peers, a place to stop.
import type { ProtocolError } from '../../core/src/errors.js';
import type { PublicKey } from '../../core/src/ids.js';

export interface NodeClock {
  /** Never goes back; for durations. */
  monotonicMs(): number;
  /** Chain time now (consensus 5.1). */
  chainNowMs(): bigint;
}

export interface Timers {
  after(ms: number, action: () => void): () => void;
}

/** Direct streams to admitted peers and gossip of transactions; see net/transport.ts. */
export interface Links {
  /** False where the peer is not connected or its buffer is full. */
  send(peer: PublicKey, frame: number, bytes: Uint8Array): boolean;
  broadcast(frame: number, bytes: Uint8Array): number;
  /** Gossips a batch; gives the number of peers it went to. */
  publish(bytes: Uint8Array): Promise<number>;
  request(peer: PublicKey, bytes: Uint8Array): Promise<Uint8Array>;
  connected(): readonly PublicKey[];
}

export interface Log {
  debug(data: object, message: string): void;
  info(data: object, message: string): void;
  warn(data: object, message: string): void;
  error(data: object, message: string): void;
}

/** What the loop counts; metrics.ts turns it into numbers. */
export interface Counters {
  finalBlock(facts: { readonly txs: number; readonly round: number; readonly bytes: number }): void;
  diskWrite(ms: number): void;
  refused(code: string): void;
  nilVote(code: string): void;
}

/** The node cannot go on: it stops cleanly with an exit code (74: a write failed). */
export type Stop = (error: ProtocolError) => void;
