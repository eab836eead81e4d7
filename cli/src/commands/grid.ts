// `busbar grid data|curtail`: what the grid company tells a market of reputation: base flows, fees
// and subsidy from the next period on, and cuts of what a line cannot carry (reputation 1.9).
import type { Command } from 'commander';
import type { Money, Price } from '../../../core/src/amount.js';
import { ProtocolError } from '../../../core/src/errors.js';
import { MAX_FEEDER_LINES } from '../../../core/src/limits.js';
import type { ResultOf } from '../../../rpc/src/client.js';
import { energyIn, flowIn, moneyIn, periodIn, priceIn } from '../arguments.js';
import { marketOf } from '../marketNow.js';
import { type Desk, openDesk, submitAndPrint, type SubmitOptions, withSubmit } from '../submit.js';

interface DataOptions extends SubmitOptions, Partial<Readonly<Record<PriceOption, string>>> {
  readonly market: string;
  readonly base?: string;
  readonly budget?: string;
}
const PRICES = ['c1', 'c2', 'c3', 'up', 'down', 'subsidy'] as const;
type PriceOption = (typeof PRICES)[number];

interface CurtailOptions extends SubmitOptions {
  readonly market: string;
  readonly period: string;
  readonly line: string;
  readonly energy: string;
}

const DATA_HELP = `
What is not named stays as it was published last (\`rpc market_grid\` shows it):
  $ busbar grid data --market street --base 5,-2.5 --c1 0.01 --key grid.json --dir ./net
  $ busbar grid data --market street --base L2=-3 --key grid.json --dir ./net`;

export function register(program: Command): void {
  const grid = program.command('grid').description('data of the grid company');
  withSubmit(grid.command('data'))
    .description('base flows, fees and redispatch prices, from the next period on')
    .requiredOption('--market <id>', 'a market of reputation, or another with the check of lines')
    .option('--base <kWh,...>', 'base flow of each line in the order of the feeder, or of LINE=kWh')
    .option('--c1 <price>', 'grid operation, currency per kWh')
    .option('--c2 <price>', 'market and congestion management')
    .option('--c3 <price>', 'ancillary services')
    .option('--up <price>', 'redispatch upwards')
    .option('--down <price>', 'redispatch downwards')
    .option('--subsidy <price>', 'per clean kWh')
    .option('--budget <money>', 'of the subsidy, a period')
    .addHelpText('after', DATA_HELP)
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

type Published = Omit<ResultOf<'market_grid'>, 'cursor'>;

/** What was published last, with every line. */
async function publishedBy({ client }: Desk, market: string): Promise<Published> {
  const { cursor: more, ...first } = await client.call('market_grid', { market });
  const lines = [...first.lines];
  for (let cursor = more; cursor !== undefined; ) {
    const page = await client.call('market_grid', { market, cursor });
    lines.push(...page.lines);
    ({ cursor } = page);
  }
  return { ...first, lines };
}

/** Of every line, or of those that are named; the others keep theirs. Throws USAGE, NOT_FOUND. */
function flowsOf(text: string | undefined, lines: Published['lines']): readonly bigint[] {
  const flows = lines.map(({ baseWh }) => BigInt(baseWh));
  if (text === undefined) return flows;
  const given = text === '' ? [] : text.split(',');
  if (given.length > MAX_FEEDER_LINES)
    throw new ProtocolError('USAGE', `--base: at most ${MAX_FEEDER_LINES} lines`);
  if (!text.includes('=')) return given.map((one) => flowIn(one, 'base'));
  const places = new Map(lines.map(({ id }, place) => [id, place]));
  for (const one of given) {
    const end = one.lastIndexOf('=');
    const place = places.get(one.slice(0, Math.max(end, 0)));
    if (place === undefined) throw new ProtocolError('NOT_FOUND', `--base: no line ${one}`);
    flows[place] = flowIn(one.slice(end + 1), 'base');
  }
  return flows;
}

const NOTHING = { c1: '0', c2: '0', c3: '0', cUp: '0', cDown: '0', subsidy: '0', budget: '0' };

async function data(options: DataOptions): Promise<void> {
  const { base, budget } = options;
  if ([base, budget, ...PRICES.map((name) => options[name])].every((one) => one === undefined))
    throw new ProtocolError('USAGE', 'nothing to publish: name what changes');
  const desk = await openDesk(options);
  const market = marketOf(desk, options.market);
  const found = await publishedBy(desk, market.id);
  // Only reputation takes prices from here: elsewhere genesis has them.
  const old = market.mechanism === 'reputation' ? found : NOTHING;
  const price = (name: PriceOption, standing: string): Price => {
    const text = options[name];
    return text === undefined ? (BigInt(standing) as Price) : priceIn(text, desk.scale, name);
  };
  const body = {
    market: market.id,
    baseWh: flowsOf(base, found.lines),
    c1: price('c1', old.c1),
    c2: price('c2', old.c2),
    c3: price('c3', old.c3),
    cUp: price('up', old.cUp),
    cDown: price('down', old.cDown),
    subsidy: price('subsidy', old.subsidy),
    budget:
      budget === undefined ? (BigInt(old.budget) as Money) : moneyIn(budget, desk.scale, 'budget'),
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
