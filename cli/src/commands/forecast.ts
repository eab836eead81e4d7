// `busbar forecast`: the net energy that a home expects for the next delivery, which settlement
// holds against its meter (market-neighbourhood 1.2).
import type { Command } from 'commander';
import { flowIn, periodIn } from '../arguments.js';
import { marketOf, periodNow } from '../marketNow.js';
import { openDesk, submitAndPrint, type SubmitOptions, withSubmit } from '../submit.js';

interface ForecastOptions extends SubmitOptions {
  readonly market: string;
  readonly period?: string;
  readonly net: string;
}

const HELP = `
Once bids can no longer be changed, until delivery begins; the last one counts, and each costs an
information token. Without one the opened bid counts. Import is positive, export negative:
  $ busbar forecast --market street --net -0.35 --key home.json --dir ./net`;

export function register(program: Command): void {
  withSubmit(program.command('forecast'))
    .description('net energy that you expect for the next delivery of a neighbourhood market')
    .requiredOption('--market <id>', 'a neighbourhood market')
    .requiredOption('--net <kWh>', 'import less export of the period, signed')
    .option('--period <n>', 'delivery period; the one that is traded now unless given')
    .addHelpText('after', HELP)
    .action(forecast);
}

async function forecast(options: ForecastOptions): Promise<void> {
  const netWh = flowIn(options.net, 'net');
  const desk = await openDesk(options);
  const market = marketOf(desk, options.market).id;
  const period = periodIn(options.period ?? (await periodNow(desk, market)));
  await submitAndPrint(desk, { kind: 'forecast', body: { market, period, netWh } }, options);
}
