// node_status, node_peers, node_why.
import { z } from 'zod';
import { method } from '../method.js';

const none = z.strictObject({});

export const nodeMethods = {
  node_status: method({
    scope: 'read',
    summary: 'What this node is and how far it has come.',
    result:
      'chainId, name, version, roles, height {final, confirmed}, finalHash, stateRoot, time, ' +
      'syncing, peers, clockOffsetMs (null: not known), degraded [codes], at',
    params: none,
    run: ({ port }) => port.status(),
  }),
  node_peers: method({
    scope: 'operate',
    summary: 'Nodes this one is connected to.',
    result: 'peers [{publicKey, role, address, height}]',
    params: none,
    run: ({ port }) => port.peers(),
  }),
  node_why: method({
    scope: 'read',
    summary: 'Why no block is made, if none is.',
    result: 'blocked, causes [{code, detail}], at',
    params: none,
    run: ({ port }) => port.why(),
  }),
};
