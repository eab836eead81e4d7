// What `market clear` prints, built from trades and remainders (interfaces "market clear"). Common
// to the mechanisms: trades, rejected, unmatched, grid, accounts, summary.
import type { Money, Price, WattHour } from '../../../core/src/amount.js';
import { present } from '../../../core/src/assert.js';
import { printFixed, printMinimal } from '../../../core/src/decimal.js';
import type { Side } from '../../../core/src/tx.js';
import { equilibriumPrice } from '../cep.js';
import { floorMean } from '../openBook.js';
import type { FileOrder, Rejected } from './clearOrders.js';
import { type CepParams, ENERGY_DECIMALS, type MarketParams, type Scale } from './params.js';

/** A trade between two orders, named by their index. */
export interface MatchedTrade {
  readonly sell: number;
  readonly buy: number;
  readonly energyWh: WattHour;
  readonly price: Price;
  /** Where the seller gets another price than the buyer pays; both are then printed. */
  readonly sellPrice?: Price | undefined;
  /** Node of the auction that made it, where there are several. */
  readonly auctioneer?: string;
  readonly biddingRound: number;
  /** Where the mechanism has queues. */
  readonly queue?: 'green' | 'non-green';
  /** Where it is not price x energy on both sides. */
  readonly paid?: Paid;
}

/** Quotes after round 1 (two-round 6), null where a side has none. */
export interface ReferenceText {
  /** Where the file has several generation types. */
  readonly type?: string | null;
  readonly askMax: string | null;
  readonly bidMin: string | null;
}

/** What a trade costs and brings, and how its price prints where it is no whole number of ticks. */
export interface Paid {
  readonly price: string;
  readonly buyer: Money;
  readonly seller: Money;
}

export interface ClearReport {
  readonly trades: readonly {
    readonly seller: string;
    readonly buyer: string;
    readonly sellOrder: string;
    readonly buyOrder: string;
    readonly energy: string;
    /** Of both sides, or one of each. */
    readonly price?: string;
    readonly buyPrice?: string;
    readonly sellPrice?: string;
    readonly round: number;
    readonly queue?: 'green' | 'non-green';
    /** neighbourhood: the node whose auction made it. */
    readonly auctioneer?: string;
  }[];
  readonly rejected: readonly Rejected[];
  readonly unmatched: readonly { readonly id: string; readonly energy: string }[];
  readonly grid: readonly {
    readonly account: string;
    readonly side: Side;
    readonly energy: string;
    readonly price: string;
  }[];
  readonly accounts: readonly {
    readonly id: string;
    /** Where an account stands on both sides, which have a line each. */
    readonly side?: Side;
    readonly traded: string;
    readonly market: string;
    readonly grid: string;
    readonly total: string;
    readonly gridOnly: string;
  }[];
  readonly summary: {
    readonly volume: string;
    readonly buyersPay: string;
    readonly sellersGet: string;
    readonly gridOnlyBuyersPay: string;
    readonly gridOnlySellersGet: string;
    /** null where nothing was traded. */
    readonly cep: string | null;
    /** Rules with two prices: what buyers pay above what sellers get. */
    readonly surplus?: string;
  };
  /** two-round: of the one book, or a list by generation type. */
  readonly references?: ReferenceText | readonly ReferenceText[];
  /** two-round: the adjusted quotes of each step by order. */
  readonly steps?: readonly Readonly<Record<string, string>>[];
  /** continuous: what orders lost to their own account's. */
  readonly reduced?: readonly (Rejected & { readonly energy: string })[];
}

type TradeText = ClearReport['trades'][number];
/** A trade prints one price or two. */
export const buyPriceOf = ({ price, buyPrice }: TradeText): string => price ?? buyPrice ?? '';
export const sellPriceOf = ({ price, sellPrice }: TradeText): string => price ?? sellPrice ?? '';

export interface Cleared {
  readonly params: MarketParams;
  readonly cep: CepParams;
  /** By submission; trades and remainders name them by index. */
  readonly orders: readonly FileOrder[];
  readonly trades: readonly MatchedTrade[];
  readonly remainingWh: readonly WattHour[];
  /** Whether trades print the price of each side, even where both are the same. */
  readonly twoPrices?: boolean;
  /** By how much orders were reduced; that part is neither traded nor left. */
  readonly reducedWh?: readonly WattHour[];
  readonly rejected: readonly Rejected[];
  /** Where it is not that of the prices of the trades; undefined: no deal yet. */
  readonly equilibrium?: { readonly price: Price | undefined };
}

export const energyText = (wh: bigint): string => printMinimal(wh, ENERGY_DECIMALS);
export const priceText = (value: Price, { tick, tickDecimals }: Scale): string =>
  printFixed(value / tick, tickDecimals);

/** Money and energy of one order after clearing; integers in base units. */
interface Line {
  readonly order: FileOrder;
  /** Less what it was reduced by. */
  readonly energyWh: bigint;
  readonly remainingWh: bigint;
  readonly gridPrice: Price;
  tradedWh: bigint;
  market: bigint;
}

export function clearReport(cleared: Cleared): ClearReport {
  const { params, trades, rejected } = cleared;
  const lines = linesOf(cleared);
  // Lists about orders follow the file, trades the matching.
  const inFile = [...lines].sort((a, b) => a.order.place - b.order.place);
  const open = inFile.filter(({ remainingWh }) => remainingWh > 0n);
  return {
    trades: trades.map((trade) => tradeText(trade, lines, cleared)),
    rejected,
    unmatched: open.map(({ order, remainingWh }) => ({
      id: order.id,
      energy: energyText(remainingWh),
    })),
    grid: open.map(({ order, remainingWh, gridPrice }) => ({
      account: order.account,
      side: order.side,
      energy: energyText(remainingWh),
      price: priceText(gridPrice, params.scale),
    })),
    accounts: accountsOf(inFile, params.scale),
    summary: summaryOf(cleared, lines),
  };
}

function linesOf({ orders, trades, remainingWh, reducedWh, params }: Cleared): readonly Line[] {
  const lines = orders.map((order, i) => ({
    order,
    energyWh: order.energyWh - (reducedWh?.[i] ?? 0n),
    remainingWh: present(remainingWh[i], 'a remainder per order'),
    gridPrice: order.side === 'buy' ? params.retail : params.feedIn,
    tradedWh: 0n,
    market: 0n,
  }));
  for (const { sell, buy, energyWh, price, sellPrice = price, paid } of trades)
    for (const index of [sell, buy]) {
      const line = present(lines[index], 'a trade names orders of the book');
      const parts = paid === undefined ? undefined : [paid.seller, paid.buyer];
      line.tradedWh += energyWh;
      const own = index === sell ? sellPrice : price;
      line.market += parts?.[index === sell ? 0 : 1] ?? energyWh * own;
    }
  return lines;
}

function tradeText(
  trade: MatchedTrade,
  lines: readonly Line[],
  cleared: Cleared,
): ClearReport['trades'][number] {
  const { sell, buy, energyWh, biddingRound, queue, auctioneer } = trade;
  const seller = present(lines[sell], 'a trade names orders of the book').order;
  const buyer = present(lines[buy], 'a trade names orders of the book').order;
  return {
    seller: seller.account,
    buyer: buyer.account,
    sellOrder: seller.id,
    buyOrder: buyer.id,
    energy: energyText(energyWh),
    ...pricesText(trade, cleared),
    round: biddingRound,
    ...(queue === undefined ? {} : { queue }),
    ...(auctioneer === undefined ? {} : { auctioneer }),
  };
}

function pricesText(
  { price, sellPrice = price, paid }: MatchedTrade,
  { params: { scale }, twoPrices }: Cleared,
): Pick<ClearReport['trades'][number], 'price' | 'buyPrice' | 'sellPrice'> {
  return twoPrices === true
    ? { buyPrice: priceText(price, scale), sellPrice: priceText(sellPrice, scale) }
    : { price: paid?.price ?? priceText(price, scale) };
}

const gridMoney = ({ remainingWh, gridPrice }: Line): bigint => remainingWh * gridPrice;
const gridOnly = ({ energyWh, gridPrice }: Line): bigint => energyWh * gridPrice;

/** Money has three decimals more than prices. */
export const moneyText = (value: bigint, { priceDecimals }: Scale): string =>
  printMinimal(value, priceDecimals + ENERGY_DECIMALS);

/** One line per account and side, in the order of the file. */
function accountsOf(lines: readonly Line[], scale: Scale): ClearReport['accounts'] {
  const byAccount = new Map<string, Map<Side, Line[]>>();
  for (const line of lines) {
    const { account, side } = line.order;
    const sides = byAccount.get(account) ?? new Map<Side, Line[]>();
    const of = sides.get(side) ?? [];
    of.push(line);
    byAccount.set(account, sides.set(side, of));
  }
  return [...byAccount].flatMap(([id, sides]) =>
    [...sides].map(([side, of]) => ({
      id,
      ...(sides.size > 1 ? { side } : {}),
      ...accountText(of, scale),
    })),
  );
}

function accountText(lines: readonly Line[], scale: Scale) {
  const sum = (of: (line: Line) => bigint): bigint =>
    lines.reduce((total, line) => total + of(line), 0n);
  const text = (of: (line: Line) => bigint): string => moneyText(sum(of), scale);
  return {
    traded: energyText(sum(({ tradedWh }) => tradedWh)),
    market: text(({ market }) => market),
    grid: text(gridMoney),
    total: text((line) => line.market + gridMoney(line)),
    gridOnly: text(gridOnly),
  };
}

function summaryOf(cleared: Cleared, lines: readonly Line[]) {
  const { params, cep, trades, equilibrium, twoPrices } = cleared;
  const { scale } = params;
  const sum = (side: Side, of: (line: Line) => bigint): string => {
    const ofSide = lines.filter(({ order }) => order.side === side);
    return moneyText(
      ofSide.reduce((total, line) => total + of(line), 0n),
      scale,
    );
  };
  const total = (line: Line): bigint => line.market + gridMoney(line);
  const prices = trades.map(({ price, sellPrice = price }) =>
    floorMean(sellPrice, price, scale.tick),
  );
  const surplus = trades.reduce(
    (money, { energyWh, price, sellPrice = price }) => money + energyWh * (price - sellPrice),
    0n,
  );
  const cepPrice = equilibrium
    ? equilibrium.price
    : equilibriumPrice(prices, { ...cep, tick: scale.tick });
  return {
    volume: energyText(trades.reduce((wh, { energyWh }) => wh + energyWh, 0n)),
    buyersPay: sum('buy', total),
    sellersGet: sum('sell', total),
    gridOnlyBuyersPay: sum('buy', gridOnly),
    gridOnlySellersGet: sum('sell', gridOnly),
    cep: cepPrice === undefined ? null : priceText(cepPrice, scale),
    ...(twoPrices === true ? { surplus: moneyText(surplus, scale) } : {}),
  };
}
