// `busbar order submit|reveal|reduce|adjust|cancel|list`. What is sealed, and how it is opened:
// ../sealedOrder.ts. In an open market the order stands in the book at once.
import type { Command } from 'commander';
import type { PeriodIndex } from '../../../core/src/amount.js';
import { printMinimal } from '../../../core/src/decimal.js';
import { ProtocolError } from '../../../core/src/errors.js';
import { asHash } from '../../../core/src/hash.js';
import type { Side } from '../../../core/src/tx.js';
import { openAccount, type PageOptions, printMore, withPages } from '../accountPage.js';
import { energyIn, idOf, periodIn, priceIn } from '../arguments.js';
import { registerAdjust } from '../adjustOrder.js';
import { ENERGY_DECIMALS } from '../client.js';
import { periodNow } from '../marketNow.js';
import { printJson, printLine, printTable } from '../print.js';
import {
  bidOf,
  isSealed,
  periodOf,
  revealOrder,
  roundOf,
  type SealedOptions,
  sealOrder,
} from '../sealedOrder.js';
import { bytesOf, openDesk, submitAndPrint, withSubmit } from '../submit.js';

interface OrderOptions extends SealedOptions {
  readonly side?: string;
  readonly energy?: string;
  readonly price?: string;
  readonly type?: string;
  readonly right?: string;
}

const ROUND = 'reputation: bidding round of a sealed bid; 1 unless given';
const SUBMIT_HELP = `
In a market of two-round, uniform or continuous the order is public at once. In the others it is
sealed (call: the price alone): the chain sees only a commitment until you reveal it. The opening is
kept in FILE.bids.json beside your key file. Reveal it in the same period, or the bond is lost:
  $ busbar order submit --market spot --side sell --energy 1.5 --price 0.15 \\
      --key home.json --dir ./net
  $ busbar order reveal --market spot --key home.json --dir ./net --wait`;

export function register(program: Command): void {
  const order = program.command('order').description('orders of a market');
  const common = (command: Command): Command =>
    withSubmit(command)
      .requiredOption('--market <id>', 'the market')
      .option('--period <n>', 'delivery period; the one that takes orders unless given');
  common(order.command('submit'))
    .description('place an order, sealed where the market is')
    .requiredOption('--side <side>', 'sell or buy')
    .requiredOption('--energy <kWh>', 'energy of the period')
    .requiredOption('--price <price>', 'currency per kWh')
    .option('--type <type>', 'generation type; orders of different types never meet')
    .option(
      '--right <contract>',
      'continuous: sell on energy of this contract that you have bought',
    )
    .option('--round <n>', ROUND)
    .option('--bids <file>', 'where the opening is kept')
    .addHelpText('after', SUBMIT_HELP)
    .action(submit);
  common(order.command('reduce'))
    .description('lower the energy of an open order; it keeps its time')
    .requiredOption('--energy <kWh>', 'what shall stand of it')
    .addHelpText(
      'after',
      '\nExample:\n  $ busbar order reduce --market spot --energy 1.2 --key home.json --dir ./net',
    )
    .action(reduce);
  registerAdjust(common(order.command('adjust')));
  common(order.command('reveal'))
    .description('open the sealed order; --wait: also wait for the chain to close the declaration')
    .option('--round <n>', ROUND)
    .option('--activate', 'neighbourhood: what clears of it counts as activated')
    .option('--bids <file>', 'where the opening is kept')
    .addHelpText('after', SUBMIT_HELP)
    .action(reveal);
  common(order.command('cancel'))
    .description('take an order back, while the declaration is open')
    .option('--round <n>', ROUND)
    .addHelpText(
      'after',
      '\nExample:\n  $ busbar order cancel --market spot --key home.json --dir ./net',
    )
    .action(cancel);
  withPages(order.command('list'))
    .description('orders of an account and what they came to')
    .addHelpText('after', '\nExample:\n  $ busbar order list --key home.json --dir ./net')
    .action(list);
}

const sideOf = (text: string | undefined): Side => {
  if (text === 'sell' || text === 'buy') return text;
  throw new ProtocolError('USAGE', '--side: sell or buy');
};

async function submit(options: OrderOptions): Promise<void> {
  const side = sideOf(options.side);
  const desk = await openDesk(options);
  const { market } = options;
  const period = options.period ?? (await periodNow(desk, market));
  const price = priceIn(options.price, desk.scale);
  const bid = { market, period: periodIn(period), side, energyWh: energyIn(options.energy) };
  const { type = '' } = options;
  if (await isSealed(desk, bid)) {
    if (type !== '' || options.right !== undefined)
      throw new ProtocolError('USAGE', '--type, --right: not of a market whose orders are sealed');
    return sealOrder(desk, { ...bid, price }, options);
  }
  const right = options.right === undefined ? undefined : idOf(options.right);
  const body = { ...bid, price, type, reserve: undefined, right };
  await submitAndPrint(desk, { kind: 'order', body }, options);
  if (options.json !== true) printLine(`open for period ${period}`);
}

async function reveal(options: OrderOptions): Promise<void> {
  await revealOrder(await openDesk(options), options);
}

async function reduce(options: OrderOptions): Promise<void> {
  const desk = await openDesk(options);
  const { order, period } = await periodOf(desk, options);
  if (order?.id === undefined)
    throw new ProtocolError('NO_ORDER', `no order of this account for period ${period}`);
  const body = {
    market: options.market,
    period: BigInt(period) as PeriodIndex,
    order: asHash(bytesOf(order.id)),
    energyWh: energyIn(options.energy),
  };
  await submitAndPrint(desk, { kind: 'reduce', body }, options);
}

async function cancel(options: OrderOptions): Promise<void> {
  const desk = await openDesk(options);
  const view = await periodOf(desk, options);
  const { id } = bidOf(view, roundOf(options)) ?? {};
  if (id === undefined)
    throw new ProtocolError('NO_ORDER', `no order of this account for period ${view.period}`);
  const body = {
    market: options.market,
    period: BigInt(view.period) as PeriodIndex,
    order: asHash(bytesOf(id)),
  };
  await submitAndPrint(desk, { kind: 'cancel', body }, options);
}

async function list(given: string | undefined, options: PageOptions): Promise<void> {
  const { client, scale, page } = await openAccount(given, options);
  const found = await client.call('account_orders', page);
  if (options.json === true) return printJson(found);
  const shown = (text: string | undefined, decimals: number): string =>
    text === undefined ? '' : printMinimal(BigInt(text), decimals);
  printTable('Orders', found.orders, [
    { title: 'market', of: (o) => o.market },
    { title: 'period', of: (o) => o.period, right: true },
    { title: 'state', of: (o) => o.state },
    { title: 'side', of: (o) => o.side ?? '' },
    { title: 'kWh', of: (o) => shown(o.energyWh, ENERGY_DECIMALS), right: true },
    { title: 'price', of: (o) => shown(o.price, scale.price), right: true },
    { title: 'traded', of: (o) => shown(o.tradedWh, ENERGY_DECIMALS), right: true },
    { title: 'money', of: (o) => shown(o.amount, scale.money), right: true },
  ]);
  printMore(found);
}
