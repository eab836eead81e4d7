// market_list, market_period, market_settlement over a NodeView.
import { divHalfAway, type PeriodIndex } from '../../../core/src/amount.js';
import { equalBytes } from '../../../core/src/bytes.js';
import { ProtocolError } from '../../../core/src/errors.js';
import { type AccountId, printAccount } from '../../../core/src/ids.js';
import { RPC_PAGE } from '../../../core/src/limits.js';
import type { MarketConfig } from '../../../core/src/markets.js';
import type { NodePort } from '../../../rpc/src/ports.js';
import type {
  BookView,
  ClearingView,
  MarketPeriodView,
  MarketQuery,
  ReferencesView,
  SettlementView,
} from '../../../rpc/src/results/market.js';
import { hasPassed } from '../../../state/src/boundary/cursor.js';
import {
  periodTimes,
  scheduleOf,
  tradingPeriod,
  windowOf,
} from '../../../state/src/boundary/timing.js';
import { marketOf } from '../../../state/src/chain.js';
import {
  CLOSED,
  OLD_SETTLEMENTS,
  periodGroup,
  type PeriodKey,
  type PeriodRecord,
  PERIODS,
  POSITIONS,
  REFERENCES,
  SETTLEMENTS,
  TRADES,
} from '../../../state/src/schema.js';
import type { World } from '../../../state/src/world.js';
import { bookOf } from '../../../state/src/markets/book.js';
import { CHAIN } from '../../../state/src/markets/registry.js';
import type { NodeView } from '../view.js';
import { marketView } from './chain.js';
import { neighbourhoodView } from './neighbourhood.js';
import { orderOf } from './orders.js';
import { phaseOf, phasesOf, type PeriodState, stepsOf } from './phase.js';
import { atTip } from './read.js';
import { reputationView } from './reputation.js';

type MarketPart = Pick<NodePort, 'markets' | 'marketPeriod' | 'settlement' | 'book'>;

export function marketPart(view: NodeView): MarketPart {
  return {
    markets: () => ({ markets: view.chain.markets.map(marketView), at: atTip(view) }),
    marketPeriod: (query) => periodView(view, query),
    settlement: (query, version) => settlementView(view, query, version),
    book: (query) => bookView(view, query),
  };
}

export function knownMarket(view: NodeView, id: string): MarketConfig {
  const market = marketOf(view.chain, id);
  if (market !== undefined) return market;
  throw new ProtocolError('UNKNOWN_MARKET', 'no market of that id on this chain', { market: id });
}

function periodView(view: NodeView, query: MarketQuery): MarketPeriodView {
  const market = knownMarket(view, query.market);
  const { timeMs } = view.tip();
  const period = (query.period ?? tradingPeriod(market, timeMs as never)) as PeriodIndex;
  const world = view.world();
  const key: PeriodKey = { market: market.id, period };
  const closed = world.get(CLOSED, key);
  const record = closed ?? world.get(PERIODS, key);
  const isPast: PeriodState['isPast'] = (step) => hasPassed(world, { ...step, ...key });
  const state = { market, period, timeMs, record, isPast };
  const { sealed = 0, revealed = 0, live = 0, readings = 0 } = record ?? {};
  const account = query.account as AccountId | undefined;
  return {
    market: market.id,
    mechanism: market.mechanism,
    parameters: marketView(market),
    period,
    time: timeMs,
    phase: phaseOf(state),
    phases: phasesOf(state),
    steps: stepsOf(state),
    counts: { sealed, revealed, live, readings },
    void: record?.void ?? false,
    ...(account && {
      order: orderOf(world, { ...key, account }),
      ...neighbourhoodView({ world, market, key: { ...key, account }, timeMs }),
    }),
    clearing: hasTrades(market, period, record)
      ? clearingView({ world, market, key }, query)
      : null,
    ...(record?.status === 'adjust' && { references: referencesView(world, key) }),
    ...(market.mechanism === 'reputation' && {
      reputation: reputationView({ world, chain: view.chain, market, key }, query),
    }),
    settlement: {
      versions: closed === undefined ? 0 : newestVersion(world, key),
      settleAt: record?.settleAtMs ?? periodTimes(market, period).settle,
    },
    at: atTip(view),
  };
}

/** A period in which nobody had an order is never cleared; what trades on arrival needs no step. */
function hasTrades(
  market: MarketConfig,
  period: PeriodIndex,
  record: PeriodRecord | undefined,
): boolean {
  if (record === undefined) return false;
  // Negotiated contracts stand beside the orders of any market, and need none.
  const isCleared = scheduleOf(market, period).steps.some(({ step }) => step === 'clear');
  if (!isCleared) return record.trades > 0;
  const tradesAtOnce = CHAIN[market.mechanism].arrive !== undefined;
  return record.sealed > 0 && (tradesAtOnce || !['declare', 'reveal'].includes(record.status));
}

const referencesView = (world: World, key: PeriodKey): readonly ReferencesView[] =>
  world.entries(REFERENCES, periodGroup(key)).map(({ key: { type }, value }) => ({
    type,
    askMax: value.askMax ?? null,
    bidMin: value.bidMin ?? null,
  }));

function bookView(view: NodeView, query: MarketQuery): BookView {
  const market = knownMarket(view, query.market);
  if (windowOf(market, 0n as PeriodIndex, 'orders') === undefined)
    throw new ProtocolError('WRONG_MECHANISM', 'the book of this market is sealed', {
      mechanism: market.mechanism,
    });
  const key = { market: market.id, period: (query.period ?? 0n) as PeriodIndex };
  const all = bookOf(view.world(), key);
  const from = Number(query.cursor?.split(':')[0] ?? '0');
  const page = all.slice(from, from + RPC_PAGE);
  return {
    ...key,
    orders: page.map(({ account, order: { id, side, energyWh, price, type, place } }) => {
      return { id, account: printAccount(account), side, energyWh, price, type, place };
    }),
    ...(from + page.length < all.length && { cursor: String(from + page.length) }),
    at: atTip(view),
  };
}

const newestVersion = (world: World, key: PeriodKey): number =>
  world
    .entries(SETTLEMENTS, periodGroup(key))
    .reduce((most, { value }) => Math.max(most, value.version), 1);

interface Cleared {
  readonly world: World;
  readonly market: MarketConfig;
  readonly key: PeriodKey;
}

function clearingView({ world, market, key }: Cleared, query: MarketQuery): ClearingView {
  const all = world
    .entries(TRADES, periodGroup(key))
    .map(({ key: k, value }) => ({ ...value, ...k }));
  const energyWh = all.reduce((sum, t) => sum + t.energyWh, 0n);
  const money = all.reduce((sum, t) => sum + t.energyWh * t.price, 0n);
  const { tick } = market.params;
  const account = query.account;
  const own = account
    ? all.filter((t) => equalBytes(t.seller, account) || equalBytes(t.buyer, account))
    : all;
  const from = Number(query.cursor?.split(':')[0] ?? '0');
  const page = own.slice(from, from + RPC_PAGE);
  const cleared = world.entries(POSITIONS, periodGroup(key));
  return {
    void: cleared.some(({ value }) => value.outcome === 'VOID'),
    price: energyWh === 0n ? null : tick * divHalfAway(money, energyWh * tick),
    energyWh,
    tradeCount: all.length,
    trades: page.map((t) => ({
      index: t.index,
      seller: printAccount(t.seller),
      buyer: printAccount(t.buyer),
      energyWh: t.energyWh,
      price: t.price,
      biddingRound: t.biddingRound,
      queue: t.green ? 'green' : 'non-green',
    })),
    rejected: cleared
      .filter(({ value }) => value.outcome === 'NOT_REVEALED')
      .map((e) => ({ account: printAccount(e.key.account), code: e.value.outcome })),
    ...(from + page.length < own.length && { cursor: String(from + page.length) }),
  };
}

function settlementView(
  view: NodeView,
  query: MarketQuery,
  version: bigint | undefined,
): SettlementView {
  const market = knownMarket(view, query.market);
  const period = (query.period ?? 0n) as PeriodIndex;
  const key = { market: market.id, period };
  const at = atTip(view);
  const world = view.world();
  if (world.get(CLOSED, key) === undefined) return { ...key, version: 0, lines: [], at };
  const newest = world.entries(SETTLEMENTS, periodGroup(key));
  const all = newest.filter(
    (e) => query.account === undefined || equalBytes(e.key.account, query.account),
  );
  const from = Number(query.cursor?.split(':')[0] ?? '0');
  const page = all.slice(from, from + RPC_PAGE);
  return {
    ...key,
    version: newestVersion(world, key),
    lines: page.map(({ key: k, value }) => {
      const old = version !== undefined && version < BigInt(value.version);
      const at = { ...key, version: version ?? 0n, account: k.account };
      const line = (old ? world.get(OLD_SETTLEMENTS, at) : undefined) ?? value;
      return { account: printAccount(k.account), ...line, side: line.side ?? null };
    }),
    ...(from + page.length < all.length && { cursor: String(from + page.length) }),
    at,
  };
}
