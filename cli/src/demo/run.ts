// One run of the demo on a network that is up: agents and watch take turns until the last delivery
// is settled, then the chain is asked for what it came to. Who makes the network: commands/demo.ts.
import { setTimeout as sleep } from 'node:timers/promises';
import type { PeriodIndex } from '../../../core/src/amount.js';
import { present } from '../../../core/src/assert.js';
import type { MarketConfig } from '../../../core/src/markets.js';
import { quotesPerPrice } from '../../../market/src/twoRound/adjust.js';
import { windowOf } from '../../../state/src/boundary/timing.js';
import { openCrypto } from '../../../node/src/crypto/backend.js';
import type { NodeEndpoint } from '../network/client.js';
import { gridSecret } from '../network/files.js';
import { connectionWh, MARKET_ID } from '../network/genesis.js';
import type { Network } from '../network/network.js';
import { Agents, type AgentsOptions } from './agents.js';
import { Bell } from './bell.js';
import { type ChainClock, chainClock } from './clock.js';
import { collect } from './collect.js';
import { HABITS } from './habits.js';
import { Outbox } from './outbox.js';
import { Pace } from './pace.js';
import { NodePool } from './pool.js';
import { Pairs } from './pairs.js';
import { balanceOf, type Profiles } from './profiles.js';
import type { Progress } from './progress.js';
import { quantile, RunRecord } from './record.js';
import { dayTime, kWh, price } from './show.js';
import { Signers } from './signatures.js';
import { type Summary, summarise } from './summary.js';
import { type Wallet, walletOf } from './wallet.js';
import { type PeriodNews, Watch } from './watch.js';

export interface DemoOptions {
  readonly network: Network;
  readonly endpoints: readonly NodeEndpoint[];
  readonly profiles: Profiles;
  readonly seed: number;
  readonly forecastError: number;
  /** Wall ms that an empty block took before the start. */
  readonly finalityMs: number | undefined;
  readonly progress: Progress;
  /** Aborted: the run ends where it stands, without a summary. */
  readonly stop: AbortSignal;
}

/** Wall ms between two looks at what is to be sent. */
const TURN_MS = 50;
/** A node that tells of no block is asked all the same so often, wall ms. */
const SILENCE_MS = 1000;
/** Wall ms between two looks at periods before the one that is traded. */
const LOOK_BACK_MS = 500;
/** Wall ms that the last settlement may be late. */
const COLLECT_MS = 30_000;
const RECENT = 60;

const monotonic = (): number => performance.now();

interface Run {
  readonly options: DemoOptions;
  readonly clock: ChainClock;
  readonly pool: NodePool;
  readonly outbox: Outbox;
  readonly agents: Agents;
  readonly watch: Watch;
  readonly record: RunRecord;
  readonly wallets: readonly Wallet[];
  /** Account of the grid company, where contracts are signed. */
  readonly signer: string | undefined;
  readonly looksBack: bigint | undefined;
  /** When that is due again, monotonic ms. */
  readonly backAt: { ms: number };
  readonly bell: Bell;
  /** When the chain was asked last, monotonic ms. */
  readonly asked: { atMs: number };
}

/** undefined where it was stopped. */
export async function runDemo(options: DemoOptions): Promise<Summary | undefined> {
  const run = prepare(options);
  const { clock } = run;
  const { genesis } = options.network;
  const { startMs, periods } = options.profiles;
  const market = present(genesis.markets[0], 'a demo has a market');
  const { readingDeadlineMs, receiptMs } = market.params;
  const endMs = startMs + periods * Number(market.periodMs);
  const lastMs = endMs + Number(run.signer === undefined ? readingDeadlineMs : receiptMs);
  await untilChain(clock, Number(genesis.chainStartMs), options.stop);
  while (clock.now() < lastMs && !options.stop.aborted) await turn(run);
  run.bell.stop();
  options.progress.end();
  return options.stop.aborted ? undefined : finish(run);
}

function prepare(options: DemoOptions): Run {
  const { network, endpoints, profiles, seed, forecastError: error } = options;
  const { genesis } = network;
  const market = present(genesis.markets[0], 'a demo has a market');
  const clock = chainClock(genesis);
  const pool = new NodePool(endpoints, { now: monotonic });
  const outbox = new Outbox(pool, monotonic);
  const record = new RunRecord();
  const backend = openCrypto((message) => options.progress.say(message));
  const { chainId } = genesis;
  const { feedIn, retail, tick, minOrderWh, readingDeadlineMs } = market.params;
  const tariff = { feedIn, retail, tick };
  const walletOptions = { chainId, market: MARKET_ID, mechanism: market.mechanism, backend };
  const wallets = network.homes.map((home) => walletOf(home, walletOptions));
  const habit = present(
    HABITS[market.mechanism],
    'households know the mechanism',
  )({
    tariff,
    adjustment: {
      perPrice: quotesPerPrice(genesis.priceDecimals),
      betaPpm: market.params.betaPpm,
      maxSteps: market.params.maxSteps,
    },
  });
  const owner = habit.signs === true ? gridSecret(network.dir) : undefined;
  const grid = owner && walletOf({ name: 'grid', owner, meter: owner }, walletOptions);
  const agents = new Agents({
    profiles,
    wallets,
    clock,
    outbox,
    phases: {
      periodMs: Number(market.periodMs),
      readingMs: Number(readingDeadlineMs),
      windowOf: (period, phase) =>
        present(windowOf(market, period as PeriodIndex, phase), 'a phase of the mechanism'),
    },
    habit,
    signers: grid && new Signers({ homes: wallets, grid }),
    ...(habit.open === undefined && { pairs: new Pairs({ market: MARKET_ID, tick }) }),
    ...(habit.open?.kind === 'seal' && sittingOut(options, market, outbox)),
    taste: { seed, error },
    tariff,
    limits: { minOrderWh, maxOrderWh: connectionWh(Number(market.periodMs)) },
  });
  const watch = new Watch({
    pool,
    clock,
    market: MARKET_ID,
    signer: grid?.account,
    onBlock(block) {
      record.onBlock(block);
      for (const id of block.txIds) outbox.onFinal(id);
    },
  });
  return {
    ...{ options, clock, pool, outbox, agents, watch, record, wallets },
    signer: grid?.account,
    looksBack: habit.looksBack,
    backAt: { ms: 0 },
    bell: new Bell(endpoints),
    asked: { atMs: 0 },
  };
}

/** Where bids are sealed: the pace at which they can be opened, and a word where it is too slow. */
function sittingOut(
  { finalityMs, progress, network }: DemoOptions,
  market: MarketConfig,
  outbox: Outbox,
): Pick<AgentsOptions, 'pace' | 'onSkipped'> {
  const window = present(windowOf(market, 1n as PeriodIndex, 'reveal'), 'sealed bids are opened');
  const windowMs = Number(window.endMs - window.startMs) / network.genesis.rate;
  const pace = new Pace({ windowMs, waits: () => outbox.waitsMs, finalityMs });
  return {
    pace,
    onSkipped(period) {
      const from = dayTime(Number(period) * Number(market.periodMs));
      const wait = (pace.waitMs ?? 0).toFixed(0);
      progress.say(
        `No bids for delivery from ${from}: transactions wait ${wait} ms, too long to open`,
      );
    },
  };
}

/** What is due is sent; the chain is looked at where there is a block, and what follows from it. */
async function turn(run: Run): Promise<void> {
  const { agents, outbox, clock, bell, asked } = run;
  const began = monotonic();
  agents.prepare();
  void outbox.flush(clock.now());
  if (bell.hasRung() || began - asked.atMs > SILENCE_MS) {
    asked.atMs = began;
    await ask(run);
  }
  await bell.wait(TURN_MS - (monotonic() - began));
}

async function ask(run: Run): Promise<void> {
  const { agents, watch, record } = run;
  const news = await watch.poll(agents.tradingPeriod());
  if (news !== undefined) {
    agents.onNews(news);
    if (record.onNews(news)) showCleared(run, news);
  }
  await lookBack(run);
}

/** What is delivered, or has been, now and then: nothing there is as urgent as a reveal. */
async function lookBack(run: Run): Promise<void> {
  const { agents, watch, record, looksBack } = run;
  if (looksBack === undefined || monotonic() < run.backAt.ms) return;
  run.backAt.ms = monotonic() + LOOK_BACK_MS;
  const period = agents.tradingPeriod() - looksBack;
  const news = agents.indexOf(period) === undefined ? undefined : await watch.poll(period);
  if (news === undefined) return;
  agents.onNews(news);
  if (record.onNews(news)) showCleared(run, news);
}

function showCleared(run: Run, news: PeriodNews): void {
  const { options, agents, record, watch, outbox } = run;
  const { profiles, progress } = options;
  const index = agents.indexOf(news.period);
  if (index === undefined) return;
  const startMs = Number(news.period) * Number(options.network.genesis.markets[0]?.periodMs);
  if (record.periods.size === 1) progress.say(firstAuction(news, startMs));
  progress.show({
    done: index + 1,
    of: profiles.periods,
    startMs,
    news,
    boundWh: balanceOf(profiles, index).boundWh,
    height: watch.height,
    finalityMs: quantile(outbox.counts.latenciesMs.slice(-RECENT), 0.5),
  });
}

function firstAuction({ sealed, trades = [] }: PeriodNews, startMs: number): string {
  const energy = trades.reduce((sum, t) => sum + t.energyWh, 0n);
  const money = trades.reduce((sum, t) => sum + t.energyWh * t.price, 0n);
  const at = energy === 0n ? '' : ` at ${price(money / energy)} per kWh`;
  // What two agree on is no bid.
  const bids = sealed === 0 ? '' : `${sealed} bids, `;
  const what = `${bids}${trades.length} trades, ${kWh(energy)} kWh${at}`;
  return `First auction cleared, for delivery from ${dayTime(startMs)}: ${what}`;
}

async function untilChain(clock: ChainClock, chainMs: number, stop: AbortSignal): Promise<void> {
  const wait = clock.wallAt(chainMs) - Date.now();
  if (wait <= 0 || stop.aborted) return;
  await sleep(wait, undefined, { signal: stop }).catch(() => undefined);
}

async function finish(run: Run): Promise<Summary> {
  const { options, pool, agents, watch, record, outbox, clock } = run;
  const { network, endpoints, profiles } = options;
  const { genesis } = network;
  const market = present(genesis.markets[0], 'a demo has a market');
  const accounts = run.wallets.map(({ account }) => account);
  const { periods } = agents;
  const wallSeconds = (Date.now() - clock.wallAt(Number(genesis.chainStartMs))) / 1000;
  const seen = record.periods;
  const limitMs = COLLECT_MS;
  const collected = await collect({
    pool,
    endpoints,
    market: MARKET_ID,
    signer: run.signer,
    periods,
    accounts,
    seen,
    limitMs,
  });
  // The blocks of the last settlement are counted too.
  await watch.poll(agents.tradingPeriod());
  const { retail, feedIn } = market.params;
  return summarise({
    profiles,
    periods,
    periodMs: Number(market.periodMs),
    accounts,
    collected,
    record,
    counts: outbox.counts,
    retail,
    feedIn,
    payment: market.params.payment,
    mechanism: market.mechanism,
    startBalance: genesis.accounts[0]?.balance ?? 0n,
    bond: connectionWh(Number(market.periodMs)) * (retail - feedIn),
    rate: genesis.rate,
    wallSeconds,
    forecastError: options.forecastError,
    bidsOf: (period) => agents.bids(period).length,
  });
}
