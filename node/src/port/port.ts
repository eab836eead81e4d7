// The NodePort of the RPC server over what a running node shows of itself (NodeView). Reads only,
// but for submitTx; nothing here knows of sockets or JSON.
import type { NodePort } from '../../../rpc/src/ports.js';
import type { NodeView } from '../view.js';
import { accountPart } from './account.js';
import { certificatesPart } from './certificates.js';
import { chainPart } from './chain.js';
import { contractsPart } from './contracts.js';
import { eventsPart } from './events.js';
import { gridPart } from './grid.js';
import { journalPart } from './journal.js';
import { marketPart } from './market.js';
import { nodePart, type PortExtras } from './node.js';
import { ordersPart } from './orders.js';
import { pointsPart } from './points.js';
import { contractPart } from './reputation.js';
import { readingsPart } from './readings.js';
import { txPart } from './tx.js';

export type { PortExtras };

export function createNodePort(view: NodeView, extras: PortExtras = {}): NodePort {
  return {
    ...nodePart(view, extras),
    ...chainPart(view),
    ...txPart(view),
    ...accountPart(view),
    ...journalPart(view),
    ...ordersPart(view),
    ...contractsPart(view),
    ...certificatesPart(view),
    ...pointsPart(view),
    ...marketPart(view),
    ...gridPart(view),
    ...readingsPart(view),
    ...contractPart(view),
    ...eventsPart(view),
  };
}
