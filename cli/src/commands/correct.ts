// `busbar correct`: the centre replaces the registers of a meter at the end of a period; the chain
// settles the periods on both sides again (settlement 3.5).
import type { Command } from 'commander';
import type { ChainMs, WattHour } from '../../../core/src/amount.js';
import { parseAccount } from '../../../core/src/ids.js';
import { energyIn, wholeOf } from '../arguments.js';
import { openDesk, submitAndPrint, type SubmitOptions, withSubmit } from '../submit.js';

interface CorrectOptions extends SubmitOptions {
  readonly market: string;
  readonly end: string;
  readonly import: string;
  readonly export: string;
  readonly reason: string;
}

const HELP = `
Both settlements stay readable: busbar rpc market_settlement with "version".

Example:
  $ busbar correct bb1... --market spot --end 1782021600000 --import 12.3 --export 0.4 \\
      --reason "meter exchanged" --key centre.json --dir ./net`;

export function register(program: Command): void {
  withSubmit(program.command('correct'))
    .description('put the registers of a meter right at the end of a period (centre)')
    .argument('<meter>', 'account of the meter (bb1...)')
    .requiredOption('--market <id>', 'market that settled the period')
    .requiredOption('--end <ms>', 'end of the period, chain ms')
    .requiredOption('--import <kWh>', 'register at that moment')
    .requiredOption('--export <kWh>', 'register at that moment')
    .requiredOption('--reason <text>', 'public, at most 64 characters')
    .addHelpText('after', HELP)
    .action(correct);
}

async function correct(meter: string, options: CorrectOptions): Promise<void> {
  const register = (field: 'import' | 'export'): WattHour => energyIn(options[field], field);
  const desk = await openDesk(options);
  const body = {
    market: options.market,
    meter: parseAccount(meter),
    endMs: wholeOf(options.end, 'end') as ChainMs,
    importWh: register('import'),
    exportWh: register('export'),
    reason: options.reason,
  };
  await submitAndPrint(desk, { kind: 'correct', body }, options);
}
