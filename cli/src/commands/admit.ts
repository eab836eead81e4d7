// `busbar admit`, `suspend`, `readmit`: the centre lets accounts in and out (consensus 1.3, 1.5),
// and binds meters to homes.
import type { Command } from 'commander';
import type { ChainMs, WattHour } from '../../../core/src/amount.js';
import { fromHex } from '../../../core/src/bytes.js';
import { ProtocolError } from '../../../core/src/errors.js';
import { asHash } from '../../../core/src/hash.js';
import { accountIdOf, parseAccount, printAccount, type PublicKey } from '../../../core/src/ids.js';
import { energyIn, wholeOf } from '../arguments.js';
import { publicKeyIn } from '../keyInfo.js';
import { printLine } from '../print.js';
import { openDesk, submitAndPrint, type SubmitOptions, withSubmit } from '../submit.js';

interface AdmitOptions extends SubmitOptions {
  readonly publicKey?: string;
  readonly keyOf?: string;
  readonly role: string;
  readonly organisation: string;
  readonly maxImport: string;
  readonly maxExport: string;
  readonly green?: boolean;
  readonly gridNode: string;
  readonly expires: string;
  readonly commitment?: string;
  readonly participant?: string;
  readonly number?: string;
  readonly market: string;
  readonly import: string;
  readonly export: string;
}

const HELP = `
Examples:
  $ busbar admit --key-of home.json --max-import 17 --max-export 10 --key centre.json --dir ./net
  $ busbar admit --role meter --key-of meter.json --participant bb1... --number 000000000001 \\
      --market spot --key centre.json --dir ./net --wait`;

export function register(program: Command): void {
  withSubmit(program.command('admit'))
    .description('let an account in, or bind a meter to one (centre)')
    .option('--public-key <hex>', 'its public key')
    .option('--key-of <file>', 'its key file, of which only the public key is read')
    .option('--role <role>', 'prosumer, full, validator, or meter', 'prosumer')
    .option('--organisation <name>', 'who runs it', '')
    .option('--max-import <kW>', 'connection', '0')
    .option('--max-export <kW>', 'connection', '0')
    .option('--green', 'generates from a green source')
    .option('--grid-node <id>', 'its node of the feeder', '')
    .option('--expires <ms>', 'chain ms; 0: does not run out', '0')
    .option('--commitment <hex>', 'salted commitment to personal data, 32 bytes')
    .option('--participant <account>', 'home of the meter')
    .option('--number <digits>', 'number of the meter, 12 digits')
    .option('--market <id>', 'market the meter is enrolled in', '')
    .option('--import <kWh>', 'register of the meter now', '0')
    .option('--export <kWh>', 'register of the meter now', '0')
    .addHelpText('after', HELP)
    .action(admit);
  withSubmit(program.command('suspend'))
    .description('shut an account out (centre)')
    .argument('<account>', 'its id (bb1...)')
    .requiredOption('--reason <text>', 'public, at most 64 characters')
    .addHelpText(
      'after',
      '\nExample:\n  $ busbar suspend bb1... --reason "moved" --key centre.json --dir ./net',
    )
    .action(suspend);
  withSubmit(program.command('readmit'))
    .description('let a suspended account back in (centre)')
    .argument('<account>', 'its id (bb1...)')
    .addHelpText('after', '\nExample:\n  $ busbar readmit bb1... --key centre.json --dir ./net')
    .action(readmit);
}

function keyOf({ publicKey, keyOf: file }: AdmitOptions): PublicKey {
  if (file !== undefined && publicKey === undefined) return publicKeyIn(file) as PublicKey;
  const bytes = fromHex(publicKey ?? '', 32);
  if (bytes !== undefined && file === undefined) return bytes as PublicKey;
  throw new ProtocolError('USAGE', 'name the key with --public-key HEX or --key-of FILE');
}

function roleOf(text: string): 'prosumer' | 'full' | 'validator' {
  if (text === 'prosumer' || text === 'full' || text === 'validator') return text;
  throw new ProtocolError('USAGE', '--role: prosumer, full, validator or meter');
}

function commitmentOf(text: string | undefined) {
  if (text === undefined) return undefined;
  const bytes = fromHex(text, 32);
  if (bytes === undefined) throw new ProtocolError('USAGE', '--commitment: 32 bytes of hex');
  return asHash(bytes);
}

async function admit(options: AdmitOptions): Promise<void> {
  if (options.role === 'meter') return bindMeter(options);
  const desk = await openDesk(options);
  const publicKey = keyOf(options);
  const body = {
    market: '',
    publicKey,
    role: roleOf(options.role),
    organisation: options.organisation,
    pMaxImportW: energyIn(options.maxImport, 'max-import'),
    pMaxExportW: energyIn(options.maxExport, 'max-export'),
    green: options.green === true,
    node: options.gridNode,
    expiresMs: wholeOf(options.expires, 'expires') as ChainMs,
    commitment: commitmentOf(options.commitment),
  };
  await submitAndPrint(desk, { kind: 'admit', body }, options);
  if (options.json !== true)
    printLine(`account ${printAccount(accountIdOf(desk.chainId, publicKey))}`);
}

async function bindMeter(options: AdmitOptions): Promise<void> {
  const { participant, number } = options;
  if (participant === undefined || number === undefined)
    throw new ProtocolError('USAGE', 'a meter wants --participant and --number');
  const desk = await openDesk(options);
  const body = {
    market: options.market,
    participant: parseAccount(participant),
    number,
    meterKey: keyOf(options),
    importWh: energyIn(options.import, 'import') as WattHour,
    exportWh: energyIn(options.export, 'export') as WattHour,
  };
  await submitAndPrint(desk, { kind: 'bindMeter', body }, options);
}

async function suspend(
  account: string,
  options: SubmitOptions & { readonly reason: string },
): Promise<void> {
  const desk = await openDesk(options);
  const body = { market: '', account: parseAccount(account), reason: options.reason };
  await submitAndPrint(desk, { kind: 'suspend', body }, options);
}

async function readmit(account: string, options: SubmitOptions): Promise<void> {
  const desk = await openDesk(options);
  const body = { market: '', account: parseAccount(account) };
  await submitAndPrint(desk, { kind: 'readmit', body }, options);
}
