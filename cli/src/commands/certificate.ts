// `busbar certificate list|show|transfer|retire`: green certificates, 1,000 kWh each, with the
// meters and periods that they come from.
import type { Command } from 'commander';
import { ProtocolError } from '../../../core/src/errors.js';
import { parseAccount } from '../../../core/src/ids.js';
import type { ResultOf } from '../../../rpc/src/client.js';
import { accountOfKey } from '../accountPage.js';
import { wholeOf } from '../arguments.js';
import { type NodeOptions, openClient, withNode } from '../client.js';
import { printJson, printLine, printTable } from '../print.js';
import { openDesk, submitAndPrint, type SubmitOptions, withSubmit } from '../submit.js';

interface ListOptions extends NodeOptions {
  readonly key?: string;
  readonly all?: boolean;
  readonly proof?: boolean;
  readonly cursor?: string;
  readonly json?: boolean;
}

const NO_MARKET = '';

export function register(program: Command): void {
  const certificate = program
    .command('certificate')
    .description('green certificates: 1,000 metered clean kWh each');
  withNode(certificate.command('list'))
    .description('certificates of an account, and its labels that are in none yet')
    .argument('[account]', 'its id (bb1...); the one of --key unless given')
    .option('--key <file>', 'key file of the account')
    .option('--all', 'of the whole chain')
    .option('--proof', 'with proofs (--json)')
    .option('--cursor <cursor>', 'go on from the page before')
    .option('--json', 'one JSON document on stdout')
    .addHelpText('after', '\nExample:\n  $ busbar certificate list --key home.json --dir ./net')
    .action(list);
  withNode(certificate.command('show'))
    .description('a certificate with the meters and periods of its kWh')
    .argument('<serial>', 'its number')
    .option('--proof', 'with proofs (--json)')
    .option('--json', 'one JSON document on stdout')
    .addHelpText('after', '\nExample:\n  $ busbar certificate show 17 --dir ./net')
    .action(show);
  withSubmit(certificate.command('transfer'))
    .description('hand a certificate over to another account')
    .argument('<serial>', 'its number')
    .argument('<account>', 'who gets it (bb1...)')
    .addHelpText(
      'after',
      '\nExample:\n  $ busbar certificate transfer 17 bb1... --key home.json --dir ./net --wait',
    )
    .action(transfer);
  withSubmit(certificate.command('retire'))
    .description('claim the kWh of a certificate, once and for ever')
    .argument('<serial>', 'its number')
    .addHelpText(
      'after',
      '\nExample:\n  $ busbar certificate retire 17 --key home.json --dir ./net --wait',
    )
    .action(retire);
}

const serialOf = (text: string): bigint => wholeOf(text, 'serial');

type Listed = ResultOf<'certificate_list'>;

async function list(given: string | undefined, options: ListOptions): Promise<void> {
  const client = openClient(options);
  const whose = async (): Promise<string> => {
    if (given !== undefined) return given;
    const { chainId } = await client.call('chain_parameters', {});
    return accountOfKey(chainId, options);
  };
  if (options.all === true && (given ?? options.key) !== undefined)
    throw new ProtocolError('USAGE', 'either an account or --all');
  const { cursor } = options;
  const page = await client.call('certificate_list', {
    ...(options.all !== true && { account: await whose() }),
    ...(cursor !== undefined && { cursor }),
    ...(options.proof === true && { proof: true }),
  });
  if (options.json === true) return printJson(page);
  printList(page);
}

function printList({ certificates, labels, made, retired, cursor }: Listed): void {
  if (labels !== null) {
    const { made: own, held, owed } = labels;
    printLine(`labels  ${held} kWh bought, ${own} kWh made and not sold, ${owed} kWh owed`);
  }
  printTable('Certificates', certificates, [
    { title: 'serial', of: (c) => c.serial, right: true },
    { title: 'state', of: (c) => c.state },
    { title: 'kWh', of: (c) => c.kwh, right: true },
    { title: 'made', of: (c) => new Date(Number(c.madeMs)).toISOString() },
    { title: 'meters', of: (c) => String(new Set(c.origin.map((o) => o.meter)).size), right: true },
    { title: 'owner', of: (c) => c.owner },
  ]);
  printLine(`chain   ${made} made, ${retired} retired`);
  if (cursor !== undefined) printLine(`more: --cursor ${cursor}`);
}

async function show(serial: string, options: ListOptions): Promise<void> {
  const client = openClient(options);
  const found = await client.call('certificate_list', {
    serial: String(serialOf(serial)),
    ...(options.proof === true && { proof: true }),
  });
  if (options.json === true) return printJson(found);
  for (const { serial: number, owner, state, kwh, origin } of found.certificates) {
    printLine(`certificate ${number}  ${kwh} kWh  ${state}  ${owner}`);
    printTable('Origin', origin, [
      { title: 'meter', of: (o) => o.number },
      { title: 'market', of: (o) => o.market },
      { title: 'period', of: (o) => o.period, right: true },
      { title: 'kWh from', of: (o) => o.from, right: true },
      { title: 'to', of: (o) => o.to, right: true },
      { title: 'account of the meter', of: (o) => o.meter },
    ]);
  }
}

async function transfer(serial: string, account: string, options: SubmitOptions): Promise<void> {
  const desk = await openDesk(options);
  const body = { market: NO_MARKET, serial: serialOf(serial), to: parseAccount(account) };
  await submitAndPrint(desk, { kind: 'transferCertificate', body }, options);
}

async function retire(serial: string, options: SubmitOptions): Promise<void> {
  const desk = await openDesk(options);
  const body = { market: NO_MARKET, serial: serialOf(serial) };
  await submitAndPrint(desk, { kind: 'retireCertificate', body }, options);
}
