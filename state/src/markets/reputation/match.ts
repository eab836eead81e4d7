// clear of a bidding round (market-reputation 1.7, 1.9, 1.10): matches by board and choices,
// each buyer covering its congestion fee, then the check of lines; what passes becomes a contract,
// and its part of the locks moves there. A pair that fails stays with its quotes.
import {
  type Money,
  NO_MONEY,
  type Price,
  subMoney,
  type WattHour,
} from '../../../../core/src/amount.js';
import { present } from '../../../../core/src/assert.js';
import { keyText } from '../../../../core/src/bytes.js';
import { congestionFee, type Forecast } from '../../../../market/src/grid/congestion.js';
import { securityCheck } from '../../../../market/src/grid/flow.js';
import type { Grid } from '../../../../market/src/grid/tree.js';
import type { Choice } from '../../../../market/src/reputation/choose.js';
import { type Match, matchRound } from '../../../../market/src/reputation/match.js';
import { available, locked } from '../../ledger/ledger.js';
import { payArrears } from '../../ledger/arrears.js';
import { done, type MarketStep, type StepResult } from '../../boundary/step.js';
import { windowOf } from '../../boundary/timing.js';
import { PERIODS } from '../../schema.js';
import { sellerLockOf } from '../../tx/locks.js';
import { biddingOf, type BoardNow, boardNow, nodeAt, voidRound } from './board.js';
import { contractId, deliveryPeriod, NO_WH, putContract } from './contracts.js';
import { flowsSoFar, gridDataOf, networkOf, tradeOf, wheelingOf } from './network.js';
import { quoteLockOf } from './quotes.js';
import type { Contract, Quote } from './records.js';
import { DELIVERY_PERIODS, QUOTES } from './tables.js';

export function clear(step: MarketStep): StepResult {
  const { world, ledger } = step;
  if (isTooLate(step)) voidRound(step);
  const now = boardNow(step);
  if (biddingOf(step).void) {
    // What was chosen in it does not count.
    for (const { key, quote } of now.entries)
      if (quote.declinedIn === step.due.biddingRound)
        world.set(QUOTES, key, { ...quote, declinedIn: 0, choice: undefined });
    return done(now.entries.length);
  }
  const pairs = pairsOf(step, now);
  for (const { key, quote } of now.entries) {
    const hasDeclined = quote.hasDeclined || quote.declinedIn === step.due.biddingRound;
    world.set(QUOTES, key, { ...quote, stood: quote.stood + 1, hasDeclined });
  }
  for (const pair of pairs) propose(step, now, pair);
  payArrears(ledger);
  return done(now.entries.length + pairs.length);
}

/** In the last quarter of the signing phase or later, or without a board (consensus 5a.6d). */
function isTooLate({ market, due, timeMs }: MarketStep): boolean {
  const window = windowOf(market, due.period, 'sign', due.biddingRound);
  const { startMs, endMs } = present(window, 'a bidding round is signed');
  return timeMs >= endMs - (endMs - startMs) / 4n;
}

interface Pair extends Match {
  /** Per kWh. */
  readonly congestion: Price;
}

function pairsOf(step: MarketStep, now: BoardNow): readonly Pair[] {
  const grid = networkOf(step.chain, step.market);
  const choices = choicesOf(step, now);
  if (grid === undefined)
    return matchRound(now.quotes, now.board, { choices }).map((match) => {
      return { ...match, congestion: 0n as Price };
    });
  const pairs = coveredPairs(step, now, { grid, choices });
  const data = gridDataOf(step.world, step.market, step.due.period);
  const flows = flowsSoFar(step.world, grid, { key: step.due, data });
  const trades = pairs.map((pair) => tradeIn(grid, now, pair));
  const { passed } = securityCheck(grid, flows, trades);
  pairs.forEach((pair, i) => {
    if (passed[i] !== true) refuse(step, now, pair);
  });
  return pairs.filter((_, i) => passed[i]);
}

/** Matches whose buyer covers the fee with what it has free, beside its fees so far. */
function coveredPairs(
  step: MarketStep,
  now: BoardNow,
  { grid, choices }: { readonly grid: Grid; readonly choices: readonly (Choice | undefined)[] },
): readonly Pair[] {
  const { flowsWh, flagged, fees } = biddingOf(step);
  const forecast: Forecast = { flowsWh, flagged, fees: fees as readonly Price[] };
  const reserved = new Map<number, bigint>();
  const feeOf = (match: Match): bigint => congestionFee(grid, forecast, tradeIn(grid, now, match));
  const accepts = (match: Match): boolean => {
    const { account } = present(now.entries[match.buy], 'a quote of the board').key;
    const all = (reserved.get(match.buy) ?? 0n) + feeOf(match);
    if (all > step.ledger.balance(account).available) return false;
    reserved.set(match.buy, all);
    return true;
  };
  return matchRound(now.quotes, now.board, { choices, accepts }).map((match) => {
    return { ...match, congestion: (feeOf(match) / match.energyWh) as Price };
  });
}

const tradeIn = (grid: Grid, now: BoardNow, { sell, buy, energyWh }: Match) =>
  tradeOf(grid, { sellNode: nodeAt(now, sell), buyNode: nodeAt(now, buy), energyWh });

/** By quote; partners that named nobody of this board are left out. */
function choicesOf(step: MarketStep, now: BoardNow): readonly (Choice | undefined)[] {
  const places = new Map(now.entries.map(({ key }, i) => [keyText(key.account), i]));
  return now.entries.map(({ quote }): Choice | undefined => {
    const { choice, declinedIn } = quote;
    if (choice === undefined) return undefined;
    const partners = choice.partners.flatMap((account) => places.get(keyText(account)) ?? []);
    const decline = declinedIn === step.due.biddingRound;
    return { energyWh: choice.energyWh, partners, decline };
  });
}

/** Both sides read that the check of lines took their pair away. */
function refuse({ ledger, due }: MarketStep, now: BoardNow, pair: Match): void {
  for (const index of [pair.sell, pair.buy]) {
    const { account } = present(now.entries[index], 'a quote of the board').key;
    const fields = [due.market, due.period, 'LINE_LIMIT', pair.energyWh];
    ledger.line({ kind: 'refused', account, fields });
  }
}

function propose(step: MarketStep, now: BoardNow, pair: Pair): void {
  const { world, ledger, chain, market, due } = step;
  const { energyWh, congestion } = pair;
  const [seller, buyer] = [pair.sell, pair.buy].map(
    (index) => present(now.entries[index], 'a quote of the board').key,
  ) as [BoardNow['entries'][number]['key'], BoardNow['entries'][number]['key']];
  const at = { market: due.market, period: due.period };
  const counts = deliveryPeriod(world, at);
  const wheeling = wheelingOf(world, market, due.period);
  const ask = present(world.get(QUOTES, seller), 'a quote of the board');
  const bid = present(world.get(QUOTES, buyer), 'a quote of the board');
  const part = quoteLockOf(market, { side: 'buy', energyWh, price: bid.price }, wheeling);
  const sellerLock = sellerLockOf(market, energyWh);
  const fee = (energyWh * congestion) as Money;
  const { account } = buyer;
  ledger.post({ type: 'lock', from: available(account), to: locked(account), amount: fee });
  world.set(QUOTES, seller, lessBy(ask, energyWh, sellerLock));
  world.set(QUOTES, buyer, lessBy(bid, energyWh, part));
  const contract: Contract = {
    ...at,
    number: counts.contracts,
    biddingRound: due.biddingRound,
    seller: seller.account,
    buyer: buyer.account,
    sellNode: ask.node,
    buyNode: bid.node,
    energyWh,
    curtailedWh: NO_WH,
    priceSum: pair.priceSum,
    bid: bid.price,
    wheeling,
    congestion,
    lock: (part + fee) as Money,
    sellerLock,
    state: 'PROPOSED',
    signedBuyer: false,
    signedSeller: false,
    signedGrid: false,
    deliveredWh: NO_WH,
    subsidy: NO_MONEY,
    disputed: false,
    sellerIsGood: undefined,
    buyerIsGood: undefined,
  };
  const id = contractId(chain, at, counts.contracts);
  putContract(step, { ...at, id }, contract);
  const { subsidy, budget } = gridDataOf(world, market, due.period);
  const contracts = counts.contracts + 1n;
  world.set(DELIVERY_PERIODS, at, { ...counts, contracts, subsidy, budget });
  const period = present(world.get(PERIODS, at), 'a contract has its period');
  world.set(PERIODS, at, { ...period, trades: period.trades + 1 });
}

/** A quote after a part of it became a contract. */
const lessBy = (quote: Quote, energyWh: WattHour, lock: Money): Quote => ({
  ...quote,
  restWh: (quote.restWh - energyWh) as WattHour,
  lock: subMoney(quote.lock, lock),
});
