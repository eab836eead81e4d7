// Who may connect at all (consensus 1.4): the peer id is proven by the handshake, and nothing else
// is spoken with a key that is not admitted. Who is admitted is decided by the chain's state.
import type { PeerKey } from '../transport.js';
import { type PeerId, peerKeyOf } from './keys.js';

export class Gate {
  #admitted: ReadonlySet<PeerKey> = new Set();

  /** The keys that lost their admission and those that gained it. */
  replace(keys: Iterable<PeerKey>): { revoked: readonly PeerKey[]; gained: readonly PeerKey[] } {
    const before = this.#admitted;
    const after = new Set(keys);
    this.#admitted = after;
    return {
      revoked: [...before].filter((key) => !after.has(key)),
      gained: [...after].filter((key) => !before.has(key)),
    };
  }

  admits(key: PeerKey | undefined): boolean {
    return key !== undefined && this.#admitted.has(key);
  }

  /** For libp2p's `connectionGater`. */
  readonly gater = {
    denyDialPeer: (peerId: PeerId): boolean => this.#denies(peerId),
    denyInboundEncryptedConnection: (peerId: PeerId): boolean => this.#denies(peerId),
    denyOutboundEncryptedConnection: (peerId: PeerId): boolean => this.#denies(peerId),
    // libp2p refuses private addresses by default in some builds; ours are configured by hand.
    denyDialMultiaddr: (): boolean => false,
  };

  #denies(peerId: Parameters<typeof peerKeyOf>[0]): boolean {
    return !this.admits(peerKeyOf(peerId));
  }
}
