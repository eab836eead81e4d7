// The socket on which a node tells of events.
import { WebSocket } from 'ws';
import type { Socket } from '../../rpc/src/follow.js';
import type { NodeAddress } from './client.js';

export function openSocket({ url, token }: NodeAddress): Socket {
  const address = `${url.replace(/^http/, 'ws')}/ws`;
  const headers = { authorization: `Bearer ${token}` };
  return new WebSocket(address, { headers }) as unknown as Socket;
}
