// The lines as a market of reputation sees them (market-reputation 1.9): the feeder per period,
// what the grid company has published, and where an account sits. A market without lines, or with
// the check off, has no network.
import type { PeriodIndex, Price } from '../../../../core/src/amount.js';
import type { MarketConfig } from '../../../../core/src/markets.js';
import { type Flows, flowsWith } from '../../../../market/src/grid/flow.js';
import { type Grid, gridOf, type GridTrade } from '../../../../market/src/grid/tree.js';
import { assert, present } from '../../../../core/src/assert.js';
import type { ErrorCode } from '../../../../core/src/errors.js';
import { mostWh } from '../../boundary/timing.js';
import type { Chain } from '../../chain.js';
import type { PeriodKey } from '../../schema.js';
import type { World } from '../../world.js';
import type { CheckContext } from '../../tx/context.js';
import { contractsOf } from './contracts.js';
import type { Contract, FeederLine, GridData } from './records.js';
import { GRID_DATA } from './tables.js';

/** The feeder by market; capacity floor(W x periodMs / 3,600,000) Wh (parameters 1). */
export function gridsOf(
  lines: readonly FeederLine[],
  markets: readonly MarketConfig[],
): ReadonlyMap<string, Grid> {
  if (lines.length === 0) return new Map();
  return new Map(
    markets.map(({ id, periodMs }): [string, Grid] => {
      const perPeriod = lines.map(({ capacityW, ...line }) => {
        return { ...line, capacityWh: mostWh(capacityW, periodMs) as never };
      });
      const grid = gridOf(perPeriod);
      assert(typeof grid !== 'string', 'the feeder of genesis is a tree');
      return [id, grid];
    }),
  );
}

/** Whether the grid company has something to tell it: reputation, or the check is on. */
export const looksAtLines = ({ mechanism, params }: MarketConfig): boolean =>
  mechanism === 'reputation' || params.security;

/** The lines that matches are checked against. */
export const networkOf = (chain: Chain, market: MarketConfig): Grid | undefined =>
  market.params.security ? chain.grids.get(market.id) : undefined;

/** A bid of an account that is at none of its nodes cannot be checked against the lines. */
export function checkNode(
  { chain, sender }: Pick<CheckContext, 'chain' | 'sender'>,
  market: MarketConfig,
): ErrorCode | undefined {
  const grid = networkOf(chain, market);
  return grid === undefined || grid.nodes.has(sender.node) ? undefined : 'NO_NODE';
}

/** What the grid company published for a period: the version in force when it opened. */
export const gridDataOf = (world: World, market: MarketConfig, period: PeriodIndex): GridData =>
  publishedFor(world, market, period)?.value ?? unpublished(market);

/** The newest version of all, or that of a period, with the period from which it holds. */
export const publishedFor = (world: World, market: MarketConfig, period?: bigint) =>
  world
    .entries(GRID_DATA, market.id)
    .filter(({ key }) => period === undefined || key.period <= period)
    .at(-1);

/** What holds until the grid company publishes: the prices of genesis, and no base flow. */
export function unpublished({ params }: MarketConfig): GridData {
  const { wheelingC1, wheelingC2, wheelingC3, cUp, cDown } = params;
  const own = {
    c1: wheelingC1,
    c2: wheelingC2,
    c3: wheelingC3,
    cUp,
    cDown,
    subsidy: 0n,
    budget: 0n,
  };
  return { baseWh: [], ...own } as unknown as GridData;
}

/** P_T per kWh of a period. */
export function wheelingOf(world: World, market: MarketConfig, period: PeriodIndex): Price {
  if (!market.params.wheelingOn) return 0n as Price;
  const { c1, c2, c3 } = gridDataOf(world, market, period);
  return (c1 + c2 + c3) as Price;
}

/** Flow per line without trades; none published: 0. */
export function baseFlows(data: GridData, grid: Grid): Flows {
  return grid.lines.map((_, line) => data.baseWh[line] ?? 0n);
}

const nodeIndex = (grid: Grid, node: string): number =>
  present(grid.nodes.get(node), 'a quote stands on a node of the grid');

export const tradeOf = (
  grid: Grid,
  pair: Pick<Contract, 'sellNode' | 'buyNode' | 'energyWh'>,
): GridTrade => ({
  sellNode: nodeIndex(grid, pair.sellNode),
  buyNode: nodeIndex(grid, pair.buyNode),
  energyWh: pair.energyWh,
});

const STANDS: readonly Contract['state'][] = ['PROPOSED', 'ACTIVE'];

/** Base flow and the contracts that stand so far. */
export function flowsSoFar(
  world: World,
  grid: Grid,
  at: { key: PeriodKey; data: GridData },
): Flows {
  const trades = contractsOf(world, at.key)
    .filter(({ contract }) => STANDS.includes(contract.state))
    .map(({ contract }) => tradeOf(grid, contract));
  return flowsWith(grid, baseFlows(at.data, grid), trades);
}
