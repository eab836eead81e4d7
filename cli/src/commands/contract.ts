// `busbar contract propose|submit|vote|confirm|show|list`: a contract that two negotiate elsewhere.
// One party writes the terms and signs them, the other looks at the file and submits it; validators
// vote; both confirm.
import { writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import type { PeriodIndex, Price, WattHour } from '../../../core/src/amount.js';
import { equalBytes, fromHex, toHex } from '../../../core/src/bytes.js';
import { parseDecimal, printMinimal } from '../../../core/src/decimal.js';
import { ProtocolError } from '../../../core/src/errors.js';
import { asHash, type Hash, sha256, ZERO_HASH } from '../../../core/src/hash.js';
import { parseAccount } from '../../../core/src/ids.js';
import { listingBytes, type ListingTerms } from '../../../core/src/listing.js';
import type { ResultOf } from '../../../rpc/src/client.js';
import { ENERGY_DECIMALS, openClient, type Scale, scaleOf, withNode } from '../client.js';
import { confirmReceipt, registerParty } from '../contractParty.js';
import { printTerms, readTerms } from '../listingFile.js';
import { printJson, printLine, printTable } from '../print.js';
import { readBytes } from '../read.js';
import {
  bytesOf,
  type Desk,
  openDesk,
  submitAndPrint,
  type SubmitOptions,
  withSubmit,
} from '../submit.js';
import { accountOfKey } from './account.js';

interface ProposeOptions extends SubmitOptions {
  readonly market: string;
  readonly period: string;
  readonly side: string;
  readonly with: string;
  readonly energy: string;
  readonly price: string;
  readonly count: string;
  readonly note?: string;
  readonly replaces?: string;
  readonly out: string;
}

const HELP = `
One party writes and signs, the other looks and submits; then both confirm:
  $ busbar contract propose --market pairs --period 500 --side sell --with bb1... \\
      --energy 80 --price 0.64 --out deal.json --key seller.json --dir ./net
  $ busbar contract submit deal.json --key buyer.json --dir ./net --wait
  $ busbar contract confirm LISTING --key buyer.json --dir ./net`;

export function register(program: Command): void {
  const contract = program.command('contract').description('contracts, negotiated and matched');
  registerParty(contract);
  withSubmit(contract.command('propose'))
    .description('write the terms of a contract to a file, signed by this party')
    .requiredOption('--market <id>', 'a bilateral market')
    .requiredOption('--period <n>', 'first delivery period')
    .requiredOption('--side <side>', 'what this party does: sell or buy')
    .requiredOption('--with <account>', 'the other party (bb1...)')
    .requiredOption('--energy <kWh>', 'energy of each period')
    .requiredOption('--price <price>', 'currency per kWh')
    .option('--count <n>', 'how many periods', '1')
    .option('--note <file>', 'what else was agreed; only its hash goes on the chain')
    .option('--replaces <id>', 'contract of the running period in whose place it stands')
    .requiredOption('--out <file>', 'where the signed terms go')
    .addHelpText('after', HELP)
    .action(propose);
  withSubmit(contract.command('submit'))
    .description('list a contract that the other party has signed')
    .argument('<file>', 'its signed terms')
    .addHelpText('after', HELP)
    .action(submit);
  withSubmit(contract.command('vote'))
    .description('review a listing as a validator of its committee')
    .argument('<listing>', 'id of the listing')
    .option('--against', 'it is not admissible')
    .addHelpText('after', '\nExample:\n  $ busbar contract vote LISTING --key v1.json --dir ./net')
    .action(vote);
  withSubmit(contract.command('confirm'))
    .description('confirm an approved listing (locks what this party may owe by it), or a receipt')
    .argument('<id>', 'of the listing, or of a delivered contract of a market of reputation')
    .addHelpText('after', HELP)
    .action(confirm);
  withNode(contract.command('show'))
    .description('a contract, or a listing')
    .argument('<id>', 'its id')
    .addHelpText('after', '\nExample:\n  $ busbar contract show ID --dir ./net')
    .action(async (id: string, options: SubmitOptions) =>
      printJson(await openClient(options).call('contract_get', { id })),
    );
  withNode(contract.command('list'))
    .description('contracts and listings of an account')
    .argument('[account]', 'its id (bb1...); the one of --key unless given')
    .option('--key <file>', 'key file of the account')
    .option('--cursor <cursor>', 'go on from the page before')
    .option('--json', 'one JSON document on stdout')
    .addHelpText('after', '\nExample:\n  $ busbar contract list --key home.json --dir ./net')
    .action(list);
}

export function idOf(text: string): Hash {
  const bytes = fromHex(text, ZERO_HASH.length);
  if (bytes !== undefined) return asHash(bytes);
  throw new ProtocolError('USAGE', 'an id is 64 characters of lower-case hex');
}

const MAX_NOTE_BYTES = 1 << 24;
const wholeOf = (text: string, field: string): bigint => parseDecimal(text, { field, decimals: 0 });

function termsOf(desk: Desk, o: ProposeOptions): ListingTerms {
  if (o.side !== 'sell' && o.side !== 'buy')
    throw new ProtocolError('USAGE', '--side: sell or buy');
  const [own, other] = [desk.account, parseAccount(o.with)];
  const decimals = desk.scale.price;
  return {
    market: o.market,
    period: wholeOf(o.period, 'period') as PeriodIndex,
    seller: o.side === 'sell' ? own : other,
    buyer: o.side === 'sell' ? other : own,
    count: Number(wholeOf(o.count, 'count')),
    energyWh: parseDecimal(o.energy, { field: 'energy', decimals: ENERGY_DECIMALS }) as WattHour,
    price: parseDecimal(o.price, { field: 'price', decimals }) as Price,
    replaces: o.replaces === undefined ? undefined : idOf(o.replaces),
    noteHash: o.note === undefined ? ZERO_HASH : sha256(readBytes(o.note, MAX_NOTE_BYTES)),
  };
}

async function propose(options: ProposeOptions): Promise<void> {
  const desk = await openDesk(options);
  const terms = termsOf(desk, options);
  const signature = desk.signer.sign(listingBytes(desk.chainId, terms));
  const file = printTerms({ chainId: toHex(desk.chainId), terms, signature });
  writeFileSync(options.out, `${JSON.stringify(file, null, 1)}\n`);
  if (options.json === true) printJson(file);
  else printLine(`signed: ${options.out}; give it to the other party`);
}

async function submit(path: string, options: SubmitOptions): Promise<void> {
  const desk = await openDesk(options);
  const { chainId, terms, signature } = readTerms(path);
  if (chainId !== toHex(desk.chainId))
    throw new ProtocolError('WRONG_CHAIN', `${path}: signed for another chain`);
  const isParty = [terms.seller, terms.buyer].some((id) => equalBytes(id, desk.account));
  if (!isParty) throw new ProtocolError('NOT_ALLOWED', `${path}: not a contract of this key`);
  await submitAndPrint(desk, { kind: 'list', body: { ...terms, signature } }, options);
}

type Found = ResultOf<'contract_get'>;
type Listing = NonNullable<Found['listing']>;

async function listingOf(desk: Desk, id: string): Promise<Listing> {
  const { listing } = await desk.client.call('contract_get', { id });
  if (listing === null) throw new ProtocolError('NOT_FOUND', 'no listing of that id');
  return listing;
}

async function vote(id: string, options: SubmitOptions & { against?: boolean }): Promise<void> {
  const desk = await openDesk(options);
  const { market, period } = await listingOf(desk, id);
  const body = {
    market,
    period: BigInt(period) as PeriodIndex,
    phase: 'A' as const,
    contract: idOf(id),
    bits: options.against === true ? 0 : 1,
    readings: undefined,
  };
  await submitAndPrint(desk, { kind: 'ballot', body }, options);
}

async function confirm(id: string, options: SubmitOptions): Promise<void> {
  const desk = await openDesk(options);
  if (await confirmReceipt(desk, id, options)) return;
  const { id: full, market, period } = await listingOf(desk, id);
  const listing = asHash(bytesOf(full));
  const body = { market, period: BigInt(period) as PeriodIndex, listing };
  await submitAndPrint(desk, { kind: 'confirmListing', body }, options);
}

interface ListOptions extends SubmitOptions {
  readonly cursor?: string;
}

async function list(given: string | undefined, options: ListOptions): Promise<void> {
  const client = openClient(options);
  const parameters = await client.call('chain_parameters', {});
  const account = given ?? accountOfKey(parameters.chainId, options);
  const { cursor } = options;
  const page = await client.call('account_contracts', {
    account,
    ...(cursor !== undefined && { cursor }),
  });
  if (options.json === true) return printJson(page);
  printPage(page, scaleOf(parameters));
}

interface Row {
  readonly id: string;
  readonly state: string;
  readonly market: string;
  readonly period: string;
  readonly seller: string;
  readonly buyer: string;
  readonly energyWh: string;
  readonly price: string;
}

function printPage(page: ResultOf<'account_contracts'>, scale: Scale): void {
  const open = page.listings.filter(({ state }) => state !== 'CONTRACT');
  const tables: readonly [string, readonly Row[]][] = [
    ['Contracts', page.contracts],
    ['Listings', open],
  ];
  for (const [title, rows] of tables)
    printTable(title, rows, [
      { title: 'id', of: (c) => c.id },
      { title: 'state', of: (c) => c.state.toLowerCase() },
      { title: 'market', of: (c) => c.market },
      { title: 'period', of: (c) => c.period, right: true },
      { title: 'seller', of: (c) => c.seller },
      { title: 'buyer', of: (c) => c.buyer },
      { title: 'kWh', of: (c) => printMinimal(BigInt(c.energyWh), ENERGY_DECIMALS), right: true },
      { title: 'price', of: (c) => printMinimal(BigInt(c.price), scale.price), right: true },
    ]);
  if (page.cursor !== undefined) printLine(`more: --cursor ${page.cursor}`);
}
