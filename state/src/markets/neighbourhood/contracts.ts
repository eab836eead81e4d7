// Contracts of an interval as the state keeps them (market-neighbourhood 1.5): ids, both prices,
// activations. Their energy and money: trades and positions, as in every market.
import type { Money, Price, WattHour } from '../../../../core/src/amount.js';
import { encodeWire } from '../../../../core/src/codec/codec.js';
import { type Hash, sha256 } from '../../../../core/src/hash.js';
import { contractIdOf } from '../../../../core/src/listing.js';
import { type MarketConfig, wheelingOf } from '../../../../core/src/markets.js';
import type { AccountId } from '../../../../core/src/ids.js';
import type { Side } from '../../../../core/src/tx.js';
import type { Chain } from '../../chain.js';
import { periodGroup, type PeriodKey } from '../../schema.js';
import type { World } from '../../world.js';
import { sellerLockOf } from '../../tx/locks.js';
import type { Terms } from './records.js';
import { TERMS, type TermsKey } from './tables.js';

/** The name that its trade has: what is activated is found, shown and sold on by one id. */
export const contractId = (
  { chainId }: Chain,
  { market, period }: PeriodKey,
  index: bigint,
): Hash => contractIdOf(chainId, { market, period, index });

export interface TermsEntry {
  readonly key: TermsKey;
  readonly terms: Terms;
}

/** All of a period in the order of matching. */
export const termsOf = (world: World, key: PeriodKey): readonly TermsEntry[] =>
  world
    .entries(TERMS, periodGroup(key))
    .map((entry) => ({ key: entry.key, terms: entry.value }))
    .sort((a, b) => (a.terms.number < b.terms.number ? -1 : 1));

/** Lock of an opened request, or of a contract at its price, with the grid's fee (settlement 2). */
export function lockOf(
  market: MarketConfig,
  one: { readonly side: Side; readonly energyWh: bigint; readonly price: bigint },
): Money {
  if (one.side === 'sell') return sellerLockOf(market, one.energyWh);
  return (one.energyWh * (one.price + wheelingOf(market))) as Money;
}

export interface Deal {
  readonly seller: AccountId;
  readonly buyer: AccountId;
  readonly energyWh: WattHour;
  readonly buyPrice: Price;
  readonly sellPrice: Price;
  readonly biddingRound: number;
  readonly auctioneer: string;
}

/** Result of a node's auction as its owner may publish it (market-neighbourhood 1.3.5). */
export const auctionHash = (
  chain: Pick<Chain, 'chainId'>,
  at: PeriodKey & { readonly node: string; readonly biddingRound: number },
  deals: readonly Deal[],
): Hash =>
  sha256(
    encodeWire([
      'auction',
      chain.chainId,
      at.market,
      at.period,
      at.node,
      at.biddingRound,
      deals.map((d) => [d.seller, d.buyer, d.energyWh, d.buyPrice, d.sellPrice]),
    ]),
  );
