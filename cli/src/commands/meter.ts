// `busbar meter read|enrol|show`: a reading signed by the meter's key, a change of the market that
// settles it, and what a meter has sent.
import type { Command } from 'commander';
import type { ChainMs } from '../../../core/src/amount.js';
import { printMinimal } from '../../../core/src/decimal.js';
import { ProtocolError } from '../../../core/src/errors.js';
import { printAccount } from '../../../core/src/ids.js';
import { energyIn, wholeOf } from '../arguments.js';
import { ENERGY_DECIMALS, type NodeOptions, openClient, withNode } from '../client.js';
import { printJson, printLine, printTable } from '../print.js';
import {
  chainNow,
  type Desk,
  openDesk,
  submitAndPrint,
  type SubmitOptions,
  withSubmit,
} from '../submit.js';

interface ReadOptions extends SubmitOptions {
  readonly import: string;
  readonly export: string;
  readonly end?: string;
  readonly sequence?: string;
}

interface EnrolOptions extends SubmitOptions {
  readonly market: string;
  readonly gridNode?: string;
}

interface ShowOptions extends NodeOptions {
  readonly from?: string;
  readonly to?: string;
  readonly json?: boolean;
}

export function register(program: Command): void {
  const meter = program.command('meter').description('readings of meters');
  withSubmit(meter.command('read'))
    .description('send the registers at the end of a period, signed with the key of the meter')
    .requiredOption('--import <kWh>', 'cumulative register of what was drawn')
    .requiredOption('--export <kWh>', 'cumulative register of what was fed in')
    .option('--end <ms>', 'end of the period, chain ms; the last end unless given')
    .option('--sequence <n>', 'one above the last unless given')
    .addHelpText(
      'after',
      '\nExample:\n  $ busbar meter read --import 120.5 --export 3 --key meter.json --dir ./net',
    )
    .action(read);
  withSubmit(meter.command('enrol'))
    .description('move your meter to another market, from its first free period on (its owner)')
    .requiredOption('--market <id>', 'the new market')
    .option('--grid-node <id>', 'its node of the feeder; the one of your account unless given')
    .addHelpText(
      'after',
      '\nExample:\n  $ busbar meter enrol --market street --key home.json --dir ./net --wait',
    )
    .action(enrol);
  withNode(meter.command('show'))
    .description('readings of a meter')
    .argument('<meter>', 'its number, its account, or the account of its participant')
    .option('--from <ms>', 'least end of period, chain ms')
    .option('--to <ms>', 'ends of period below this, chain ms')
    .option('--json', 'one JSON document on stdout')
    .addHelpText('after', '\nExample:\n  $ busbar meter show 000000000001 --dir ./net')
    .action(show);
}

async function read(options: ReadOptions): Promise<void> {
  const desk = await openDesk(options);
  const { meter, market } = await desk.client.call('account_get', {
    account: printAccount(desk.account),
  });
  if (meter === null) throw new ProtocolError('UNKNOWN_METER', 'the key is not of a bound meter');
  const endMs = options.end ? wholeOf(options.end, 'end') : await lastEnd(desk, market ?? '');
  const sequence = options.sequence
    ? wholeOf(options.sequence, 'sequence')
    : BigInt(meter.sequence) + 1n;
  const body = {
    market: '',
    endMs: endMs as ChainMs,
    importWh: energyIn(options.import, 'import'),
    exportWh: energyIn(options.export, 'export'),
    sequence,
  };
  await submitAndPrint(desk, { kind: 'reading', body }, options);
}

async function enrol(options: EnrolOptions): Promise<void> {
  const desk = await openDesk(options);
  const account = printAccount(desk.account);
  const { connection } = await desk.client.call('account_get', { account });
  const body = { market: options.market, node: options.gridNode ?? connection?.node ?? '' };
  await submitAndPrint(desk, { kind: 'enrol', body }, options);
}

/** The newest end of a period of the market. */
async function lastEnd(desk: Desk, market: string): Promise<bigint> {
  const found = desk.parameters.markets.find(({ id }) => id === market);
  if (found === undefined) throw new ProtocolError('NOT_ENROLLED', 'name the end with --end');
  const periodMs = BigInt(found.periodMs);
  return ((await chainNow(desk)) / periodMs) * periodMs;
}

async function show(meter: string, options: ShowOptions): Promise<void> {
  const { from, to } = options;
  const found = await openClient(options).call('meter_readings', {
    meter,
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
  });
  if (options.json === true) return printJson(found);
  const energy = (text: string): string => printMinimal(BigInt(text), ENERGY_DECIMALS);
  printLine(`meter ${found.meter} of ${found.participant}`);
  printTable('Registers', found.readings, [
    { title: 'end', of: (r) => new Date(Number(r.endMs)).toISOString() },
    { title: 'in kWh', of: (r) => energy(r.importWh), right: true },
    { title: 'out kWh', of: (r) => energy(r.exportWh), right: true },
    { title: 'sequence', of: (r) => r.sequence, right: true },
  ]);
  printTable('Settled periods', found.periods, [
    { title: 'market', of: (p) => p.market },
    { title: 'period', of: (p) => p.period, right: true },
    { title: 'in kWh', of: (p) => energy(p.importWh), right: true },
    { title: 'out kWh', of: (p) => energy(p.exportWh), right: true },
    { title: 'quality', of: (p) => p.quality },
  ]);
}
