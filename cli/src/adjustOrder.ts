// `busbar order adjust`: quotes for the steps of round 2 of a two-round market, taken from the
// price at which somebody would still trade, which stays here (market-two-round 7, 4.12).
import type { Command } from 'commander';
import type { PeriodIndex } from '../../core/src/amount.js';
import { ProtocolError } from '../../core/src/errors.js';
import { agentQuotes, quoteDecimals, quotesPerPrice } from '../../market/src/twoRound/adjust.js';
import type { ResultOf } from '../../rpc/src/client.js';
import { priceIn } from './arguments.js';
import { type MarketView, marketThatIs } from './marketNow.js';
import { type PeriodView, periodOf } from './sealedOrder.js';
import { type Desk, openDesk, submitAndPrint, type SubmitOptions } from './submit.js';

interface AdjustOptions extends SubmitOptions {
  readonly market: string;
  readonly period?: string;
  readonly reserve?: string;
  readonly prices?: string;
}

const HELP = `
After round 1 the quote of what is left goes a part of the way towards the reference in each step,
and never past the reserve. No quotes sent: the price of the order stays:
  $ busbar order adjust --market spot --reserve 0.12 --key home.json --dir ./net`;

export const registerAdjust = (command: Command): Command =>
  command
    .description('two-round: quotes of round 2 for what round 1 left of the order')
    .option('--reserve <price>', 'last price at which you still trade; it is not sent')
    .option('--prices <price,...>', 'a quote per step in its place, at most 6 decimals')
    .addHelpText('after', HELP)
    .action(adjust);

interface Standing {
  readonly desk: Desk;
  readonly market: MarketView;
  readonly view: PeriodView;
}

/** Rule 7 from the reserve; 10^-6 currency per kWh, or finer where prices are. */
async function ruleQuotes({ desk, market, view }: Standing, reserve: bigint) {
  const { order } = view;
  if (order?.side === undefined || order.price === undefined)
    throw new ProtocolError('NO_ORDER', `no order of this account for period ${view.period}`);
  const reference = await referenceOf({ desk, market, view }, order.side, order.id);
  const perPrice = quotesPerPrice(desk.scale.price);
  const { betaPpm, mode, maxSteps } = market.params;
  const rule = {
    side: order.side === 'sell' ? ('sell' as const) : ('buy' as const),
    quote: BigInt(order.price) * perPrice,
    reference: reference === undefined ? undefined : BigInt(reference) * perPrice,
    betaPpm: BigInt(String(betaPpm)),
  };
  const steps = mode === 'single' ? 1 : Number(maxSteps);
  return agentQuotes(rule, { reserve: reserve * perPrice, maxSteps: steps });
}

type Book = ResultOf<'market_book'>;

/** Of the generation type of the order, which the book tells. */
async function referenceOf(
  { desk, market, view }: Standing,
  side: string,
  id: string | undefined,
): Promise<string | undefined> {
  const { references = [], period } = view;
  const page = { market: market.id, period };
  let book: Book | undefined;
  do {
    const cursor: string | undefined = book?.cursor;
    book = await desk.client.call('market_book', { ...page, ...(cursor && { cursor }) });
    const own = book.orders.find((order) => order.id === id);
    if (own === undefined) continue;
    const found = references.find(({ type }) => type === own.type);
    return (side === 'sell' ? found?.askMax : found?.bidMin) ?? undefined;
  } while (book.cursor !== undefined);
  return undefined;
}

const MAX_STEPS = 64;

function givenQuotes(text: string, decimals: number): readonly bigint[] {
  const texts = text.split(',');
  if (texts.length > MAX_STEPS)
    throw new ProtocolError('USAGE', `--prices: at most ${MAX_STEPS} quotes`);
  return texts.map((price) => priceIn(price, { price: decimals, money: decimals }, 'prices'));
}

async function adjust(options: AdjustOptions): Promise<void> {
  const { reserve, prices: given } = options;
  if ((reserve === undefined) === (given === undefined))
    throw new ProtocolError('USAGE', '--reserve PRICE, or --prices with a quote per step');
  const desk = await openDesk(options);
  const market = marketThatIs(desk, options.market, 'two-round');
  const view = await periodOf(desk, options);
  const prices =
    given === undefined
      ? await ruleQuotes({ desk, market, view }, priceIn(reserve, desk.scale, 'reserve'))
      : givenQuotes(given, quoteDecimals(desk.scale.price));
  const body = { market: market.id, period: BigInt(view.period) as PeriodIndex, prices };
  await submitAndPrint(desk, { kind: 'adjust', body }, options);
}
