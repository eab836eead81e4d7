// How far this machine's clock is from those of its peers (consensus 5.3): the median over the
// statuses of connected peers, each compared when it arrived. For people and alarms; no rule asks.
import { toHex } from '../../core/src/bytes.js';
import type { PublicKey } from '../../core/src/ids.js';

export class PeerClocks {
  /** Own clock less the peer's, chain ms, by peer. */
  readonly #ahead = new Map<string, bigint>();

  note(peer: PublicKey, clocks: { readonly ownMs: bigint; readonly peerMs: bigint }): void {
    this.#ahead.set(toHex(peer), clocks.ownMs - clocks.peerMs);
  }

  /** Own clock against the median of these peers', wall ms; undefined where none has told. */
  offsetMs(connected: readonly PublicKey[], rate: number): bigint | undefined {
    const known = connected
      .flatMap((key) => this.#ahead.get(toHex(key)) ?? [])
      .sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
    const median = known[known.length >> 1];
    return median === undefined ? undefined : median / BigInt(rate);
  }
}
