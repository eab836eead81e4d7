// Which room may import which, and which files may import which package (ARCHITECTURE, "allowed
// imports"). The compiler holds most of it by project references; this holds what it cannot see:
// packages, single files, type-only edges, and that nothing imports the simulator.

export const PURE_ROOMS = ['core', 'market', 'state', 'consensus'] as const;
export const ROOMS = [...PURE_ROOMS, 'rpc', 'node', 'cli', 'sim'] as const;
export type Room = (typeof ROOMS)[number];
/** Folders with programs about the rooms: they may import any of them. */
export const WORKSHOPS = ['tools', 'bench', 'test'] as const;

export interface Way {
  readonly to: Room;
  /** Importing files that may use it; all unless given. */
  readonly from?: RegExp;
  /** Imported files; all unless given. */
  readonly only?: RegExp;
  /** Types alone: the code of the other room does not run here. */
  readonly types?: true;
}

export const WAYS: Readonly<Record<Room, readonly Way[]>> = {
  core: [],
  market: [{ to: 'core' }],
  state: [{ to: 'core' }, { to: 'market' }],
  consensus: [{ to: 'core' }],
  rpc: [{ to: 'core' }],
  node: [
    { to: 'core' },
    { to: 'market', types: true },
    { to: 'state' },
    { to: 'consensus' },
    { to: 'rpc' },
  ],
  cli: [
    { to: 'core' },
    { to: 'market' },
    { to: 'state' },
    { to: 'consensus', from: /^cli\/src\/conformance\// },
    { to: 'rpc' },
    { to: 'node', from: /^cli\/src\/commands\/start\.ts$/ },
    { to: 'node', only: /^node\/src\/(config|signer\/keyfile|crypto\/backend)\.ts$/ },
  ],
  sim: [
    { to: 'core' },
    { to: 'market' },
    { to: 'state' },
    { to: 'consensus' },
    { to: 'rpc' },
    { to: 'node' },
  ],
};

export interface PackageRule {
  readonly name: RegExp;
  /** Files that may import it. */
  readonly by: RegExp;
  readonly instead: string;
}

const NETWORK = /^(libp2p$|@libp2p\/|@chainsafe\/libp2p-|@multiformats\/|it-)/;

/** First that fits a package counts; a package that fits none may be imported by any shell room. */
export const PACKAGES: readonly PackageRule[] = [
  {
    name: NETWORK,
    by: /^(node\/src\/net\/libp2p|node\/test|bench)\//,
    instead: 'import it in node/src/net/libp2p/ only, behind node/src/net/transport.ts',
  },
  {
    name: /^(classic-level|sodium-native|level|pino|prom-client)$/,
    by: /^(node|bench|test)\//,
    instead: 'import it in node only, behind its port',
  },
  {
    name: /^(fastify|@fastify\/.*)$/,
    by: /^rpc\//,
    instead: 'import it in rpc only',
  },
  {
    name: /^(commander|cli-progress)$/,
    by: /^(cli|tools)\//,
    instead: 'import it in cli only',
  },
  {
    name: /^(@noble\/|@scure\/|msgpackr$)/,
    by: /^(core|market\/src\/seal\.ts$|bench|test|[a-z]+\/test)/,
    instead: 'use the wrappers in core/src (hash, codec, ids, ed25519)',
  },
];
