// `busbar account show|journal`: an account with its money in currency, and how it came about.
import type { Command } from 'commander';
import { printMinimal } from '../../../core/src/decimal.js';
import type { ResultOf } from '../../../rpc/src/client.js';
import {
  openAccount,
  type PageOptions,
  printMore,
  withAccount,
  withPages,
} from '../accountPage.js';
import { ENERGY_DECIMALS, type Scale } from '../client.js';
import { printJson, printLine, printTable } from '../print.js';

interface AccountOptions extends PageOptions {
  readonly proof?: boolean;
  readonly height?: string;
  readonly from?: string;
  readonly to?: string;
}

export function register(program: Command): void {
  const account = program.command('account').description('an account and its journal');
  withAccount(account.command('show'))
    .description('balance, credit, meter and market of an account')
    .option('--proof', 'with proofs (--json)')
    .option('--height <n>', 'one of the newest heights')
    .addHelpText('after', '\nExample:\n  $ busbar account show --key home.json --dir ./net')
    .action(show);
  withPages(account.command('journal'))
    .description('journal entries of an account, newest first')
    .option('--from <ms>', 'least block time, chain ms')
    .option('--to <ms>', 'block times below this, chain ms')
    .addHelpText('after', '\nExample:\n  $ busbar account journal bb1... --dir ./net --json')
    .action(journal);
}

async function show(given: string | undefined, options: AccountOptions): Promise<void> {
  const { client, parameters, scale, page } = await openAccount(given, options);
  const found = await client.call('account_get', {
    account: page.account,
    ...(options.proof === true && { proof: true }),
    ...(options.height !== undefined && { height: options.height }),
  });
  if (options.json === true) return printJson(found);
  printAccountView(found, scale, parameters.money.currency);
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
  const { client, scale, page } = await openAccount(given, options);
  const { from, to } = options;
  const found = await client.call('account_journal', {
    ...page,
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
  });
  if (options.json === true) return printJson(found);
  const money = (text: string): string => printMinimal(BigInt(text), scale.money);
  printTable('Journal', found.entries, [
    { title: 'time', of: (e) => new Date(Number(e.time)).toISOString() },
    { title: 'block', of: (e) => e.height, right: true },
    { title: 'type', of: (e) => e.type },
    { title: 'market', of: (e) => e.market },
    { title: 'period', of: (e) => e.period, right: true },
    { title: 'available', of: (e) => money(e.available), right: true },
    { title: 'locked', of: (e) => money(e.locked), right: true },
    { title: 'balance', of: (e) => money(e.after.available), right: true },
  ]);
  printMore(found);
}
