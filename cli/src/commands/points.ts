// `busbar points issue|redeem|transfer|audit`: points in and out by the centre, between accounts,
// and every issue, redemption and grant. Points for legal money: pointOffers.ts.
import type { Command } from 'commander';
import type { Money } from '../../../core/src/amount.js';
import { fromHex, utf8ToBytes } from '../../../core/src/bytes.js';
import { ProtocolError } from '../../../core/src/errors.js';
import { type AccountId, parseAccount, systemAccountId } from '../../../core/src/ids.js';
import { printMinimal } from '../../../core/src/decimal.js';
import { moneyIn } from '../arguments.js';
import { type NodeOptions, openClient, scaleOf, withNode } from '../client.js';
import { printJson, printLine, printTable } from '../print.js';
import { registerOffers } from './pointOffers.js';
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
      .argument('<account>', 'whose points (bb1..., pool:reward, pool:grants)')
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
  withNode(points.command('audit'))
    .description('every issue, redemption and grant, newest first, and their sums')
    .option('--from <ms>', 'least block time, chain ms')
    .option('--to <ms>', 'block times below this, chain ms')
    .option('--cursor <cursor>', 'go on from the page before')
    .option('--json', 'one JSON document on stdout')
    .addHelpText('after', '\nExample:\n  $ busbar points audit --dir ./net')
    .action(audit);
  registerOffers(points);
}

interface Words {
  readonly account: string;
  readonly amount: string;
}

/** The centre funds the pools by name. */
const POOLS = ['pool:reward', 'pool:grants'] as const;
const accountNamed = ({ chainId }: Desk, text: string): AccountId => {
  const pool = POOLS.find((name) => name === text);
  return pool === undefined ? parseAccount(text) : systemAccountId(chainId, pool);
};

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
    account: accountNamed(desk, account),
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

interface AuditOptions extends NodeOptions {
  readonly from?: string;
  readonly to?: string;
  readonly cursor?: string;
  readonly json?: boolean;
}

async function audit(options: AuditOptions): Promise<void> {
  const client = openClient(options);
  const { from, to, cursor } = options;
  const [parameters, supply, page] = await Promise.all([
    client.call('chain_parameters', {}),
    client.call('chain_supply', {}),
    client.call('points_audit', {
      ...(from !== undefined && { from }),
      ...(to !== undefined && { to }),
      ...(cursor !== undefined && { cursor }),
    }),
  ]);
  if (options.json === true) return printJson({ supply, ...page });
  const money = (text: string): string =>
    `${printMinimal(BigInt(text), scaleOf(parameters).money)} ${parameters.money.currency}`;
  printLine(`issued    ${money(supply.issued)}`);
  printLine(`redeemed  ${money(supply.redeemed)}`);
  printLine(
    `there is  ${money(supply.accounts)}, of it in pool:grants ${money(supply.pools.grants)}`,
  );
  printTable('Grants', Object.entries(supply.grants), [
    { title: 'cause', of: ([cause]) => cause },
    { title: 'paid', of: ([, { paid }]) => money(paid), right: true },
    { title: 'not covered', of: ([, { unpaid }]) => money(unpaid), right: true },
  ]);
  printTable('Entries', page.entries, [
    { title: 'time', of: (e) => new Date(Number(e.time)).toISOString() },
    { title: 'block', of: (e) => e.height, right: true },
    { title: 'type', of: (e) => e.type },
    { title: 'amount', of: (e) => money(e.amount), right: true },
    { title: 'account', of: (e) => e.account },
  ]);
  if (page.cursor !== undefined) printLine(`more: --cursor ${page.cursor}`);
}
