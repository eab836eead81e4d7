// `busbar contract propose|submit|vote|confirm|show|list`: a contract that two negotiate elsewhere.
// One party writes the terms and signs them, the other looks at the file and submits it; validators
// vote; both confirm.
import type { Command } from 'commander';
import type { PeriodIndex } from '../../../core/src/amount.js';
import { equalBytes, toHex } from '../../../core/src/bytes.js';
import { printMinimal } from '../../../core/src/decimal.js';
import { ProtocolError } from '../../../core/src/errors.js';
import { asHash, sha256, ZERO_HASH } from '../../../core/src/hash.js';
import { parseAccount } from '../../../core/src/ids.js';
import { listingBytes, type ListingTerms } from '../../../core/src/listing.js';
import type { ResultOf } from '../../../rpc/src/client.js';
import { openAccount, type PageOptions, printMore, withPages } from '../accountPage.js';
import { countIn, energyIn, idOf, periodIn, priceIn } from '../arguments.js';
import { ENERGY_DECIMALS, openClient, type Scale, scaleOf, withNode } from '../client.js';
import { confirmReceipt, registerParty } from '../contractParty.js';
import { registerWaiting } from '../contractWaiting.js';
import { marketOf } from '../marketNow.js';
import { printTerms, readTerms } from '../listingFile.js';
import { printJson, printLine, printTable } from '../print.js';
import { readBytes } from '../read.js';
import { writeText } from '../write.js';
import {
  bytesOf,
  type Desk,
  openDesk,
  submitAndPrint,
  type SubmitOptions,
  withSubmit,
} from '../submit.js';

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
  registerWaiting(contract);
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
    .option('--json', 'one JSON document on stdout')
    .addHelpText('after', '\nExample:\n  $ busbar contract show ID --dir ./net')
    .action(show);
  withPages(contract.command('list'))
    .description('contracts and listings of an account')
    .addHelpText('after', '\nExample:\n  $ busbar contract list --key home.json --dir ./net')
    .action(list);
}

const MAX_NOTE_BYTES = 1 << 24;

function termsOf(desk: Desk, o: ProposeOptions): ListingTerms {
  if (o.side !== 'sell' && o.side !== 'buy')
    throw new ProtocolError('USAGE', '--side: sell or buy');
  const [own, other] = [desk.account, parseAccount(o.with)];
  return {
    market: o.market,
    period: periodIn(o.period),
    seller: o.side === 'sell' ? own : other,
    buyer: o.side === 'sell' ? other : own,
    count: countIn(o.count, 'count'),
    energyWh: energyIn(o.energy),
    price: priceIn(o.price, desk.scale),
    replaces: o.replaces === undefined ? undefined : idOf(o.replaces),
    noteHash: o.note === undefined ? ZERO_HASH : sha256(readBytes(o.note, MAX_NOTE_BYTES)),
  };
}

async function propose(options: ProposeOptions): Promise<void> {
  const desk = await openDesk(options);
  const terms = termsOf(desk, { ...options, market: marketOf(desk, options.market).id });
  const signature = desk.signer.sign(listingBytes(desk.chainId, terms));
  const file = printTerms({ chainId: toHex(desk.chainId), terms, signature });
  writeText(options.out, `${JSON.stringify(file, null, 1)}\n`);
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

async function list(given: string | undefined, options: PageOptions): Promise<void> {
  const { client, scale, page } = await openAccount(given, options);
  const found = await client.call('account_contracts', page);
  if (options.json === true) return printJson(found);
  printPage(found, scale);
}

async function show(id: string, options: SubmitOptions): Promise<void> {
  idOf(id);
  const client = openClient(options);
  const found = await client.call('contract_get', { id });
  if (options.json === true) return printJson(found);
  const { contract, listing, signed } = found;
  const scale = scaleOf(await client.call('chain_parameters', {}));
  printRows('Contract', contract === null ? [] : [contract], scale);
  printRows('Listing', listing === null ? [] : [listing], scale);
  printSigned('Contract', signed === null ? [] : [signed], scale);
}

type Signed = NonNullable<Found['signed']>;

/** At the mean of bid and ask, which has one decimal more than a price. */
function printSigned(title: string, signed: readonly Signed[], scale: Scale): void {
  const rows = signed.map((one) => ({ ...one, price: String(BigInt(one.priceSum) * 5n) }));
  printRows(title, rows, { ...scale, price: scale.price + 1 });
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
  printRows('Contracts', page.contracts, scale);
  printSigned('Signed contracts', page.signed, scale);
  printRows('Listings', open, scale);
  printMore(page);
}

function printRows(title: string, rows: readonly Row[], scale: Scale): void {
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
}
