// Calls to the nodes of a local network: the typed client, with a time limit, since a process that
// was killed may leave a call without an answer.
import { type Answer, createClient, type RpcClient } from '../../../rpc/src/client.js';

export type { Answer, RpcClient };

export interface NodeEndpoint {
  readonly name: string;
  readonly url: string;
  readonly token: string;
}

/** A client whose calls fail with RPC_UNREACHABLE after `timeoutMs` wall ms. */
export function clientOf({ url, token }: NodeEndpoint, timeoutMs: number): RpcClient {
  const limited: typeof fetch = (input, init) =>
    fetch(input, { ...init, signal: AbortSignal.timeout(timeoutMs) });
  return createClient({ url, token }, limited);
}
