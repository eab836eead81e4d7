// Binds the transport (peers named by hex) to what the node's parts need (peers named by key).
import { fromHex, toHex } from '../../core/src/bytes.js';
import { ProtocolError } from '../../core/src/errors.js';
import { present } from '../../core/src/assert.js';
import type { PublicKey } from '../../core/src/ids.js';
import type { LinkEvents, OpenLinks } from './node.js';
import type { PeerAddress, Transport, TransportHandlers } from './net/transport.js';

const keyOf = (name: string): PublicKey =>
  present(fromHex(name, 32), 'a peer is named by its key') as PublicKey;

const REQUEST_TIMEOUT_MS = 5000;

export interface LinkOptions {
  readonly create: (handlers: TransportHandlers) => Promise<Transport>;
  readonly admitted: readonly PublicKey[];
  readonly peers: readonly PeerAddress[];
}

export interface AddressedLinks extends OpenLinks {
  readonly transport: Transport;
}

/** Starts the transport; frames that are not of the agreed form are counted by the caller. */
export async function openLinks(options: LinkOptions, events: LinkEvents): Promise<AddressedLinks> {
  const transport = await options.create({
    onPeer: (event, peer) => {
      if (event === 'connected') events.onConnected(keyOf(peer.key));
    },
    onDirect: (peer, type, bytes) => {
      if (!events.onFrame(keyOf(peer), type, bytes))
        throw new ProtocolError('WIRE_FORMAT', 'a frame of a form this node does not know', {
          type,
        });
    },
    onGossip: (_peer, bytes) => events.onTxs(bytes),
    onRequest: async (peer, bytes) => events.onRequest(keyOf(peer), bytes),
  });
  transport.setAdmitted(options.admitted.map(toHex));
  await transport.start();
  transport.setPeers(options.peers);
  return {
    transport,
    send: (peer, frame, bytes) => transport.send(toHex(peer), frame, bytes),
    broadcast: (frame, bytes) => transport.broadcast(frame, bytes),
    publish: (bytes) => transport.publish(bytes),
    request: (peer, bytes) =>
      transport.request(toHex(peer), bytes, { timeoutMs: REQUEST_TIMEOUT_MS }),
    connected: () => transport.peers().map((peer) => keyOf(peer.key)),
    close: () => transport.stop(),
  };
}
