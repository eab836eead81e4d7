// `busbar account show|journal`: an account with its money in currency, and how it came about.
import type { Command } from 'commander';
import { printMinimal } from '../../../core/src/decimal.js';
import { ProtocolError } from '../../../core/src/errors.js';
import { asHash } from '../../../core/src/hash.js';
import { accountIdOf, printAccount, type PublicKey } from '../../../core/src/ids.js';
import type { ResultOf } from '../../../rpc/src/client.js';
import {
  ENERGY_DECIMALS,
  type NodeOptions,
  openClient,
  type Scale,
  scaleOf,
  withNode,
} from '../client.js';
import { publicKeyIn } from '../keyInfo.js';
import { printJson, printLine, printTable } from '../print.js';
import { bytesOf } from '../submit.js';

interface AccountOptions extends NodeOptions {
  readonly key?: string;
  readonly proof?: boolean;
  readonly height?: string;
  readonly from?: string;
  readonly to?: string;
  readonly cursor?: string;
  readonly json?: boolean;
}

export function register(program: Command): void {
  const account = program.command('account').description('an account and its journal');
  withNode(account.command('show'))
    .description('balance, credit, meter and market of an account')
    .argument('[account]', 'its id (bb1...); the one of --key unless given')
    .option('--key <file>', 'key file of the account')
    .option('--proof', 'with proofs (--json)')
    .option('--height <n>', 'one of the newest heights')
    .option('--json', 'one JSON document on stdout')
    .addHelpText('after', '\nExample:\n  $ busbar account show --key home.json --dir ./net')
    .action(show);
  withNode(account.command('journal'))
    .description('journal entries of an account, newest first')
    .argument('[account]', 'its id (bb1...); the one of --key unless given')
    .option('--key <file>', 'key file of the account')
    .option('--from <ms>', 'least block time, chain ms')
    .option('--to <ms>', 'block times below this, chain ms')
    .option('--cursor <cursor>', 'go on from the page before')
    .option('--json', 'one JSON document on stdout')
    .addHelpText('after', '\nExample:\n  $ busbar account journal bb1... --dir ./net --json')
    .action(journal);
}

async function open(account: string | undefined, options: AccountOptions) {
  const client = openClient(options);
  const parameters = await client.call('chain_parameters', {});
  const { currency } = parameters.money;
  return {
    client,
    scale: scaleOf(parameters),
    currency,
    account: account ?? accountOfKey(parameters.chainId, options),
  };
}

/** The account of a key file; its secret is not touched. */
export function accountOfKey(chainId: string, { key }: { readonly key?: string }): string {
  if (key === undefined) throw new ProtocolError('USAGE', 'which account? its id, or --key FILE');
  return printAccount(accountIdOf(asHash(bytesOf(chainId)), publicKeyIn(key) as PublicKey));
}

async function show(given: string | undefined, options: AccountOptions): Promise<void> {
  const { client, scale, currency, account } = await open(given, options);
  const found = await client.call('account_get', {
    account,
    ...(options.proof === true && { proof: true }),
    ...(options.height !== undefined && { height: options.height }),
  });
  if (options.json === true) return printJson(found);
  printAccountView(found, scale, currency);
}

function printAccountView(a: ResultOf<'account_get'>, scale: Scale, currency: string): void {
  const money = (text: string): string => `${printMinimal(BigInt(text), scale.money)} ${currency}`;
  printLine(`${a.account}  ${a.roles.join(', ')}  ${a.status}`);
  printLine(`available  ${money(a.available)}`);
  printLine(`locked     ${money(a.locked)}`);
  if (a.arrears !== '0') printLine(`arrears    ${money(a.arrears)}`);
  if (a.credit !== null) printLine(`credit     ${a.credit.C}`);
  if (a.meter !== null) {
    const energy = (text: string): string => printMinimal(BigInt(text), ENERGY_DECIMALS);
    const { number, importWh, exportWh } = a.meter;
    printLine(`meter      ${number}  in ${energy(importWh)} kWh, out ${energy(exportWh)} kWh`);
  }
  if (a.market !== null) printLine(`market     ${a.market || 'none'}`);
  printLine(`at         block ${a.at.height} (${a.at.status})`);
}

async function journal(given: string | undefined, options: AccountOptions): Promise<void> {
  const { client, scale, account } = await open(given, options);
  const { from, to, cursor } = options;
  const page = await client.call('account_journal', {
    account,
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
    ...(cursor !== undefined && { cursor }),
  });
  if (options.json === true) return printJson(page);
  const money = (text: string): string => printMinimal(BigInt(text), scale.money);
  printTable('Journal', page.entries, [
    { title: 'time', of: (e) => new Date(Number(e.time)).toISOString() },
    { title: 'block', of: (e) => e.height, right: true },
    { title: 'type', of: (e) => e.type },
    { title: 'market', of: (e) => e.market },
    { title: 'period', of: (e) => e.period, right: true },
    { title: 'available', of: (e) => money(e.available), right: true },
    { title: 'locked', of: (e) => money(e.locked), right: true },
    { title: 'balance', of: (e) => money(e.after.available), right: true },
  ]);
  if (page.cursor !== undefined) printLine(`more: --cursor ${page.cursor}`);
}
