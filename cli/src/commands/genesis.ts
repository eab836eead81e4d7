// `busbar genesis new|add-validator|add-account|check|hash`: writes and checks the file whose hash
// is the chain id (parameters 1).
import type { Command } from 'commander';
import { toHex } from '../../../core/src/bytes.js';
import { printMinimal } from '../../../core/src/decimal.js';
import { ProtocolError } from '../../../core/src/errors.js';
import { faultyOf, quorumOf } from '../../../core/src/validators.js';
import { readGenesis } from '../../../state/src/genesis/genesis.js';
import { listOf, publicKeyHex, readGenesisJson, writeGenesisJson } from '../genesisFile.js';
import { printJson, printLine } from '../print.js';

interface JsonOption {
  readonly json?: boolean;
}

interface NewOptions extends JsonOption {
  readonly name: string;
  readonly demo?: boolean;
  readonly rate: string;
  readonly wallStart: string;
  readonly centre: string;
  readonly grid: string;
  readonly regulator?: string;
  readonly currency: string;
  readonly market: string;
  readonly feedIn: string;
  readonly retail: string;
  readonly reward: string;
  readonly grants: string;
}

interface ValidatorOptions extends JsonOption {
  readonly name: string;
  readonly organisation: string;
  readonly publicKey: string;
  readonly address?: string;
}

interface AccountOptions extends JsonOption {
  readonly publicKey: string;
  readonly balance: string;
  readonly maxImport: string;
  readonly maxExport: string;
  readonly green?: boolean;
  readonly gridNode: string;
  readonly meterKey?: string;
  readonly meterNumber?: string;
  readonly market?: string;
}

const HELP = `
Example:
  $ busbar genesis new g.json --name lindenhof --centre HEX --grid HEX --feed-in 0.08 --retail 0.30
  $ busbar genesis add-validator g.json --name v1 --organisation coop --public-key HEX
  $ busbar genesis add-account g.json --public-key HEX --max-import 17 --max-export 10
  $ busbar genesis check g.json && busbar genesis hash g.json`;

export function register(program: Command): void {
  const genesis = program
    .command('genesis')
    .description('the genesis file')
    .addHelpText('after', HELP);
  const json = (command: Command): Command =>
    command
      .argument('<file>', 'the genesis file')
      .option('--json', 'one JSON document on stdout')
      .addHelpText('after', HELP);
  json(genesis.command('new'))
    .description('begin a file with one market')
    .requiredOption('--name <name>', 'name of the chain')
    .requiredOption('--centre <hex>', 'public key of the centre')
    .requiredOption('--grid <hex>', 'public key of the grid company')
    .requiredOption('--feed-in <price>', 'what the grid pays, currency/kWh')
    .requiredOption('--retail <price>', 'what the grid charges, currency/kWh')
    .option('--regulator <hex>', 'public key of the regulator')
    .option('--demo', 'keys of others are in one hand; rate above 1 allowed')
    .option('--rate <n>', 'chain ms per wall ms', '1')
    .option('--wall-start <ms>', 'wall time at chain time 0, ms since 1970', '0')
    .option('--currency <code>', 'currency of the points', 'CNY')
    .option('--market <id>', 'id of the market (mechanism call)', 'spot')
    .option('--reward <amount>', 'points in the reward pool', '0')
    .option('--grants <amount>', 'points in the pool of grants', '0')
    .action(create);
  json(genesis.command('add-validator'))
    .description('add a validator')
    .requiredOption('--name <name>', 'its name')
    .requiredOption('--organisation <name>', 'who runs it')
    .requiredOption('--public-key <hex>', 'its public key')
    .option('--address <multiaddr>', 'libp2p address to start from')
    .action(addValidator);
  json(genesis.command('add-account'))
    .description('add a home with its meter')
    .requiredOption('--public-key <hex>', 'its public key')
    .requiredOption('--max-import <kW>', 'connection')
    .requiredOption('--max-export <kW>', 'connection')
    .option('--balance <amount>', 'points it begins with', '0')
    .option('--green', 'generates from a green source')
    .option('--grid-node <id>', 'its node of the feeder', '')
    .option('--meter-key <hex>', 'public key of its meter')
    .option('--meter-number <digits>', 'number of its meter, 12 digits')
    .option('--market <id>', 'market its meter is enrolled in')
    .action(addAccount);
  json(genesis.command('check'))
    .description('read the file as a node does and say what it tolerates')
    .action(check);
  json(genesis.command('hash')).description('print the chain id').action(hash);
}

const wholeOf = (option: string, text: string): number => {
  if (!/^(0|[1-9][0-9]{0,14})$/.test(text))
    throw new ProtocolError('USAGE', `${option}: a whole number is wanted`);
  return Number(text);
};

function create(file: string, o: NewOptions): void {
  const json = {
    format: 1,
    name: o.name,
    demo: o.demo === true,
    time: 0,
    clock: {
      wallStartMs: wholeOf('--wall-start', o.wallStart),
      chainStartMs: 0,
      rate: wholeOf('--rate', o.rate),
    },
    money: { currency: o.currency, priceDecimals: 3 },
    consensus: {},
    centres: [{ name: 'centre', publicKey: publicKeyHex(o.centre, '--centre') }],
    validators: [],
    grid: { publicKey: publicKeyHex(o.grid, '--grid') },
    ...(o.regulator !== undefined && {
      regulator: { publicKey: publicKeyHex(o.regulator, '--regulator') },
    }),
    peers: [],
    accounts: [],
    pools: { reward: o.reward, grants: o.grants },
    markets: [{ id: o.market, mechanism: 'call', params: { feedIn: o.feedIn, retail: o.retail } }],
  };
  checkParts(json);
  writeGenesisJson(file, json, true);
  say(file, o);
}

/** Reads the file as a node would, with a stand-in for validators that are still to come. */
function checkParts(json: Record<string, unknown>): void {
  const begun = listOf(json, 'validators').length === 0;
  const standIn = [{ name: 'x', organisation: 'x', publicKey: STAND_IN_KEY }];
  readGenesis(begun ? { ...json, validators: standIn } : json);
}
/** A proper public key that nobody has use for: that of the seed 01 x 32. */
const STAND_IN_KEY = '8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c';

function say(file: string, { json }: JsonOption): void {
  const content = readGenesisJson(file);
  const validators = listOf(content, 'validators').length;
  const accounts = listOf(content, 'accounts').length;
  if (json === true) printJson({ file, validators, accounts });
  else printLine(`${file}: ${validators} validators, ${accounts} accounts`);
}

function addValidator(file: string, o: ValidatorOptions): void {
  const json = readGenesisJson(file);
  const publicKey = publicKeyHex(o.publicKey, '--public-key');
  json.validators = [
    ...listOf(json, 'validators'),
    { name: o.name, organisation: o.organisation, publicKey },
  ];
  if (o.address !== undefined)
    json.peers = [...listOf(json, 'peers'), { publicKey, address: o.address }];
  checkParts(json);
  writeGenesisJson(file, json, false);
  say(file, o);
}

function meterOf({ meterKey, meterNumber, market }: AccountOptions, json: Record<string, unknown>) {
  if (meterKey === undefined && meterNumber === undefined) return undefined;
  if (meterKey === undefined || meterNumber === undefined)
    throw new ProtocolError('USAGE', 'a meter wants --meter-key and --meter-number');
  const [first] = listOf(json, 'markets') as { id?: unknown }[];
  return {
    number: meterNumber,
    publicKey: publicKeyHex(meterKey, '--meter-key'),
    market: market ?? first?.id ?? '',
  };
}

function addAccount(file: string, o: AccountOptions): void {
  const json = readGenesisJson(file);
  const meter = meterOf(o, json);
  json.accounts = [
    ...listOf(json, 'accounts'),
    {
      publicKey: publicKeyHex(o.publicKey, '--public-key'),
      balance: o.balance,
      pMaxImport: o.maxImport,
      pMaxExport: o.maxExport,
      green: o.green === true,
      node: o.gridNode,
      ...(meter && { meter }),
    },
  ];
  checkParts(json);
  writeGenesisJson(file, json, false);
  say(file, o);
}

function check(file: string, { json }: JsonOption): void {
  const g = readGenesis(readGenesisJson(file));
  const n = g.validators.length;
  const seats = new Map<string, number>();
  for (const { organisation } of g.validators)
    seats.set(organisation, (seats.get(organisation) ?? 0) + 1);
  const largest = Math.max(...seats.values());
  const report = {
    chainId: toHex(g.chainId),
    validators: n,
    quorum: quorumOf(n),
    faulty: faultyOf(n),
    largestOrganisation: largest,
    accounts: g.accounts.length,
    markets: g.markets.map(({ id, mechanism }) => ({ id, mechanism })),
  };
  if (json === true) return printJson(report);
  printLine(`chain      ${report.chainId}`);
  printLine(`validators ${n}: ${report.quorum} decide, ${report.faulty} may be faulty`);
  if (largest > report.faulty) printLine(`           one organisation has ${largest} of them`);
  printLine(`accounts   ${report.accounts}`);
  for (const market of g.markets)
    printLine(
      `market     ${market.id} (${market.mechanism}), feed-in ` +
        `${printMinimal(market.params.feedIn, g.priceDecimals)}, retail ` +
        `${printMinimal(market.params.retail, g.priceDecimals)} ${g.currency}/kWh`,
    );
}

function hash(file: string, { json }: JsonOption): void {
  const chainId = toHex(readGenesis(readGenesisJson(file)).chainId);
  if (json === true) printJson({ chainId });
  else printLine(chainId);
}
