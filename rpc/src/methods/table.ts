// Every method of this version. rpc.discover and the reference page are printed from this table.
import { z } from 'zod';
import { type Method, method } from '../method.js';
import { Verbatim } from '../encode.js';
import { openRpc } from '../openrpc.js';
import { accountMethods } from './account.js';
import { certificateMethods } from './certificate.js';
import { chainMethods } from './chain.js';
import { contractMethods } from './contract.js';
import { eventMethods } from './events.js';
import { marketMethods } from './market.js';
import { nodeMethods } from './node.js';
import { pointsMethods } from './points.js';
import { txMethods } from './tx.js';

const called = {
  ...nodeMethods,
  ...chainMethods,
  ...txMethods,
  ...accountMethods,
  ...contractMethods,
  ...marketMethods,
  ...certificateMethods,
  ...pointsMethods,
  ...eventMethods,
};

const discover = {
  'rpc.discover': method({
    scope: 'read',
    summary: 'This interface as an OpenRPC document.',
    result: 'an OpenRPC 1.3 document',
    params: z.strictObject({}),
    run: (): Verbatim => discovered(),
  }),
};

export const TYPED_METHODS = { ...discover, ...called };
export type MethodTable = typeof TYPED_METHODS;
export type MethodName = keyof MethodTable;

export const METHODS: Readonly<Record<string, Method>> = TYPED_METHODS as never;

let document: Verbatim | undefined;
function discovered(): Verbatim {
  document ??= new Verbatim(openRpc(METHODS));
  return document;
}
