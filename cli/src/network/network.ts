// A local network from its directory: made once, opened again any number of times, run as processes
// until told to stop. DIR/endpoints.json says where the processes answer.
import { setTimeout as sleep } from 'node:timers/promises';
import { ProtocolError } from '../../../core/src/errors.js';
import { PROGRAM } from '../installation.js';
import { makeFolder } from '../write.js';
import type { Genesis } from '../../../state/src/genesis/genesis.js';
import { readGenesis } from '../../../state/src/genesis/genesis.js';
import { clientOf, type NodeEndpoint } from './client.js';
import {
  type EndpointFile,
  networkPaths,
  nodePaths,
  readJson,
  removeFile,
  removeTree,
  writeJson,
  writeKeys,
  writeNodeFiles,
} from './files.js';
import { endFormerRun, removeRun, writeRun } from './former.js';
import { type HomeKeys, loadHomes, newSecret, type Secret, storeHomes } from './keys.js';
import { type NetworkPlan, type PlannedNode, rpcUrl, withFreePorts } from './plan.js';
import { Supervisor } from './supervisor.js';

export interface Network {
  /** Absolute. */
  readonly dir: string;
  readonly plan: NetworkPlan;
  readonly genesis: Genesis;
  readonly homes: readonly HomeKeys[];
}

export interface NodeKey {
  readonly node: PlannedNode;
  readonly secret: Secret;
}

export interface NewNetwork {
  readonly plan: NetworkPlan;
  readonly homes: readonly HomeKeys[];
  /** The genesis file for these keys. */
  readonly genesisOf: (nodes: readonly NodeKey[], grid: Secret) => object;
}

/** Makes the files of a network; the directory holds none yet. The plan comes last. */
export function createNetwork(dir: string, { plan, homes, genesisOf }: NewNetwork): Network {
  makeFolder(dir);
  const nodes = plan.nodes.map((node) => ({ node, secret: newSecret() }));
  const grid = newSecret();
  const json = genesisOf(nodes, grid);
  const genesis = readGenesis(json);
  writeKeys(
    dir,
    nodes.map(({ node, secret }) => ({ name: node.name, secret })),
    grid,
  );
  const paths = networkPaths(dir);
  writeJson(paths.genesis, json);
  writeJson(paths.homes, storeHomes(homes));
  writeJson(paths.plan, plan);
  return { dir, plan, genesis, homes };
}

/** The network that a directory holds, or undefined. Throws FILE_FORMAT, GENESIS. */
export function openNetwork(dir: string): Network | undefined {
  const paths = networkPaths(dir);
  const plan = readJson(paths.plan) as NetworkPlan | undefined;
  if (plan === undefined) return undefined;
  if (plan.format !== 1 || !Array.isArray(plan.nodes))
    throw new ProtocolError('FILE_FORMAT', `${paths.plan}: not the plan of a local network`);
  const genesis = readGenesis(readJson(paths.genesis));
  return { dir, plan, genesis, homes: loadHomes(readJson(paths.homes)) };
}

/** Removes the files that createNetwork and a run made; what else lies in the directory stays. */
export function removeNetwork({ dir, plan }: Network): void {
  const { plan: planFile, genesis, homes, endpoints } = networkPaths(dir);
  for (const { name } of plan.nodes) removeTree(nodePaths(dir, name).dir);
  for (const path of [planFile, genesis, homes, endpoints]) removeFile(path);
}

export interface RunOptions {
  readonly restart: boolean;
  readonly logLevel: string;
  /** What happens to processes, for people. */
  readonly note: (text: string) => void;
  /** Wall ms until all must answer. */
  readonly readyMs: number;
}

export interface RunningNetwork {
  readonly network: Network;
  readonly endpoints: readonly NodeEndpoint[];
  /** Resolves with the endpoints file once every process has answered. Throws NOT_READY. */
  readonly ready: Promise<readonly EndpointFile[]>;
  /** Ends every process; resolves when none runs. */
  stop(): Promise<void>;
}

const CALL_MS = 2000;
const POLL_MS = 100;

/** Starts all processes; call `stop` in the end, also when `ready` rejects. */
export async function runNetwork(opened: Network, options: RunOptions): Promise<RunningNetwork> {
  const { dir } = opened;
  removeFile(networkPaths(dir).endpoints);
  for (const name of await endFormerRun(dir))
    options.note(`${name} was left over from a former run: ended`);
  const plan = await withFreePorts(opened.plan);
  const network = { ...opened, plan };
  writeJson(networkPaths(dir).plan, plan);
  writeNodeFiles(dir, plan, options.logLevel);
  const state = { isReady: false, stopped: false };
  const supervisor: Supervisor = new Supervisor({
    programs: plan.nodes.map(({ name }) => ({
      name,
      args: [PROGRAM, 'start', '--config', nodePaths(dir, name).config],
      logFile: nodePaths(dir, name).log,
    })),
    restart: options.restart,
    onStart: () => writePids(network, supervisor, state.isReady),
    onExit: (name, how) => options.note(`${name} ended (${how})`),
  });
  supervisor.start();
  const waiting = AbortSignal.timeout(options.readyMs);
  const answered = async (): Promise<readonly EndpointFile[]> => {
    await Promise.all(plan.nodes.map((node) => untilAnswers(node, waiting, state)));
    state.isReady = !state.stopped;
    return writePids(network, supervisor, state.isReady);
  };
  const ready = answered();
  // Whoever stops early does not wait for it.
  ready.catch(() => undefined);
  return {
    network,
    endpoints: plan.nodes.map(endpointOf),
    ready,
    async stop() {
      state.stopped = true;
      state.isReady = false;
      await supervisor.stop();
      removeFile(networkPaths(dir).endpoints);
      removeRun(dir);
    },
  };
}

const endpointOf = (node: PlannedNode): NodeEndpoint => ({
  name: node.name,
  url: rpcUrl(node),
  token: node.token,
});

/** Notes the pids of the run; in endpoints.json only once every process has answered. */
function writePids(
  { dir, plan }: Network,
  supervisor: Supervisor,
  isReady: boolean,
): readonly EndpointFile[] {
  const pidOf = (name: string): number => supervisor.pidOf(name) ?? 0;
  writeRun(
    dir,
    plan.nodes.map(({ name }) => ({ name, pid: pidOf(name) })),
  );
  const files = plan.nodes.map((node) => ({
    name: node.name,
    role: node.role,
    pid: pidOf(node.name),
    rpc: rpcUrl(node),
    token: node.token,
    dataDir: nodePaths(dir, node.name).data,
  }));
  if (isReady) writeJson(networkPaths(dir).endpoints, files);
  return files;
}

async function untilAnswers(
  node: PlannedNode,
  limit: AbortSignal,
  state: { readonly stopped: boolean },
): Promise<void> {
  const client = clientOf(endpointOf(node), CALL_MS);
  while (!limit.aborted && !state.stopped) {
    try {
      await client.call('node_status', {});
      return;
    } catch {
      await sleep(POLL_MS);
    }
  }
  if (!state.stopped)
    throw new ProtocolError('NOT_READY', `${node.name} does not answer; see its node.log`, {
      node: node.name,
    });
}
