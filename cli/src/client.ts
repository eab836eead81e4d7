// Which node a command talks to: --rpc URL and --token, or a node of an endpoints.json (as `dev`
// and `demo` write it). The token may also come from the environment, where `ps` does not show it.
import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { z } from 'zod';
import { ProtocolError } from '../../core/src/errors.js';
import { createClient, type ResultOf, type RpcClient } from '../../rpc/src/client.js';
import { readText } from './read.js';

export interface NodeOptions {
  readonly rpc?: string;
  readonly token?: string;
  readonly dir?: string;
  readonly node?: string;
}

/** Adds the options by which a node is named. */
export function withNode(command: Command): Command {
  return command
    .addOption(new Option('--rpc <url>', 'address of the node').env('BUSBAR_RPC'))
    .addOption(new Option('--token <token>', 'its token').env('BUSBAR_TOKEN'))
    .addOption(
      new Option('--dir <dir>', 'directory of a dev or demo network, with endpoints.json').env(
        'BUSBAR_DIR',
      ),
    )
    .option('--node <name>', 'a node of that network; the first unless given');
}

const endpointsForm = z.array(
  z.looseObject({ name: z.string(), rpc: z.string(), token: z.string().optional() }),
);
const MAX_ENDPOINTS_BYTES = 1 << 20;
const FILE = 'endpoints.json';

function readEndpoints(dir: string): z.infer<typeof endpointsForm> {
  const path = join(dir, FILE);
  let json: unknown;
  try {
    json = JSON.parse(readText(path, MAX_ENDPOINTS_BYTES));
  } catch (error) {
    if (error instanceof ProtocolError) throw error;
    throw new ProtocolError('FILE_FORMAT', `${path}: not JSON`, { path });
  }
  const parsed = endpointsForm.safeParse(json);
  if (!parsed.success) throw new ProtocolError('FILE_FORMAT', `${path}: not a list of endpoints`);
  return parsed.data;
}

/** Where a node answers, and what it wants to hear. */
export interface NodeAddress {
  readonly url: string;
  readonly token: string;
}

/** A client of the node that the options name. Throws USAGE, NOT_FOUND, FILE_FORMAT. */
export const openClient = (options: NodeOptions): RpcClient => createClient(addressOf(options));

/** The node that the options name. Throws USAGE, NOT_FOUND, FILE_FORMAT. */
export function addressOf(options: NodeOptions): NodeAddress {
  const { rpc, token, dir, node } = options;
  if (rpc !== undefined) return { url: urlOf(rpc), token: token ?? '' };
  if (dir === undefined)
    throw new ProtocolError('USAGE', 'which node? --rpc URL with --token, or --dir DIR');
  const endpoints = readEndpoints(dir);
  const found = node === undefined ? endpoints[0] : endpoints.find((e) => e.name === node);
  if (found === undefined)
    throw new ProtocolError('NOT_FOUND', `no node ${node ?? ''} in ${join(dir, FILE)}`);
  return { url: urlOf(found.rpc), token: token ?? found.token ?? '' };
}

function urlOf(text: string): string {
  if (URL.canParse(text) && /^https?:/.test(text)) return text;
  throw new ProtocolError('USAGE', `--rpc: ${text.slice(0, 80)} is not an http address`);
}

export type Parameters = ResultOf<'chain_parameters'>;

/** How amounts of this chain are written. */
export interface Scale {
  readonly price: number;
  readonly money: number;
}
export const ENERGY_DECIMALS = 3;

export function scaleOf({ money }: Parameters): Scale {
  const price = Number(money.priceDecimals);
  return { price, money: price + ENERGY_DECIMALS };
}
