// What `market clear` prints, built from trades and remainders (interfaces "market clear"). Common
// to the mechanisms: trades, rejected, unmatched, grid, accounts, summary.
import type { Money, Price, WattHour } from '../../../core/src/amount.js';
import { present } from '../../../core/src/assert.js';
import { printFixed, printMinimal } from '../../../core/src/decimal.js';
import type { Side } from '../../../core/src/tx.js';
import { equilibriumPrice } from '../cep.js';
import type { FileOrder, Rejected } from './clearOrders.js';
import { type CepParams, ENERGY_DECIMALS, type MarketParams, type Scale } from './params.js';

/** A trade between two orders, named by their index. */
export interface MatchedTrade {
  readonly sell: number;
  readonly buy: number;
  readonly energyWh: WattHour;
  readonly price: Price;
  readonly biddingRound: number;
  readonly queue?: 'green' | 'non-green';
  /** Where it is not price x energy on both sides. */
  readonly paid?: Paid;
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
    readonly price: string;
    readonly round: number;
    readonly queue?: 'green' | 'non-green';
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
  };
}

export interface Cleared {
  readonly params: MarketParams;
  readonly cep: CepParams;
  /** By submission; trades and remainders name them by index. */
  readonly orders: readonly FileOrder[];
  readonly trades: readonly MatchedTrade[];
  readonly remainingWh: readonly WattHour[];
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
    trades: trades.map((trade) => tradeText(trade, lines, params.scale)),
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
    accounts: inFile.map((line) => accountText(line, params.scale)),
    summary: summaryOf(cleared, lines),
  };
}

function linesOf({ orders, trades, remainingWh, params }: Cleared): readonly Line[] {
  const lines = orders.map((order, i) => ({
    order,
    remainingWh: present(remainingWh[i], 'a remainder per order'),
    gridPrice: order.side === 'buy' ? params.retail : params.feedIn,
    tradedWh: 0n,
    market: 0n,
  }));
  for (const { sell, buy, energyWh, price, paid } of trades)
    for (const index of [sell, buy]) {
      const line = present(lines[index], 'a trade names orders of the book');
      const parts = paid === undefined ? undefined : [paid.seller, paid.buyer];
      line.tradedWh += energyWh;
      line.market += parts?.[index === sell ? 0 : 1] ?? energyWh * price;
    }
  return lines;
}

function tradeText(
  { sell, buy, energyWh, price, biddingRound, queue, paid }: MatchedTrade,
  lines: readonly Line[],
  scale: Scale,
): ClearReport['trades'][number] {
  const seller = present(lines[sell], 'a trade names orders of the book').order;
  const buyer = present(lines[buy], 'a trade names orders of the book').order;
  return {
    seller: seller.account,
    buyer: buyer.account,
    sellOrder: seller.id,
    buyOrder: buyer.id,
    energy: energyText(energyWh),
    price: paid?.price ?? priceText(price, scale),
    round: biddingRound,
    ...(queue === undefined ? {} : { queue }),
  };
}

const gridMoney = ({ remainingWh, gridPrice }: Line): bigint => remainingWh * gridPrice;
const gridOnly = ({ order, gridPrice }: Line): bigint => order.energyWh * gridPrice;

/** Money has three decimals more than prices. */
export const moneyText = (value: bigint, { priceDecimals }: Scale): string =>
  printMinimal(value, priceDecimals + ENERGY_DECIMALS);

function accountText(line: Line, scale: Scale): ClearReport['accounts'][number] {
  const text = (value: bigint): string => moneyText(value, scale);
  return {
    id: line.order.account,
    traded: energyText(line.tradedWh),
    market: text(line.market),
    grid: text(gridMoney(line)),
    total: text(line.market + gridMoney(line)),
    gridOnly: text(gridOnly(line)),
  };
}

function summaryOf({ params, cep, trades, equilibrium }: Cleared, lines: readonly Line[]) {
  const { scale } = params;
  const sum = (side: Side, of: (line: Line) => bigint): string => {
    const ofSide = lines.filter(({ order }) => order.side === side);
    return moneyText(
      ofSide.reduce((total, line) => total + of(line), 0n),
      scale,
    );
  };
  const total = (line: Line): bigint => line.market + gridMoney(line);
  const prices = trades.map(({ price }) => price);
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
  };
}
