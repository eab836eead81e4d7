// The directory of a local network:
//   network.json  plan            genesis.json          homes.json  keys of homes and meters
//   endpoints.json  where each process answers, while they run
//   NAME/  node.toml  node.json (key)  tokens.json  node.log  data/     of each node
// Everything but the plan, genesis and keys is written again at each start.
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'smol-toml';
import { toHex } from '../../../core/src/bytes.js';
import { ProtocolError } from '../../../core/src/errors.js';
import type { PublicKey } from '../../../core/src/ids.js';
import { readKeyFile, writeKeyFile } from '../../../node/src/signer/keyfile.js';
import { type Secret, secretOf } from './keys.js';
import { listenAddress, type NetworkPlan, type PlannedNode } from './plan.js';

export interface NodePaths {
  readonly dir: string;
  readonly config: string;
  readonly key: string;
  readonly tokens: string;
  readonly log: string;
  readonly data: string;
}

export function nodePaths(dir: string, name: string): NodePaths {
  const own = join(dir, name);
  return {
    dir: own,
    config: join(own, 'node.toml'),
    key: join(own, 'node.json'),
    tokens: join(own, 'tokens.json'),
    log: join(own, 'node.log'),
    data: join(own, 'data'),
  };
}

export const networkPaths = (dir: string) => ({
  plan: join(dir, 'network.json'),
  genesis: join(dir, 'genesis.json'),
  homes: join(dir, 'homes.json'),
  endpoints: join(dir, 'endpoints.json'),
  /** Of the grid company; its signer runs beside the centre. */
  gridKey: join(dir, 'centre', 'grid.json'),
});

const PRIVATE = 0o600;

/** Written beside and renamed, so that a reader sees the old file or the new one. */
export function writeJson(path: string, value: unknown): void {
  const next = `${path}.next`;
  writeFileSync(next, `${JSON.stringify(value, null, 2)}\n`, { mode: PRIVATE });
  renameSync(next, path);
}

/** The parsed file; undefined where there is none. Throws FILE_FORMAT where it is no JSON. */
export function readJson(path: string): unknown {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new ProtocolError('FILE_FORMAT', `${path}: ${(error as Error).message}`, { path });
  }
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new ProtocolError('FILE_FORMAT', `${path}: not JSON`, { path });
  }
}

export const removeFile = (path: string): void => rmSync(path, { force: true });
export const removeTree = (path: string): void => rmSync(path, { recursive: true, force: true });

/** Folder and key of each node, and the key of the grid company. Called once per network. */
export function writeKeys(
  dir: string,
  nodes: readonly { readonly name: string; readonly secret: Secret }[],
  grid: Secret,
): void {
  for (const { name, secret } of nodes) {
    const paths = nodePaths(dir, name);
    mkdirSync(paths.dir, { recursive: true, mode: 0o700 });
    writeKey(paths.key, secret);
  }
  writeKey(networkPaths(dir).gridKey, grid);
}

const writeKey = (path: string, { seed, publicKey }: Secret): void =>
  writeKeyFile(path, { kind: 'ed25519', secret: seed, publicKey }, 'plain');

export const publicKeyIn = (dir: string, name: string): PublicKey =>
  readKeyFile(nodePaths(dir, name).key, { allowPlain: true }).publicKey as PublicKey;

/** Key of the grid company, which signs contracts. */
export const gridSecret = (dir: string): Secret =>
  secretOf(readKeyFile(networkPaths(dir).gridKey, { allowPlain: true }).secret);

/** Options of every node, for `busbar start --config`. */
export function writeNodeFiles(dir: string, plan: NetworkPlan, logLevel: string): void {
  const peers = plan.nodes.map((node) => ({
    publicKey: toHex(publicKeyIn(dir, node.name)),
    address: listenAddress(node),
  }));
  for (const node of plan.nodes) {
    const paths = nodePaths(dir, node.name);
    writeJson(paths.tokens, [{ token: node.token, scopes: ['read', 'trade', 'operate'] }]);
    const options = optionsOf(node, { dir, peers, logLevel });
    writeFileSync(paths.config, stringify(options), { mode: PRIVATE });
  }
}

interface Around {
  readonly dir: string;
  readonly peers: readonly { readonly publicKey: string; readonly address: string }[];
  readonly logLevel: string;
}

function optionsOf(node: PlannedNode, { dir, peers, logLevel }: Around): object {
  const paths = nodePaths(dir, node.name);
  return {
    name: node.name,
    role: node.role,
    dataDir: paths.data,
    genesis: networkPaths(dir).genesis,
    listen: listenAddress(node),
    logLevel,
    // Many processes share the machine: threads of their own would only wait for each other.
    verifyWorkers: 0,
    keys: { file: paths.key, allowPlain: true },
    rpc: { host: '127.0.0.1', port: node.rpcPort, tokens: paths.tokens },
    peers: peers.filter(({ address }) => address !== listenAddress(node)),
  };
}

export interface EndpointFile {
  readonly name: string;
  readonly role: string;
  readonly pid: number;
  readonly rpc: string;
  readonly token: string;
  readonly dataDir: string;
}

/** What is left of a former run in endpoints.json; nothing where it is not readable. */
export function readEndpoints(dir: string): readonly EndpointFile[] {
  let json: unknown;
  try {
    json = readJson(networkPaths(dir).endpoints);
  } catch {
    return [];
  }
  return Array.isArray(json)
    ? (json as EndpointFile[]).filter((e) => Number.isInteger(e?.pid))
    : [];
}
