// `busbar auction`: a home that acts as auctioneer publishes the result of the auction of its own
// node; one that differs from the chain's is recorded against it (market-neighbourhood 1.3.5).
import type { Command } from 'commander';
import { z } from 'zod';
import type { Price, WattHour } from '../../../core/src/amount.js';
import { ProtocolError } from '../../../core/src/errors.js';
import type { Hash } from '../../../core/src/hash.js';
import { parseAccount, printAccount } from '../../../core/src/ids.js';
import { MAX_MARKET_FILE_BYTES } from '../../../core/src/limits.js';
import { auctionHash, type Deal } from '../../../state/src/markets/neighbourhood/contracts.js';
import { energyIn, idOf, periodIn, priceIn } from '../arguments.js';
import type { Scale } from '../client.js';
import { marketThatIs, periodNow } from '../marketNow.js';
import { readText } from '../read.js';
import { roundOf } from '../sealedOrder.js';
import { type Desk, openDesk, submitAndPrint, type SubmitOptions, withSubmit } from '../submit.js';

interface AuctionOptions extends SubmitOptions {
  readonly market: string;
  readonly period?: string;
  readonly round?: string;
  readonly trades?: string;
  readonly result?: string;
}

const HELP = `
The trades are those of your own computation, with accounts by their ids (bb1...); those of the node
of your account in that round are taken, and none is a result too:
  $ busbar market clear requests.json --json > trades.json
  $ busbar auction --market street --round 1 --trades trades.json --key home.json --dir ./net`;

export function register(program: Command): void {
  withSubmit(program.command('auction'))
    .description('publish the result of the auction of your own node, as its auctioneer')
    .requiredOption('--market <id>', 'a neighbourhood market')
    .option('--period <n>', 'delivery period; the one that is traded now unless given')
    .option('--round <n>', 'round of the auction; 1 unless given')
    .option('--trades <file>', 'what `market clear --json` printed')
    .option('--result <hex>', 'its hash in place of the trades')
    .addHelpText('after', HELP)
    .action(auction);
}

const tradesForm = z.looseObject({
  trades: z.array(
    z.looseObject({
      seller: z.string(),
      buyer: z.string(),
      energy: z.string(),
      price: z.string().optional(),
      buyPrice: z.string().optional(),
      sellPrice: z.string().optional(),
      round: z.int(),
      auctioneer: z.string(),
    }),
  ),
});
type Trades = z.infer<typeof tradesForm>['trades'];

/** Throws NOT_FOUND, TOO_LARGE, FILE_FORMAT. */
function readTrades(path: string): Trades {
  const text = readText(path, MAX_MARKET_FILE_BYTES);
  try {
    return tradesForm.parse(JSON.parse(text)).trades;
  } catch {
    throw new ProtocolError('FILE_FORMAT', `${path}: not what market clear --json prints`);
  }
}

function dealOf(trade: Trades[number], scale: Scale): Deal {
  const { seller, buyer, energy, price, buyPrice = price, sellPrice = price } = trade;
  return {
    seller: parseAccount(seller),
    buyer: parseAccount(buyer),
    energyWh: energyIn(energy) as WattHour,
    buyPrice: priceIn(buyPrice, scale) as Price,
    sellPrice: priceIn(sellPrice, scale) as Price,
    biddingRound: trade.round,
    auctioneer: trade.auctioneer,
  };
}

type Place = Pick<Parameters<typeof auctionHash>[1], 'market' | 'period' | 'biddingRound'>;

/** The result of the node on which the account sits. */
async function resultOf(desk: Desk, at: Place, trades: Trades): Promise<Hash> {
  const { client, chainId, scale } = desk;
  const { connection } = await client.call('account_get', { account: printAccount(desk.account) });
  const node = connection?.node ?? '';
  const own = trades.filter((one) => one.auctioneer === node && one.round === at.biddingRound);
  const deals = own.map((trade) => dealOf(trade, scale));
  return auctionHash({ chainId }, { ...at, node }, deals);
}

async function auction(options: AuctionOptions): Promise<void> {
  const { trades, result } = options;
  if ((trades === undefined) === (result === undefined))
    throw new ProtocolError('USAGE', '--trades FILE, or --result with the hash');
  const biddingRound = roundOf(options);
  const desk = await openDesk(options);
  const market = marketThatIs(desk, options.market, 'neighbourhood').id;
  const period = periodIn(options.period ?? (await periodNow(desk, market)));
  const at = { market, period, biddingRound };
  const hash =
    trades === undefined ? idOf(result ?? '') : await resultOf(desk, at, readTrades(trades));
  await submitAndPrint(desk, { kind: 'auction', body: { ...at, result: hash } }, options);
}
