// `busbar flex`: what a home brings into the internal-price game of a neighbourhood market: energy
// for use or sale, or a demand (market-neighbourhood 1.7).
import type { Command } from 'commander';
import { type Money, NO_ENERGY, NO_MONEY } from '../../../core/src/amount.js';
import { ProtocolError } from '../../../core/src/errors.js';
import { energyIn, moneyIn, periodIn } from '../arguments.js';
import type { Scale } from '../client.js';
import { type MarketView, marketThatIs, periodNow } from '../marketNow.js';
import { openDesk, submitAndPrint, type SubmitOptions, withSubmit } from '../submit.js';

interface FlexOptions extends SubmitOptions {
  readonly market: string;
  readonly period?: string;
  readonly demand?: string;
  readonly g?: string;
  readonly k?: string;
  readonly usual?: string;
  readonly emin: string;
  readonly emax?: string;
}

const HELP = `
A seller uses between emin and emax of its energy g itself, by the price that comes out; k says what
own use is worth to it. With --usual, k is such that it uses that much at the feed-in price:
  $ busbar flex --market street --g 2.5 --usual 0.8 --emin 0.3 --emax 1.5 --key sun.json --dir ./net
  $ busbar flex --market street --demand 1.2 --key home.json --dir ./net`;

export function register(program: Command): void {
  withSubmit(program.command('flex'))
    .description('energy or demand for the internal price of a neighbourhood market')
    .requiredOption('--market <id>', 'a neighbourhood market with pricing "internal"')
    .option('--period <n>', 'delivery period; the one that is traded now unless given')
    .option('--demand <kWh>', 'a buyer: what it needs')
    .option('--g <kWh>', 'a seller: energy for use or sale')
    .option('--k <money>', 'a seller: weight of its own use')
    .option('--usual <kWh>', 'a seller: usual own use, in place of --k')
    .option('--emin <kWh>', 'a seller: least own use', '0')
    .option('--emax <kWh>', 'a seller: most own use; g unless given')
    .addHelpText('after', HELP)
    .action(flex);
}

/** A seller's k, or p_f x (E1 + usual own use) (market-neighbourhood 1.7). */
function weightOf({ k, usual }: FlexOptions, { params }: MarketView, scale: Scale): Money {
  if ((k === undefined) === (usual === undefined))
    throw new ProtocolError('USAGE', 'a seller names --k or --usual');
  if (k !== undefined) return moneyIn(k, scale, 'k');
  const [feedIn, e1Wh] = [BigInt(String(params.feedIn)), BigInt(String(params.e1Wh))];
  return (feedIn * (e1Wh + energyIn(usual, 'usual'))) as Money;
}

function energiesOf(options: FlexOptions, market: MarketView, scale: Scale) {
  const { demand, g, k, usual, emin, emax = g } = options;
  if ((demand === undefined) === (g === undefined))
    throw new ProtocolError('USAGE', '--demand for a buyer, or --g for a seller');
  if (g !== undefined)
    return {
      g: energyIn(g, 'g'),
      k: weightOf(options, market, scale),
      emin: energyIn(emin, 'emin'),
      emax: energyIn(emax, 'emax'),
      demand: NO_ENERGY,
    };
  if ([k, usual, options.emax].some((one) => one !== undefined) || emin !== '0')
    throw new ProtocolError('USAGE', 'a buyer names its --demand alone');
  const own = { g: NO_ENERGY, k: NO_MONEY, emin: NO_ENERGY, emax: NO_ENERGY };
  return { ...own, demand: energyIn(demand, 'demand') };
}

async function flex(options: FlexOptions): Promise<void> {
  const desk = await openDesk(options);
  const market = marketThatIs(desk, options.market, 'neighbourhood');
  const energies = energiesOf(options, market, desk.scale);
  const period = periodIn(options.period ?? (await periodNow(desk, market.id)));
  await submitAndPrint(
    desk,
    { kind: 'flex', body: { market: market.id, period, ...energies } },
    options,
  );
}
