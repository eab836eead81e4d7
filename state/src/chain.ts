// What is fixed for a chain: its id, its own accounts, parameters. Made from genesis, passed to
// everything; nothing here changes while blocks are executed.
import type { Money } from '../../core/src/amount.js';
import type { Hash } from '../../core/src/hash.js';
import type { AccountId } from '../../core/src/ids.js';
import type { MarketConfig } from '../../core/src/markets.js';
import type { Grid } from '../../market/src/grid/tree.js';
import type { ConsensusParams } from '../../core/src/params.js';

/** The chain's own accounts (settlement 1.1). */
export interface SystemAccounts {
  readonly grid: AccountId;
  readonly reward: AccountId;
  readonly grants: AccountId;
  readonly reserve: AccountId;
  readonly fees: AccountId;
}

export interface Chain {
  readonly chainId: Hash;
  readonly version: number;
  readonly consensus: ConsensusParams;
  readonly markets: readonly MarketConfig[];
  readonly paramsRoot: Hash;
  readonly gridCreditLimit: Money;
  /** p: prices are integers in 10^-p currency per kWh. */
  readonly priceDecimals: number;
  readonly system: SystemAccounts;
  /** The feeder by market, with capacities per period; none where genesis gives no lines. */
  readonly grids: ReadonlyMap<string, Grid>;
}

export const marketOf = (chain: Chain, id: string): MarketConfig | undefined =>
  chain.markets.find((market) => market.id === id);
