// One WebSocket: requests in, answers and events out. What a slow or greedy client costs is
// bounded: calls under way, bytes that wait for it, subscriptions.
import type { WebSocket } from '@fastify/websocket';
import { RPC_MAX_CALLS, RPC_MAX_REPLY_BYTES } from '../../core/src/limits.js';
import type { Session } from './access.js';
import type { Dispatch } from './dispatch.js';
import { faultText, refusal } from './envelope.js';
import type { NodePort } from './ports.js';
import { createSubscriptions } from './subscriptions.js';

export interface ConnectionNeeds {
  readonly port: NodePort;
  readonly session: Session;
  readonly dispatch: Dispatch;
  readonly onBug?: ((error: unknown, where: string) => void) | undefined;
}

/** WebSocket close code "try again later". */
const CLOSE_LIMIT = 1013;

export function createConnection(socket: WebSocket, needs: ConnectionNeeds): void {
  let calls = 0;
  const send = (text: string): void => {
    if (socket.readyState === socket.OPEN) socket.send(text);
  };
  const drop = (why: string): void => {
    send(faultText(null, refusal('RPC_LIMIT', why)));
    socket.close(CLOSE_LIMIT, `RPC_LIMIT: ${why}`.slice(0, 120));
    // A client that reads nothing does not answer the close either.
    setTimeout(() => socket.terminate(), 2000).unref();
  };
  const subscriptions = createSubscriptions({
    port: needs.port,
    send,
    drop,
    waiting: () => socket.bufferedAmount,
    onBug: (error) => needs.onBug?.(error, 'event'),
  });
  socket.on('close', () => subscriptions.close());
  socket.on('error', () => socket.terminate());
  socket.on('message', (data, isBinary) => {
    if (socket.readyState !== socket.OPEN) return;
    if (isBinary) return drop('text messages only');
    if (calls >= RPC_MAX_CALLS) return drop('too many calls under way');
    if (socket.bufferedAmount > RPC_MAX_REPLY_BYTES) return drop('answers are not read');
    calls += 1;
    const { port, session } = needs;
    void needs
      .dispatch(String(data), { port, session, subscriber: subscriptions })
      .then((answer) => {
        calls -= 1;
        if (answer !== undefined) send(answer);
      });
    return undefined;
  });
}
