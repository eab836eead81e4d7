// node_* over a NodeView.
import type { NodePort } from '../../../rpc/src/ports.js';
import type { NodeView } from '../view.js';
import { atTip } from './read.js';

export interface PortExtras {
  /** Own clock against the peers', wall ms. */
  readonly clockOffsetMs?: () => bigint | undefined;
  /** Text for Prometheus. */
  readonly metrics?: () => Promise<string>;
}

type NodePart = Pick<
  NodePort,
  'ready' | 'status' | 'peers' | 'why' | 'metrics' | 'finalHeight' | 'onFinal'
>;

export function nodePart(view: NodeView, extras: PortExtras): NodePart {
  return {
    ready: () => !view.syncing(),
    status() {
      const { height, hash, stateRoot, timeMs } = view.tip();
      return {
        chainId: view.chain.chainId,
        name: view.name,
        version: view.version,
        roles: view.roles,
        height: { final: height, confirmed: view.confirmedHeight() },
        finalHash: hash,
        stateRoot,
        time: timeMs,
        syncing: view.syncing(),
        peers: view.peers().length,
        clockOffsetMs: extras.clockOffsetMs?.() ?? null,
        degraded: view.degraded(),
        at: atTip(view),
      };
    },
    peers: () => ({
      peers: view.peers().map(({ publicKey, role, address, height }) => ({
        publicKey,
        role,
        address,
        height,
      })),
    }),
    why: () => ({ ...view.why(), at: atTip(view) }),
    metrics: async () => (await extras.metrics?.()) ?? '',
    finalHeight: () => view.tip().height,
    onFinal: (listener) => view.onFinal(() => listener()),
  };
}
