// `busbar offer`: publish what you would sell or buy, so that somebody talks to you.
import type { Command } from 'commander';
import type { ChainMs } from '../../../core/src/amount.js';
import { ProtocolError } from '../../../core/src/errors.js';
import type { Side } from '../../../core/src/tx.js';
import { energyIn, periodIn, priceIn } from '../arguments.js';
import { openDesk, submitAndPrint, type SubmitOptions, withSubmit } from '../submit.js';

interface OfferOptions extends SubmitOptions {
  readonly market: string;
  readonly side: string;
  readonly energy: string;
  readonly price?: string;
  readonly first: string;
  readonly last?: string;
}

const HELP = `
It binds nobody. Whoever is interested talks to you; the contract comes by \`busbar contract\`:
  $ busbar offer --market pairs --side sell --energy 5 --price 0.6 --first 500 --last 520 \\
      --key home.json --dir ./net`;

export function register(program: Command): void {
  withSubmit(program.command('offer'))
    .description('publish an offer or a request of a bilateral market')
    .requiredOption('--market <id>', 'a bilateral market')
    .requiredOption('--side <side>', 'sell or buy')
    .requiredOption('--energy <kWh>', 'energy of each period')
    .option('--price <price>', 'currency per kWh; none: to be talked about')
    .requiredOption('--first <n>', 'first delivery period')
    .option('--last <n>', 'last delivery period; the first unless given')
    .addHelpText('after', HELP)
    .action(offer);
}

async function offer(options: OfferOptions): Promise<void> {
  const { market: id, side, energy, price, first, last = first } = options;
  if (side !== 'sell' && side !== 'buy') throw new ProtocolError('USAGE', '--side: sell or buy');
  const desk = await openDesk(options);
  const market = desk.parameters.markets.find((one) => one.id === id);
  if (market === undefined) throw new ProtocolError('UNKNOWN_MARKET', `no market ${id} here`);
  const lastPeriod = periodIn(last, 'last');
  const body = {
    market: id,
    side: side as Side,
    energyWh: energyIn(energy),
    price: price === undefined ? undefined : priceIn(price, desk.scale),
    firstPeriod: periodIn(first, 'first'),
    lastPeriod,
    // It is of no use once its last delivery begins.
    until: (lastPeriod * BigInt(market.periodMs)) as ChainMs,
  };
  await submitAndPrint(desk, { kind: 'offer', body }, options);
}
