// What commands have in common that list things of an account: which account is meant, the scale of
// its chain, and how a list goes on.
import type { Command } from 'commander';
import { ProtocolError } from '../../core/src/errors.js';
import { asHash } from '../../core/src/hash.js';
import { accountIdOf, parseAccount, printAccount, type PublicKey } from '../../core/src/ids.js';
import type { RpcClient } from '../../rpc/src/client.js';
import {
  type NodeOptions,
  openClient,
  type Parameters,
  type Scale,
  scaleOf,
  withNode,
} from './client.js';
import { publicKeyIn } from './keyInfo.js';
import { printLine } from './print.js';
import { bytesOf } from './submit.js';

export interface PageOptions extends NodeOptions {
  readonly key?: string;
  readonly cursor?: string;
  readonly json?: boolean;
}

/** A subcommand over an account that is named, or whose key file is. */
export const withAccount = (command: Command): Command =>
  withNode(command)
    .argument('[account]', 'its id (bb1...); the one of --key unless given')
    .option('--key <file>', 'key file of the account')
    .option('--json', 'one JSON document on stdout');

/** ... whose answer comes in pages. */
export const withPages = (command: Command): Command =>
  withAccount(command).option('--cursor <cursor>', 'go on from the page before');

export interface AccountAt {
  readonly client: RpcClient;
  readonly parameters: Parameters;
  readonly scale: Scale;
  /** Parameters of a page: the account, and where to go on. */
  readonly page: { readonly account: string; readonly cursor?: string };
}

/** Throws NOT_FOUND for what is no account id. */
export async function openAccount(
  given: string | undefined,
  options: PageOptions,
): Promise<AccountAt> {
  const client = openClient(options);
  const parameters = await client.call('chain_parameters', {});
  if (given !== undefined) parseAccount(given);
  const account = given ?? accountOfKey(parameters.chainId, options);
  const { cursor } = options;
  const page = { account, ...(cursor !== undefined && { cursor }) };
  return { client, parameters, scale: scaleOf(parameters), page };
}

/** The account of a key file; its secret is not touched. */
export function accountOfKey(chainId: string, { key }: Pick<PageOptions, 'key'>): string {
  if (key === undefined) throw new ProtocolError('USAGE', 'which account? its id, or --key FILE');
  return printAccount(accountIdOf(asHash(bytesOf(chainId)), publicKeyIn(key) as PublicKey));
}

export function printMore({ cursor }: { readonly cursor?: string | undefined }): void {
  if (cursor !== undefined) printLine(`more: --cursor ${cursor}`);
}
