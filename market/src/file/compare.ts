// `market compare`: one set of orders through every mechanism that takes orders, side by side,
// beside sharing by coefficients (../baseline) and the grid alone. Welfare counts what a trade is
// worth to its two sides: bid - ask by the reservation prices where they are given, else by the
// quotes.
import { parseDecimal, printMinimal } from '../../../core/src/decimal.js';
import { type ErrorCode, ProtocolError } from '../../../core/src/errors.js';
import {
  BASELINES,
  type BaselineName,
  readCommunity,
  readSharedBook,
  sharedSums,
} from '../baseline/file.js';
import { printRatio, ratio } from '../ratio.js';
import type { FileBook } from './book.js';
import { clearDocument, ORDER_MECHANISMS } from './clear.js';
import { buyPriceOf, type ClearReport, sellPriceOf } from './clearReport.js';
import { type Fields, fieldsOf, listOf } from './document.js';
import { ENERGY_DECIMALS, marketParams, paramFields, type Scale } from './params.js';

/** Prices in currency/kWh, null where nothing was traded. */
export interface ComparedPrices {
  /** Weighted by energy; of two prices the mean. */
  readonly average: string | null;
  readonly least: string | null;
  readonly most: string | null;
}

export interface ComparedMechanism {
  readonly mechanism: string;
  /** Why it cannot clear these orders; the rest is then absent. */
  readonly code?: ErrorCode;
  readonly result?: {
    readonly trades: number;
    readonly rejected: number;
    /** kWh. */
    readonly volume: string;
    readonly prices: ComparedPrices;
    /** Currency, like all that follows; sums with the rest of the grid. */
    readonly welfare: string;
    readonly buyersPay: string;
    readonly sellersGet: string;
    readonly gridOnlyBuyersPay: string;
    readonly gridOnlySellersGet: string;
    /** Against the grid alone. */
    readonly buyersSave: string;
    readonly sellersGain: string;
  };
}

export interface CompareReport {
  readonly mechanisms: readonly ComparedMechanism[];
  /** Without a market: static and dynamic coefficients. */
  readonly baselines: readonly ComparedBaseline[];
}

type Result = NonNullable<ComparedMechanism['result']>;

export interface ComparedBaseline {
  readonly baseline: BaselineName;
  readonly code?: ErrorCode;
  readonly result?: Omit<Result, 'trades' | 'rejected'>;
}

const NAMES: ReadonlySet<string> = new Set(['mechanism', 'params', 'orders', 'sharing']);

/** Throws ProtocolError where every mechanism refuses the document, or `sharing` does not fit. */
export function compareDocument(document: unknown): CompareReport {
  const { params, orders, sharing } = fieldsOf(document, '', NAMES).values;
  const refusals: ProtocolError[] = [];
  const mechanisms = ORDER_MECHANISMS.map((mechanism): ComparedMechanism => {
    const fields = fieldsOf({ mechanism, params, orders }, '', NAMES);
    try {
      return { mechanism, result: resultOf(fields, clearDocument(fields.values)) };
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      refusals.push(error);
      return { mechanism, code: error.code };
    }
  });
  const [first] = refusals;
  if (first !== undefined && refusals.length === mechanisms.length) throw first;
  const fields = fieldsOf({ params, orders }, '', NAMES);
  return { mechanisms, baselines: baselinesOf(fields, sharing) };
}

function baselinesOf(document: Fields, sharing: unknown): readonly ComparedBaseline[] {
  let book: FileBook;
  try {
    book = readSharedBook(document);
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    const { code } = error;
    return BASELINES.map((baseline) => ({ baseline, code }));
  }
  const community = readCommunity(book, sharing);
  const decimals = community.params.scale.priceDecimals + ENERGY_DECIMALS;
  return BASELINES.map((baseline) => {
    const sums = sharedSums(community, baseline);
    return { baseline, result: { ...sums, ...gainsOf(sums, decimals) } };
  });
}

type Sums = Omit<ClearReport['summary'], 'cep' | 'surplus'>;

/** Against the grid alone. */
function gainsOf(sums: Sums, decimals: number): Pick<Result, 'buyersSave' | 'sellersGain'> {
  const less = (a: string, b: string): string =>
    printMinimal(valueOf(a, decimals) - valueOf(b, decimals), decimals);
  return {
    buyersSave: less(sums.gridOnlyBuyersPay, sums.buyersPay),
    sellersGain: less(sums.sellersGet, sums.gridOnlySellersGet),
  };
}

type Trade = ClearReport['trades'][number];

function resultOf(document: Fields, report: ClearReport): ComparedMechanism['result'] {
  const { scale } = marketParams(paramFields(document));
  const { trades, summary, rejected } = report;
  const { cep: _, surplus: __, ...sums } = summary;
  const decimals = scale.priceDecimals + ENERGY_DECIMALS;
  const prices = pricesOf(trades, scale);
  const welfare = printMinimal(welfareOf(document, trades, scale), decimals);
  return {
    trades: trades.length,
    rejected: rejected.length,
    prices,
    welfare,
    ...sums,
    ...gainsOf(sums, decimals),
  };
}

const valueOf = (text: unknown, decimals: number): bigint =>
  parseDecimal(text, { field: 'report', decimals });

const energyWhOf = ({ energy }: Trade): bigint => valueOf(energy, ENERGY_DECIMALS);

function pricesOf(trades: readonly Trade[], { priceDecimals, tickDecimals }: Scale) {
  const [first] = trades;
  if (first === undefined) return { average: null, least: null, most: null };
  const of = (price: string): bigint => valueOf(price, priceDecimals);
  let [least, most] = [sellPriceOf(first), buyPriceOf(first)];
  let [energy, money] = [0n, 0n];
  for (const trade of trades) {
    const [paid, got] = [buyPriceOf(trade), sellPriceOf(trade)];
    if (of(got) < of(least)) least = got;
    if (of(paid) > of(most)) most = paid;
    energy += energyWhOf(trade);
    money += energyWhOf(trade) * (of(paid) + of(got));
  }
  const form = { exponent: priceDecimals, decimals: tickDecimals + 1 };
  const mean = printRatio(ratio(money, 2n * energy), { ...form, rounding: 'half-away' });
  // One decimal more than the tick where the mean needs it.
  const average = mean.replace(tickDecimals === 0 ? /\.0$/ : /0$/, '');
  return { average, least, most };
}

interface FileQuote {
  readonly id: string;
  readonly price: string;
  readonly reserve?: string;
}

function welfareOf(document: Fields, trades: readonly Trade[], { priceDecimals }: Scale): bigint {
  const worth = new Map(
    (listOf(document, 'orders') as readonly FileQuote[]).map(({ id, price, reserve }) => [
      id,
      valueOf(reserve ?? price, priceDecimals),
    ]),
  );
  return trades.reduce((sum, trade) => {
    const [bid, ask] = [worth.get(trade.buyOrder) ?? 0n, worth.get(trade.sellOrder) ?? 0n];
    return sum + energyWhOf(trade) * (bid - ask);
  }, 0n);
}
