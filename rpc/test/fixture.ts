// A server over a test chain, with tokens of every scope; requests without sockets.
import type { InjectOptions } from 'fastify';
import { FakeView } from '../../node/test/fakeView.js';
import { createNodePort } from '../../node/src/port/port.js';
import { testGenesis } from '../../state/test/harness.js';
import type { TokenEntry } from '../src/access.js';
import { createRpcServer, type RpcOptions, type RpcServer } from '../src/server.js';

export const TOKENS: readonly TokenEntry[] = [
  { token: 'reader', scopes: ['read'] },
  { token: 'trader', scopes: ['trade'] },
  { token: 'operator', scopes: ['operate'] },
  { token: 'all', scopes: ['read', 'trade', 'operate'] },
  { token: 'none', scopes: [] },
];

export interface Fixture {
  readonly view: FakeView;
  readonly server: RpcServer;
  readonly bugs: unknown[];
  post(body: unknown, options?: InjectOptions): Promise<{ status: number; body: string }>;
  /** Result or error of one call. */
  ask(method: string, params?: object, token?: string): Promise<Answered>;
}

export interface Answered {
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly code: number; readonly message: string; readonly data?: object };
}

export const headersOf = (token: string): Record<string, string> => ({
  'content-type': 'application/json',
  authorization: `Bearer ${token}`,
  host: '127.0.0.1:1',
});

export async function fixture(options: Partial<RpcOptions> = {}): Promise<Fixture> {
  const view = new FakeView(testGenesis(['ann', 'bob']));
  const bugs: unknown[] = [];
  const port = createNodePort(view, { metrics: async () => 'busbar_height 1\n' });
  const onBug = (bug: unknown): void => {
    bugs.push(bug);
  };
  const server = await createRpcServer({ port, tokens: TOKENS, onBug, ...options });
  const post = async (body: unknown, inject: InjectOptions = {}) => {
    const payload = typeof body === 'string' ? body : JSON.stringify(body);
    const headers = { ...headersOf('all'), ...inject.headers };
    const response = await server.app.inject({
      method: 'POST',
      url: '/',
      ...inject,
      headers,
      payload,
    });
    return { status: response.statusCode, body: response.body };
  };
  const ask = async (method: string, params: object = {}, token = 'all') => {
    const request = { jsonrpc: '2.0', id: 1, method, params };
    const { body } = await post(request, { headers: headersOf(token) });
    return JSON.parse(body) as Answered;
  };
  return { view, server, bugs, post, ask };
}
