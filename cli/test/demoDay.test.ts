// Agents, watch, collection and summary over a chain in this process, on a clock of its own: what
// the demo does, without processes and without waiting.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { nodeBackend } from '../../node/src/crypto/backend.js';
import { createNodePort } from '../../node/src/port/port.js';
import { FakeView } from '../../node/test/fakeView.js';
import { createClient } from '../../rpc/src/client.js';
import { createRpcServer } from '../../rpc/src/server.js';
import { toHex } from '../../core/src/bytes.js';
import { testGenesis } from '../../state/test/harness.js';
import { Agents } from '../src/demo/agents.js';
import { HABITS } from '../src/demo/habits.js';
import { collect } from '../src/demo/collect.js';
import { generateProfiles } from '../src/demo/generate.js';
import { Outbox } from '../src/demo/outbox.js';
import { NodePool } from '../src/demo/pool.js';
import { summaryDocument } from '../src/demo/printSummary.js';
import type { Profiles } from '../src/demo/profiles.js';
import { RunRecord } from '../src/demo/record.js';
import { reportOf } from '../src/demo/report.js';
import { type Summary, summarise } from '../src/demo/summary.js';
import { walletOf } from '../src/demo/wallet.js';
import { type BlockNews, Watch } from '../src/demo/watch.js';
import type { NodeEndpoint } from '../src/network/client.js';
import { connectionWh } from '../src/network/genesis.js';
import { newHomes } from '../src/network/keys.js';

const PERIOD = 900_000;
const STEP = 60_000;
const PERIODS = 6;
const ENDPOINTS: readonly NodeEndpoint[] = [
  { name: 'one', url: 'http://127.0.0.1:1', token: 'all' },
];

/** The middle of a generated day, when roofs have something over. */
function noon(homes: number): Profiles {
  const day = generateProfiles({ seed: 5, homes, days: 1 });
  const cut = (values: readonly bigint[]): readonly bigint[] => values.slice(12, 12 + PERIODS);
  return {
    source: 'six periods',
    periods: PERIODS,
    startMs: day.startMs + 12 * PERIOD,
    homes: day.homes.map((home) => ({
      ...home,
      loadWh: cut(home.loadWh),
      pvWh: cut(home.pvWh),
      importWh: cut(home.importWh),
      exportWh: cut(home.exportWh),
    })),
  };
}

interface Setting {
  readonly error: number;
  /** Chain ms from the start in which no block is made. */
  readonly outage?: { readonly from: number; readonly to: number };
  /** ... in which the homes take the network for too slow. */
  readonly late?: { readonly from: number; readonly to: number };
}

/** A chain in this process, its homes, and a client to it through the real server. */
async function chainOf(t: TestContext, profiles: Profiles) {
  const homes = newHomes(profiles.homes.map(({ name }) => name));
  const startMs = profiles.startMs - PERIOD;
  const change = {
    time: startMs,
    clock: { wallStartMs: 0, chainStartMs: startMs, rate: 1 },
    accounts: homes.map((home, i) => ({
      publicKey: toHex(home.owner.publicKey),
      balance: '100',
      pMaxImport: '17',
      pMaxExport: '17',
      green: i % 2 === 0,
      meter: { number: home.meterNumber, publicKey: toHex(home.meter.publicKey), market: 'spot' },
    })),
  };
  const view = new FakeView(testGenesis([], change));
  const port = createNodePort(view, {});
  const tokens = [{ token: 'all', scopes: ['read', 'trade', 'operate'] as const }];
  const server = await createRpcServer({ port, tokens, onBug: assert.fail });
  t.after(() => server.close());
  const inject = (async (_: unknown, init: RequestInit) => {
    const headers = { ...(init.headers as Record<string, string>), host: '127.0.0.1:1' };
    const request = { method: 'POST', url: '/', headers, payload: String(init.body) } as const;
    const { body, statusCode } = await server.app.inject(request);
    return new Response(body, { status: statusCode });
  }) as unknown as typeof fetch;
  const { chainId } = view.genesis;
  const wallets = homes.map((home) =>
    walletOf(home, { chainId, market: 'spot', mechanism: 'call', backend: nodeBackend() }),
  );
  return { view, wallets, startMs, inject };
}

function participants(
  chain: Awaited<ReturnType<typeof chainOf>>,
  profiles: Profiles,
  { error, late }: Setting,
) {
  // The first block is later than genesis.
  const state = { now: chain.startMs + 1000 };
  const now = (): number => state.now;
  const clock = { rate: 1, now, wallAt: (ms: number) => ms };
  const open = (endpoint: NodeEndpoint) => createClient(endpoint, chain.inject);
  const pool = new NodePool(ENDPOINTS, { now, open });
  const outbox = new Outbox(pool, now);
  const record = new RunRecord();
  const tariff = { feedIn: 80n, retail: 300n, tick: 1n };
  const adjustment = { perPrice: 1000n, betaPpm: 100_000n, maxSteps: 2 };
  const skipped: bigint[] = [];
  const habit = HABITS.call?.({ tariff, adjustment });
  assert.ok(habit);
  const agents = new Agents({
    profiles,
    wallets: chain.wallets,
    clock,
    outbox,
    phases: {
      periodMs: PERIOD,
      readingMs: 600_000,
      windowOf(period, phase) {
        const start = (period - 1n) * BigInt(PERIOD);
        const [from, to] = phase === 'declare' ? [0n, 300_000n] : [300_000n, 600_000n];
        return { startMs: start + from, endMs: start + to };
      },
    },
    habit,
    pace: {
      get isLate() {
        const at = state.now - chain.startMs;
        return late !== undefined && at >= late.from && at <= late.to;
      },
    },
    onSkipped: (period) => skipped.push(period),
    taste: { seed: 1, error },
    tariff,
    limits: { minOrderWh: 10n, maxOrderWh: connectionWh(900_000) },
  });
  const onBlock = (block: BlockNews): void => {
    record.onBlock(block);
    for (const id of block.txIds) outbox.onFinal(id);
  };
  const watch = new Watch({ pool, clock, market: 'spot', onBlock });
  return { state, pool, outbox, record, agents, watch, skipped };
}

async function runDay(t: TestContext, setting: Setting): Promise<Summary> {
  const { error, outage } = setting;
  const profiles = noon(6);
  const chain = await chainOf(t, profiles);
  const { state, pool, outbox, record, agents, watch } = participants(chain, profiles, setting);
  const endMs = profiles.startMs + PERIODS * PERIOD + 600_000 + STEP;
  for (; state.now <= endMs; state.now += STEP) {
    const at = state.now - chain.startMs;
    const isOut = outage !== undefined && at >= outage.from && at <= outage.to;
    if (!isOut) chain.view.block(BigInt(state.now));
    agents.prepare();
    const news = await watch.poll(agents.tradingPeriod());
    assert.ok(news);
    agents.onNews(news);
    record.onNews(news);
    await outbox.flush(state.now);
  }
  const { periods } = agents;
  const accounts = chain.wallets.map(({ account }) => account);
  const asked = { pool, endpoints: ENDPOINTS, market: 'spot', periods, accounts, limitMs: 1000 };
  return summarise({
    profiles,
    periods,
    periodMs: PERIOD,
    accounts,
    collected: await collect({ ...asked, seen: record.periods }),
    record,
    counts: outbox.counts,
    retail: 300n,
    payment: 'contract',
    mechanism: 'call',
    feedIn: 80n,
    startBalance: 100_000_000n,
    bond: connectionWh(900_000) * 220n,
    rate: 1,
    wallSeconds: 10,
    forecastError: error,
    bidsOf: (period) => agents.bids(period).length,
  });
}

const failed = ({ checks }: Summary): readonly unknown[] => checks.filter(({ ok }) => !ok);

/** The market of perfect forecasts trades all that dynamic coefficients share, at other prices. */
function assertShared({ homes, periods, sharedWh }: Summary): void {
  const sum = <T>(of: readonly T[], value: (one: T) => bigint): bigint =>
    of.reduce((total, one) => total + value(one), 0n);
  assert.equal(
    sharedWh.dynamic,
    sum(periods, ({ boundWh }) => boundWh),
  );
  assert.ok(sharedWh.static > 0n && sharedWh.static < sharedWh.dynamic);
  const totals = (value: (home: Summary['homes'][number]) => bigint) => sum(homes, value);
  const gridOnly = totals((home) => home.gridOnly);
  // What is shared is bought at feed-in in place of retail.
  assert.equal(gridOnly - totals(({ shared }) => shared.dynamic), sharedWh.dynamic * 220n);
  assert.equal(gridOnly - totals(({ shared }) => shared.static), sharedWh.static * 220n);
  for (const home of homes)
    assert.ok(home.shared.static <= home.gridOnly && home.shared.dynamic <= home.gridOnly);
}

test('perfect forecasts: every period reaches the bound, money and energy add up', async (t) => {
  const summary = await runDay(t, { error: 0 });
  assert.deepEqual(failed(summary), []);
  assert.equal(summary.checks.length, 6);
  assert.ok(summary.periods.every(({ boundWh }) => boundWh > 0n));
  assert.deepEqual([summary.lost, summary.refused], [0, {}]);
  for (const home of summary.homes)
    assert.ok(home.bill < home.gridOnly, `${home.name}: ${home.bill} against ${home.gridOnly}`);
  assertShared(summary);
  assert.deepEqual(
    summary.periods.map((p) => p.isVoid),
    Array.from({ length: PERIODS }, () => false),
  );
});

test('forecasts with errors: below the bound, and the rest still adds up', async (t) => {
  const summary = await runDay(t, { error: 0.1 });
  assert.deepEqual(failed(summary), []);
  const sum = (of: (p: Summary['periods'][number]) => bigint): bigint =>
    summary.periods.reduce((total, p) => total + of(p), 0n);
  const [traded, bound] = [sum((p) => p.tradedWh), sum((p) => p.boundWh)];
  assert.ok(traded < bound && traded > bound / 2n, `${traded} of ${bound} Wh`);
});

test('an outage across a reveal: the period is void and named, nothing else is lost', async (t) => {
  // Of the second period, from the end of the declaration to the last minute of the reveal.
  const outage = { from: PERIOD + 300_000, to: PERIOD + 540_000 };
  const summary = await runDay(t, { error: 0, outage });
  const voids = summary.periods.filter((p) => p.isVoid);
  assert.deepEqual(
    voids.map(({ period }) => period),
    [summary.periods[1]?.period],
  );
  assert.deepEqual(failed(summary), []);
  assert.ok(reportOf(summary).includes(`Void periods: ${voids[0]?.period}`));
});

test('while the network is late a period is sat out: no bond lost, the rest trades', async (t) => {
  const late = { from: 2 * PERIOD - STEP, to: 2 * PERIOD + 300_000 };
  const summary = await runDay(t, { error: 0, late });
  const seen = summary.periods.map(({ bids, opened, tradedWh }) => [
    bids > 0,
    opened > 0,
    tradedWh > 0n,
  ]);
  const traded = [true, true, true];
  assert.deepEqual(
    seen,
    Array.from({ length: PERIODS }, () => traded).with(2, [true, false, false]),
  );
  assert.ok(summary.homes.every(({ forfeited }) => forfeited === 0n));
  assert.deepEqual(failed(summary), []);
  assert.deepEqual([summary.lost, summary.refused], [0, {}]);
});

test('the report needs nothing from outside, the document is plain JSON', async (t) => {
  const summary = await runDay(t, { error: 0.05 });
  const html = reportOf({ ...summary, source: '<script>alert(1)</script>' });
  assert.equal(html.match(/<svg /g)?.length, 5);
  assert.ok(!/https?:|src=|href=|<script|@import|url\(/.test(html), 'self-contained');
  assert.ok(!html.includes('NaN'));
  const text = JSON.stringify(summaryDocument(summary, 'report.html'));
  assert.ok(!text.includes('NaN'));
  const document = JSON.parse(text);
  assert.equal(document.periods.length, PERIODS);
  assert.ok(Number(document.bills.dynamic) < Number(document.bills.static));
  assert.ok(Number(document.bills.static) < Number(document.bills.gridOnly));
  assert.ok(html.includes('static coefficients') && html.includes('dynamic coefficients'));
});
