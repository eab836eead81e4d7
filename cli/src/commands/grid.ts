// `busbar grid data|curtail`: what the grid company tells a market of reputation: base flows, fees
// and subsidy from the next period on, and cuts of what a line cannot carry (reputation 1.9).
import type { Command } from 'commander';
import type { Price } from '../../../core/src/amount.js';
import { ProtocolError } from '../../../core/src/errors.js';
import { MAX_FEEDER_LINES } from '../../../core/src/limits.js';
import { energyIn, flowIn, moneyIn, periodIn, priceIn } from '../arguments.js';
import { openDesk, submitAndPrint, type SubmitOptions, withSubmit } from '../submit.js';

interface DataOptions extends SubmitOptions {
  readonly market: string;
  readonly base: string;
  readonly c1: string;
  readonly c2: string;
  readonly c3: string;
  readonly up: string;
  readonly down: string;
  readonly subsidy: string;
  readonly budget: string;
}

interface CurtailOptions extends SubmitOptions {
  readonly market: string;
  readonly period: string;
  readonly line: string;
  readonly energy: string;
}

export function register(program: Command): void {
  const grid = program.command('grid').description('data of the grid company');
  withSubmit(grid.command('data'))
    .description('base flows, fees and redispatch prices, from the next period on')
    .requiredOption('--market <id>', 'a market of reputation')
    .option('--base <kWh,...>', 'base flow of each line in the order of the feeder, signed', '')
    .option('--c1 <price>', 'grid operation, currency per kWh', '0')
    .option('--c2 <price>', 'market and congestion management', '0')
    .option('--c3 <price>', 'ancillary services', '0')
    .option('--up <price>', 'redispatch upwards', '0')
    .option('--down <price>', 'redispatch downwards', '0')
    .option('--subsidy <price>', 'per clean kWh', '0')
    .option('--budget <money>', 'of the subsidy, a period', '0')
    .addHelpText(
      'after',
      '\nExample:\n  $ busbar grid data --market street --base 5,-2.5 --c1 0.01 \\\n' +
        '      --key grid.json --dir ./net',
    )
    .action(data);
  withSubmit(grid.command('curtail'))
    .description('cut the trades that push a line, from the third signature to the end of delivery')
    .requiredOption('--market <id>', 'a market of reputation')
    .requiredOption('--period <n>', 'delivery period')
    .requiredOption('--line <id>', 'line of the feeder')
    .requiredOption('--energy <kWh>', 'what it carries too much')
    .addHelpText(
      'after',
      '\nExample:\n  $ busbar grid curtail --market street --period 7 --line L1 --energy 3 \\\n' +
        '      --key grid.json --dir ./net',
    )
    .action(curtail);
}

async function data(options: DataOptions): Promise<void> {
  const desk = await openDesk(options);
  const price = (field: 'c1' | 'c2' | 'c3' | 'up' | 'down' | 'subsidy'): Price =>
    priceIn(options[field], desk.scale, field);
  const flows = options.base === '' ? [] : options.base.split(',');
  if (flows.length > MAX_FEEDER_LINES)
    throw new ProtocolError('USAGE', `--base: at most ${MAX_FEEDER_LINES} lines`);
  const body = {
    market: options.market,
    baseWh: flows.map((text) => flowIn(text, 'base')),
    c1: price('c1'),
    c2: price('c2'),
    c3: price('c3'),
    cUp: price('up'),
    cDown: price('down'),
    subsidy: price('subsidy'),
    budget: moneyIn(options.budget, desk.scale, 'budget'),
  };
  await submitAndPrint(desk, { kind: 'gridData', body }, options);
}

async function curtail(options: CurtailOptions): Promise<void> {
  const desk = await openDesk(options);
  const body = {
    market: options.market,
    period: periodIn(options.period),
    line: options.line,
    energyWh: energyIn(options.energy),
  };
  await submitAndPrint(desk, { kind: 'curtail', body }, options);
}
