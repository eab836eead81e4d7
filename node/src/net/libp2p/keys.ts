// Public keys of the chain and peer ids of libp2p are the same thing in two spellings.
import './polyfill.js';
import { publicKeyFromRaw } from '@libp2p/crypto/keys';
import { peerIdFromPublicKey } from '@libp2p/peer-id';
import { assert } from '../../../../core/src/assert.js';
import { fromHex, toHex } from '../../../../core/src/bytes.js';
import { PUBLIC_KEY_BYTES } from '../../../../core/src/ids.js';
import type { PeerKey } from '../transport.js';

export type PeerId = ReturnType<typeof peerIdFromPublicKey>;

/** The peer id of an admitted key. */
export function peerIdOf(key: PeerKey): PeerId {
  const raw = fromHex(key, PUBLIC_KEY_BYTES);
  assert(raw !== undefined, 'a peer key is 32 bytes of hex');
  return peerIdFromPublicKey(publicKeyFromRaw(raw));
}

/** The key inside a peer id; undefined where it is not an Ed25519 key. */
export function peerKeyOf(peerId: {
  readonly type: string;
  readonly publicKey?: { readonly raw: Uint8Array } | undefined;
}): PeerKey | undefined {
  if (peerId.type !== 'Ed25519' || peerId.publicKey === undefined) return undefined;
  return toHex(peerId.publicKey.raw);
}
