// Standing quotes of the reputation market: the record of an account in a period, its locks, and
// how it leaves (market-reputation 1.3, 1.4; settlement 2.2).
import { type Money, NO_ENERGY, NO_MONEY, type Price } from '../../../../core/src/amount.js';
import type { Hash } from '../../../../core/src/hash.js';
import type { MarketConfig } from '../../../../core/src/markets.js';
import type { Side } from '../../../../core/src/tx.js';
import type { Ledger } from '../../ledger/ledger.js';
import { type OrderKey, periodGroup, type PeriodKey } from '../../schema.js';
import type { World } from '../../world.js';
import { moveLock, sellerLockOf } from '../../tx/locks.js';
import type { Quote, SealedQuote } from './records.js';
import { QUOTES, type SealKey, SEALS } from './tables.js';

export interface QuoteEntry {
  readonly key: OrderKey;
  readonly quote: Quote;
}

/** In ascending id. */
export const quotesOf = (world: World, key: PeriodKey): readonly QuoteEntry[] =>
  world.entries(QUOTES, periodGroup(key)).map((entry) => ({ key: entry.key, quote: entry.value }));

export interface SealEntry {
  readonly key: SealKey;
  readonly seal: SealedQuote;
}

/** Sealed bids of an account in a period, by bidding round. */
export function sealsOf(world: World, market: MarketConfig, key: OrderKey): readonly SealEntry[] {
  const seals: SealEntry[] = [];
  for (let biddingRound = 1; biddingRound <= market.params.biddingRounds; biddingRound++) {
    const at = { ...key, biddingRound };
    const seal = world.get(SEALS, at);
    if (seal !== undefined) seals.push({ key: at, seal });
  }
  return seals;
}

export const newQuote = (id: Hash, node: string): Quote => ({
  id,
  node,
  bond: NO_MONEY,
  bondRound: 0,
  bonded: false,
  seals: 0,
  side: undefined,
  declaredWh: NO_ENERGY,
  restWh: NO_ENERGY,
  price: 0n as Price,
  lock: NO_MONEY,
  revealedIn: 0,
  declinedIn: 0,
  hasDeclined: false,
  out: false,
  grade: 0,
  range: 0,
  choice: undefined,
  stood: 0,
  unsigned: 0,
  notConfirmed: false,
});

/** Lock of a quote at P_T `wheeling` (settlement 2). */
export const quoteLockOf = (
  market: MarketConfig,
  quote: { readonly side: Side; readonly energyWh: bigint; readonly price: bigint },
  wheeling: Price,
): Money =>
  quote.side === 'buy'
    ? ((quote.energyWh * (quote.price + wheeling)) as Money)
    : sellerLockOf(market, quote.energyWh);

/** The rest of the quote is given up and its lock is free again. */
export function dropQuote(
  { world, ledger }: { readonly world: World; readonly ledger: Ledger },
  { key, quote }: QuoteEntry,
  change: Partial<Quote> = {},
): void {
  moveLock(ledger, key.account, { from: quote.lock, to: NO_MONEY });
  world.set(QUOTES, key, { ...quote, restWh: NO_ENERGY, lock: NO_MONEY, ...change });
}

/** Whether it takes part in the board. */
export const stands = ({ side, restWh, out }: Quote): boolean =>
  side !== undefined && restWh > 0n && !out;
