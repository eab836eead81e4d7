// JSON-RPC 2.0 on the wire: codes, answers as text. The standard codes are for faults of protocol;
// everything else is -32000 with a code of the registry in data.code.
import type { ErrorCode, ErrorData } from '../../core/src/errors.js';

export const PARSE_ERROR = -32700;
export const INVALID_REQUEST = -32600;
export const METHOD_NOT_FOUND = -32601;
export const INVALID_PARAMS = -32602;
export const INTERNAL_ERROR = -32603;
export const REFUSED = -32000;

export type CallId = string | number | null;

export interface Fault {
  readonly code: number;
  readonly message: string;
  readonly data?: ErrorData;
}

export const fault = (code: number, message: string, data?: ErrorData): Fault =>
  data === undefined ? { code, message } : { code, message, data };

export const refusal = (code: ErrorCode, message: string, data: ErrorData = {}): Fault =>
  fault(REFUSED, message, { ...data, code });

const idText = (id: CallId): string =>
  typeof id === 'number' && Number.isSafeInteger(id) ? id.toString() : JSON.stringify(id);

export const faultText = (id: CallId, error: Fault): string =>
  `{"jsonrpc":"2.0","id":${idText(id)},"error":${JSON.stringify(error)}}`;

/** `result` is JSON already. */
export const resultText = (id: CallId, result: string): string =>
  `{"jsonrpc":"2.0","id":${idText(id)},"result":${result}}`;
