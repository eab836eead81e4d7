// A typed client, for Node and for browsers: methods, parameters and results are those of the
// server's table. Refusals of the node are thrown as ProtocolError with the node's code.
import type { z } from 'zod';
import { CODES, type ErrorCode, type ErrorData, ProtocolError } from '../../core/src/errors.js';
import type { Encoded } from './encode.js';
import type { MethodName, MethodTable } from './methods/table.js';

export type { MethodName };
export type ParamsOf<M extends MethodName> = z.input<MethodTable[M]['params']>;
export type ResultOf<M extends MethodName> = Encoded<Awaited<ReturnType<MethodTable[M]['run']>>>;

export interface Endpoint {
  /** http://127.0.0.1:PORT */
  readonly url: string;
  readonly token: string;
}

export interface Call<M extends MethodName = MethodName> {
  readonly method: M;
  readonly params: ParamsOf<M>;
}

/** One answer of a batch. */
export type Answer<T> =
  | { readonly ok: true; readonly result: T }
  | { readonly ok: false; readonly error: ProtocolError };

export interface RpcClient {
  readonly endpoint: Endpoint;
  call<M extends MethodName>(method: M, params: ParamsOf<M>): Promise<ResultOf<M>>;
  /** A method by a name that is known at run time only. */
  callAny(method: string, params: unknown): Promise<unknown>;
  /** Many calls of one method in one request; answers in the order of the calls. */
  batch<M extends MethodName>(
    method: M,
    params: readonly ParamsOf<M>[],
  ): Promise<readonly Answer<ResultOf<M>>[]>;
}

interface WireError {
  readonly code: number;
  readonly message: string;
  readonly data?: ErrorData;
}
interface WireAnswer {
  readonly id?: unknown;
  readonly result?: unknown;
  readonly error?: WireError;
}

/** The error an answer stands for. */
export function errorOf({ code, message, data = {} }: WireError): ProtocolError {
  const known = typeof data.code === 'string' && Object.hasOwn(CODES, data.code);
  if (known) return new ProtocolError(data.code as ErrorCode, message, data);
  return new ProtocolError('RPC_FAULT', `${message} (${code})`, data);
}

const misfit = (why: string): ProtocolError => new ProtocolError('RPC_FAULT', why);

function outcomeOf(answer: unknown): Answer<unknown> {
  if (typeof answer !== 'object' || answer === null)
    return { ok: false, error: misfit('the answer is not JSON-RPC') };
  const { error, result } = answer as WireAnswer;
  if (error !== undefined) return { ok: false, error: errorOf(error) };
  if (result === undefined) return { ok: false, error: misfit('the answer has no result') };
  return { ok: true, result };
}

async function post(endpoint: Endpoint, body: unknown, fetcher: typeof fetch): Promise<unknown> {
  let response: Response;
  try {
    response = await fetcher(endpoint.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${endpoint.token}`,
      },
      body: JSON.stringify(body),
    });
  } catch {
    throw new ProtocolError('RPC_UNREACHABLE', `no node answers at ${endpoint.url}`);
  }
  try {
    return await response.json();
  } catch {
    throw misfit(`HTTP ${response.status} without a JSON answer`);
  }
}

function inOrder(count: number, answer: unknown): readonly Answer<unknown>[] {
  if (!Array.isArray(answer)) {
    const only = outcomeOf(answer);
    throw only.ok ? misfit('one answer to many calls') : only.error;
  }
  const byId = new Map(answer.map((one: WireAnswer) => [one.id, one]));
  return Array.from({ length: count }, (_, id) => outcomeOf(byId.get(id)));
}

export function createClient(endpoint: Endpoint, fetcher: typeof fetch = fetch): RpcClient {
  const request = (id: number, method: string, params: unknown) => ({
    jsonrpc: '2.0',
    id,
    method,
    params,
  });
  const callAny = async (method: string, params: unknown): Promise<unknown> => {
    const outcome = outcomeOf(await post(endpoint, request(0, method, params), fetcher));
    if (!outcome.ok) throw outcome.error;
    return outcome.result;
  };
  return {
    endpoint,
    call: (method, params) => callAny(method, params) as never,
    callAny,
    async batch(method, params) {
      if (params.length === 0) return [];
      const requests = params.map((one, id) => request(id, method, one));
      return inOrder(params.length, await post(endpoint, requests, fetcher)) as never;
    },
  };
}
