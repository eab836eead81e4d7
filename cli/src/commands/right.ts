// `busbar right offer|take`: energy bought for a period to come, sold on (settlement 7).
import type { Command } from 'commander';
import type { ChainMs, PeriodIndex } from '../../../core/src/amount.js';
import { ProtocolError } from '../../../core/src/errors.js';
import { energyIn, idOf, periodIn, priceIn } from '../arguments.js';
import { openDesk, submitAndPrint, type SubmitOptions, withSubmit } from '../submit.js';

interface RightOptions extends SubmitOptions {
  readonly energy: string;
  readonly price: string;
  readonly market: string;
  readonly period: string;
}

export function register(program: Command): void {
  const right = program.command('right').description('energy of a contract, sold on');
  withSubmit(right.command('offer'))
    .description('offer energy that you have bought to whoever takes it first')
    .argument('<contract>', 'id of the contract')
    .requiredOption('--energy <kWh>', 'how much of it')
    .requiredOption('--price <price>', 'currency per kWh; the difference is settled at once')
    .addHelpText(
      'after',
      '\nExample:\n  $ busbar right offer ID --energy 2 --price 0.6 --key home.json --dir ./net',
    )
    .action(offer);
  withSubmit(right.command('take'))
    .description('take a right that is on offer')
    .argument('<offer>', 'id of the offer')
    .requiredOption('--market <id>', 'market of its contract')
    .requiredOption('--period <n>', 'delivery period of its contract')
    .addHelpText(
      'after',
      '\nExample:\n  $ busbar right take ID --market pairs --period 9 --key home.json --dir ./net',
    )
    .action(take);
}

async function offer(id: string, options: RightOptions): Promise<void> {
  const desk = await openDesk(options);
  const { contract } = await desk.client.call('contract_get', { id });
  if (contract === null) throw new ProtocolError('NOT_FOUND', 'no contract of that id');
  const market = desk.parameters.markets.find((one) => one.id === contract.market);
  const period = BigInt(contract.period) as PeriodIndex;
  const { energy, price } = options;
  const body = {
    market: contract.market,
    period,
    contract: idOf(id),
    energyWh: energyIn(energy),
    price: priceIn(price, desk.scale),
    until: (period * BigInt(market?.periodMs ?? '0')) as ChainMs,
  };
  await submitAndPrint(desk, { kind: 'offerRight', body }, options);
}

async function take(id: string, options: RightOptions): Promise<void> {
  const desk = await openDesk(options);
  const body = { market: options.market, period: periodIn(options.period), offer: idOf(id) };
  await submitAndPrint(desk, { kind: 'takeRight', body }, options);
}
