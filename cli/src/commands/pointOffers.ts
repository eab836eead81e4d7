// `busbar points offer|offers|take|release`: points bought from another participant for legal
// money, which moves outside the chain.
import type { Command } from 'commander';
import type { ChainMs } from '../../../core/src/amount.js';
import { utf8ToBytes } from '../../../core/src/bytes.js';
import { printMinimal } from '../../../core/src/decimal.js';
import { ProtocolError } from '../../../core/src/errors.js';
import { sha256 } from '../../../core/src/hash.js';
import { idOf, moneyIn, wholeOf } from '../arguments.js';
import { type NodeOptions, openClient, scaleOf, withNode } from '../client.js';
import { printJson, printLine, printTable } from '../print.js';
import { chainNow, openDesk, submitAndPrint, type SubmitOptions, withSubmit } from '../submit.js';

interface OfferOptions extends SubmitOptions {
  readonly terms: string;
  readonly hours: string;
}
interface OffersOptions extends NodeOptions {
  readonly seller?: string;
  readonly cursor?: string;
  readonly json?: boolean;
}

const NO_MARKET = '';
const HOUR_MS = 3_600_000n;

/** Commands below `busbar points`. */
export function registerOffers(points: Command): void {
  withSubmit(points.command('offer'))
    .description('offer points for legal money; they are locked until the offer ends')
    .argument('<amount>', 'currency, as "12.5"')
    .requiredOption('--terms <text>', 'what you ask for and how it is paid; its hash is public')
    .option('--hours <n>', 'how long it stands, at most 168 hours of chain time', '24')
    .addHelpText(
      'after',
      '\nExample:\n  $ busbar points offer 25 --terms "25 EUR to DE00" --key home.json --dir ./net',
    )
    .action(offer);
  withNode(points.command('offers'))
    .description('points on offer, and who has taken them')
    .option('--seller <account>', 'offers of one account')
    .option('--cursor <cursor>', 'go on from the page before')
    .option('--json', 'one JSON document on stdout')
    .addHelpText('after', '\nExample:\n  $ busbar points offers --dir ./net')
    .action(offers);
  const about = {
    take: ['take an offer: it is reserved for 24 hours of chain time', 'takePoints'],
    release: ['hand over points that were taken: the legal money has come', 'releasePoints'],
  } as const;
  for (const name of ['take', 'release'] as const) {
    const [description, kind] = about[name];
    withSubmit(points.command(name))
      .description(description)
      .argument('<offer>', 'id of the offer')
      .addHelpText(
        'after',
        `\nExample:\n  $ busbar points ${name} ID --key home.json --dir ./net --wait`,
      )
      .action(async (id: string, options: SubmitOptions) => {
        const desk = await openDesk(options);
        const body = { market: NO_MARKET, offer: idOf(id) };
        await submitAndPrint(desk, { kind, body }, options);
      });
  }
}

async function offer(amount: string, options: OfferOptions): Promise<void> {
  if (options.terms === '') throw new ProtocolError('USAGE', '--terms: say what you ask for');
  const desk = await openDesk(options);
  const hours = wholeOf(options.hours, 'hours');
  const body = {
    market: NO_MARKET,
    amount: moneyIn(amount, desk.scale, 'amount'),
    terms: sha256(utf8ToBytes(options.terms)),
    until: ((await chainNow(desk)) + hours * HOUR_MS) as ChainMs,
  };
  await submitAndPrint(desk, { kind: 'offerPoints', body }, options);
}

async function offers(options: OffersOptions): Promise<void> {
  const client = openClient(options);
  const { seller, cursor } = options;
  const [parameters, page] = await Promise.all([
    client.call('chain_parameters', {}),
    client.call('points_offers', {
      ...(seller !== undefined && { seller }),
      ...(cursor !== undefined && { cursor }),
    }),
  ]);
  if (options.json === true) return printJson(page);
  const { money } = scaleOf(parameters);
  printTable('Points on offer', page.offers, [
    { title: 'amount', of: (o) => printMinimal(BigInt(o.amount), money), right: true },
    { title: 'until', of: (o) => new Date(Number(o.until)).toISOString() },
    { title: 'taken by', of: (o) => o.taker ?? '' },
    { title: 'seller', of: (o) => o.seller },
    { title: 'id', of: (o) => o.id },
  ]);
  if (page.cursor !== undefined) printLine(`more: --cursor ${page.cursor}`);
}
