// What market_period shows of a neighbourhood market beside the common view (interfaces
// "market_period"): the account's bid while it is sealed or opened, its contracts that wait for an
// activation of its own, and its information tokens.
import { equalBytes } from '../../../core/src/bytes.js';
import { type AccountId, printAccount } from '../../../core/src/ids.js';
import type { MarketConfig } from '../../../core/src/markets.js';
import type { OrderView } from '../../../rpc/src/results/account.js';
import type { MarketPeriodView, WaitingContractView } from '../../../rpc/src/results/market.js';
import { periodTimes } from '../../../state/src/boundary/timing.js';
import { tokensOf } from '../../../state/src/markets/neighbourhood/conduct.js';
import { termsOf } from '../../../state/src/markets/neighbourhood/contracts.js';
import { FLEXES, REQUESTS } from '../../../state/src/markets/neighbourhood/tables.js';
import type { OrderKey } from '../../../state/src/schema.js';
import type { World } from '../../../state/src/world.js';

/** The live bid of an account; undefined: there is none. */
export function bidOf(world: World, key: OrderKey): OrderView | undefined {
  const { market, period } = key;
  const request = world.get(REQUESTS, key);
  if (request !== undefined) {
    const { id, hash, side, energyWh, price, bond, lock } = request;
    return side === undefined
      ? { market, period, id, hash, bond, lock, state: 'sealed' }
      : { market, period, id, side, energyWh, price, bond, lock, state: 'revealed' };
  }
  const flex = world.get(FLEXES, key);
  if (flex === undefined) return undefined;
  const { id, side, g, demand, lock } = flex;
  return { market, period, id, side, energyWh: side === 'buy' ? demand : g, lock, state: 'open' };
}

export interface AccountAt {
  readonly world: World;
  readonly market: MarketConfig;
  readonly key: OrderKey;
  /** Time of the final state, chain ms. */
  readonly timeMs: bigint;
}

export function neighbourhoodView(at: AccountAt): Pick<MarketPeriodView, 'tokens' | 'contracts'> {
  const { world, market, key, timeMs } = at;
  if (market.mechanism !== 'neighbourhood') return {};
  const { account } = key;
  const tokens = tokensOf(world, market, { market: key.market, account, timeMs });
  return { tokens, contracts: waiting(at) };
}

/** Contracts that are cancelled at the end of the phase unless this account activates them. */
function waiting({ world, market, key }: AccountAt): readonly WaitingContractView[] {
  const until = periodTimes(market, key.period).deliveryStart;
  const isOpen = (account: AccountId, activated: boolean): boolean =>
    !activated && equalBytes(account, key.account);
  return termsOf(world, key).flatMap(({ key: { id }, terms }) => {
    const { seller, buyer, energyWh, biddingRound, auctioneer, state } = terms;
    const sells = isOpen(seller, terms.sellerActivated);
    if (state !== 'CREATED' || (!sells && !isOpen(buyer, terms.buyerActivated))) return [];
    const [side, other, price] = sells
      ? (['sell', buyer, terms.sellPrice] as const)
      : (['buy', seller, terms.buyPrice] as const);
    const counterparty = printAccount(other);
    return [{ id, side, counterparty, energyWh, price, biddingRound, auctioneer, until }];
  });
}
