// From the text of a request to the text of its answer: JSON-RPC 2.0 with batches, notifications,
// params by name only. Knows nothing of sockets; hostile text ends as an error object, never as an
// exception (reliability F31).
import { ProtocolError } from '../../core/src/errors.js';
import { RPC_MAX_BATCH, RPC_MAX_DEPTH, RPC_MAX_REPLY_BYTES } from '../../core/src/limits.js';
import { toJson } from './encode.js';
import {
  type CallId,
  type Fault,
  fault,
  faultText,
  INTERNAL_ERROR,
  INVALID_PARAMS,
  INVALID_REQUEST,
  METHOD_NOT_FOUND,
  PARSE_ERROR,
  refusal,
  resultText,
} from './envelope.js';
import type { CallContext, Method } from './method.js';

export interface DispatchOptions {
  readonly methods: Readonly<Record<string, Method>>;
  /** Told of our own bugs; the caller sees only "internal error". */
  readonly onBug?: (error: unknown, method: string) => void;
  /** Told of each call, for metrics: the method, "" where there is none of that name. */
  readonly onCall?: (method: string, ok: boolean) => void;
}

/** Answers the text of a request; undefined where only notifications came. */
export type Dispatch = (text: string, context: CallContext) => Promise<string | undefined>;

type Answer = string | undefined;
type JsonObject = Readonly<Record<string, unknown>>;

/** A batch hands the loop back at least this often. */
const SLICE_MS = 8;
const pause = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function deeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (levels === 0) return true;
  for (const name in value) {
    const inner = (value as JsonObject)[name];
    if (typeof inner === 'object' && deeperThan(inner, levels - 1)) return true;
  }
  return false;
}

export function createDispatch(options: DispatchOptions): Dispatch {
  const methods = new Map(Object.entries(options.methods));
  const call = (request: unknown, context: CallContext): Answer | Promise<Answer> =>
    performCall({ methods, options }, request, context);
  return async (text, context) => {
    let json: unknown;
    try {
      json = JSON.parse(text);
    } catch {
      return faultText(null, fault(PARSE_ERROR, 'not JSON'));
    }
    if (deeperThan(json, RPC_MAX_DEPTH))
      return faultText(null, refusal('RPC_LIMIT', 'nested too deep', { limit: RPC_MAX_DEPTH }));
    if (!Array.isArray(json)) return call(json, context);
    if (json.length === 0) return faultText(null, fault(INVALID_REQUEST, 'an empty batch'));
    if (json.length > RPC_MAX_BATCH)
      return faultText(null, refusal('RPC_LIMIT', 'batch too long', { limit: RPC_MAX_BATCH }));
    return performBatch(json, (request) => call(request, context));
  };
}

/** Starts all calls in order without waiting for each: a node may verify signatures together. */
async function performBatch(
  requests: readonly unknown[],
  call: (request: unknown) => Answer | Promise<Answer>,
): Promise<Answer> {
  const started: (Answer | Promise<Answer>)[] = [];
  let since = performance.now();
  let size = 0;
  for (const request of requests) {
    const answer = size > RPC_MAX_REPLY_BYTES ? tooMuch(request) : call(request);
    if (typeof answer === 'string') size += answer.length;
    started.push(answer);
    if (performance.now() - since < SLICE_MS) continue;
    await pause();
    since = performance.now();
  }
  const answers = (await Promise.all(started)).filter((answer) => answer !== undefined);
  return answers.length === 0 ? undefined : `[${answers.join(',')}]`;
}

function tooMuch(request: unknown): Answer {
  const id = isObject(request) ? idOf(request) : null;
  if (id === undefined) return undefined;
  const error = refusal('RPC_LIMIT', 'answers of the batch too large', {
    limit: RPC_MAX_REPLY_BYTES,
  });
  return faultText(id === BAD_ID ? null : id, error);
}

const BAD_ID: unique symbol = Symbol('bad id');

/** undefined: a notification. */
function idOf(request: JsonObject): CallId | undefined | typeof BAD_ID {
  if (!Object.hasOwn(request, 'id')) return undefined;
  const { id } = request;
  return typeof id === 'string' || typeof id === 'number' || id === null ? id : BAD_ID;
}

interface Table {
  readonly methods: ReadonlyMap<string, Method>;
  readonly options: DispatchOptions;
}

function performCall(table: Table, request: unknown, context: CallContext) {
  if (!isObject(request)) return faultText(null, fault(INVALID_REQUEST, 'not an object'));
  const given = idOf(request);
  const { jsonrpc, method: name, params } = request;
  const id: CallId = given === undefined || given === BAD_ID ? null : given;
  if (given === BAD_ID || jsonrpc !== '2.0' || typeof name !== 'string')
    return faultText(id, fault(INVALID_REQUEST, 'not a JSON-RPC 2.0 request'));
  const answer = answerCall(table, { name, params, id }, context);
  if (given !== undefined) return answer;
  // A notification is carried out, but nobody is told.
  return typeof answer === 'string' ? undefined : answer.then(() => undefined);
}

interface Call {
  readonly name: string;
  readonly params: unknown;
  readonly id: CallId;
}

function answerCall(table: Table, call: Call, context: CallContext): string | Promise<string> {
  const { id, name } = call;
  const method = table.methods.get(name);
  const observe = (ok: boolean): void => table.options.onCall?.(method ? name : '', ok);
  const fail = (error: unknown): string => {
    observe(false);
    return faultText(
      id,
      faultOf(error, (bug) => table.options.onBug?.(bug, name)),
    );
  };
  const finish = (result: unknown): string => {
    const text = resultText(id, method?.print?.(result) ?? JSON.stringify(toJson(result)));
    observe(true);
    return text;
  };
  try {
    const result = start(method, call, context);
    return result instanceof Promise ? result.then(finish).catch(fail) : finish(result);
  } catch (error) {
    return fail(error);
  }
}

/** A fault of protocol on its way to the answer. */
class CallFault extends Error {
  readonly fault: Fault;

  constructor(code: number, message: string, param?: string) {
    super(message);
    this.fault = fault(code, message, param === undefined ? undefined : { param });
  }
}

function faultOf(error: unknown, onBug: (bug: unknown) => void): Fault {
  if (error instanceof CallFault) return error.fault;
  if (error instanceof ProtocolError) return refusal(error.code, error.message, error.data);
  onBug(error);
  return fault(INTERNAL_ERROR, 'internal error');
}

function start(method: Method | undefined, call: Call, context: CallContext): unknown {
  if (method === undefined) throw new CallFault(METHOD_NOT_FOUND, 'no such method');
  if (!context.session.scopes.has(method.scope))
    throw new ProtocolError('RPC_TOKEN', `the token lacks the scope ${method.scope}`, {
      scope: method.scope,
    });
  const params = call.params === undefined ? {} : call.params;
  if (!isObject(params)) throw new CallFault(INVALID_PARAMS, 'params go by name');
  return method.run(context, method.quick?.(params) ?? checked(method, params));
}

function checked(method: Method, params: JsonObject): Record<string, unknown> {
  for (const name of Object.keys(params)) {
    if (!Object.hasOwn(method.params.shape, name))
      throw new CallFault(INVALID_PARAMS, 'no such parameter', name.slice(0, 64));
  }
  const parsed = method.params.safeParse(params);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const param = String(issue?.path[0] ?? '').slice(0, 64);
  throw new CallFault(INVALID_PARAMS, issue?.message ?? 'does not fit', param);
}
