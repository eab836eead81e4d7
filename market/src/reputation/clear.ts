// All bidding rounds of one period in one call, as files do it (market-reputation 1.3): quotes by
// valuations, board with forecast, choices, matching, security check, advice. The chain calls the
// same steps one by one. Orders come in the order of the ids of their nodes.
import { type Money, NO_ENERGY, type Price, type WattHour } from '../../../core/src/amount.js';
import type { ErrorCode } from '../../../core/src/errors.js';
import type { Side } from '../../../core/src/tx.js';
import type { CepOptions } from '../cep.js';
import {
  type CongestionRules,
  congestionFee,
  type Forecast,
  forecastOf,
} from '../grid/congestion.js';
import { type Flows, type SecurityCheck, securityCheck } from '../grid/flow.js';
import type { Grid, GridTrade } from '../grid/tree.js';
import { checkPrice, checkReserve, type PriceRules } from '../order.js';
import { type Board, boardOf, type RangeSides, type StandingQuote } from './board.js';
import { adviceOf, equilibriumOf } from './cep.js';
import { type Choice, type Choices, checkChoice } from './choose.js';
import { type Match, matchRound } from './match.js';
import { checkLaterQuote, type PriceSum } from './quote.js';
import type { Grade } from './reputation.js';

export interface ReputationOrder {
  readonly side: Side;
  readonly energyWh: WattHour;
  /** One price per bidding round; the last one stands on. The first one is valid. */
  readonly prices: readonly Price[];
  /** Highest bid or lowest ask that the node would make. */
  readonly reserve: Price;
  readonly grade: Grade;
  readonly type?: string | undefined;
  /** Index of its node in the grid; wanted where there is a network. */
  readonly node?: number | undefined;
  /** By bidding round; silent where absent. */
  readonly choices?: readonly (Choice | undefined)[] | undefined;
}

export interface Network extends CongestionRules {
  readonly grid: Grid;
  readonly baseWh: Flows;
}

export interface ReputationRules {
  readonly biddingRounds: number;
  readonly rangeSides: RangeSides;
  readonly prices: PriceRules;
  readonly cep: CepOptions;
  /** Earlier deals, oldest first. */
  readonly history: readonly PriceSum[];
  /** Absent: no check of lines. */
  readonly network?: Network | undefined;
}

export interface ReputationTrade extends Match {
  readonly biddingRound: number;
  /** Congestion fee of the whole trade. */
  readonly congestion: Money;
}

/** An order's part of a bidding round that does not count. */
export interface RoundRefusal {
  readonly order: number;
  readonly code: ErrorCode;
}

export interface BiddingRound {
  /** What stood at its beginning, by order. */
  readonly quotes: readonly StandingQuote[];
  /** Later quotes and choices that do not count: the old quote, or silence, stands. */
  readonly refused: readonly RoundRefusal[];
  readonly board: Board;
  /** Choices that count, by order. */
  readonly choices: Choices;
  /** With tentative trades; undefined without a network. */
  readonly forecast?: Forecast | undefined;
  /** In the order of matching, those that fail the check included. */
  readonly matches: readonly ReputationTrade[];
  readonly check?: SecurityCheck | undefined;
  /** After this bidding round; undefined before the first deal. */
  readonly cep?: Price | undefined;
  /** Quotes advised for the next bidding round, to those with something left. */
  readonly advice: readonly { readonly order: number; readonly price: Price }[];
}

export interface ReputationClearing {
  readonly rounds: readonly BiddingRound[];
  /** Those that passed, in the order of matching. */
  readonly trades: readonly ReputationTrade[];
  readonly remainingWh: readonly WattHour[];
}

/** What changes from bidding round to bidding round. */
interface Progress {
  readonly quotes: StandingQuote[];
  flowsWh: Flows;
  readonly trades: ReputationTrade[];
  /** Declined in the last bidding round: out unless a new quote comes (1.3 CHOOSE). */
  declined: ReadonlySet<number>;
  /** Left the period. */
  readonly gone: Set<number>;
}

export function clearReputation(
  orders: readonly ReputationOrder[],
  rules: ReputationRules,
): ReputationClearing {
  const progress: Progress = {
    quotes: orders.map(({ side, energyWh, prices, grade, type }) => ({
      side,
      energyWh,
      price: prices[0] as Price,
      grade,
      type,
    })),
    flowsWh: rules.network?.baseWh ?? [],
    trades: [],
    declined: new Set(),
    gone: new Set(),
  };
  const rounds = Array.from({ length: rules.biddingRounds }, (_, i) =>
    runRound(orders, rules, { progress, biddingRound: i + 1 }),
  );
  const remainingWh = progress.quotes.map(({ energyWh }) => energyWh);
  return { rounds, trades: progress.trades, remainingWh };
}

interface Turn {
  readonly progress: Progress;
  readonly biddingRound: number;
}

function runRound(
  orders: readonly ReputationOrder[],
  rules: ReputationRules,
  turn: Turn,
): BiddingRound {
  const { progress, biddingRound } = turn;
  const refused = laterQuotes(orders, rules, turn);
  const quotes = standingQuotes(progress);
  const board = boardOf(quotes, rules.rangeSides);
  const choices = choicesOf(orders, { board, quotes, biddingRound, refused });
  progress.declined = declinedIn(choices);
  const forecast = forecastRound(orders, rules.network, { board, quotes, progress });
  const matches = matchRound(quotes, board, { choices }).map((match) => ({
    ...match,
    biddingRound,
    congestion: feeOf(orders, match, { forecast, network: rules.network }),
  }));
  const check = checkRound(orders, matches, { network: rules.network, progress });
  const deals = matches.filter((_, i) => check === undefined || check.passed[i]);
  for (const deal of deals) book(progress, deal);
  const cep = equilibriumOf(dealSums(rules, progress), rules.cep);
  const advice = cep === undefined ? [] : adviceTo(orders, progress, cep);
  return { quotes, refused, board, choices, forecast, matches, check, cep, advice };
}

/** Who left stands with nothing. */
function standingQuotes({ quotes, gone }: Progress): readonly StandingQuote[] {
  const standing = [...quotes];
  for (const i of gone) standing[i] = { ...(quotes[i] as StandingQuote), energyWh: NO_ENERGY };
  return standing;
}

function declinedIn(choices: Choices): ReadonlySet<number> {
  const declined = new Set<number>();
  for (const [i, choice] of choices.entries()) if (choice?.decline === true) declined.add(i);
  return declined;
}

const dealSums = ({ history }: ReputationRules, { trades }: Progress): readonly PriceSum[] => [
  ...history,
  ...trades.map(({ priceSum }) => priceSum),
];

/** The quotes of a later bidding round (1.4): one that is refused leaves the old one standing. */
function laterQuotes(
  orders: readonly ReputationOrder[],
  rules: ReputationRules,
  { progress, biddingRound }: Turn,
): RoundRefusal[] {
  const refused: RoundRefusal[] = [];
  if (biddingRound === 1) return refused;
  for (const [order, { side, prices, reserve }] of orders.entries()) {
    const quote = progress.quotes[order] as StandingQuote;
    const price = prices[biddingRound - 1];
    if (quote.energyWh === 0n || progress.gone.has(order)) continue;
    const code =
      price === undefined
        ? undefined
        : (checkPrice(price, rules.prices) ??
          checkReserve({ side, price, reserve }) ??
          checkLaterQuote(side, quote.price, price));
    if (code !== undefined) refused.push({ order, code });
    if (price !== undefined && code === undefined) progress.quotes[order] = { ...quote, price };
    else if (progress.declined.has(order)) progress.gone.add(order);
  }
  return refused;
}

function choicesOf(
  orders: readonly ReputationOrder[],
  round: {
    readonly board: Board;
    readonly quotes: readonly StandingQuote[];
    readonly biddingRound: number;
    readonly refused: RoundRefusal[];
  },
): Choices {
  return orders.map(({ choices }, order) => {
    const choice = choices?.[round.biddingRound - 1];
    const restWh = (round.quotes[order] as StandingQuote).energyWh;
    if (choice === undefined || restWh === 0n) return undefined;
    const code = checkChoice(round.board, order, { choice, restWh });
    if (code === undefined) return choice;
    round.refused.push({ order, code });
    return undefined;
  });
}

/** A match as the grid sees it. */
export function gridTradeOf(
  orders: readonly Pick<ReputationOrder, 'node'>[],
  { sell, buy, energyWh }: Pick<Match, 'sell' | 'buy' | 'energyWh'>,
): GridTrade {
  const node = (index: number): number => orders[index]?.node ?? -1;
  return { sellNode: node(sell), buyNode: node(buy), energyWh };
}

function forecastRound(
  orders: readonly ReputationOrder[],
  network: Network | undefined,
  round: {
    readonly board: Board;
    readonly quotes: readonly StandingQuote[];
    readonly progress: Progress;
  },
): Forecast | undefined {
  if (network === undefined) return undefined;
  const tentative = matchRound(round.quotes, round.board);
  const trades = tentative.map((match) => gridTradeOf(orders, match));
  return forecastOf(network.grid, round.progress.flowsWh, { trades, rules: network });
}

function feeOf(
  orders: readonly ReputationOrder[],
  match: Match,
  {
    forecast,
    network,
  }: { readonly forecast: Forecast | undefined; readonly network: Network | undefined },
): Money {
  if (forecast === undefined || network === undefined) return 0n as Money;
  return congestionFee(network.grid, forecast, gridTradeOf(orders, match));
}

function checkRound(
  orders: readonly ReputationOrder[],
  matches: readonly Match[],
  { network, progress }: { readonly network: Network | undefined; readonly progress: Progress },
): SecurityCheck | undefined {
  if (network === undefined) return undefined;
  const trades = matches.map((match) => gridTradeOf(orders, match));
  const check = securityCheck(network.grid, progress.flowsWh, trades);
  progress.flowsWh = check.flowsWh;
  return check;
}

function book({ quotes, trades }: Progress, deal: ReputationTrade): void {
  trades.push(deal);
  for (const index of [deal.sell, deal.buy]) {
    const quote = quotes[index] as StandingQuote;
    quotes[index] = { ...quote, energyWh: (quote.energyWh - deal.energyWh) as WattHour };
  }
}

function adviceTo(
  orders: readonly ReputationOrder[],
  { quotes, gone }: Progress,
  equilibrium: Price,
): BiddingRound['advice'] {
  const advice: BiddingRound['advice'][number][] = [];
  for (const [order, { side, reserve }] of orders.entries()) {
    const { price, energyWh } = quotes[order] as StandingQuote;
    if (energyWh === 0n || gone.has(order)) continue;
    const input = { side, limit: reserve, previous: price, equilibrium };
    advice.push({ order, price: adviceOf(input) });
  }
  return advice;
}
