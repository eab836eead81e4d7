// closeOrders, markReveal and board of a bidding round (market-reputation 1.3, 1.6, 1.9): what was
// not opened is void, the first bid of the period forfeits its bond; then grades, ranges, flagged
// lines and congestion fees. A bidding round that an outage hit is void by itself (consensus 5a.6).
import { least, MAX_AMOUNT, NO_MONEY } from '../../../../core/src/amount.js';
import { present } from '../../../../core/src/assert.js';
import type { AccountId } from '../../../../core/src/ids.js';
import {
  type Board,
  boardOf,
  type StandingQuote,
} from '../../../../market/src/reputation/board.js';
import { matchRound } from '../../../../market/src/reputation/match.js';
import type { Grade } from '../../../../market/src/reputation/reputation.js';
import { type CongestionRules, forecastOf } from '../../../../market/src/grid/congestion.js';
import type { Grid } from '../../../../market/src/grid/tree.js';
import { payArrears } from '../../ledger/arrears.js';
import { available, locked } from '../../ledger/ledger.js';
import { done, type MarketStep, type StepResult } from '../../boundary/step.js';
import { revealLateOf } from '../../boundary/timing.js';
import type { OrderKey } from '../../schema.js';
import { returnBond } from '../../tx/locks.js';
import { flowsSoFar, gridDataOf, networkOf, tradeOf } from './network.js';
import { gradesNow } from './nodes.js';
import { dropQuote, type QuoteEntry, quotesOf, stands } from './quotes.js';
import type { Bidding, Quote } from './records.js';
import { BIDDINGS, QUOTES, type RoundKey, sealGroup, SEALS } from './tables.js';

const roundKey = ({ due }: MarketStep): RoundKey => ({
  market: due.market,
  period: due.period,
  biddingRound: due.biddingRound,
});

const NOTHING: Bidding = { void: false, flowsWh: [], fees: [], flagged: [] };

export const biddingOf = (step: MarketStep): Bidding =>
  step.world.get(BIDDINGS, roundKey(step)) ?? NOTHING;

export function voidRound(step: MarketStep): void {
  step.world.set(BIDDINGS, roundKey(step), { ...biddingOf(step), void: true });
}

/** An agent opens its bid once this step is final (settlement 2.2); nothing else happens. */
export const closeOrders = (): StepResult => done(1);

/** Executed in the last quarter of the reveal window or later: the bidding round is void. */
export function markReveal(step: MarketStep): StepResult {
  const { due, market, timeMs } = step;
  if (timeMs >= revealLateOf(market, due.period, due.biddingRound)) voidRound(step);
  return done(1);
}

export function board(step: MarketStep): StepResult {
  const { world, ledger, due } = step;
  const isVoid = biddingOf(step).void;
  const seals = world.entries(SEALS, sealGroup(roundKey(step)));
  for (const { key, value } of seals) {
    world.delete(SEALS, key);
    if (!value.revealed) endUnopened(step, key.account, isVoid);
  }
  const entries = quotesOf(world, due);
  for (const entry of entries) endChoice(step, entry, isVoid);
  if (!isVoid) publish(step);
  payArrears(ledger);
  return done(seals.length + entries.length);
}

const quoteKey = ({ due }: MarketStep, account: AccountId): OrderKey => ({
  market: due.market,
  period: due.period,
  account,
});

/** The first bid of the period loses its bond; later ones are void without a forfeit. */
function endUnopened(step: MarketStep, account: AccountId, isVoid: boolean): void {
  const { world, ledger, chain, due } = step;
  const key = quoteKey(step, account);
  const quote = present(world.get(QUOTES, key), 'a seal has its quote');
  const next: Quote = { ...quote, seals: quote.seals - 1 };
  const isFirst = quote.bondRound === due.biddingRound;
  if (isVoid) {
    world.set(QUOTES, key, isFirst ? giveBondBack(step, key, next) : next);
    return;
  }
  const before = ledger.balance(account);
  const lost = isFirst ? quote.bond : NO_MONEY;
  const to = available(chain.system.reward);
  ledger.post({ type: 'forfeit', from: locked(account), to, amount: lost });
  const fields = [due.market, due.period, 'NOT_REVEALED', lost];
  ledger.line({ kind: 'refused', account, fields, before });
  const ended = { bond: NO_MONEY, bondRound: 0, bonded: true };
  world.set(QUOTES, key, isFirst ? { ...next, ...ended } : next);
}

/** The bond goes on with the next bid that is sealed, or back where there is none. */
function giveBondBack({ world, ledger, market }: MarketStep, key: OrderKey, quote: Quote): Quote {
  for (let biddingRound = 1; biddingRound <= market.params.biddingRounds; biddingRound++)
    if (world.get(SEALS, { ...key, biddingRound }) !== undefined)
      return { ...quote, bondRound: biddingRound };
  returnBond(ledger, key.account, quote.bond);
  return { ...quote, bond: NO_MONEY, bondRound: 0 };
}

/** Who declined, and sent no new quote, leaves the period (market-reputation 1.3 CHOOSE). */
function endChoice(step: MarketStep, entry: QuoteEntry, isVoid: boolean): void {
  const { biddingRound } = step.due;
  const quote = present(step.world.get(QUOTES, entry.key), 'an entry of the table');
  const declined = quote.declinedIn !== 0 && quote.declinedIn < biddingRound;
  const hasAnswered = quote.revealedIn === biddingRound;
  const next = { ...quote, choice: undefined };
  if (!declined) step.world.set(QUOTES, entry.key, next);
  else if (hasAnswered) step.world.set(QUOTES, entry.key, { ...next, declinedIn: 0 });
  // A void bidding round took nobody's answer.
  else if (isVoid) step.world.set(QUOTES, entry.key, next);
  else dropQuote(step, { key: entry.key, quote: next }, { out: true });
}

/** Quotes of the board in ascending id, as the pure rules see them. */
export interface BoardNow {
  readonly entries: readonly QuoteEntry[];
  readonly quotes: readonly StandingQuote[];
  readonly board: Board;
}

export function boardNow(step: MarketStep): BoardNow {
  const entries = quotesOf(step.world, step.due).filter(({ quote }) => stands(quote));
  const quotes = entries.map(
    ({ quote }): StandingQuote => ({
      side: present(quote.side, 'a standing quote has its side'),
      energyWh: quote.restWh,
      price: quote.price,
      grade: quote.grade as Grade,
    }),
  );
  const { rangeSides } = step.market.params;
  return { entries, quotes, board: boardOf(quotes, rangeSides as 'both' | 'buyers') };
}

function publish(step: MarketStep): void {
  const { world } = step;
  const gradeOf = gradesNow(step);
  for (const { key, quote } of quotesOf(world, step.due))
    if (quote.grade === 0 && stands(quote))
      world.set(QUOTES, key, { ...quote, grade: gradeOf(key.account) });
  const now = boardNow(step);
  now.entries.forEach(({ key, quote }, i) => {
    const range = present(now.board.range[i], 'a range per quote');
    world.set(QUOTES, key, { ...quote, range });
  });
  const grid = networkOf(step.chain, step.market);
  const forecast = grid === undefined ? NOTHING : forecastNow(step, grid, now);
  world.set(BIDDINGS, roundKey(step), { ...forecast, void: false });
}

/** Flags and fees by the trades that would come of it if everybody were silent. */
function forecastNow(step: MarketStep, grid: Grid, now: BoardNow): Bidding {
  const { world, market, due } = step;
  const data = gridDataOf(world, market, due.period);
  const base = flowsSoFar(world, grid, { key: due, data });
  const trades = matchRound(now.quotes, now.board).map(({ sell, buy, energyWh }) => {
    return tradeOf(grid, { sellNode: nodeAt(now, sell), buyNode: nodeAt(now, buy), energyWh });
  });
  const { cUp, cDown } = data;
  const rules: CongestionRules = { flagAtPpm: market.params.flagAtPpm, cUp, cDown };
  const { flowsWh, flagged, fees } = forecastOf(grid, base, { trades, rules });
  return { void: false, flowsWh, flagged, fees: fees.map((fee) => least<bigint>(fee, MAX_AMOUNT)) };
}

export const nodeAt = ({ entries }: BoardNow, index: number): string =>
  present(entries[index], 'an index of the board').quote.node;
