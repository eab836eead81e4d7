// `busbar choose`: after the board of a bidding round, with whom a quote may be matched, how much
// of it stands, or that it takes no part (market-reputation 1.3, 1.6).
import type { Command } from 'commander';
import { ProtocolError } from '../../../core/src/errors.js';
import { type AccountId, parseAccount } from '../../../core/src/ids.js';
import { MAX_PARTNERS } from '../../../core/src/limits.js';
import { energyIn, periodIn } from '../arguments.js';
import { marketOf, periodNow } from '../marketNow.js';
import { roundOf } from '../sealedOrder.js';
import { openDesk, submitAndPrint, type SubmitOptions, withSubmit } from '../submit.js';

interface ChooseOptions extends SubmitOptions {
  readonly market: string;
  readonly period?: string;
  readonly round?: string;
  readonly energy?: string;
  readonly partners?: string;
  readonly decline?: boolean;
}

const HELP = `
Between the board and the matching of a bidding round; the last choice counts, and silence means any
partner. The board, with the range of each quote, is in the answer of \`rpc market_period\`:
  $ busbar choose --market spot --round 1 --partners bb1...,bb1... --key home.json --dir ./net
  $ busbar choose --market spot --round 1 --decline --key home.json --dir ./net`;

export function register(program: Command): void {
  withSubmit(program.command('choose'))
    .description('partners, energy or refusal for the matching of a bidding round')
    .requiredOption('--market <id>', 'a market of reputation')
    .option('--period <n>', 'delivery period; the one that is traded now unless given')
    .option('--round <n>', 'bidding round; 1 unless given')
    .option('--energy <kWh>', 'what stands of the quote, at most what is left; all unless given')
    .option('--partners <account,...>', 'in the order of preference, within the range; else any')
    .option('--decline', 'take no part in this bidding round')
    .addHelpText('after', HELP)
    .action(choose);
}

function partnersOf({ partners }: ChooseOptions): readonly AccountId[] {
  if (partners === undefined) return [];
  const texts = partners.split(',');
  if (texts.length > MAX_PARTNERS)
    throw new ProtocolError('USAGE', `--partners: at most ${MAX_PARTNERS} accounts`);
  return texts.map(parseAccount);
}

async function choose(options: ChooseOptions): Promise<void> {
  const { energy, decline = false } = options;
  const [partners, biddingRound] = [partnersOf(options), roundOf(options)];
  const energyWh = energy === undefined ? undefined : energyIn(energy);
  const desk = await openDesk(options);
  const market = marketOf(desk, options.market).id;
  const period = periodIn(options.period ?? (await periodNow(desk, market)));
  const body = { market, period, biddingRound, energyWh, partners, decline };
  await submitAndPrint(desk, { kind: 'choose', body }, options);
}
