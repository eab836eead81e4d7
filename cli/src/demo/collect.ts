// What the chain itself says at the end of a run: settlement lines, balances, supply, and the state
// root of every node at one height. Waits for what is not there yet, within a limit.
import { setTimeout as sleep } from 'node:timers/promises';
import { ProtocolError } from '../../../core/src/errors.js';
import type { NodeEndpoint, RpcClient } from '../network/client.js';
import type { NodePool } from './pool.js';
import { fetchPeriod, type PeriodNews, type PeriodOf } from './watch.js';

export interface SettledLine {
  readonly account: string;
  readonly tradedWh: bigint;
  readonly side: string | null;
  readonly importWh: bigint;
  readonly exportWh: bigint;
  readonly quality: string;
  /** Base units of money. */
  readonly gridCharge: bigint;
  readonly gridCredit: bigint;
  readonly reward: bigint;
  /** Payment "delivered": money of its contracts, income positive; 0 with payment "contract". */
  readonly energyMoney: bigint;
  /** Shares less penalties and fees. */
  readonly conduct: bigint;
}

export interface NodeRoot {
  readonly name: string;
  readonly height: bigint;
  readonly hash: string;
  readonly stateRoot: string;
}

export interface Supply {
  readonly issued: bigint;
  readonly redeemed: bigint;
  readonly accounts: bigint;
  readonly arrears: bigint;
}

export interface Collected {
  readonly periods: ReadonlyMap<bigint, PeriodNews>;
  readonly settled: ReadonlyMap<bigint, readonly SettledLine[]>;
  /** Available and locked money by account. */
  readonly balances: ReadonlyMap<string, bigint>;
  /** Bonds that were forfeited by account, where the journal says so and not the clearing. */
  readonly forfeits?: ReadonlyMap<string, bigint>;
  readonly supply: Supply;
  readonly roots: readonly NodeRoot[];
  readonly height: bigint;
}

export interface CollectOptions {
  readonly pool: NodePool;
  readonly endpoints: readonly NodeEndpoint[];
  readonly market: string;
  /** As in PeriodOf: waits until every contract is paid, too. */
  readonly signer?: string | undefined;
  readonly periods: readonly bigint[];
  readonly accounts: readonly string[];
  /** Periods that were seen while they ran. */
  readonly seen: ReadonlyMap<bigint, PeriodNews>;
  /** Wall ms to wait for what is to come. */
  readonly limitMs: number;
}

const STEP_MS = 200;

export async function collect(options: CollectOptions): Promise<Collected> {
  const { pool, market, accounts, signer } = options;
  const settled = new Map<bigint, readonly SettledLine[]>();
  for (const period of options.periods)
    settled.set(period, await untilDone(options, (client) => linesOf(client, market, period)));
  const periods = new Map(options.seen);
  for (const period of options.periods)
    if (signer !== undefined || !periods.has(period))
      periods.set(
        period,
        await untilDone(options, (client) => paidPeriod(client, { market, period, signer })),
      );
  const client = pool.reader();
  const balances = new Map<string, bigint>();
  for (const account of accounts) {
    const { available, locked } = await client.call('account_get', { account });
    balances.set(account, BigInt(available) + BigInt(locked));
  }
  const { issued, redeemed, accounts: sum, arrears } = await client.call('chain_supply', {});
  const supply = {
    issued: BigInt(issued),
    redeemed: BigInt(redeemed),
    accounts: BigInt(sum),
    arrears: BigInt(arrears),
  };
  const forfeits = new Map<string, bigint>();
  if (signer !== undefined)
    for (const account of accounts)
      forfeits.set(account, await untilDone(options, (one) => forfeitsOf(one, account)));
  const { roots, height } = await rootsOf(options);
  return { periods, settled, balances, forfeits, supply, roots, height };
}

/** Asks again, and other nodes, until there is an answer. Throws NOT_READY at the limit. */
async function untilDone<T>(
  { pool, limitMs }: CollectOptions,
  ask: (client: RpcClient) => Promise<T | undefined>,
): Promise<T> {
  const limit = performance.now() + limitMs;
  for (;;) {
    try {
      const answer = await ask(pool.reader());
      if (answer !== undefined) return answer;
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      pool.nextReader();
    }
    if (performance.now() > limit)
      throw new ProtocolError('NOT_READY', 'the chain did not settle the run in time');
    await sleep(STEP_MS);
  }
}

/** A period of which no contract waits for anybody; undefined: one does. */
async function paidPeriod(client: RpcClient, of: PeriodOf): Promise<PeriodNews | undefined> {
  const news = await fetchPeriod(client, of);
  return news.contracts?.some(({ waits }) => waits !== null) ? undefined : news;
}

/** What an account lost of its bonds in the blocks of a run. */
async function forfeitsOf(client: RpcClient, account: string): Promise<bigint> {
  let sum = 0n;
  let cursor: string | undefined;
  do {
    const page = await client.call('account_journal', {
      account,
      ...(cursor !== undefined && { cursor }),
    });
    for (const { type, available, locked } of page.entries)
      if (type === 'forfeit') sum -= BigInt(available) + BigInt(locked);
    cursor = page.cursor;
  } while (cursor !== undefined);
  return sum;
}

/** Lines of a settled period, none where nothing was at stake; undefined: not settled yet. */
async function linesOf(
  client: RpcClient,
  market: string,
  period: bigint,
): Promise<readonly SettledLine[] | undefined> {
  const lines: SettledLine[] = [];
  let cursor: string | undefined;
  do {
    const query = { market, period: String(period), ...(cursor !== undefined && { cursor }) };
    const page = await client.call('market_settlement', query);
    if (page.version === '0') {
      const { phase } = await client.call('market_period', { market, period: String(period) });
      return phase === 'over' ? [] : undefined;
    }
    for (const line of page.lines)
      lines.push({
        account: line.account,
        side: line.side,
        quality: line.quality,
        tradedWh: BigInt(line.tradedWh),
        importWh: BigInt(line.importWh),
        exportWh: BigInt(line.exportWh),
        gridCharge: BigInt(line.gridCharge),
        gridCredit: BigInt(line.gridCredit),
        reward: BigInt(line.reward),
        energyMoney: BigInt(line.energyMoney),
        conduct: BigInt(line.penaltyShare) - BigInt(line.penalty) - BigInt(line.fees),
      });
    cursor = page.cursor;
  } while (cursor !== undefined);
  return lines;
}

/** Header of one height from every node: the lowest of their tips when they are asked. */
async function rootsOf(
  options: CollectOptions,
): Promise<{ roots: readonly NodeRoot[]; height: bigint }> {
  const { pool, endpoints } = options;
  const tips = await Promise.all(
    pool.clients.map((client) =>
      untilDone(options, async () => BigInt((await client.call('node_status', {})).height.final)),
    ),
  );
  // The highest tip: every node has to come to it.
  const height = tips.reduce((most, tip) => (tip > most ? tip : most), 0n);
  const roots = await Promise.all(
    pool.clients.map((client, i) =>
      untilDone(options, async () => {
        const { hash, stateRoot } = await client.call('chain_header', { height: String(height) });
        return { name: endpoints[i]?.name ?? '', height, hash, stateRoot };
      }),
    ),
  );
  return { roots, height };
}
