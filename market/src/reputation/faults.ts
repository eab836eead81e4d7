// What must hold of every clearing of this market (market-reputation 1.4-1.9): found from orders
// and results alone, by other means than those that made them. Files assert it, tests and full
// counts call it.
import type { Side } from '../../../core/src/tx.js';
import { lineFault } from '../grid/faults.js';
import type { StandingQuote } from './board.js';
import {
  type BiddingRound,
  gridTradeOf,
  type ReputationClearing,
  type ReputationOrder,
  type ReputationRules,
  type ReputationTrade,
} from './clear.js';
import { energyMoney } from './quote.js';
import type { Grade } from './reputation.js';

/** The first thing that does not hold, in words; undefined where everything does. */
type Fault = string | undefined;

type Orders = readonly ReputationOrder[];

export function reputationFault(
  orders: Orders,
  clearing: ReputationClearing,
  rules: ReputationRules,
): Fault {
  const { rounds, trades, remainingWh } = clearing;
  if (rounds.length !== rules.biddingRounds) return 'other than the bidding rounds there are';
  const rest = orders.map(({ energyWh }): bigint => energyWh);
  const gone = new Set<number>();
  let passed = 0;
  for (const [i, round] of rounds.entries()) {
    const dealt = round.matches.filter((_, m) => round.check?.passed[m] ?? true);
    leave(gone, orders, { before: rounds[i - 1], round, biddingRound: i + 1 });
    const standing = rest.map((wh, index) => (gone.has(index) ? 0n : wh));
    const fault =
      quoteFault(orders, round, standing) ?? roundFault(round, rules) ?? blockFault(round);
    if (fault !== undefined) return `round ${i + 1}: ${fault}`;
    for (const deal of dealt) {
      if (trades[passed++] !== deal) return `round ${i + 1}: a trade is not a match that passed`;
      for (const index of [deal.sell, deal.buy])
        rest[index] = (rest[index] as bigint) - deal.energyWh;
    }
  }
  if (passed !== trades.length) return 'trades of no bidding round';
  if (rest.some((wh, i) => wh < 0n || wh !== remainingWh[i]))
    return 'traded and remaining energy are not the energy of an order';
  return tradesFault(orders, trades) ?? networkFault(orders, trades, rules);
}

interface Sequel {
  readonly before: BiddingRound | undefined;
  readonly round: BiddingRound;
  readonly biddingRound: number;
}

/** Who declined leaves the period, unless a new quote counts, which then stands (1.3 CHOOSE). */
function leave(gone: Set<number>, orders: Orders, { before, round, biddingRound }: Sequel): void {
  for (const [i, choice] of (before?.choices ?? []).entries()) {
    if (choice?.decline !== true) continue;
    const price = orders[i]?.prices[biddingRound - 1];
    if (price === undefined || round.quotes[i]?.price !== price) gone.add(i);
  }
}

/** Quotes stand with what is left of the order, within its reserve, and never get worse. */
function quoteFault(orders: Orders, { quotes }: BiddingRound, rest: readonly bigint[]): Fault {
  for (const [i, { side, energyWh, price }] of quotes.entries()) {
    const { reserve, prices } = orders[i] as ReputationOrder;
    const first = prices[0] as bigint;
    if (energyWh !== rest[i]) return `quote ${i} stands with other than what is left`;
    if (!prices.includes(price)) return `quote ${i} has a price that its node never named`;
    if (side === 'sell' ? price < reserve : price > reserve) return `quote ${i} beyond its reserve`;
    if (side === 'sell' ? price > first : price < first) return `quote ${i} got worse`;
  }
  return undefined;
}

/** Limits of each match and of each node in one bidding round. */
function roundFault(round: BiddingRound, rules: ReputationRules): Fault {
  const { quotes, matches } = round;
  const standing = quotes.filter(({ energyWh }) => energyWh > 0n).length;
  if (matches.length >= Math.max(1, standing)) return 'more matches than quotes could end';
  const counts = countSides(quotes);
  const used = quotes.map(() => 0n);
  const partners = new Map<number, Set<number>>();
  for (const match of matches) {
    const fault = matchFault(round, match);
    if (fault !== undefined) return `match ${match.sell}-${match.buy}: ${fault}`;
    for (const [index, other] of [
      [match.sell, match.buy],
      [match.buy, match.sell],
    ] as const) {
      used[index] = (used[index] as bigint) + match.energyWh;
      const met = partners.get(index) ?? new Set();
      if (met.has(other)) return `${index} and ${other} are matched twice`;
      partners.set(index, met.add(other));
    }
  }
  for (const [index, met] of partners) {
    const quote = quotes[index] as StandingQuote;
    const most = rangeOf(quote, counts, rules);
    if (met.size > most) return `${index} has ${met.size} partners where lambda is ${most}`;
    const offered = round.choices[index]?.energyWh ?? quote.energyWh;
    if ((used[index] as bigint) > offered) return `${index} is matched beyond its energy`;
  }
  return undefined;
}

/** How many quotes stand on each side of the book of a generation type. */
type SideCounts = ReadonlyMap<string | undefined, Readonly<Record<Side, number>>>;

function countSides(quotes: readonly StandingQuote[]): SideCounts {
  const counts = new Map<string | undefined, Record<Side, number>>();
  for (const { side, type, energyWh } of quotes) {
    if (energyWh === 0n) continue;
    const sides = counts.get(type);
    if (sides === undefined) counts.set(type, { sell: 0, buy: 0, [side]: 1 });
    else sides[side]++;
  }
  return counts;
}

/** lambda by formula 5, in tenths: N (1 - g) rounded half up, at least 1. */
function rangeOf(
  { side, type, grade }: StandingQuote,
  counts: SideCounts,
  { rangeSides }: ReputationRules,
): number {
  const others = counts.get(type)?.[side === 'buy' ? 'sell' : 'buy'] ?? 0;
  if (side === 'sell' && rangeSides === 'buyers') return others;
  const tenths: { readonly [g in Grade]: number } = { 10: 9, 30: 7, 60: 4, 100: 0 };
  const product = others * tenths[grade];
  const rounded = (product - (product % 10)) / 10 + (product % 10 >= 5 ? 1 : 0);
  return rounded < 1 ? Math.min(1, others) : rounded;
}

function matchFault({ quotes, choices }: BiddingRound, match: ReputationTrade): Fault {
  const { sell, buy, energyWh, priceSum, congestion } = match;
  const [seller, buyer] = [quotes[sell], quotes[buy]];
  if (seller?.side !== 'sell' || buyer?.side !== 'buy') return 'not a sell and a buy';
  if (seller.type !== buyer.type) return 'two generation types';
  if (energyWh <= 0n) return 'no energy';
  if (congestion < 0n) return 'a negative congestion fee';
  if (priceSum !== seller.price + buyer.price) return 'not at the mean of the two quotes';
  if (priceSum < 2n * seller.price) return 'the seller gets less than its ask';
  if (priceSum > 2n * buyer.price) return 'the buyer pays more than its bid';
  return allows(choices[sell]?.partners, buy) && allows(choices[buy]?.partners, sell)
    ? undefined
    : 'a partner that was not chosen';
}

const allows = (partners: readonly number[] | undefined, other: number): boolean =>
  partners === undefined || partners.length === 0 || partners.includes(other);

/**
 * Nobody is left who could still be matched: after a round in which all are silent, no two with
 * energy and room for one more partner cross. Best price per book suffices: pairs already matched
 * have one side used up.
 */
function blockFault({ quotes, board, choices, matches }: BiddingRound): Fault {
  if (choices.some((choice) => choice !== undefined)) return undefined;
  const rest = quotes.map(({ energyWh }): bigint => energyWh);
  const room = [...board.range];
  for (const { sell, buy, energyWh } of matches)
    for (const index of [sell, buy]) {
      rest[index] = (rest[index] as bigint) - energyWh;
      room[index] = (room[index] as number) - 1;
    }
  const best = new Map<string | undefined, { ask?: bigint; bid?: bigint }>();
  for (const [i, { side, price, type }] of quotes.entries()) {
    if (rest[i] === 0n || room[i] === 0) continue;
    const heads = best.get(type) ?? {};
    if (side === 'sell' && (heads.ask === undefined || price < heads.ask)) heads.ask = price;
    if (side === 'buy' && (heads.bid === undefined || price > heads.bid)) heads.bid = price;
    best.set(type, heads);
  }
  for (const { ask, bid } of best.values())
    if (ask !== undefined && bid !== undefined && ask <= bid) return 'a pair that crosses is left';
  return undefined;
}

/** Over all bidding rounds: nobody trades beyond its reserve, and the seller gets the mean. */
function tradesFault(orders: Orders, trades: readonly ReputationTrade[]): Fault {
  for (const { sell, buy, energyWh, priceSum } of trades) {
    const [seller, buyer] = [orders[sell] as ReputationOrder, orders[buy] as ReputationOrder];
    if (priceSum < 2n * seller.reserve) return `${sell} sold below its reserve`;
    if (priceSum > 2n * buyer.reserve) return `${buy} bought above its reserve`;
    // The half tick is the only rounding, and never the seller's gain.
    const lost = priceSum * energyWh - 2n * energyMoney(priceSum, energyWh);
    if (lost < 0n || lost > 1n) return `${sell} does not get the mean of the quotes`;
  }
  return undefined;
}

function networkFault(
  orders: Orders,
  trades: readonly ReputationTrade[],
  { network }: ReputationRules,
): Fault {
  if (network === undefined) return undefined;
  const gridTrades = trades.map((trade) => gridTradeOf(orders, trade));
  return lineFault(network.grid, network.baseWh, gridTrades);
}
