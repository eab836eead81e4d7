// The HTTP and WebSocket server of a node: POST /, /ws, /metrics, /health, /ready. Loopback unless
// the operator says otherwise; every answer but the two health checks wants a token. What methods
// do is not decided here (methods/), nor how a request is read (dispatch.ts).
import websocket from '@fastify/websocket';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { ProtocolError } from '../../core/src/errors.js';
import { RPC_MAX_BODY_BYTES } from '../../core/src/limits.js';
import { createAccess, type FindSession, type Session, type TokenEntry } from './access.js';
import { createConnection } from './connection.js';
import { createDispatch, type Dispatch, type DispatchOptions } from './dispatch.js';
import { faultText, refusal } from './envelope.js';
import { type GuardOptions, isForeign, isJson, LOCAL_HOSTS, refuseOrigin } from './guard.js';
import { METHODS } from './methods/table.js';
import type { NodePort } from './ports.js';

export interface RpcOptions {
  readonly port: NodePort;
  readonly tokens: readonly TokenEntry[];
  /** Address to listen on; beyond loopback only with `exposed`. */
  readonly address?: string;
  /** TCP port; 0: any free one. */
  readonly tcpPort?: number;
  readonly exposed?: boolean;
  /** Further names by which the server may be called. */
  readonly hosts?: readonly string[];
  readonly origins?: readonly string[];
  readonly onBug?: DispatchOptions['onBug'];
  readonly onCall?: DispatchOptions['onCall'];
}

export interface RpcServer {
  /** For tests: requests without a socket. */
  readonly app: FastifyInstance;
  /** Starts to listen; gives the URL. */
  listen(): Promise<string>;
  close(): Promise<void>;
}

interface Shared {
  readonly options: RpcOptions;
  readonly guard: GuardOptions;
  readonly dispatch: Dispatch;
  readonly findSession: FindSession;
}

const LOOPBACK = /^(127\.|::1$|localhost$)/;

function checkAddress({ address, exposed }: RpcOptions): void {
  if (address === undefined || LOOPBACK.test(address) || exposed === true) return;
  throw new ProtocolError(
    'CONFIG',
    'the interface would be open to the network; say so (exposed)',
    {
      address,
    },
  );
}

export async function createRpcServer(options: RpcOptions): Promise<RpcServer> {
  checkAddress(options);
  const { onBug, onCall } = options;
  const shared: Shared = {
    options,
    guard: { hosts: [...LOCAL_HOSTS, ...(options.hosts ?? [])], origins: options.origins ?? [] },
    dispatch: createDispatch({
      methods: METHODS,
      ...(onBug && { onBug }),
      ...(onCall && { onCall }),
    }),
    findSession: createAccess(options.tokens),
  };
  const app = fastify({
    logger: false,
    bodyLimit: RPC_MAX_BODY_BYTES,
    requestTimeout: 15_000,
    keepAliveTimeout: 60_000,
    http: { headersTimeout: 10_000 },
    forceCloseConnections: true,
  });
  addGuards(app, shared);
  await app.register(websocket, {
    options: { maxPayload: RPC_MAX_BODY_BYTES, perMessageDeflate: false },
  });
  addRoutes(app, shared);
  return {
    app,
    listen: () => app.listen({ host: options.address ?? '127.0.0.1', port: options.tcpPort ?? 0 }),
    close: () => app.close(),
  };
}

function refuse(reply: FastifyReply, status: number, why: string) {
  const code = status === 401 ? 'RPC_TOKEN' : 'RPC_LIMIT';
  return reply
    .code(status)
    .type('application/json')
    .send(faultText(null, refusal(code, why)));
}

function addGuards(app: FastifyInstance, { guard }: Shared): void {
  app.addHook('onRequest', async (request, reply) => {
    reply.header('cache-control', 'no-store');
    const why = refuseOrigin(request.headers, guard);
    if (why !== undefined) return refuse(reply, 403, why);
    if (isForeign(request.headers, guard)) {
      reply.header('access-control-allow-origin', request.headers.origin);
      reply.header('access-control-allow-headers', 'authorization, content-type');
      reply.header('vary', 'origin');
    }
    return undefined;
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_, body, done) =>
    done(null, body),
  );
  app.setErrorHandler((error: { statusCode?: number; message: string }, _, reply) =>
    refuse(reply, error.statusCode ?? 500, error.statusCode ? error.message : 'internal error'),
  );
  app.setNotFoundHandler((_, reply) => refuse(reply, 404, 'POST / or WebSocket /ws'));
}

function addRoutes(app: FastifyInstance, shared: Shared): void {
  const { port, onBug } = shared.options;
  app.get('/health', async () => ({ status: 'up' }));
  app.get('/ready', async (_, reply) =>
    port.ready() ? { status: 'ready' } : reply.code(503).send({ status: 'not ready' }),
  );
  app.get('/metrics', async (request, reply) => {
    if (!sessionOf(shared, request)?.scopes.has('read')) return refuse(reply, 401, 'no token');
    return reply.type('text/plain; version=0.0.4; charset=utf-8').send(await port.metrics());
  });
  app.options('/', (_, reply) => reply.code(204).send());
  app.post('/', (request, reply) => answerPost(shared, request, reply));
  app.get(
    '/ws',
    {
      websocket: true,
      preValidation: async (request, reply) =>
        sessionOf(shared, request) === undefined ? refuse(reply, 401, 'no token') : undefined,
    },
    (socket, request) => {
      const session = sessionOf(shared, request) as Session;
      createConnection(socket, { port, session, dispatch: shared.dispatch, onBug });
    },
  );
}

const sessionOf = (shared: Shared, request: FastifyRequest): Session | undefined =>
  shared.findSession(request.headers.authorization);

async function answerPost(shared: Shared, request: FastifyRequest, reply: FastifyReply) {
  if (!isJson(request.headers['content-type']))
    return refuse(reply, 415, 'content-type must be application/json');
  const session = sessionOf(shared, request);
  if (session === undefined) return refuse(reply, 401, 'the token is missing or unknown');
  const { port } = shared.options;
  const text = typeof request.body === 'string' ? request.body : '';
  const answer = await shared.dispatch(text, { port, session, subscriber: undefined });
  if (answer === undefined) return reply.code(204).send();
  return reply.type('application/json').send(answer);
}
