// One node as a process runs it: key, clock, network, RPC, and the way to stop. Read from files by
// the command `busbar start`.
import { toHex } from '../../core/src/bytes.js';
import { ProtocolError } from '../../core/src/errors.js';
import type { PublicKey } from '../../core/src/ids.js';
import type { TokenEntry } from '../../rpc/src/access.js';
import { createRpcServer, type RpcServer } from '../../rpc/src/server.js';
import type { Genesis } from '../../state/src/genesis/genesis.js';
import { ACCOUNTS, NETWORK } from '../../state/src/schema.js';
import { isSuspended } from '../../state/src/tx/context.js';
import { openCrypto } from './crypto/backend.js';
import { createVerifier, defaultWorkers } from './crypto/verifier.js';
import { type AddressedLinks, openLinks } from './links.js';
import { createLibp2pTransport } from './net/libp2p/adapter.js';
import { txTopic } from './net/libp2p/gossip.js';
import type { PeerAddress } from './net/transport.js';
import { type NodeParts, startNode } from './node.js';
import { viewOf } from './nodeView.js';
import { createNodePort } from './port/port.js';
import type { Counters, Log, NodeClock, Timers } from './ports.js';
import type { FinalBlock } from './view.js';

export interface ServiceOptions {
  readonly name: string;
  readonly version: string;
  readonly dataDir: string;
  readonly genesis: Genesis;
  /** Ed25519 seed of the node's key. */
  readonly seed: Uint8Array;
  readonly listen: string;
  /** How transactions spread. */
  readonly gossip: 'direct' | 'gossipsub';
  /** Besides the peers of genesis; the same key overrides. */
  readonly peers: readonly PeerAddress[];
  readonly rpc: {
    readonly host: string;
    readonly port: number;
    readonly exposed: boolean;
    readonly tokens: readonly TokenEntry[];
  };
  /** Threads for signatures; undefined: as many as the machine has to spare. */
  readonly verifyWorkers: number | undefined;
  /** false: listings are voted on by hand. */
  readonly review: boolean;
  readonly clock: NodeClock;
  readonly log: Log;
  readonly counters: Counters;
  /** Text of /metrics. */
  readonly metrics: (() => Promise<string>) | undefined;
  /** The node cannot go on; called once. */
  readonly onFatal: (error: ProtocolError) => void;
}

export interface Service {
  readonly parts: NodeParts;
  readonly rpcUrl: string;
  readonly address: string;
  close(): Promise<void>;
}

export const realTimers: Timers = {
  after(ms, action) {
    const handle = setTimeout(action, ms);
    return () => clearTimeout(handle);
  },
};

/** Roles of a key on its chain, for status. */
function rolesOf(parts: NodeParts, key: PublicKey): readonly string[] {
  const network = parts.executor.world().get(NETWORK, '');
  const roles: string[] = [];
  const centre = network?.centres.findIndex((c) => toHex(c.publicKey) === toHex(key)) ?? -1;
  if (centre >= 0) roles.push(centre === 0 ? 'centre' : 'standby');
  if (network?.validators.some((v) => toHex(v.publicKey) === toHex(key))) roles.push('validator');
  return roles.length === 0 ? ['full'] : roles;
}

export async function startService(options: ServiceOptions): Promise<Service> {
  const { genesis, log, seed } = options;
  const backend = openCrypto((message) => log.warn({}, message));
  const workers = options.verifyWorkers ?? defaultWorkers();
  let links: AddressedLinks | undefined;
  const parts = await startNode({
    genesis,
    dataDir: options.dataDir,
    keyPair: backend.keyPair(seed),
    backend,
    verifier: createVerifier({ backend, workers }),
    clock: options.clock,
    review: options.review,
    timers: realTimers,
    log,
    counters: options.counters,
    stop: once(options.onFatal),
    openLinks: async (admitted, events) => {
      const create = (handlers: Parameters<Parameters<typeof openLinks>[0]['create']>[0]) =>
        createLibp2pTransport({
          seed,
          listen: options.listen,
          ...(options.gossip === 'gossipsub' ? { topic: txTopic(toHex(genesis.chainId)) } : {}),
          handlers,
          note: (event, peer, detail) =>
            log[event === 'dial failed' ? 'debug' : 'info'](
              { peer: peer.slice(0, 8), detail },
              event,
            ),
        });
      links = await openLinks({ admitted, peers: peersOf(options), create }, events);
      return links;
    },
  });
  const stopWatching = watchAdmissions(parts, links);
  const rpc = await openRpc(options, parts, links);
  const rpcUrl = await rpc.listen();
  log.info({ rpc: rpcUrl, p2p: links?.transport.address() ?? '' }, 'node is up');
  return {
    parts,
    rpcUrl,
    address: links?.transport.address() ?? '',
    async close() {
      stopWatching();
      await rpc.close();
      await parts.close();
    },
  };
}

function once(action: (error: ProtocolError) => void): (error: ProtocolError) => void {
  let called = false;
  return (error) => {
    if (called) return;
    called = true;
    action(error);
  };
}

function peersOf({ genesis, peers }: ServiceOptions): readonly PeerAddress[] {
  const byKey = new Map<string, PeerAddress>();
  for (const { publicKey, address } of genesis.peers)
    if (address !== '') byKey.set(toHex(publicKey), { key: toHex(publicKey), address });
  for (const peer of peers) byKey.set(peer.key, peer);
  return [...byKey.values()];
}

function openRpc(
  options: ServiceOptions,
  parts: NodeParts,
  links: AddressedLinks | undefined,
): Promise<RpcServer> {
  const { name, version, rpc, log } = options;
  const view = viewOf(parts, {
    name,
    version,
    roles: rolesOf(parts, parts.signer.publicKey),
    addressOf: (peer) => links?.transport.peers().find((p) => p.key === toHex(peer))?.address ?? '',
  });
  const { metrics } = options;
  return createRpcServer({
    port: createNodePort(view, {
      clockOffsetMs: () =>
        parts.peerClocks.offsetMs(parts.links.connected(), parts.options.genesis.rate),
      ...(metrics === undefined ? {} : { metrics }),
    }),
    tokens: rpc.tokens,
    address: rpc.host,
    tcpPort: rpc.port,
    exposed: rpc.exposed,
    onBug: (error) => log.error({ error: String(error) }, 'rpc: our own mistake'),
  });
}

/** The gate follows the chain: whoever is admitted, suspended or let back in (consensus 1.4). */
function watchAdmissions(parts: NodeParts, links: AddressedLinks | undefined): () => void {
  const kinds = new Set(['admit', 'suspend', 'readmit']);
  const refresh = (): void => links?.transport.setAdmitted(admittedNow(parts));
  refresh();
  return parts.committer.onFinal((final: FinalBlock) => {
    if (final.txs.some((tx) => kinds.has(tx.kind))) refresh();
  });
}

function admittedNow(parts: NodeParts): readonly string[] {
  const { executor } = parts;
  const world = executor.world();
  const { timeMs } = executor.at.parent;
  const full = world
    .entries(ACCOUNTS)
    .filter(({ value }) => value.role === 'full' && !isSuspended(value, timeMs))
    .map(({ value }) => value.publicKey);
  return [...parts.admitted, ...full].map(toHex);
}
