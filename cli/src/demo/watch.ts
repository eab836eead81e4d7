// What the chain says, as one node tells it: the phase of the period that is traded, and every
// final block since the start. Another node is asked when this one fails or falls behind.
import { ProtocolError } from '../../../core/src/errors.js';
import type { ResultOf } from '../../../rpc/src/client.js';
import type { RpcClient } from '../network/client.js';
import type { ChainClock } from './clock.js';
import type { NodePool } from './pool.js';

export interface Trade {
  readonly seller: string;
  readonly buyer: string;
  readonly energyWh: bigint;
  readonly price: bigint;
}

/** A contract of a market that has it signed. */
export interface ContractNews {
  /** Hex. */
  readonly id: string;
  readonly seller: string;
  readonly buyer: string;
  readonly energyWh: bigint;
  /** Bid + ask. */
  readonly priceSum: bigint;
  readonly state: string;
  readonly waits: string | null;
  /** Chain ms until which it waits. */
  readonly deadline: bigint | undefined;
  readonly signed: { readonly buyer: boolean; readonly seller: boolean; readonly grid: boolean };
}

export interface PeriodNews {
  readonly period: bigint;
  readonly phase: string;
  readonly sealed: number;
  readonly revealed: number;
  readonly isVoid: boolean;
  /** undefined until it is cleared. */
  readonly trades: readonly Trade[] | undefined;
  /** Accounts whose bids were not opened. */
  readonly unopened: readonly string[];
  /** Between the rounds of two-round. */
  readonly references?: {
    readonly askMax: bigint | undefined;
    readonly bidMin: bigint | undefined;
  };
  /** Where contracts are signed; all of the period. */
  readonly contracts?: readonly ContractNews[];
}

export interface BlockNews {
  readonly height: bigint;
  readonly timeMs: bigint;
  readonly txIds: readonly string[];
  readonly systemTxs: number;
}

interface WatchOptions {
  readonly pool: NodePool;
  readonly clock: ChainClock;
  readonly market: string;
  /** As in PeriodOf. */
  readonly signer?: string | undefined;
  readonly onBlock: (block: BlockNews) => void;
}

/** A node whose final state is older than this by the clock is behind, wall ms. */
const BEHIND_MS = 3500;

export interface PeriodOf {
  readonly market: string;
  readonly period: bigint;
  /** Where contracts are signed: the grid company, which sees them all. */
  readonly signer?: string | undefined;
}

/** Phases in which more contracts may come. */
const DEALING: ReadonlySet<string> = new Set([
  ...['before', 'declare', 'closing', 'reveal', 'choose', 'clearing', 'sign'],
]);
const NO_DEAL: ReadonlySet<string> = new Set(['PROPOSED', 'CANCELLED']);

type PeriodView = ResultOf<'market_period'>;

interface Query {
  readonly market: string;
  readonly period: string;
  readonly account?: string;
}

/** All pages of them; undefined where no contract is signed. */
async function contractsOf(
  client: RpcClient,
  query: Query,
  view: PeriodView,
): Promise<readonly ContractNews[] | undefined> {
  if (view.reputation === undefined) return undefined;
  const found: ContractNews[] = [];
  let page: PeriodView['reputation'] = view.reputation;
  while (page !== undefined) {
    for (const one of page.contracts)
      found.push({
        ...one,
        energyWh: BigInt(one.energyWh),
        priceSum: BigInt(one.priceSum),
        deadline: one.deadline === null ? undefined : BigInt(one.deadline),
      });
    if (page.cursor === undefined) break;
    const next: PeriodView = await client.call('market_period', { ...query, cursor: page.cursor });
    page = next.reputation;
  }
  return found;
}

/** Contracts that were made, at the mean of both quotes. */
const dealsOf = (contracts: readonly ContractNews[]): readonly Trade[] =>
  contracts
    .filter(({ state }) => !NO_DEAL.has(state))
    .map(({ priceSum, ...deal }) => ({ ...deal, price: priceSum / 2n }));

/** Market period as one node has it, with all pages of its trades. */
export async function fetchPeriod(
  client: RpcClient,
  { market, period, signer }: PeriodOf,
): Promise<PeriodNews & { readonly timeMs: bigint; readonly height: bigint }> {
  const query = {
    market,
    period: String(period),
    ...(signer !== undefined && { account: signer }),
  };
  const view = await client.call('market_period', query);
  const trades: Trade[] = [];
  let page = view.clearing;
  while (page !== null) {
    for (const { seller, buyer, energyWh, price } of page.trades)
      trades.push({ seller, buyer, energyWh: BigInt(energyWh), price: BigInt(price) });
    if (page.cursor === undefined) break;
    page = (await client.call('market_period', { ...query, cursor: page.cursor })).clearing;
  }
  const contracts = await contractsOf(client, query, view);
  const made = contracts && !DEALING.has(view.phase) ? dealsOf(contracts) : undefined;
  const matched = view.clearing === null ? undefined : trades;
  return {
    period,
    phase: view.phase,
    sealed: Number(view.counts.sealed),
    revealed: Number(view.counts.revealed),
    isVoid: view.void,
    trades: contracts === undefined ? matched : made,
    ...(contracts !== undefined && { contracts }),
    unopened: view.clearing?.rejected.map(({ account }) => account) ?? [],
    ...(view.references !== undefined && { references: referencesOf(view.references) }),
    timeMs: BigInt(view.time),
    height: BigInt(view.at.height),
  };
}

type References = NonNullable<ResultOf<'market_period'>['references']>;

/** Of the one book that the homes of a demo trade in. */
function referencesOf([one]: References) {
  const price = (text: string | null | undefined): bigint | undefined =>
    text === null || text === undefined ? undefined : BigInt(text);
  return { askMax: price(one?.askMax), bidMin: price(one?.bidMin) };
}

/** A block with the ids of its transactions. */
async function fetchBlock(client: RpcClient, height: bigint): Promise<BlockNews> {
  const txIds: string[] = [];
  let systemTxs = 0;
  let cursor: string | undefined;
  for (;;) {
    const page = await client.call('chain_block', {
      height: String(height),
      ...(cursor !== undefined && { cursor }),
    });
    for (const { id, kind } of page.transactions)
      if (kind === 'system') systemTxs++;
      else txIds.push(id);
    cursor = page.cursor;
    if (cursor === undefined) return { height, timeMs: BigInt(page.header.time), txIds, systemTxs };
  }
}

export class Watch {
  readonly #options: WatchOptions;
  #height: bigint | undefined;
  #busy = false;

  constructor(options: WatchOptions) {
    this.#options = options;
  }

  /** The newest height of which the block was told. */
  get height(): bigint {
    return this.#height ?? 0n;
  }

  /** Asks once about a period; undefined where no answer came or the last call is under way. */
  async poll(period: bigint): Promise<PeriodNews | undefined> {
    if (this.#busy) return undefined;
    this.#busy = true;
    const { pool, clock, market, signer } = this.#options;
    const client = pool.reader();
    try {
      const news = await fetchPeriod(client, { market, period, signer });
      await this.#follow(client, news.height);
      if ((clock.now() - Number(news.timeMs)) / clock.rate > BEHIND_MS) pool.nextReader();
      return news;
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      pool.failed(client);
      pool.nextReader();
      return undefined;
    } finally {
      this.#busy = false;
    }
  }

  /** Tells every block up to a height, once and in order. */
  async #follow(client: RpcClient, tip: bigint): Promise<void> {
    this.#height ??= tip;
    while (this.#height < tip) {
      const block = await fetchBlock(client, this.#height + 1n);
      this.#height = block.height;
      this.#options.onBlock(block);
    }
  }
}
