// What a local network consists of: names, roles, ports, tokens. Kept in DIR/network.json, so that
// the same network goes on when its directory is used again. Keys and genesis: their own files.
import { ProtocolError } from '../../../core/src/errors.js';
import { freePorts, isPortFree } from './ports.js';

export type NodeRole = 'centre' | 'standby' | 'validator';

export interface PlannedNode {
  readonly name: string;
  readonly role: NodeRole;
  readonly p2pPort: number;
  readonly rpcPort: number;
  /** Bearer token with every scope, for whoever may read the directory. */
  readonly token: string;
}

/** `demo` has scripted participants, `dev` none. */
export type NetworkKind = 'demo' | 'dev';

export interface NetworkPlan {
  readonly format: 1;
  readonly kind: NetworkKind;
  readonly rate: number;
  readonly market: string;
  readonly homes: number;
  readonly nodes: readonly PlannedNode[];
}

/** Default of --rate: a phase must be longer than seeing a block final and being in the next. */
const DEFAULT_RATES: Readonly<Record<string, number>> = {
  call: 360,
  uniform: 360,
  continuous: 360,
  'two-round': 120,
  bilateral: 120,
  reputation: 120,
  neighbourhood: 30,
};

/** Throws USAGE for a word that is no market. */
export function defaultRateOf(market: string): number {
  const rate = DEFAULT_RATES[market];
  if (rate !== undefined) return rate;
  const known = Object.keys(DEFAULT_RATES).join(', ');
  throw new ProtocolError('USAGE', `--market: one of ${known}`, { market });
}

export interface Wanted {
  readonly kind: NetworkKind;
  readonly rate: number;
  readonly market: string;
  readonly validators: number;
  readonly homes: number;
  /** A fresh token at each call. */
  readonly newToken: () => string;
}

/** A new network: a centre, a standby, and so many validators, each with free ports of its own. */
export async function newPlan(wanted: Wanted): Promise<NetworkPlan> {
  const { kind, rate, market, homes, validators } = wanted;
  const names: readonly { name: string; role: NodeRole }[] = [
    { name: 'centre', role: 'centre' },
    { name: 'standby', role: 'standby' },
    ...Array.from({ length: validators }, (_, i) => ({
      name: `validator-${i + 1}`,
      role: 'validator' as const,
    })),
  ];
  const ports = await freePorts(names.length * 2);
  const nodes = names.map(({ name, role }, i) => ({
    name,
    role,
    p2pPort: ports[2 * i] as number,
    rpcPort: ports[2 * i + 1] as number,
    token: wanted.newToken(),
  }));
  return { format: 1, kind, rate, market, homes, nodes };
}

/** The same network, with new ports in place of those that another program holds now. */
export async function withFreePorts(plan: NetworkPlan): Promise<NetworkPlan> {
  const held = new Set<number>();
  for (const { p2pPort, rpcPort } of plan.nodes)
    for (const port of [p2pPort, rpcPort]) if (!(await isPortFree(port))) held.add(port);
  const spare = await freePorts(held.size);
  const swap = (port: number): number => (held.has(port) ? (spare.pop() as number) : port);
  const nodes = plan.nodes.map((node) => ({
    ...node,
    p2pPort: swap(node.p2pPort),
    rpcPort: swap(node.rpcPort),
  }));
  return { ...plan, nodes };
}

export const listenAddress = (node: PlannedNode): string => `/ip4/127.0.0.1/tcp/${node.p2pPort}`;
export const rpcUrl = (node: PlannedNode): string => `http://127.0.0.1:${node.rpcPort}`;
