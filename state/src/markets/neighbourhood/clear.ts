// clear of a neighbourhood market (market-neighbourhood 1.3, 1.7): forfeits what was not opened,
// runs all rounds of the distributed auction or the internal-price game, and turns locks into those
// of contracts at their price. A void interval gives all back (consensus 5a.6d).
import {
  type Money,
  NO_ENERGY,
  NO_MONEY,
  type Price,
  subMoney,
  type WattHour,
} from '../../../../core/src/amount.js';
import { present } from '../../../../core/src/assert.js';
import { keyText } from '../../../../core/src/bytes.js';
import type { AccountId } from '../../../../core/src/ids.js';
import { wheelingOf } from '../../../../core/src/markets.js';
import type { Side } from '../../../../core/src/tx.js';
import type { AuctionRule } from '../../../../market/src/neighbourhood/auction.js';
import { clearNeighbourhood } from '../../../../market/src/neighbourhood/clear.js';
import { gameContracts, playGame } from '../../../../market/src/internalPrice/game.js';
import { done, type MarketStep, type StepResult } from '../../boundary/step.js';
import { offsetOf, periodTimes } from '../../boundary/timing.js';
import { payArrears } from '../../ledger/arrears.js';
import { available, locked } from '../../ledger/ledger.js';
import {
  ACCOUNTS,
  type OrderKey,
  periodGroup,
  type PeriodKey,
  PERIODS,
  POSITIONS,
  TRADES,
} from '../../schema.js';
import { releaseLock, returnBond, sellerLockOf } from '../../tx/locks.js';
import { contractId, type Deal } from './contracts.js';
import { sellerPerWh } from './flex.js';
import { auctionGraph, nodeIn } from './graph.js';
import { lineGate, sayLineLimits } from './lines.js';
import type { Flex, SealedRequest } from './records.js';
import { FLEXES, REQUESTS, TERMS } from './tables.js';

const keyOf = ({ due }: MarketStep): PeriodKey => ({ market: due.market, period: due.period });

/** Executed in the last quarter of the activation or later: the interval is void. */
function isLate({ market, due, timeMs }: MarketStep): boolean {
  const { opens, deliveryStart } = periodTimes(market, due.period);
  const from = opens + offsetOf(market, 'clear');
  return timeMs >= from + ((deliveryStart - from) * 3n) / 4n;
}

export function clear(step: MarketStep): StepResult {
  const { world, market } = step;
  const period = present(world.get(PERIODS, keyOf(step)), 'clear is due where a record is');
  const isVoid = period.void || isLate(step);
  const isInternal = market.params.pricing === 'internal';
  const result = isInternal ? clearGame(step, isVoid) : clearRequests(step, isVoid);
  const next = { ...period, status: 'cleared' as const, void: isVoid, trades: result.deals.length };
  world.set(PERIODS, keyOf(step), next);
  payArrears(step.ledger);
  return done(result.orders);
}

interface Cleared {
  readonly deals: readonly Deal[];
  /** How many bids there were. */
  readonly orders: number;
}

/** A bid with the side, energy and lock that it has. */
interface Bid {
  readonly key: OrderKey;
  readonly id: SealedRequest['id'];
  readonly side: Side;
  readonly energyWh: WattHour;
  readonly lock: Money;
}

function clearRequests(step: MarketStep, isVoid: boolean): Cleared {
  const { world, ledger } = step;
  const requests = world.entries(REQUESTS, periodGroup(keyOf(step)));
  const bids: (Bid & SealedRequest)[] = [];
  for (const { key, value } of requests) {
    const { side } = value;
    if (side !== undefined) bids.push({ key, ...value, side });
    else if (isVoid) returnBond(ledger, key.account, value.bond);
    else forfeit(step, key.account, value.bond);
    world.delete(REQUESTS, key);
  }
  if (isVoid) {
    for (const bid of bids) {
      releaseLock(ledger, bid.key.account, bid.lock);
      keep(step, bid, { outcome: 'VOID' });
    }
    return { deals: [], orders: requests.length };
  }
  const deals = auction(step, bids);
  const active = new Map(bids.map(({ key, activate }) => [keyText(key.account), activate]));
  storeDeals(step, deals, (account) => active.get(keyText(account)) === true);
  keepAll(step, bids, { deals, sellerLock: (wh) => sellerLockOf(step.market, wh) });
  return { deals, orders: requests.length };
}

/** Not opened in the window: the bond goes to the reward pool. */
function forfeit({ ledger, chain, due }: MarketStep, account: AccountId, amount: Money): void {
  const before = ledger.balance(account);
  const to = available(chain.system.reward);
  ledger.post({ type: 'forfeit', from: locked(account), to, amount });
  const fields = [due.market, due.period, 'NOT_REVEALED', amount];
  ledger.line({ kind: 'refused', account, fields, before });
}

/** Bids come in ascending id of their accounts: that decides ties. */
function auction(step: MarketStep, bids: readonly (Bid & SealedRequest)[]): readonly Deal[] {
  const { world, market } = step;
  const { rule, feedIn, retail, tick, edges } = market.params;
  const graph = present(auctionGraph(edges), 'genesis refuses a graph that is not connected');
  const nodes = bids.map(
    ({ key }) => present(world.get(ACCOUNTS, key.account), 'a request has its account').node,
  );
  const requests = bids.map(({ side, energyWh, price }, i) => {
    return { side, energyWh, price, node: nodeIn(graph, nodes[i] as string) };
  });
  const gate = lineGate(step, nodes);
  const { trades, remainingWh } = clearNeighbourhood(requests, graph.tree, {
    rule: rule as AuctionRule,
    feedIn: feedIn as Price,
    retail: retail as Price,
    tick,
    log: false,
    mayTrade: gate?.mayTrade,
  });
  const lefts = bids.map(({ key }, i) => {
    return { account: key.account, leftWh: present(remainingWh[i], 'a rest per request') };
  });
  sayLineLimits(step, gate, lefts);
  return trades.map((trade) => ({
    seller: present(bids[trade.sell], 'a trade names requests').key.account,
    buyer: present(bids[trade.buy], 'a trade names requests').key.account,
    energyWh: trade.energyWh,
    buyPrice: trade.price,
    sellPrice: trade.sellPrice,
    biddingRound: trade.biddingRound,
    auctioneer: graph.names[trade.auctioneer] ?? '',
  }));
}

function clearGame(step: MarketStep, isVoid: boolean): Cleared {
  const { world, ledger, market } = step;
  const flexes = world.entries(FLEXES, periodGroup(keyOf(step)));
  for (const { key } of flexes) world.delete(FLEXES, key);
  const bidOf = (key: OrderKey, flex: Flex, energyWh: WattHour): Bid => ({
    ...flex,
    key,
    energyWh,
  });
  if (isVoid) {
    for (const { key, value } of flexes) {
      releaseLock(ledger, key.account, value.lock);
      keep(step, bidOf(key, value, NO_ENERGY), { outcome: 'VOID' });
    }
    return { deals: [], orders: flexes.length };
  }
  const sellers = flexes.filter(({ value }) => value.side === 'sell');
  const buyers = flexes.filter(({ value }) => value.side === 'buy');
  const { feedIn, retail, tick, e1Wh } = market.params;
  const result = playGame(
    { sellers: sellers.map((s) => s.value), demand: buyers.map((b) => b.value.demand) },
    { feedIn: feedIn as Price, retail: retail as Price, tick, e1: e1Wh as WattHour },
  );
  const deals = gameContracts(result).map(({ seller, buyer, energyWh }) => ({
    seller: present(sellers[seller], 'a contract names players').key.account,
    buyer: present(buyers[buyer], 'a contract names players').key.account,
    energyWh,
    buyPrice: result.price,
    sellPrice: result.price,
    biddingRound: 1,
    auctioneer: '',
  }));
  // Nothing is activated: whoever plays is bound (market-neighbourhood 1.7).
  storeDeals(step, deals, () => true);
  const bids = [
    ...sellers.map(({ key, value }, i) => bidOf(key, value, result.sale[i] ?? NO_ENERGY)),
    ...buyers.map(({ key, value }) => bidOf(key, value, value.demand)),
  ];
  keepAll(step, bids, { deals, sellerLock: (wh) => (wh * sellerPerWh(market)) as Money });
  return { deals, orders: flexes.length };
}

/** Trades and their terms, with a line for both sides. */
function storeDeals(
  step: MarketStep,
  deals: readonly Deal[],
  isActive: (account: AccountId) => boolean,
): void {
  const { world, chain, ledger, market } = step;
  const key = keyOf(step);
  const isBound = market.params.pricing === 'internal';
  deals.forEach((deal, i) => {
    const number = BigInt(i);
    const { seller, buyer, energyWh, buyPrice, sellPrice, biddingRound } = deal;
    const trade = { seller, buyer, energyWh, price: buyPrice, biddingRound, green: false };
    world.set(TRADES, { ...key, index: number }, trade);
    world.set(
      TERMS,
      { ...key, id: contractId(chain, key, number) },
      {
        ...deal,
        number,
        state: isBound ? 'ACTIVE' : 'CREATED',
        sellerActivated: isActive(seller),
        buyerActivated: isActive(buyer),
      },
    );
    for (const [account, side, other, price] of [
      [seller, 'sell', buyer, sellPrice],
      [buyer, 'buy', seller, buyPrice],
    ] as const) {
      const fields = [key.market, key.period, side, other, energyWh, price, biddingRound];
      ledger.line({ kind: 'trade', account, fields });
    }
  });
}

interface Sums {
  wh: bigint;
  /** Of its own side's prices. */
  amount: bigint;
}

/** The lock of each bid shrinks to that of its contracts; the rest is released. */
function keepAll(
  step: MarketStep,
  bids: readonly Bid[],
  of: { readonly deals: readonly Deal[]; readonly sellerLock: (wh: bigint) => Money },
): void {
  const sums = new Map<string, Sums>(
    bids.map(({ key }) => [keyText(key.account), { wh: 0n, amount: 0n }]),
  );
  for (const { seller, buyer, energyWh, buyPrice, sellPrice } of of.deals)
    for (const [account, price] of [
      [seller, sellPrice],
      [buyer, buyPrice],
    ] as const) {
      const sum = present(sums.get(keyText(account)), 'a deal is between bidders');
      sum.wh += energyWh;
      sum.amount += energyWh * price;
    }
  for (const bid of bids) {
    const { wh, amount } = present(sums.get(keyText(bid.key.account)), 'a sum per bid');
    const fees = wh * wheelingOf(step.market);
    const lock = bid.side === 'sell' ? of.sellerLock(wh) : ((amount + fees) as Money);
    releaseLock(step.ledger, bid.key.account, subMoney(bid.lock, lock));
    const outcome = wh === 0n ? 'UNMATCHED' : wh === bid.energyWh ? 'TRADED' : 'PARTLY';
    keep(step, bid, { outcome, lock, tradedWh: wh as WattHour, amount: amount as Money });
  }
}

function keep(
  { world }: MarketStep,
  { key, id, side, energyWh }: Bid,
  rest: {
    readonly outcome: string;
    readonly lock?: Money;
    readonly tradedWh?: WattHour;
    readonly amount?: Money;
  },
): void {
  const { outcome, lock = NO_MONEY, tradedWh = NO_ENERGY, amount = NO_MONEY } = rest;
  world.set(POSITIONS, key, {
    side,
    order: id,
    declaredWh: energyWh,
    tradedWh,
    amount,
    lock,
    outcome,
  });
}
