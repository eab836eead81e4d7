// Events of a chain, over as many connections as it takes: after a break it goes on from the last
// cursor, at the same node or the next in the list. What a socket is, the caller says (`ws` in
// Node, WebSocket in a browser).
import { ProtocolError } from '../../core/src/errors.js';
import { errorOf } from './client.js';
import type { Json } from './encode.js';

/** The least of a WebSocket; both `ws` and browsers have it. */
export interface Socket {
  onopen: ((event: never) => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: never) => void) | null;
  onerror: ((event: never) => void) | null;
  send(text: string): void;
  close(): void;
}

export interface FollowedEvent {
  /** "height:index" */
  readonly cursor: string;
  readonly topic: string;
  readonly data: Readonly<Record<string, Json>>;
}

export interface FollowOptions {
  /** A new connection; the argument counts the attempts, so that a caller may take turns. */
  connect(attempt: number): Socket;
  readonly topics: readonly string[];
  /** Goes on after this event; undefined: from the next block. */
  readonly cursor?: string | undefined;
  onEvent(event: FollowedEvent): void;
  /** The node refuses the subscription; following has ended. */
  onRefused?(error: ProtocolError): void;
  /** Wall ms between attempts. */
  readonly retryMs?: number;
}

interface Message {
  readonly id?: unknown;
  readonly result?: { readonly cursor?: string };
  readonly error?: { readonly code: number; readonly message: string };
  readonly method?: string;
  readonly params?: FollowedEvent;
}

/** Starts to follow; gives the way to stop. */
export function followEvents(options: FollowOptions): () => void {
  let { cursor } = options;
  let attempt = 0;
  let stopped = false;
  let socket: Socket | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const stop = (): void => {
    stopped = true;
    clearTimeout(timer);
    socket?.close();
  };
  const take = (message: Message): void => {
    if (message.error !== undefined) {
      stop();
      options.onRefused?.(errorOf(message.error));
    } else if (message.id === 1) {
      cursor ??= message.result?.cursor;
    } else if (message.method === 'event' && message.params !== undefined) {
      cursor = message.params.cursor;
      options.onEvent(message.params);
    }
  };
  const open = (): void => {
    const now = options.connect(attempt++);
    socket = now;
    now.onopen = () => {
      const params = { topics: options.topics, ...(cursor !== undefined && { cursor }) };
      now.send(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'events_subscribe', params }));
    };
    now.onmessage = ({ data }) => {
      if (!stopped) take(JSON.parse(String(data)) as Message);
    };
    now.onerror = () => now.close();
    now.onclose = () => {
      if (!stopped) timer = setTimeout(open, options.retryMs ?? 500);
    };
  };
  open();
  return stop;
}
