// `busbar points issue|redeem|transfer`: points in and out by the centre, and between accounts.
import type { Command } from 'commander';
import type { Money } from '../../../core/src/amount.js';
import { fromHex, utf8ToBytes } from '../../../core/src/bytes.js';
import { ProtocolError } from '../../../core/src/errors.js';
import { parseAccount } from '../../../core/src/ids.js';
import { moneyIn } from '../arguments.js';
import { type Desk, openDesk, submitAndPrint, type SubmitOptions, withSubmit } from '../submit.js';

interface PointsOptions extends SubmitOptions {
  readonly reference?: string;
  readonly memo?: string;
}

const NO_MARKET = '';
const MAX_REFERENCE_BYTES = 32;
const MAX_MEMO_BYTES = 64;

export function register(program: Command): void {
  const points = program.command('points').description('issue, redeem and transfer points');
  for (const kind of ['issue', 'redeem'] as const) {
    withSubmit(points.command(kind))
      .description(
        kind === 'issue' ? 'against money paid in (centre)' : 'against money paid out (centre)',
      )
      .argument('<account>', 'whose points (bb1...)')
      .argument('<amount>', 'currency, as "12.5"')
      .option('--reference <hex>', 'of the payment outside, at most 32 bytes')
      .addHelpText(
        'after',
        `\nExample:\n  $ busbar points ${kind} bb1... 100 --key centre.json --dir ./net --wait`,
      )
      .action((account: string, amount: string, options: PointsOptions) =>
        change(kind, { account, amount }, options),
      );
  }
  withSubmit(points.command('transfer'))
    .description('to another account')
    .argument('<account>', 'who gets them (bb1...)')
    .argument('<amount>', 'currency, as "12.5"')
    .option('--memo <text>', 'at most 64 bytes, public for ever')
    .addHelpText(
      'after',
      '\nExample:\n  $ busbar points transfer bb1... 2.50 --key home.json --dir ./net --wait',
    )
    .action((account: string, amount: string, options: PointsOptions) =>
      transfer({ account, amount }, options),
    );
}

interface Words {
  readonly account: string;
  readonly amount: string;
}

const amountOf = (desk: Desk, text: string): Money => moneyIn(text, desk.scale, 'amount');

function referenceOf({ reference = '' }: PointsOptions): Uint8Array {
  const bytes = fromHex(reference);
  if (bytes !== undefined && bytes.length <= MAX_REFERENCE_BYTES) return bytes;
  throw new ProtocolError('USAGE', '--reference: at most 32 bytes of lower-case hex');
}

function memoOf({ memo = '' }: PointsOptions): Uint8Array {
  const bytes = utf8ToBytes(memo);
  if (bytes.length <= MAX_MEMO_BYTES) return bytes;
  throw new ProtocolError('USAGE', '--memo: at most 64 bytes');
}

async function change(
  kind: 'issue' | 'redeem',
  { account, amount }: Words,
  options: PointsOptions,
): Promise<void> {
  const desk = await openDesk(options);
  const body = {
    market: NO_MARKET,
    account: parseAccount(account),
    amount: amountOf(desk, amount),
    reference: referenceOf(options),
  };
  await submitAndPrint(desk, { kind, body }, options);
}

async function transfer({ account, amount }: Words, options: PointsOptions): Promise<void> {
  const desk = await openDesk(options);
  const body = {
    market: NO_MARKET,
    to: parseAccount(account),
    amount: amountOf(desk, amount),
    memo: memoOf(options),
  };
  await submitAndPrint(desk, { kind: 'transfer', body }, options);
}
